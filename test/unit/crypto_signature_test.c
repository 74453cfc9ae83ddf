/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures and MACs. */
#include "test/share.h"
#include "test/unit/crypto_fixture.h"

static const struct bytes nothing = {NULL, 0};
static struct test_key p256, p384, p521, ed25519, hmac, aes;

static int setup(void **state) {
    if (crypto_setup(state) != 0) {
        return -1;
    }
    key_generate(&p256, KEY_EC, 0, P256);
    key_generate(&p384, KEY_EC, 0, P384);
    key_generate(&p521, KEY_EC, 0, P521);
    key_generate(&ed25519, KEY_ED25519, 0, ED25519);
    key_generate(&hmac, KEY_GENERIC, 256, nothing);
    key_generate(&aes, KEY_AES, 256, nothing);
    return 0;
}

static int teardown(void **state) {
    struct test_key *keys[] = {&p256, &p384, &p521, &ed25519, &hmac, &aes};
    for (size_t i = 0; i < COUNT(keys); i++) {
        key_drop(keys[i]);
    }
    return crypto_teardown(state);
}

struct scheme {
    const struct test_key *key;
    struct mechanism mechanism;
    size_t data_size; /* of what it signs */
    size_t size;      /* of a signature */
    bool fixed;       /* one message has one signature */
};

enum { SCHEMES = 28 };

static size_t all_schemes(struct scheme *out) {
    const struct test_key *rsa = rsa_key();
    const struct scheme schemes[] = {
        {&p256, {.algorithm = ALGORITHM_ECDSA}, 32, 64, false},
        {&p256, {.algorithm = ALGORITHM_ECDSA}, 1, 64, false},
        {&p256, {.algorithm = ALGORITHM_ECDSA}, 66, 64, false},
        {&p256, {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256}, 100, 64, false},
        {&p256, {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA3_512}, 0, 64, false},
        {&p384, {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA384}, 100, 96, false},
        {&p521, {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA512}, 100, 132, false},
        {&p521, {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA224}, 100, 132, false},
        {&ed25519, {.algorithm = ALGORITHM_EDDSA}, 0, 64, true},
        {&ed25519, {.algorithm = ALGORITHM_EDDSA}, 1000, 64, true},
        {rsa, {.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA256}, 10, 256, true},
        {rsa, {.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA384}, 0, 256, true},
        {rsa, {.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA3_256}, 10, 256, true},
        {rsa, {.algorithm = ALGORITHM_RSA_PKCS1}, 1, 256, true},
        {rsa, {.algorithm = ALGORITHM_RSA_PKCS1}, 245, 256, true},
        {rsa, {.algorithm = ALGORITHM_RSA_RAW}, 255, 256, true},
        {rsa, {.algorithm = ALGORITHM_RSA_RAW}, 10, 256, true},
        {rsa,
         {.algorithm = ALGORITHM_RSA_PSS,
          .hash = HASH_SHA256,
          .digest = HASH_SHA256,
          .mgf = HASH_SHA256,
          .salt_size = 32},
         77,
         256,
         false},
        {rsa,
         {.algorithm = ALGORITHM_RSA_PSS,
          .digest = HASH_SHA512,
          .mgf = HASH_SHA256,
          .salt_size = 20},
         64,
         256,
         false},
        {rsa,
         {.algorithm = ALGORITHM_RSA_PSS, .digest = HASH_SHA384, .mgf = HASH_SHA384},
         48,
         256,
         true},
        {&hmac, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA1}, 100, 20, true},
        {&hmac, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256}, 0, 32, true},
        {&hmac, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA3_512}, 100, 64, true},
        {&hmac, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256, .mac_size = 16}, 9, 16, true},
        {&aes, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA512}, 100, 64, true},
        {&aes, {.algorithm = ALGORITHM_AES_CMAC}, 0, 16, true},
        {&aes, {.algorithm = ALGORITHM_AES_CMAC}, 100, 16, true},
        {&aes, {.algorithm = ALGORITHM_AES_CMAC, .mac_size = 8}, 100, 8, true},
    };
    size_t count = 0;
    for (size_t i = 0; i < COUNT(schemes); i++) {
        if (hash_is_offered(schemes[i].mechanism.hash)) {
            out[count++] = schemes[i];
        }
    }
    return count;
}

static const uint8_t *message(void) {
    static uint8_t data[1024];
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * 7 + 1);
    }
    return data;
}

static enum status sign(const struct scheme *scheme, struct bytes data, struct span *out) {
    return crypto_sign(&scheme->key->key, &scheme->mechanism, data, true, out);
}

static enum status verify(const struct scheme *scheme, struct bytes data, struct bytes signature) {
    return crypto_verify(&scheme->key->key, &scheme->mechanism, data, signature);
}

/* What the schemes above leave out. */
static void signatures_with_sha3(void **state) {
    (void)state;
    const struct scheme schemes[] = {
        {&p256, {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA3_512}, 0, 64, false},
        {rsa_key(), {.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA3_256}, 10, 256, true},
        {rsa_key(),
         {.algorithm = ALGORITHM_RSA_PSS, .digest = HASH_SHA3_256, .mgf = HASH_SHA3_256},
         32,
         256,
         true},
        {&hmac, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA3_512}, 100, 64, true},
    };
    for (size_t i = 0; i < COUNT(schemes); i++) {
        SPAN(signature, 512);
        assert_int_equal(sign(&schemes[i], bytes_of(message(), schemes[i].data_size), &signature),
                         ON_CHIP ? STATUS_MECHANISM_PARAM_INVALID : STATUS_OK);
    }
    if (ON_CHIP) {
        skip();
    }
}

static void every_scheme_verifies_what_it_signs(void **state) {
    (void)state;
    struct scheme schemes[SCHEMES];
    size_t count = all_schemes(schemes);
    for (size_t i = 0; i < count; i++) {
        const struct scheme *scheme = &schemes[i];
        struct bytes data = bytes_of(message(), scheme->data_size);
        SPAN(first, 512);
        SPAN(second, 512);
        assert_int_equal(crypto_output_size(&scheme->key->key, &scheme->mechanism, F_SIGN, 0),
                         scheme->size);
        assert_ok(sign(scheme, data, &first));
        assert_ok(sign(scheme, data, &second));
        assert_int_equal(first.size, scheme->size);
        assert_ok(verify(scheme, data, bytes_of_span(first)));
        assert_ok(verify(scheme, data, bytes_of_span(second)));
        assert_int_equal(bytes_equal(bytes_of_span(first), bytes_of_span(second)), scheme->fixed);
    }
}

static void every_changed_bit_of_a_signature_is_refused(void **state) {
    (void)state;
    struct scheme schemes[SCHEMES];
    size_t count = all_schemes(schemes);
    /* the chip's library is slow: a bit of nearly every byte */
    const size_t step = ON_CHIP ? 9 * share_step() | 1 : 1;
    for (size_t i = 0; i < count; i++) {
        struct bytes data = bytes_of(message(), schemes[i].data_size);
        SPAN(signature, 512);
        assert_ok(sign(&schemes[i], data, &signature));
        for (size_t bit = 0; bit < signature.size * 8; bit += step) {
            signature.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_status(verify(&schemes[i], data, bytes_of_span(signature)), SIGNATURE_INVALID);
            signature.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void signatures_of_other_data_and_lengths_are_refused(void **state) {
    (void)state;
    struct scheme schemes[SCHEMES];
    size_t count = all_schemes(schemes);
    for (size_t i = 0; i < count; i++) {
        struct bytes data = bytes_of(message(), schemes[i].data_size);
        struct bytes other = bytes_of(message() + 1, schemes[i].data_size);
        SPAN(signature, 512);
        assert_ok(sign(&schemes[i], data, &signature));
        if (data.size > 0) {
            assert_status(verify(&schemes[i], other, bytes_of_span(signature)), SIGNATURE_INVALID);
        }
        assert_status(verify(&schemes[i], data, bytes_of(signature.data, signature.size - 1)),
                      SIGNATURE_LENGTH);
        assert_status(verify(&schemes[i], data, bytes_of(signature.data, signature.size + 1)),
                      SIGNATURE_LENGTH);
        assert_status(verify(&schemes[i], data, nothing), SIGNATURE_LENGTH);
        SPAN(little, 7);
        assert_status(sign(&schemes[i], data, &little), TOO_LARGE);
        assert_true(bytes_all(bytes_of(little_room, sizeof(little_room)), 0));
    }
}

static void public_keys_verify_and_do_not_sign(void **state) {
    (void)state;
    static struct test_key public;
    struct mechanism ecdsa = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256};
    SPAN(signature, 64);
    key_public(&public, &p256);
    assert_ok(crypto_sign(&p256.key, &ecdsa, nothing, true, &signature));
    assert_ok(crypto_verify(&public.key, &ecdsa, nothing, bytes_of_span(signature)));
    assert_status(crypto_sign(&public.key, &ecdsa, nothing, true, &signature),
                  KEY_FUNCTION_NOT_PERMITTED);
    key_drop(&public);
}

static void keys_of_other_types_are_refused(void **state) {
    (void)state;
    const struct test_key *keys[] = {&p256, &ed25519, &hmac, &aes, rsa_key()};
    struct scheme schemes[SCHEMES];
    size_t count = all_schemes(schemes);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < COUNT(keys); j++) {
            bool takes =
                algorithm_takes(algorithm_row(schemes[i].mechanism.algorithm), keys[j]->parts.type);
            SPAN(signature, 512);
            enum status status =
                crypto_sign(&keys[j]->key, &schemes[i].mechanism,
                            bytes_of(message(), schemes[i].data_size), true, &signature);
            assert_int_equal(status == STATUS_KEY_TYPE_INCONSISTENT, !takes);
        }
    }
}

static void sha1_is_never_in_a_signature(void **state) {
    (void)state;
    const struct scheme schemes[] = {
        {&p256, {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA1}, 20, 64, false},
        {rsa_key(), {.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA1}, 20, 256, false},
        {rsa_key(),
         {.algorithm = ALGORITHM_RSA_PSS, .digest = HASH_SHA1, .mgf = HASH_SHA1},
         20,
         256,
         false},
        {rsa_key(),
         {.algorithm = ALGORITHM_RSA_PSS, .digest = HASH_SHA256, .mgf = HASH_SHA1},
         32,
         256,
         false},
    };
    for (size_t i = 0; i < COUNT(schemes); i++) {
        SPAN(signature, 512);
        struct bytes data = bytes_of(message(), schemes[i].data_size);
        assert_status(sign(&schemes[i], data, &signature), MECHANISM_PARAM_INVALID);
        assert_status(verify(&schemes[i], data, bytes_of(signature_room, schemes[i].size)),
                      MECHANISM_PARAM_INVALID);
    }
}

static void parameters_out_of_range_are_refused(void **state) {
    (void)state;
    const struct {
        const struct test_key *key;
        struct mechanism mechanism;
    } wrong[] = {
        {&p256, {.algorithm = ALGORITHM_ECDSA, .hash = 99}},
        {rsa_key(), {.algorithm = ALGORITHM_RSA_PSS}},
        {rsa_key(), {.algorithm = ALGORITHM_RSA_PSS, .digest = HASH_SHA256}},
        {rsa_key(),
         {.algorithm = ALGORITHM_RSA_PSS,
          .hash = HASH_SHA256,
          .digest = HASH_SHA512,
          .mgf = HASH_SHA512}},
        {rsa_key(),
         {.algorithm = ALGORITHM_RSA_PSS,
          .digest = HASH_SHA256,
          .mgf = HASH_SHA256,
          .salt_size = 223}},
        {rsa_key(),
         {.algorithm = ALGORITHM_RSA_PSS,
          .digest = HASH_SHA256,
          .mgf = HASH_SHA256,
          .salt_size = 0xffffffff}},
        {&hmac, {.algorithm = ALGORITHM_HMAC}},
        {&hmac, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256, .mac_size = 7}},
        {&hmac, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256, .mac_size = 33}},
        {&aes, {.algorithm = ALGORITHM_AES_CMAC, .mac_size = 4}},
        {&aes, {.algorithm = ALGORITHM_AES_CMAC, .mac_size = 17}},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        SPAN(signature, 512);
        assert_status(crypto_mechanism_check(&wrong[i].key->key, &wrong[i].mechanism, F_SIGN),
                      MECHANISM_PARAM_INVALID);
        assert_status(crypto_sign(&wrong[i].key->key, &wrong[i].mechanism, bytes_of(message(), 32),
                                  true, &signature),
                      MECHANISM_PARAM_INVALID);
        assert_int_equal(crypto_output_size(&wrong[i].key->key, &wrong[i].mechanism, F_SIGN, 32),
                         0);
    }
    struct mechanism most = {.algorithm = ALGORITHM_RSA_PSS,
                             .digest = HASH_SHA256,
                             .mgf = HASH_SHA256,
                             .salt_size = 222};
    SPAN(signature, 512);
    assert_ok(crypto_sign(&rsa_key()->key, &most, bytes_of(message(), 32), true, &signature));
}

static void data_of_wrong_length_is_refused(void **state) {
    (void)state;
    const struct {
        const struct test_key *key;
        struct mechanism mechanism;
        size_t size;
    } wrong[] = {
        {&p256, {.algorithm = ALGORITHM_ECDSA}, 0},
        {&p256, {.algorithm = ALGORITHM_ECDSA}, 67},
        {rsa_key(), {.algorithm = ALGORITHM_RSA_PKCS1}, 0},
        {rsa_key(), {.algorithm = ALGORITHM_RSA_PKCS1}, 246},
        {rsa_key(), {.algorithm = ALGORITHM_RSA_RAW}, 0},
        {rsa_key(), {.algorithm = ALGORITHM_RSA_RAW}, 257},
        {rsa_key(),
         {.algorithm = ALGORITHM_RSA_PSS, .digest = HASH_SHA256, .mgf = HASH_SHA256},
         31},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        SPAN(signature, 512);
        struct bytes data = bytes_of(message(), wrong[i].size);
        assert_status(crypto_sign(&wrong[i].key->key, &wrong[i].mechanism, data, true, &signature),
                      DATA_LENGTH);
        assert_status(
            crypto_verify(&wrong[i].key->key, &wrong[i].mechanism, data, bytes_of_span(signature)),
            DATA_LENGTH);
    }
}

static void raw_rsa_refuses_a_number_above_the_modulus(void **state) {
    (void)state;
    struct mechanism raw = {.algorithm = ALGORITHM_RSA_RAW};
    uint8_t data[256];
    SPAN(signature, 256);
    memset(data, 0xff, sizeof(data));
    assert_status(crypto_sign(&rsa_key()->key, &raw, bytes_of(data, 256), true, &signature),
                  DATA_INVALID);
    assert_true(bytes_all(bytes_of(signature_room, 256), 0));
}

static void hashing_inside_and_outside_give_the_same_signature(void **state) {
    (void)state;
    uint8_t digest[32];
    struct bytes data = bytes_of(message(), 50);
    struct mechanism inside = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256};
    struct mechanism outside = {.algorithm = ALGORITHM_ECDSA};
    SPAN(signature, 64);
    assert_ok(crypto_hash(HASH_SHA256, &data, 1, digest));
    assert_ok(crypto_sign(&p256.key, &outside, bytes_of(digest, 32), true, &signature));
    assert_ok(crypto_verify(&p256.key, &inside, data, bytes_of_span(signature)));
}

static void long_digests_are_cut_to_the_order(void **state) {
    (void)state;
    struct mechanism ecdsa = {.algorithm = ALGORITHM_ECDSA};
    SPAN(signature, 64);
    assert_ok(crypto_sign(&p256.key, &ecdsa, bytes_of(message(), 64), true, &signature));
    assert_ok(crypto_verify(&p256.key, &ecdsa, bytes_of(message(), 32), bytes_of_span(signature)));
}

static void pss_salt_of_another_size_is_refused(void **state) {
    (void)state;
    struct mechanism pss = {
        .algorithm = ALGORITHM_RSA_PSS, .digest = HASH_SHA256, .mgf = HASH_SHA256, .salt_size = 32};
    SPAN(signature, 256);
    struct bytes data = bytes_of(message(), 32);
    assert_ok(crypto_sign(&rsa_key()->key, &pss, data, true, &signature));
    pss.salt_size = 31;
    assert_status(crypto_verify(&rsa_key()->key, &pss, data, bytes_of_span(signature)),
                  SIGNATURE_INVALID);
    pss.salt_size = 32;
    pss.mgf = HASH_SHA384;
    assert_status(crypto_verify(&rsa_key()->key, &pss, data, bytes_of_span(signature)),
                  SIGNATURE_INVALID);
}

static void zero_and_order_are_no_part_of_a_signature(void **state) {
    (void)state;
    struct mechanism ecdsa = {.algorithm = ALGORITHM_ECDSA};
    uint8_t signature[64] = {0};
    struct bytes data = bytes_of(message(), 32);
    assert_status(crypto_verify(&p256.key, &ecdsa, data, bytes_of(signature, 64)),
                  SIGNATURE_INVALID);
    memset(signature, 0xff, 64);
    assert_status(crypto_verify(&p256.key, &ecdsa, data, bytes_of(signature, 64)),
                  SIGNATURE_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_with_sha3),
        cmocka_unit_test(every_scheme_verifies_what_it_signs),
        cmocka_unit_test(every_changed_bit_of_a_signature_is_refused),
        cmocka_unit_test(signatures_of_other_data_and_lengths_are_refused),
        cmocka_unit_test(public_keys_verify_and_do_not_sign),
        cmocka_unit_test(keys_of_other_types_are_refused),
        cmocka_unit_test(sha1_is_never_in_a_signature),
        cmocka_unit_test(parameters_out_of_range_are_refused),
        cmocka_unit_test(data_of_wrong_length_is_refused),
        cmocka_unit_test(raw_rsa_refuses_a_number_above_the_modulus),
        cmocka_unit_test(hashing_inside_and_outside_give_the_same_signature),
        cmocka_unit_test(long_digests_are_cut_to_the_order),
        cmocka_unit_test(pss_salt_of_another_size_is_refused),
        cmocka_unit_test(zero_and_order_are_no_part_of_a_signature),
    };
    return cmocka_run_group_tests_name("crypto_signature", tests, setup, teardown);
}
