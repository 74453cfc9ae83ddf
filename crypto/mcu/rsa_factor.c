/* SPDX-License-Identifier: Apache-2.0 */
/* What an RSA key costs at import: finding the factors of the modulus where they are not given, and
 * testing that they are prime. Slow, and never needed again for the same key. */
#include "crypto/mcu/rsa.h"

#include "base/compiler.h"
#include "base/wipe.h"

#include <inner.h>

/* Bytes of e d - 1. */
enum { PRODUCT_SIZE = CHIP_RSA_SIZE + RSA_EXPONENT_SIZE };

/* A random number modulo m, which has at least one bit more. */
static enum status draw(const uint32_t *m, uint32_t *x) {
    SECRET_BYTES(bytes, CHIP_RSA_SIZE);
    TRY(crypto_random(bytes, sizeof(bytes)));
    br_i31_decode_reduce(x, bytes, sizeof(bytes), m);
    return STATUS_OK;
}

/* x = x^2 modulo m */
static void square(uint32_t *x, const uint32_t *m, uint32_t *work) {
    memcpy(work, x, (1 + (m[0] + 31) / 32) * sizeof(*x));
    br_i31_to_monty(work, m);
    uint32_t *result = work + NUMBER_WORDS;
    br_i31_montymul(result, work, x, m, br_i31_ninv31(m[1]));
    memcpy(x, result, (1 + (m[0] + 31) / 32) * sizeof(*x));
}

/* Whether x is one, or minus one, modulo m. */
static bool is_unit(const uint32_t *x, const uint32_t *m, bool negative) {
    uint32_t rest = x[1] ^ (negative ? m[1] - 1 : 1u);
    for (size_t i = 2; i <= (m[0] + 31) / 32; i++) {
        rest |= x[i] ^ (negative ? m[i] : 0u);
    }
    return rest == 0;
}

/* Puts the odd part of x, an even number, into `odd` as bytes; returns how many twos there are. */
static int split(uint32_t *x, uint8_t *odd, size_t size) {
    int twos = 0;
    while ((x[1] & 1) == 0) {
        br_i31_rshift(x, 1);
        twos++;
    }
    br_i31_encode(odd, size, x);
    return twos;
}

/* b becomes the greatest common divisor of a and b, b being odd: always as many steps. */
static void common_divisor(uint32_t *a, uint32_t *b) {
    size_t words = (b[0] + 31) / 32;
    for (size_t step = 0; step < 2 * 31 * words; step++) {
        uint32_t odd = a[1] & 1;
        uint32_t swap = 0u - (odd & br_i31_sub(a, b, 0));
        for (size_t i = 1; i <= words; i++) {
            uint32_t difference = (a[i] ^ b[i]) & swap;
            a[i] ^= difference;
            b[i] ^= difference;
        }
        (void)br_i31_sub(a, b, odd);
        br_i31_rshift(a, 1);
    }
}

/* A factor from a root of one, x: gcd(x + delta, n), as the bytes of a prime. */
NO_INLINE static bool factor_from_root(const uint32_t *n, const uint32_t *x, bool plus,
                                       uint8_t *out) {
    uint32_t a[NUMBER_WORDS], b[NUMBER_WORDS], unit[NUMBER_WORDS];
    uint8_t bytes[CHIP_RSA_SIZE];
    memcpy(a, x, (1 + (n[0] + 31) / 32) * sizeof(*a));
    memcpy(b, n, (1 + (n[0] + 31) / 32) * sizeof(*b));
    br_i31_zero(unit, n[0]);
    unit[1] = 1;
    (void)(plus ? br_i31_add(a, unit, 1) : br_i31_sub(a, unit, 1));
    common_divisor(a, b);
    br_i31_encode(bytes, sizeof(bytes), b);
    bool fits = bytes_all(bytes_of(bytes, sizeof(bytes) - CHIP_PRIME_SIZE), 0);
    memcpy(out, bytes + sizeof(bytes) - CHIP_PRIME_SIZE, CHIP_PRIME_SIZE);
    wipe(a, sizeof(a));
    wipe(b, sizeof(b));
    wipe(bytes, sizeof(bytes));
    return fits;
}

/* One try: x becomes a root of one that is neither one nor minus one. ATTRIBUTE_VALUE_INVALID where
 * the exponents do not belong to n: then a power to e d - 1 is not one. */
NO_INLINE static enum status find_root(const uint32_t *n, struct bytes odd, int twos, uint32_t *x,
                                       bool *found) {
    uint32_t work[4 * NUMBER_WORDS], y[NUMBER_WORDS];
    WIPE_AT_END(work, sizeof(work));
    WIPE_AT_END(y, sizeof(y));
    TRY(draw(n, x));
    if (br_i31_modpow_opt(x, odd.data, odd.size, n, br_i31_ninv31(n[1]), work, COUNT(work)) != 1) {
        return STATUS_INTERNAL;
    }
    for (int i = 0; i < twos; i++) {
        if (is_unit(x, n, false) || is_unit(x, n, true)) {
            return STATUS_OK;
        }
        memcpy(y, x, (1 + (n[0] + 31) / 32) * sizeof(*y));
        square(y, n, work);
        *found = is_unit(y, n, false);
        if (*found) {
            return STATUS_OK;
        }
        memcpy(x, y, (1 + (n[0] + 31) / 32) * sizeof(*x));
    }
    return STATUS_ATTRIBUTE_VALUE_INVALID;
}

/* e d - 1 as an odd number and how many twos; false where it is odd or zero itself. */
NO_INLINE static bool split_product(const struct rsa_numbers *numbers, uint8_t *odd, int *twos) {
    uint32_t d[NUMBER_WORDS], e[NUMBER_WORDS], x[NUMBER_WORDS + 4];
    br_i31_decode(d, numbers->d, CHIP_RSA_SIZE);
    br_i31_decode(e, numbers->key.exponent, RSA_EXPONENT_SIZE);
    br_i31_zero(x, d[0]);
    br_i31_mulacc(x, d, e);
    bool even = d[0] != 0 && (x[1] & 1) == 1;
    x[1] -= even ? 1 : 0;
    even = even && br_i31_iszero(x) == 0;
    *twos = even ? split(x, odd, PRODUCT_SIZE) : 0;
    wipe(d, sizeof(d));
    wipe(x, sizeof(x));
    return even;
}

/* Both factors from a root; the larger one becomes p. */
static enum status take_factors(struct rsa_numbers *numbers, const uint32_t *n, const uint32_t *x) {
    SECRET_BYTES(first, CHIP_PRIME_SIZE);
    SECRET_BYTES(second, CHIP_PRIME_SIZE);
    if (!factor_from_root(n, x, false, first) || !factor_from_root(n, x, true, second)) {
        return STATUS_KEY_SIZE;
    }
    uint32_t less = 0;
    for (size_t i = CHIP_PRIME_SIZE; i-- > 0;) {
        less = ((uint32_t)first[i] - second[i] - less) >> 31;
    }
    memcpy(numbers->key.as.crt.p, less != 0 ? second : first, CHIP_PRIME_SIZE);
    memcpy(numbers->key.as.crt.q, less != 0 ? first : second, CHIP_PRIME_SIZE);
    return STATUS_OK;
}

enum status rsa_factor(struct rsa_numbers *numbers) {
    enum { TRIES = 40 };
    uint32_t n[NUMBER_WORDS], x[NUMBER_WORDS];
    SECRET_BYTES(odd, PRODUCT_SIZE);
    WIPE_AT_END(x, sizeof(x));
    int twos = 0;
    bool found = false;
    if (!split_product(numbers, odd, &twos)) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    br_i31_decode(n, numbers->n, CHIP_RSA_SIZE);
    struct bytes exponent = bytes_of(odd, sizeof(odd));
    while (exponent.size > 1 && exponent.data[0] == 0) {
        exponent = bytes_of(exponent.data + 1, exponent.size - 1);
    }
    /* Each try finds a root with a chance of one half at least, if the exponents belong to n. */
    for (int i = 0; i < TRIES && !found; i++) {
        TRY(find_root(n, exponent, twos, x, &found));
    }
    return found ? take_factors(numbers, n, x) : STATUS_ATTRIBUTE_VALUE_INVALID;
}

/* One round of Miller and Rabin's test with a random base; `odd` is as long as m. */
static enum status test_prime(const uint32_t *m, struct bytes odd, int twos, bool *passed) {
    uint32_t x[NUMBER_WORDS], work[4 * NUMBER_WORDS];
    WIPE_AT_END(x, sizeof(x));
    WIPE_AT_END(work, sizeof(work));
    TRY(draw(m, x));
    if (br_i31_modpow_opt(x, odd.data, odd.size, m, br_i31_ninv31(m[1]), work, COUNT(work)) != 1) {
        return STATUS_INTERNAL;
    }
    *passed = is_unit(x, m, false) || is_unit(x, m, true);
    for (int i = 1; i < twos && !*passed; i++) {
        square(x, m, work);
        *passed = is_unit(x, m, true);
    }
    return STATUS_OK;
}

enum status rsa_check_prime(struct bytes number) {
    /* What FIPS 186-5 asks for primes drawn by chance (table B.1: 5 rounds at 1024 bits, 4 at
     * 1536). Of numbers made to deceive one in 4^5 passes, and serves nobody but its maker. */
    enum { ROUNDS = 5 };
    SECRET_BYTES(odd, CHIP_PRIME_SIZE);
    uint32_t m[NUMBER_WORDS], x[NUMBER_WORDS];
    WIPE_AT_END(m, sizeof(m));
    WIPE_AT_END(x, sizeof(x));
    if (number.size == 0 || number.size > sizeof(odd)) {
        return STATUS_INTERNAL;
    }
    br_i31_decode(m, number.data, number.size);
    br_i31_decode(x, number.data, number.size);
    x[1] -= 1;
    int twos = split(x, odd, number.size);
    bool passed = true;
    for (int i = 0; i < ROUNDS && passed; i++) {
        TRY(test_prime(m, bytes_of(odd, number.size), twos, &passed));
    }
    return passed ? STATUS_OK : STATUS_ATTRIBUTE_VALUE_INVALID;
}
