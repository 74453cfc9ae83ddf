/* SPDX-License-Identifier: Apache-2.0 */
/* RSA keys as the module generates them: none has the fingerprint of structured primes (ROCA,
 * CVE-2017-15361), and no two share a prime (Heninger and others 2012). 200 keys of 2048 bits, or
 * as many as EHSM_RSA_KEYS says. Both detectors are shown an offender first. */
#include "crypto/crypto.h"

#include <openssl/bn.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { KEYS = 200, BITS = 2048 };

static BIGNUM **moduli;
static size_t count;
static BN_CTX *work;

/* ---- detectors ---- */

/* Primes of such a key are k * M + (65537^a mod M) with M a product of the first primes: so modulo
 * each of these the modulus is a power of 65537 (Nemec, Sys, Svenda, Klinec, Matyas 2017). By
 * chance all of them say so once in about 2^27 keys. */
static const uint32_t small_primes[] = {3,  5,  7,  11, 13, 17, 19,  23,  29,  31,  37,  41,  43,
                                        47, 53, 59, 61, 67, 71, 73,  79,  83,  89,  97,  101, 103,
                                        107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
enum { GENERATOR = 65537 };

static bool is_power_of_generator(uint32_t rest, uint32_t prime) {
    uint32_t power = 1;
    for (uint32_t i = 0; i < prime; i++) {
        if (power == rest) {
            return true;
        }
        power = power * (GENERATOR % prime) % prime;
    }
    return false;
}

static bool has_fingerprint(const BIGNUM *modulus) {
    for (size_t i = 0; i < COUNT(small_primes); i++) {
        uint32_t rest = (uint32_t)BN_mod_word(modulus, small_primes[i]);
        if (!is_power_of_generator(rest, small_primes[i])) {
            return false;
        }
    }
    return true;
}

/* How many of the numbers share a factor with another (batch gcd, Bernstein 2004): the product of
 * all, taken modulo n squared and divided by n, is the product of the others modulo n. */
static size_t count_shared(BIGNUM **numbers, size_t size) {
    BIGNUM *product = BN_new(), *square = BN_new(), *rest = BN_new(), *divisor = BN_new();
    size_t shared = 0;
    assert_true(BN_one(product));
    for (size_t i = 0; i < size; i++) {
        assert_true(BN_mul(product, product, numbers[i], work));
    }
    for (size_t i = 0; i < size; i++) {
        assert_true(BN_sqr(square, numbers[i], work));
        assert_true(BN_mod(rest, product, square, work));
        assert_true(BN_div(rest, NULL, rest, numbers[i], work));
        assert_true(BN_gcd(divisor, rest, numbers[i], work));
        shared += BN_is_one(divisor) ? 0 : 1;
    }
    BN_free(product);
    BN_free(square);
    BN_free(rest);
    BN_free(divisor);
    return shared;
}

/* ---- keys ---- */

static BIGNUM *new_modulus(void) {
    static uint8_t room_bytes[8192];
    struct span room = {room_bytes, sizeof(room_bytes)};
    struct key_parts parts = {.type = KEY_RSA, .is_private = true};
    assert_int_equal(crypto_key_generate(&parts, BITS, &room), STATUS_OK);
    BIGNUM *modulus = BN_bin2bn(parts.modulus.data, (int)parts.modulus.size, NULL);
    assert_non_null(modulus);
    assert_int_equal(BN_num_bits(modulus), BITS);
    return modulus;
}

static int make_keys(void **state) {
    (void)state;
    const char *given = getenv("EHSM_RSA_KEYS");
    count = given != NULL ? strtoul(given, NULL, 10) : KEYS;
    work = BN_CTX_new();
    moduli = calloc(count, sizeof(*moduli));
    if (crypto_start() != STATUS_OK || count == 0 || moduli == NULL || work == NULL) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        moduli[i] = new_modulus();
    }
    print_message("# %zu RSA keys of %d bits\n", count, BITS);
    return 0;
}

static int forget_keys(void **state) {
    (void)state;
    for (size_t i = 0; i < count; i++) {
        BN_free(moduli[i]);
    }
    free(moduli);
    BN_CTX_free(work);
    crypto_stop();
    return 0;
}

/* ---- stories ---- */

static void structured_modulus_is_found(void **state) {
    BIGNUM *m = BN_new(), *modulus = BN_new(), *generator = BN_new(), *power = BN_new();
    (void)state;
    assert_true(BN_one(m) && BN_set_word(generator, GENERATOR));
    for (size_t i = 0; i < COUNT(small_primes); i++) {
        assert_true(BN_mul_word(m, small_primes[i]));
    }
    for (BN_ULONG exponent = 1; exponent < 40; exponent++) { /* k * M + 65537^a mod M */
        assert_true(BN_set_word(power, exponent * 7919));
        assert_true(BN_mod_exp(modulus, generator, power, m, work));
        assert_true(BN_lshift(power, m, BITS - BN_num_bits(m)));
        assert_true(BN_add(modulus, modulus, power));
        assert_true(has_fingerprint(modulus));
        assert_true(BN_add_word(modulus, 2));
        assert_false(has_fingerprint(modulus));
    }
    BN_free(m);
    BN_free(modulus);
    BN_free(generator);
    BN_free(power);
}

static void generated_keys_have_no_fingerprint_of_structured_primes(void **state) {
    size_t found = 0;
    (void)state;
    for (size_t i = 0; i < count; i++) {
        found += has_fingerprint(moduli[i]) ? 1 : 0;
    }
    assert_int_equal(found, 0);
}

static void shared_prime_is_found(void **state) {
    BIGNUM *primes[3], *numbers[3];
    (void)state;
    for (int i = 0; i < 3; i++) {
        primes[i] = BN_new();
        numbers[i] = BN_new();
        assert_true(BN_generate_prime_ex(primes[i], 256, 0, NULL, NULL, NULL));
    }
    assert_true(BN_mul(numbers[0], primes[0], primes[1], work));
    assert_true(BN_mul(numbers[1], primes[1], primes[2], work));
    assert_true(BN_copy(numbers[2], moduli[0]) != NULL);
    assert_int_equal(count_shared(numbers, 3), 2);
    for (int i = 0; i < 3; i++) {
        BN_free(primes[i]);
        BN_free(numbers[i]);
    }
}

static void no_two_generated_keys_share_a_prime(void **state) {
    (void)state;
    assert_int_equal(count_shared(moduli, count), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structured_modulus_is_found),
        cmocka_unit_test(generated_keys_have_no_fingerprint_of_structured_primes),
        cmocka_unit_test(shared_prime_is_found),
        cmocka_unit_test(no_two_generated_keys_share_a_prime),
    };
    return cmocka_run_group_tests_name("RSA keys", tests, make_keys, forget_keys);
}
