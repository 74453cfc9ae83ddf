/* SPDX-License-Identifier: Apache-2.0 */
/* Both ways between crypto.h and another program's use of the same keys: what one side signs, seals
 * or agrees on, the other takes; and it reads and writes the same forms of keys. The other side is
 * OpenSSL, called directly. */
#include "test/unit/crypto_fixture.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { ROUNDS = 8 };

/* A key of OpenSSL's making, loaded here as a pair and as a public key. */
struct both {
    EVP_PKEY *theirs;
    struct test_key pair, public;
};

static void both_drop(struct both *both) {
    EVP_PKEY_free(both->theirs);
    key_drop(&both->pair);
    key_drop(&both->public);
}

static void both_make(struct both *both, EVP_PKEY *pkey) {
    unsigned char *der = NULL;
    struct span room = {both->pair.room, sizeof(both->pair.room)};
    assert_non_null(pkey);
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
    int size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    assert_true(size > 0);
    both->theirs = pkey;
    assert_ok(crypto_key_from_pkcs8(bytes_of(der, (size_t)size), &both->pair.parts, &room));
    assert_ok(crypto_key_load(&both->pair.key, &both->pair.parts));
    key_public(&both->public, &both->pair);
    OPENSSL_free(der);
    PKCS8_PRIV_KEY_INFO_free(info);
}

static EVP_PKEY *openssl_reads(struct bytes der) {
    const unsigned char *at = der.data;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.size);
    assert_non_null(info);
    assert_ptr_equal(at, der.data + der.size);
    EVP_PKEY *pkey = EVP_PKCS82PKEY(info);
    PKCS8_PRIV_KEY_INFO_free(info);
    assert_non_null(pkey);
    return pkey;
}

/* A key that was made here, as OpenSSL reads it. */
static EVP_PKEY *read_ours(const struct test_key *key) {
    SPAN(der, 4096);
    assert_ok(crypto_key_to_pkcs8(&key->parts, &der));
    return openssl_reads(bytes_of_span(der));
}

static struct bytes message(size_t round) {
    static uint8_t data[ROUNDS];
    memset(data, (int)(round * 37), sizeof(data));
    return bytes_of(data, round);
}

/* r || s to DER and back, by OpenSSL. */
static size_t to_der(struct bytes signature, unsigned char *der) {
    size_t half = signature.size / 2;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    assert_int_equal(ECDSA_SIG_set0(sig, BN_bin2bn(signature.data, (int)half, NULL),
                                    BN_bin2bn(signature.data + half, (int)half, NULL)),
                     1);
    int size = i2d_ECDSA_SIG(sig, &der);
    assert_true(size > 0);
    ECDSA_SIG_free(sig);
    return (size_t)size;
}

static struct bytes from_der(const unsigned char *der, size_t size, size_t half, uint8_t *room) {
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)size);
    assert_non_null(sig);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), room, (int)half), half);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(sig), room + half, (int)half), half);
    ECDSA_SIG_free(sig);
    return bytes_of(room, 2 * half);
}

/* What differs between the schemes on OpenSSL's side. */
struct scheme {
    struct mechanism mechanism;
    const char *hash;
    int padding, salt;
};

static EVP_MD_CTX *begin(EVP_PKEY *pkey, const struct scheme *scheme, bool sign) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = NULL;
    const EVP_MD *hash = scheme->hash != NULL ? EVP_get_digestbyname(scheme->hash) : NULL;
    assert_int_equal(sign ? EVP_DigestSignInit(context, &inner, hash, NULL, pkey)
                          : EVP_DigestVerifyInit(context, &inner, hash, NULL, pkey),
                     1);
    if (scheme->padding != 0) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(inner, scheme->padding), 1);
    }
    if (scheme->padding == RSA_PKCS1_PSS_PADDING) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, scheme->salt), 1);
    }
    return context;
}

static void signatures_go_both_ways(const struct both *both, const struct scheme *scheme) {
    bool der = scheme->mechanism.algorithm == ALGORITHM_ECDSA;
    for (size_t round = 0; round < ROUNDS; round++) {
        struct bytes data = message(round);
        unsigned char theirs[512];
        size_t size = sizeof(theirs);
        uint8_t room[512];
        SPAN(ours, 512);
        assert_ok(crypto_sign(&both->pair.key, &scheme->mechanism, data, true, &ours));
        EVP_MD_CTX *context = begin(both->theirs, scheme, false);
        size_t given = der ? to_der(bytes_of_span(ours), theirs) : ours.size;
        assert_int_equal(
            EVP_DigestVerify(context, der ? theirs : ours.data, given, data.data, data.size), 1);
        EVP_MD_CTX_free(context);
        context = begin(both->theirs, scheme, true);
        assert_int_equal(EVP_DigestSign(context, theirs, &size, data.data, data.size), 1);
        EVP_MD_CTX_free(context);
        struct bytes signature =
            der ? from_der(theirs, size, ours.size / 2, room) : bytes_of(theirs, size);
        assert_ok(crypto_verify(&both->public.key, &scheme->mechanism, data, signature));
        assert_ok(crypto_verify(&both->pair.key, &scheme->mechanism, data, signature));
    }
}

static void ecdsa_and_eddsa_signatures_go_both_ways(void **state) {
    (void)state;
    const struct {
        const char *curve;
        struct scheme scheme;
    } kinds[] = {
        {"P-256", {{.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256}, "SHA256", 0, 0}},
        {"P-256", {{.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA512}, "SHA512", 0, 0}},
        {"P-384", {{.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA384}, "SHA384", 0, 0}},
        {"P-521", {{.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA512}, "SHA512", 0, 0}},
        {"P-521", {{.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA224}, "SHA224", 0, 0}},
        {NULL, {{.algorithm = ALGORITHM_EDDSA}, NULL, 0, 0}},
    };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        static struct both both;
        both_make(&both, kinds[i].curve != NULL ? EVP_EC_gen(kinds[i].curve)
                                                : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
        signatures_go_both_ways(&both, &kinds[i].scheme);
        both_drop(&both);
    }
}

static const unsigned int rsa_bits[] = {2048, 2056, 3072};

static void rsa_signatures_go_both_ways(void **state) {
    (void)state;
    const struct scheme schemes[] = {
        {{.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA256}, "SHA256", RSA_PKCS1_PADDING, 0},
        {{.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA512}, "SHA512", RSA_PKCS1_PADDING, 0},
        {{.algorithm = ALGORITHM_RSA_PSS,
          .hash = HASH_SHA256,
          .digest = HASH_SHA256,
          .mgf = HASH_SHA256,
          .salt_size = 32},
         "SHA256",
         RSA_PKCS1_PSS_PADDING,
         32},
        {{.algorithm = ALGORITHM_RSA_PSS,
          .hash = HASH_SHA384,
          .digest = HASH_SHA384,
          .mgf = HASH_SHA384},
         "SHA384",
         RSA_PKCS1_PSS_PADDING,
         0},
    };
    for (size_t i = 0; i < COUNT(rsa_bits); i++) {
        static struct both both;
        both_make(&both, EVP_RSA_gen(rsa_bits[i]));
        for (size_t j = 0; j < COUNT(schemes); j++) {
            signatures_go_both_ways(&both, &schemes[j]);
        }
        both_drop(&both);
    }
}

/* A key of just so many bits, from two primes made by OpenSSL. */
static void both_make_odd(struct both *both, int bits) {
    static uint8_t primes[2][256];
    struct test_key *pair = &both->pair;
    BIGNUM *prime = BN_new();
    int tries = 0;
    do {
        pair->parts = (struct key_parts){.type = KEY_RSA, .is_private = true};
        struct bytes *parts[] = {&pair->parts.prime_1, &pair->parts.prime_2};
        for (int i = 0; i < 2; i++) {
            assert_int_equal(BN_generate_prime_ex(prime, (bits + i) / 2, 0, NULL, NULL, NULL), 1);
            *parts[i] = bytes_of(primes[i], (size_t)BN_bn2bin(prime, primes[i]));
        }
        struct span room = {pair->room, sizeof(pair->room)};
        /* 65537 divides one prime - 1 of 65537: then the parts are no key, and stay as they are. */
        assert_true(crypto_key_complete(&pair->parts, &room) == STATUS_OK || tries++ < 3);
    } while (crypto_key_bits(&pair->parts) != (uint32_t)bits);
    BN_clear_free(prime);
    assert_ok(crypto_key_load(&pair->key, &pair->parts));
    key_public(&both->public, pair);
    both->theirs = read_ours(pair);
}

/* Moduli whose first byte is not full: PSS and blinding have cases of their own there. */
static void rsa_keys_of_odd_sizes_work(void **state) {
    (void)state;
    const struct scheme pss = {{.algorithm = ALGORITHM_RSA_PSS,
                                .hash = HASH_SHA256,
                                .digest = HASH_SHA256,
                                .mgf = HASH_SHA256,
                                .salt_size = 32},
                               "SHA256",
                               RSA_PKCS1_PSS_PADDING,
                               32};
    for (int bits = 2049; bits < 2056; bits += 2) {
        static struct both both;
        both_make_odd(&both, bits);
        signatures_go_both_ways(&both, &pss);
        both_drop(&both);
    }
}

static EVP_PKEY_CTX *oaep(EVP_PKEY *pkey, bool encrypt, const char *hash, const char *mgf) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
    assert_int_equal(encrypt ? EVP_PKEY_encrypt_init(context) : EVP_PKEY_decrypt_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_get_digestbyname(hash)), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_get_digestbyname(mgf)), 1);
    return context;
}

static void oaep_goes_both_ways(void **state) {
    (void)state;
    const struct {
        uint32_t digest, mgf;
        const char *hash, *mask;
    } kinds[] = {{HASH_SHA256, HASH_SHA256, "SHA256", "SHA256"},
                 {HASH_SHA256, HASH_SHA1, "SHA256", "SHA1"},
                 {HASH_SHA512, HASH_SHA384, "SHA512", "SHA384"}};
    for (size_t i = 0; i < COUNT(rsa_bits); i++) {
        static struct both both;
        both_make(&both, EVP_RSA_gen(rsa_bits[i]));
        for (size_t round = 0; round < ROUNDS; round++) {
            size_t kind = round % COUNT(kinds);
            struct mechanism mechanism = {.algorithm = ALGORITHM_RSA_OAEP,
                                          .digest = kinds[kind].digest,
                                          .mgf = kinds[kind].mgf};
            struct bytes data = message(round);
            unsigned char theirs[512];
            size_t size = sizeof(theirs);
            SPAN(ours, 512);
            assert_ok(crypto_encrypt(&both.public.key, &mechanism, data, &ours));
            EVP_PKEY_CTX *context = oaep(both.theirs, false, kinds[kind].hash, kinds[kind].mask);
            assert_int_equal(EVP_PKEY_decrypt(context, theirs, &size, ours.data, ours.size), 1);
            EVP_PKEY_CTX_free(context);
            assert_true(bytes_equal(bytes_of(theirs, size), data));
            size = sizeof(theirs);
            context = oaep(both.theirs, true, kinds[kind].hash, kinds[kind].mask);
            assert_int_equal(EVP_PKEY_encrypt(context, theirs, &size, data.data, data.size), 1);
            EVP_PKEY_CTX_free(context);
            ours.size = sizeof(ours_room);
            assert_ok(crypto_decrypt(&both.pair.key, &mechanism, bytes_of(theirs, size), &ours));
            assert_bytes(ours, data);
        }
        both_drop(&both);
    }
}

static void agreements_are_the_same(void **state) {
    (void)state;
    const struct {
        enum key_type type;
        const struct bytes *curve;
        uint32_t algorithm;
    } kinds[] = {{KEY_EC, &P256, ALGORITHM_ECDH},
                 {KEY_EC, &P384, ALGORITHM_ECDH},
                 {KEY_EC, &P521, ALGORITHM_ECDH},
                 {KEY_X25519, &X25519, ALGORITHM_X25519}};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        for (size_t round = 0; round < ROUNDS; round++) {
            static struct test_key a, b;
            unsigned char theirs[100];
            size_t size = sizeof(theirs);
            SPAN(ours, 100);
            key_generate(&a, kinds[i].type, 0, *kinds[i].curve);
            key_generate(&b, kinds[i].type, 0, *kinds[i].curve);
            struct mechanism to_b = {.algorithm = kinds[i].algorithm, .peer = b.parts.ec_point};
            assert_ok(crypto_derive(&a.key, &to_b, 0, &ours));
            EVP_PKEY *mine = read_ours(&b);
            EVP_PKEY *peer = read_ours(&a);
            EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(mine, NULL);
            assert_int_equal(EVP_PKEY_derive_init(context), 1);
            assert_int_equal(EVP_PKEY_derive_set_peer(context, peer), 1);
            assert_int_equal(EVP_PKEY_derive(context, theirs, &size), 1);
            assert_bytes(ours, bytes_of(theirs, size));
            EVP_PKEY_CTX_free(context);
            EVP_PKEY_free(mine);
            EVP_PKEY_free(peer);
            key_drop(&a);
            key_drop(&b);
        }
    }
}

/* Keys whose exponents are not the usual ones, from primes alone and from exponents alone. */
static void rsa_keys_with_other_exponents_are_completed(void **state) {
    (void)state;
    const unsigned long exponents[] = {3, 17, 0x10001, 0x7fffffff, 0x80000001, 0xffffffffffffffff};
    struct mechanism pkcs1 = {.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA256};
    for (size_t i = 0; i < COUNT(exponents); i++) {
        static struct both both;
        BIGNUM *e = BN_new();
        EVP_PKEY *pkey = NULL;
        EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
        assert_int_equal(BN_set_word(e, exponents[i]), 1);
        assert_int_equal(EVP_PKEY_keygen_init(maker), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(maker, 2048), 1);
        assert_int_equal(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(maker, e), 1);
        assert_int_equal(EVP_PKEY_generate(maker, &pkey), 1);
        BN_free(e);
        EVP_PKEY_CTX_free(maker);
        both_make(&both, pkey);
        const struct key_parts *full = &both.pair.parts;
        const struct key_parts base = {
            .type = KEY_RSA, .is_private = true, .public_exponent = full->public_exponent};
        struct key_parts given[] = {base, base};
        given[0].prime_1 = full->prime_1;
        given[0].prime_2 = full->prime_2;
        given[1].modulus = full->modulus;
        given[1].private_exponent = full->private_exponent;
        for (size_t j = 0; j < COUNT(given); j++) {
            struct crypto_key key;
            SPAN(signature, 512);
            assert_ok(crypto_key_load(&key, &given[j]));
            assert_ok(crypto_sign(&key, &pkcs1, message(3), true, &signature));
            assert_ok(
                crypto_verify(&both.public.key, &pkcs1, message(3), bytes_of_span(signature)));
            crypto_key_unload(&key);
        }
        both_drop(&both);
    }
}

/* ---- the forms of keys ---- */

static void public_key_info_is_what_openssl_reads(void **state) {
    (void)state;
    static struct test_key keys[5];
    key_generate(&keys[0], KEY_EC, 0, P256);
    key_generate(&keys[1], KEY_EC, 0, P521);
    key_generate(&keys[2], KEY_ED25519, 0, ED25519);
    key_generate(&keys[3], KEY_X25519, 0, X25519);
    key_public(&keys[4], rsa_key());
    for (size_t i = 0; i < COUNT(keys); i++) {
        SPAN(der, 600);
        assert_ok(crypto_key_spki(&keys[i].parts, &der));
        const unsigned char *at = der.data;
        EVP_PKEY *read = d2i_PUBKEY(NULL, &at, (long)der.size);
        assert_non_null(read);
        assert_ptr_equal(at, der.data + der.size);
        uint8_t point[133];
        size_t size = 0;
        if (i < 4) {
            assert_int_equal(EVP_PKEY_get_octet_string_param(read, "pub", point, 133, &size), 1);
            assert_true(bytes_equal(bytes_of(point, size), keys[i].parts.ec_point));
        } else {
            assert_int_equal(EVP_PKEY_get_bits(read), 2048);
        }
        EVP_PKEY_free(read);
        key_drop(&keys[i]);
    }
}

static void pkcs8_and_public_key_info_are_what_openssl_writes(void **state) {
    (void)state;
    static struct test_key keys[6];
    key_generate(&keys[0], KEY_EC, 0, P256);
    key_generate(&keys[1], KEY_EC, 0, P384);
    key_generate(&keys[2], KEY_EC, 0, P521);
    key_generate(&keys[3], KEY_ED25519, 0, ED25519);
    key_generate(&keys[4], KEY_X25519, 0, X25519);
    keys[5].parts = rsa_key()->parts;
    for (size_t i = 0; i < COUNT(keys); i++) {
        unsigned char *expected = NULL;
        SPAN(der, 4096);
        assert_ok(crypto_key_to_pkcs8(&keys[i].parts, &der));
        EVP_PKEY *pkey = openssl_reads(bytes_of_span(der));
        PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
        int size = i2d_PKCS8_PRIV_KEY_INFO(info, &expected);
        assert_true(size > 0);
        assert_bytes(der, bytes_of(expected, (size_t)size));
        PKCS8_PRIV_KEY_INFO_free(info);
        OPENSSL_free(expected);
        expected = NULL;
        der.size = sizeof(der_room);
        assert_ok(crypto_key_spki(&keys[i].parts, &der));
        size = i2d_PUBKEY(pkey, &expected);
        assert_true(size > 0);
        assert_bytes(der, bytes_of(expected, (size_t)size));
        OPENSSL_free(expected);
        EVP_PKEY_free(pkey);
        key_drop(&keys[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ecdsa_and_eddsa_signatures_go_both_ways),
        cmocka_unit_test(rsa_signatures_go_both_ways),
        cmocka_unit_test(rsa_keys_of_odd_sizes_work),
        cmocka_unit_test(oaep_goes_both_ways),
        cmocka_unit_test(agreements_are_the_same),
        cmocka_unit_test(rsa_keys_with_other_exponents_are_completed),
        cmocka_unit_test(public_key_info_is_what_openssl_reads),
        cmocka_unit_test(pkcs8_and_public_key_info_are_what_openssl_writes),
    };
    return cmocka_run_group_tests_name("crypto_interop", tests, crypto_setup, crypto_teardown);
}
