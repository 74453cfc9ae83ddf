/* SPDX-License-Identifier: Apache-2.0 */
/* Faults inside the chip's libraries: a signature that is not right never leaves, and a
 * generator that is bad gives no key away. The linker puts the functions named __wrap_ in the place
 * of the libraries'. */
#include "test/unit/crypto_fixture.h"

#include <bearssl.h>
#include <sodium/crypto_sign_ed25519.h>

/* The bit of a result that a fault flips; negative: none. */
static int fault = -1;
/* Whether the generator gives zeros. */
static bool broken_generator;

uint32_t __real_br_rsa_i31_private(unsigned char *block, const br_rsa_private_key *key);
uint32_t __wrap_br_rsa_i31_private(unsigned char *block, const br_rsa_private_key *key);
uint32_t __real_br_i31_moddiv(uint32_t *x, const uint32_t *y, const uint32_t *m, uint32_t m0i,
                              uint32_t *work);
uint32_t __wrap_br_i31_moddiv(uint32_t *x, const uint32_t *y, const uint32_t *m, uint32_t m0i,
                              uint32_t *work);
int __real_crypto_sign_ed25519_detached(unsigned char *signature, unsigned long long *size,
                                        const unsigned char *data, unsigned long long data_size,
                                        const unsigned char *key);
int __wrap_crypto_sign_ed25519_detached(unsigned char *signature, unsigned long long *size,
                                        const unsigned char *data, unsigned long long data_size,
                                        const unsigned char *key);
enum status __real_crypto_random(uint8_t *out, size_t size);
enum status __wrap_crypto_random(uint8_t *out, size_t size);

static void damage(uint8_t *bytes, size_t size) {
    if (fault >= 0) {
        size_t bit = (size_t)fault % (size * 8);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

uint32_t __wrap_br_rsa_i31_private(unsigned char *block, const br_rsa_private_key *key) {
    uint32_t done = __real_br_rsa_i31_private(block, key);
    damage(block, (key->n_bitlen + 7) / 8);
    return done;
}

/* The last step of ECDSA: s. Bits of the lowest words, so that it stays below the order. */
uint32_t __wrap_br_i31_moddiv(uint32_t *x, const uint32_t *y, const uint32_t *m, uint32_t m0i,
                              uint32_t *work) {
    uint32_t done = __real_br_i31_moddiv(x, y, m, m0i, work);
    if (fault >= 0 && m[0] < 600) {
        x[1] ^= 1u << fault % 31;
    }
    return done;
}

int __wrap_crypto_sign_ed25519_detached(unsigned char *signature, unsigned long long *size,
                                        const unsigned char *data, unsigned long long data_size,
                                        const unsigned char *key) {
    int done = __real_crypto_sign_ed25519_detached(signature, size, data, data_size, key);
    damage(signature, 64);
    return done;
}

enum status __wrap_crypto_random(uint8_t *out, size_t size) {
    if (broken_generator) {
        memset(out, 0, size);
        return STATUS_OK;
    }
    return __real_crypto_random(out, size);
}

/* Bits in turn: the module's fault, and nothing given out. Also where nobody asks for a check. */
static void assert_faults_are_caught(const struct test_key *key, const struct mechanism *mechanism,
                                     int bits) {
    SPAN(signature, 512);
    assert_ok(crypto_sign(&key->key, mechanism, bytes_of_text("m"), false, &signature));
    for (fault = 0; fault < bits; fault += 1 + bits / 60) {
        memset(signature_room, 0, sizeof(signature_room));
        signature.size = sizeof(signature_room);
        enum status status =
            crypto_sign(&key->key, mechanism, bytes_of_text("m"), false, &signature);
        assert_int_equal(status, STATUS_ERROR_STATE);
        assert_true(bytes_all(bytes_of(signature_room, sizeof(signature_room)), 0));
    }
    fault = -1;
    signature.size = sizeof(signature_room);
    assert_ok(crypto_sign(&key->key, mechanism, bytes_of_text("m"), false, &signature));
}

static void faulty_rsa_signatures_are_caught_always(void **state) {
    (void)state;
    const struct mechanism mechanisms[] = {
        {.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA256},
        {.algorithm = ALGORITHM_RSA_PKCS1},
        {.algorithm = ALGORITHM_RSA_RAW},
        {.algorithm = ALGORITHM_RSA_PSS,
         .hash = HASH_SHA256,
         .digest = HASH_SHA256,
         .mgf = HASH_SHA256,
         .salt_size = 32},
    };
    for (size_t i = 0; i < COUNT(mechanisms); i++) {
        assert_faults_are_caught(rsa_key(), &mechanisms[i], 2048);
    }
}

static void faulty_rsa_decryptions_are_caught(void **state) {
    (void)state;
    struct mechanism oaep = {
        .algorithm = ALGORITHM_RSA_OAEP, .digest = HASH_SHA256, .mgf = HASH_SHA256};
    SPAN(sealed, 256);
    assert_ok(crypto_encrypt(&rsa_key()->key, &oaep, bytes_of_text("m"), &sealed));
    for (fault = 0; fault < 2048; fault += 131) {
        SPAN(opened, 256);
        assert_status(crypto_decrypt(&rsa_key()->key, &oaep, bytes_of_span(sealed), &opened),
                      ERROR_STATE);
        assert_true(bytes_all(bytes_of(opened_room, sizeof(opened_room)), 0));
    }
    fault = -1;
}

static void faulty_signatures_on_curves_are_caught_always(void **state) {
    (void)state;
    static struct test_key key;
    struct mechanism ecdsa = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256};
    struct mechanism eddsa = {.algorithm = ALGORITHM_EDDSA};
    const struct bytes *curves[] = {&P256, &P384, &P521};
    for (size_t i = 0; i < COUNT(curves); i++) {
        key_generate(&key, KEY_EC, 0, *curves[i]);
        assert_faults_are_caught(&key, &ecdsa, 31);
        key_drop(&key);
    }
    key_generate(&key, KEY_ED25519, 0, ED25519);
    assert_faults_are_caught(&key, &eddsa, 512);
    key_drop(&key);
}

static void generated_pairs_that_sign_wrongly_are_refused(void **state) {
    (void)state;
    static uint8_t bytes[8192];
    const struct key_parts wanted[] = {{.type = KEY_EC, .ec_params = P256},
                                       {.type = KEY_ED25519, .ec_params = ED25519}};
    for (size_t i = 0; i < COUNT(wanted); i++) {
        struct span room = {bytes, sizeof(bytes)};
        struct key_parts parts = wanted[i];
        fault = 100;
        enum status status = crypto_key_generate(&parts, 0, &room);
        fault = -1;
        assert_int_equal(status, STATUS_ERROR_STATE);
        assert_true(bytes_all(bytes_of(bytes, sizeof(bytes)), 0));
    }
}

/* r is a function of the nonce alone: one that shows twice for two messages gives the key away. */
static void a_generator_of_zeros_repeats_no_nonce(void **state) {
    (void)state;
    static struct test_key keys[2];
    enum { MESSAGES = 20 };
    struct mechanism ecdsa = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256};
    static uint8_t signatures[2 * MESSAGES][64];
    key_generate(&keys[0], KEY_EC, 0, P256);
    key_generate(&keys[1], KEY_EC, 0, P256);
    broken_generator = true;
    for (size_t i = 0; i < 2 * MESSAGES; i++) {
        uint8_t message = (uint8_t)(i / 2);
        struct span signature = {signatures[i], 64};
        assert_ok(crypto_sign(&keys[i % 2].key, &ecdsa, bytes_of(&message, 1), true, &signature));
    }
    for (size_t i = 0; i < 2 * MESSAGES; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_false(bytes_equal(bytes_of(signatures[i], 32), bytes_of(signatures[j], 32)));
        }
    }
    /* The same once more: then the nonce is that of the same key and message, which is harmless. */
    SPAN(again, 64);
    assert_ok(crypto_sign(&keys[0].key, &ecdsa, bytes_of("", 1), true, &again));
    assert_bytes(again, bytes_of(signatures[0], 64));
    broken_generator = false;
    again.size = sizeof(again_room);
    assert_ok(crypto_sign(&keys[0].key, &ecdsa, bytes_of("", 1), true, &again));
    assert_false(bytes_equal(bytes_of_span(again), bytes_of(signatures[0], 64)));
    key_drop(&keys[0]);
    key_drop(&keys[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faulty_rsa_signatures_are_caught_always),
        cmocka_unit_test(faulty_rsa_decryptions_are_caught),
        cmocka_unit_test(faulty_signatures_on_curves_are_caught_always),
        cmocka_unit_test(generated_pairs_that_sign_wrongly_are_refused),
        cmocka_unit_test(a_generator_of_zeros_repeats_no_nonce),
    };
    return cmocka_run_group_tests_name("crypto_fault_mcu", tests, crypto_setup, crypto_teardown);
}
