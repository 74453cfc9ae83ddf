/* SPDX-License-Identifier: Apache-2.0 */
/* Secret-key algorithms and hashes of crypto.h beside OpenSSL, called directly: the same bytes for
 * random keys and data of every size about the edges of blocks. */
#include "test/unit/crypto_fixture.h"

#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/kdf.h>

enum { DATA_SIZE = 600 };

static uint8_t noise[DATA_SIZE + 256];
static const size_t sizes[] = {0,  1,  15, 16, 17,  31,  32,  33,  47,  48,  49, 63,
                               64, 65, 79, 80, 127, 128, 129, 255, 256, 257, 512};

static struct bytes key_bytes(size_t size) {
    assert_ok(crypto_random(noise + DATA_SIZE, 128));
    return bytes_of(noise + DATA_SIZE, size);
}

static struct bytes iv_bytes(size_t size) {
    return bytes_of(noise + DATA_SIZE + 64, size);
}

static struct bytes aad_bytes(size_t size) {
    return bytes_of(noise + DATA_SIZE + 96, size);
}

/* What OpenSSL makes of it; the tag, if any, behind the data. */
static size_t theirs(const char *name, struct bytes key, const struct mechanism *m,
                     struct bytes data, uint8_t *out) {
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool ccm = m->algorithm == ALGORITHM_AES_CCM;
    int tag = m->algorithm == ALGORITHM_CHACHA20_POLY1305 ? 16 : (int)m->tag_bits / 8;
    int size = 0;
    int rest = 0;
    const uint8_t *from = data.size > 0 ? data.data : noise;
    EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    assert_int_equal(EVP_EncryptInit_ex2(context, cipher, NULL, NULL, NULL), 1);
    if (tag > 0) {
        (void)EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, (int)m->iv.size, NULL);
    }
    if (ccm) {
        assert_int_equal(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag, NULL), 1);
    }
    assert_int_equal(EVP_EncryptInit_ex2(context, NULL, key.data,
                                         m->iv.size > 0 ? m->iv.data : NULL, NULL),
                     1);
    if (m->algorithm != ALGORITHM_AES_CBC_PAD) {
        EVP_CIPHER_CTX_set_padding(context, 0);
    }
    if (ccm) {
        assert_int_equal(EVP_EncryptUpdate(context, NULL, &size, NULL, (int)data.size), 1);
    }
    if (m->aad.size > 0) {
        assert_int_equal(EVP_EncryptUpdate(context, NULL, &size, m->aad.data, (int)m->aad.size),
                         1);
    }
    assert_int_equal(EVP_EncryptUpdate(context, out, &size, from, (int)data.size), 1);
    assert_int_equal(EVP_EncryptFinal_ex(context, out + size, &rest), 1);
    size += rest;
    if (tag > 0) {
        assert_int_equal(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag, out + size), 1);
        size += tag;
    }
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    return (size_t)size;
}

static void agree_on(const char *name, enum key_type type, struct bytes value,
                     const struct mechanism *m, struct bytes data) {
    bool wraps = m->algorithm == ALGORITHM_AES_KW || m->algorithm == ALGORITHM_AES_KWP;
    static struct test_key key;
    uint8_t expected[DATA_SIZE + 64];
    SPAN(out, DATA_SIZE + 64);
    SPAN(back, DATA_SIZE + 64);
    size_t size = theirs(name, value, m, data, expected);
    key_of(&key, type, value);
    assert_ok(wraps ? crypto_wrap(&key.key, m, data, &out)
                    : crypto_encrypt(&key.key, m, data, &out));
    assert_bytes(out, bytes_of(expected, size));
    assert_ok(wraps ? crypto_unwrap(&key.key, m, bytes_of_span(out), &back)
                    : crypto_decrypt(&key.key, m, bytes_of_span(out), &back));
    assert_bytes(back, data);
    key_drop(&key);
}

static void aes_in_every_mode(void **state) {
    (void)state;
    const struct {
        uint32_t algorithm;
        const char *mode;
        size_t iv, aad;
        uint32_t tag_bits;
        size_t multiple, least;
    } modes[] = {
        {ALGORITHM_AES_ECB, "ECB", 0, 0, 0, 16, 0},
        {ALGORITHM_AES_CBC, "CBC", 16, 0, 0, 16, 0},
        {ALGORITHM_AES_CBC_PAD, "CBC", 16, 0, 0, 1, 0},
        {ALGORITHM_AES_CTR, "CTR", 16, 0, 0, 1, 0},
        {ALGORITHM_AES_GCM, "GCM", 12, 13, 128, 1, 0},
        {ALGORITHM_AES_GCM, "GCM", 1, 0, 96, 1, 0},
        {ALGORITHM_AES_GCM, "GCM", 29, 32, 128, 1, 0},
        {ALGORITHM_AES_CCM, "CCM", 13, 0, 64, 1, 0},
        {ALGORITHM_AES_CCM, "CCM", 7, 31, 128, 1, 0},
        {ALGORITHM_AES_KW, "WRAP", 0, 0, 0, 8, 16},
        {ALGORITHM_AES_KWP, "WRAP-PAD", 0, 0, 0, 1, 1},
    };
    for (size_t i = 0; i < COUNT(modes); i++) {
        for (size_t j = 0; j < COUNT(sizes); j++) {
            size_t key_size = 16 + 8 * (j % 3);
            char name[24];
            snprintf(name, sizeof(name), "AES-%zu-%s", key_size * 8, modes[i].mode);
            if (sizes[j] % modes[i].multiple != 0 || sizes[j] < modes[i].least) {
                continue;
            }
            struct bytes value = key_bytes(key_size);
            struct mechanism m = {.algorithm = modes[i].algorithm,
                                  .iv = iv_bytes(modes[i].iv),
                                  .aad = aad_bytes(modes[i].aad),
                                  .tag_bits = modes[i].tag_bits};
            m.counter_bits = m.algorithm == ALGORITHM_AES_CTR ? 128 : 0;
            agree_on(name, KEY_AES, value, &m, bytes_of(noise, sizes[j]));
        }
    }
}

/* The counter carries over all its bytes on both sides. */
static void aes_ctr_carries_over_the_whole_block(void **state) {
    (void)state;
    static const char *const counters[] = {
        "00000000000000000000000000ffffff", "000000000000000000000000ffffffff",
        "0000000000000000fffffffffffffffe", "00000000ffffffffffffffffffffffff",
        "00fffffffffffffffffffffffffffffe"};
    for (size_t i = 0; i < COUNT(counters); i++) {
        struct mechanism m = {
            .algorithm = ALGORITHM_AES_CTR, .iv = hex(counters[i]), .counter_bits = 128};
        agree_on("AES-256-CTR", KEY_AES, key_bytes(32), &m, bytes_of(noise, 100));
    }
}

static void chacha20_poly1305(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        for (size_t aad = 0; aad <= 32; aad += 8) {
            struct bytes value = key_bytes(32);
            struct mechanism m = {.algorithm = ALGORITHM_CHACHA20_POLY1305,
                                  .iv = iv_bytes(12),
                                  .aad = aad_bytes(aad)};
            agree_on("ChaCha20-Poly1305", KEY_CHACHA20, value, &m, bytes_of(noise, sizes[i]));
        }
    }
}

/* OpenSSL's names, in the order of enum hash. */
static const char *const hashes[HASH_COUNT] = {NULL,       "SHA1",    "SHA224",   "SHA256",
                                               "SHA384",   "SHA512",  "SHA3-224", "SHA3-256",
                                               "SHA3-384", "SHA3-512"};

static void hashes_of_every_size(void **state) {
    (void)state;
    for (uint32_t hash = HASH_SHA1; hash < HASH_COUNT && hash_is_offered(hash); hash++) {
        for (size_t i = 0; i < COUNT(sizes); i++) {
            uint8_t expected[HASH_SIZE_MAX], out[HASH_SIZE_MAX];
            const struct bytes data = bytes_of(noise, sizes[i]);
            size_t size = 0;
            assert_int_equal(
                EVP_Q_digest(NULL, hashes[hash], NULL, noise, sizes[i], expected, &size), 1);
            assert_int_equal(size, hash_size(hash));
            assert_ok(crypto_hash((enum hash)hash, &data, 1, out));
            assert_memory_equal(out, expected, size);
        }
    }
}

static void hmacs_with_keys_of_every_size(void **state) {
    (void)state;
    for (uint32_t hash = HASH_SHA1; hash < HASH_COUNT && hash_is_offered(hash); hash++) {
        for (size_t i = 0; i < COUNT(sizes); i++) {
            uint8_t expected[HASH_SIZE_MAX], out[HASH_SIZE_MAX];
            const struct bytes parts[] = {bytes_of(noise, 100), bytes_of(noise + 100, 200)};
            size_t size = 0;
            assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, hashes[hash], NULL, noise + 1, sizes[i],
                                      noise, 300, expected, sizeof(expected), &size));
            assert_ok(crypto_hmac((enum hash)hash, bytes_of(noise + 1, sizes[i]), parts, 2, out));
            assert_memory_equal(out, expected, hash_size(hash));
        }
    }
}

static void cmac(void **state) {
    (void)state;
    static struct test_key key;
    const struct mechanism m = {.algorithm = ALGORITHM_AES_CMAC};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        static const char *const names[] = {"AES-128-CBC", "AES-192-CBC", "AES-256-CBC"};
        struct bytes value = key_bytes(16 + 8 * (i % 3));
        uint8_t expected[16];
        size_t size = 0;
        SPAN(out, 16);
        assert_non_null(EVP_Q_mac(NULL, "CMAC", NULL, names[i % 3], NULL, value.data, value.size,
                                  noise, sizes[i], expected, sizeof(expected), &size));
        key_of(&key, KEY_AES, value);
        assert_ok(crypto_sign(&key.key, &m, bytes_of(noise, sizes[i]), true, &out));
        assert_bytes(out, bytes_of(expected, size));
        key_drop(&key);
    }
}

static void pins(void **state) {
    (void)state;
    for (size_t size = 1; size <= 128; size += 21) {
        uint8_t expected[PIN_VERIFIER_SIZE];
        uint8_t out[PIN_VERIFIER_SIZE];
        struct bytes pin = key_bytes(size);
        assert_int_equal(PKCS5_PBKDF2_HMAC((const char *)pin.data, (int)size, noise, PIN_SALT_SIZE,
                                           100, EVP_sha256(), sizeof(expected), expected),
                         1);
        assert_ok(crypto_pin_stretch(pin, noise, 100, out));
        assert_memory_equal(out, expected, sizeof(out));
    }
}

static void hkdf(void **state) {
    (void)state;
    for (size_t size = 1; size <= 300; size += 23) {
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
        uint8_t expected[300];
        SPAN(out, 300);
        size_t length = size;
        struct bytes key = key_bytes(32);
        assert_true(EVP_PKEY_derive_init(context) == 1 &&
                    EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1 &&
                    EVP_PKEY_CTX_set1_hkdf_key(context, key.data, 32) == 1 &&
                    EVP_PKEY_CTX_set1_hkdf_salt(context, noise, 20) == 1 &&
                    EVP_PKEY_CTX_add1_hkdf_info(context, noise, 77) == 1 &&
                    EVP_PKEY_derive(context, expected, &length) == 1);
        out.size = size;
        assert_ok(crypto_hkdf(key, bytes_of(noise, 20), bytes_of(noise, 77), out));
        assert_bytes(out, bytes_of(expected, size));
        EVP_PKEY_CTX_free(context);
    }
}

static int setup(void **state) {
    return crypto_setup(state) == 0 && crypto_random(noise, sizeof(noise)) == STATUS_OK ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aes_in_every_mode), cmocka_unit_test(aes_ctr_carries_over_the_whole_block),
        cmocka_unit_test(chacha20_poly1305), cmocka_unit_test(cmac),
        cmocka_unit_test(pins),              cmocka_unit_test(hkdf),
        cmocka_unit_test(hashes_of_every_size), cmocka_unit_test(hmacs_with_keys_of_every_size),
    };
    return cmocka_run_group_tests_name("crypto_other_side", tests, setup, crypto_teardown);
}
