/* SPDX-License-Identifier: Apache-2.0 */
/* Faults while signing: a signature that is not right never leaves. The linker puts the
 * functions named __wrap_ in the place of OpenSSL's. */
#include "test/unit/crypto_fixture.h"

#include <openssl/evp.h>

/* The bit of a made signature that a fault flips; negative: none. */
static int fault = -1;

int __real_EVP_PKEY_sign(EVP_PKEY_CTX *context, unsigned char *signature, size_t *size,
                         const unsigned char *data, size_t data_size);
int __wrap_EVP_PKEY_sign(EVP_PKEY_CTX *context, unsigned char *signature, size_t *size,
                         const unsigned char *data, size_t data_size);
int __real_EVP_DigestSign(EVP_MD_CTX *context, unsigned char *signature, size_t *size,
                          const unsigned char *data, size_t data_size);
int __wrap_EVP_DigestSign(EVP_MD_CTX *context, unsigned char *signature, size_t *size,
                          const unsigned char *data, size_t data_size);

static void damage(unsigned char *signature, size_t size) {
    if (fault >= 0) {
        size_t bit = (size_t)fault % (size * 8);
        signature[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}

int __wrap_EVP_PKEY_sign(EVP_PKEY_CTX *context, unsigned char *signature, size_t *size,
                         const unsigned char *data, size_t data_size) {
    int done = __real_EVP_PKEY_sign(context, signature, size, data, data_size);
    damage(signature, *size);
    return done;
}

int __wrap_EVP_DigestSign(EVP_MD_CTX *context, unsigned char *signature, size_t *size,
                          const unsigned char *data, size_t data_size) {
    int done = __real_EVP_DigestSign(context, signature, size, data, data_size);
    damage(signature, *size);
    return done;
}

/* Every seventh bit in turn: the module's fault, and nothing given out. */
static void assert_faults_are_caught(const struct test_key *key, const struct mechanism *mechanism,
                                     bool verify) {
    SPAN(signature, 512);
    assert_ok(crypto_sign(&key->key, mechanism, bytes_of_text("m"), verify, &signature));
    int bits = (int)signature.size * 8;
    for (fault = 0; fault < bits; fault += 7) {
        memset(signature_room, 0, sizeof(signature_room));
        signature.size = sizeof(signature_room);
        enum status status =
            crypto_sign(&key->key, mechanism, bytes_of_text("m"), verify, &signature);
        assert_int_equal(status, STATUS_ERROR_STATE);
        assert_true(bytes_all(bytes_of(signature_room, sizeof(signature_room)), 0));
    }
    fault = -1;
    assert_ok(crypto_sign(&key->key, mechanism, bytes_of_text("m"), verify, &signature));
}

static void faulty_rsa_signatures_are_caught_always(void **state) {
    (void)state;
    struct mechanism pkcs1 = {.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA256};
    struct mechanism bare = {.algorithm = ALGORITHM_RSA_PKCS1};
    struct mechanism raw = {.algorithm = ALGORITHM_RSA_RAW};
    struct mechanism pss = {.algorithm = ALGORITHM_RSA_PSS,
                            .hash = HASH_SHA256,
                            .digest = HASH_SHA256,
                            .mgf = HASH_SHA256,
                            .salt_size = 32};
    assert_faults_are_caught(rsa_key(), &pkcs1, false);
    assert_faults_are_caught(rsa_key(), &bare, false);
    assert_faults_are_caught(rsa_key(), &raw, false);
    assert_faults_are_caught(rsa_key(), &pss, false);
}

static void faulty_signatures_on_curves_are_caught_where_asked(void **state) {
    (void)state;
    static struct test_key key;
    struct mechanism ecdsa = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256};
    struct mechanism eddsa = {.algorithm = ALGORITHM_EDDSA};
    key_generate(&key, KEY_EC, 0, P256);
    assert_faults_are_caught(&key, &ecdsa, true);
    key_drop(&key);
    key_generate(&key, KEY_ED25519, 0, ED25519);
    assert_faults_are_caught(&key, &eddsa, true);
    key_drop(&key);
}

static void generated_pairs_that_sign_wrongly_are_refused(void **state) {
    (void)state;
    static uint8_t bytes[8192];
    const struct key_parts wanted[] = {{.type = KEY_RSA},
                                       {.type = KEY_EC, .ec_params = P256},
                                       {.type = KEY_ED25519, .ec_params = ED25519}};
    for (size_t i = 0; i < COUNT(wanted); i++) {
        struct span room = {bytes, sizeof(bytes)};
        struct key_parts parts = wanted[i];
        fault = 100;
        enum status status = crypto_key_generate(&parts, i == 0 ? 2048 : 0, &room);
        fault = -1;
        assert_int_equal(status, STATUS_ERROR_STATE);
        assert_true(bytes_all(bytes_of(bytes, sizeof(bytes)), 0));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faulty_rsa_signatures_are_caught_always),
        cmocka_unit_test(faulty_signatures_on_curves_are_caught_where_asked),
        cmocka_unit_test(generated_pairs_that_sign_wrongly_are_refused),
    };
    return cmocka_run_group_tests_name("crypto_fault", tests, crypto_setup, crypto_teardown);
}
