/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of an RSA private key: reading, completing and checking them. The arithmetic is
 * BearSSL's; none of it branches on a secret. */
#include "crypto/mcu/rsa.h"

#include "base/compiler.h"
#include "base/ct.h"
#include "base/wipe.h"

#include <inner.h>

/* Right-aligns a part; false where it is too large. */
static bool read_part(struct bytes part, uint8_t *room, size_t size) {
    while (part.size > 0 && part.data[0] == 0) {
        part = bytes_of(part.data + 1, part.size - 1);
    }
    if (part.size > size) {
        return false;
    }
    memset(room, 0, size - part.size);
    bytes_copy(room + size - part.size, part);
    return true;
}

/* Whether a part is not there, or just this number. */
static bool agrees(struct bytes part, const uint8_t *number, size_t size) {
    SECRET_BYTES(read, CHIP_RSA_SIZE);
    return part.size == 0 || (read_part(part, read, size) && ct_equal(read, number, size));
}

/* Odd, and above one: what an exponent or a prime has to be at least. */
static bool is_odd_and_large(const uint8_t *number, size_t size) {
    uint32_t rest = number[size - 1] & 0xfeu;
    for (size_t i = 0; i + 1 < size; i++) {
        rest |= number[i];
    }
    return (number[size - 1] & 1) != 0 && rest != 0;
}

static uint32_t count_bits(const uint8_t *number, size_t size) {
    const struct key_parts parts = {.type = KEY_RSA, .modulus = bytes_of(number, size)};
    return crypto_key_bits(&parts);
}

static enum status check_modulus(const uint8_t *n) {
    uint32_t bits = count_bits(n, CHIP_RSA_SIZE);
    if (bits < RSA_BITS_MIN || bits > CHIP_RSA_BITS_MAX) {
        return STATUS_KEY_SIZE;
    }
    return (n[CHIP_RSA_SIZE - 1] & 1) != 0 ? STATUS_OK : STATUS_ATTRIBUTE_VALUE_INVALID;
}

static enum status read_exponent(struct bytes part, struct rsa_numbers *numbers) {
    bool valid = read_part(part, numbers->key.exponent, RSA_EXPONENT_SIZE) &&
                 is_odd_and_large(numbers->key.exponent, RSA_EXPONENT_SIZE);
    return valid ? STATUS_OK : STATUS_ATTRIBUTE_VALUE_INVALID;
}

enum status rsa_numbers_read_public(const struct key_parts *parts, struct rsa_numbers *numbers) {
    if (parts->modulus.size == 0 || parts->public_exponent.size == 0) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    if (!read_part(parts->modulus, numbers->n, CHIP_RSA_SIZE)) {
        return STATUS_KEY_SIZE;
    }
    TRY(check_modulus(numbers->n));
    return read_exponent(parts->public_exponent, numbers);
}

/* The number one less than an odd one. */
static void decode_less_one(uint32_t *x, const uint8_t *number) {
    br_i31_decode(x, number, CHIP_PRIME_SIZE);
    x[1] -= 1;
}

/* n = a b, of two numbers as large as primes, as bytes. */
static void multiply(const uint32_t *a, const uint32_t *b, uint8_t *n) {
    uint32_t product[NUMBER_WORDS];
    br_i31_zero(product, a[0]);
    br_i31_mulacc(product, a, b);
    br_i31_encode(n, CHIP_RSA_SIZE, product);
    wipe(product, sizeof(product));
}

/* n from the primes. */
NO_INLINE static void compute_modulus(struct rsa_numbers *numbers) {
    uint32_t p[PRIME_WORDS], q[PRIME_WORDS];
    br_i31_decode(p, numbers->key.as.crt.p, CHIP_PRIME_SIZE);
    br_i31_decode(q, numbers->key.as.crt.q, CHIP_PRIME_SIZE);
    multiply(p, q, numbers->n);
    wipe(p, sizeof(p));
    wipe(q, sizeof(q));
}

/* x = -1/a modulo e, a being the bytes of a number as large as a modulus; false where there is no
 * inverse. */
static bool invert_modulo_exponent(const uint8_t *a, const uint32_t *e, uint32_t *x) {
    enum { WORDS = 2 + (8 * RSA_EXPONENT_SIZE + 30) / 31 };
    uint32_t y[WORDS], work[3 * WORDS], inverse[WORDS];
    br_i31_decode_reduce(y, a, CHIP_RSA_SIZE, e);
    br_i31_zero(inverse, e[0]);
    inverse[1] = 1;
    bool found = br_i31_moddiv(inverse, y, e, br_i31_ninv31(e[1]), work) == 1;
    memcpy(x, e, (1 + (e[0] + 31) / 32) * sizeof(*x));
    (void)br_i31_sub(x, inverse, 1);
    wipe(y, sizeof(y));
    wipe(work, sizeof(work));
    return found;
}

/* d = (1 + k phi) / e with k = -1/phi modulo e: divided modulo n, which is larger than d. */
NO_INLINE static bool divide(struct rsa_numbers *numbers, const uint8_t *phi, const uint32_t *k) {
    uint32_t n[NUMBER_WORDS], x[NUMBER_WORDS], y[NUMBER_WORDS], work[3 * NUMBER_WORDS];
    br_i31_decode(y, phi, CHIP_RSA_SIZE);
    br_i31_zero(work, y[0]);
    work[1] = 1;
    br_i31_mulacc(work, y, k);
    br_i31_decode(n, numbers->n, CHIP_RSA_SIZE);
    br_i31_reduce(x, work, n);
    br_i31_decode_reduce(y, numbers->key.exponent, RSA_EXPONENT_SIZE, n);
    bool done = br_i31_moddiv(x, y, n, br_i31_ninv31(n[1]), work) == 1;
    br_i31_encode(numbers->d, CHIP_RSA_SIZE, x);
    wipe(x, sizeof(x));
    wipe(y, sizeof(y));
    wipe(work, sizeof(work));
    return done;
}

NO_INLINE static enum status compute_private_exponent(struct rsa_numbers *numbers) {
    enum { WORDS = 2 + (8 * RSA_EXPONENT_SIZE + 30) / 31 };
    SECRET_BYTES(phi, CHIP_RSA_SIZE);
    uint32_t p[PRIME_WORDS], q[PRIME_WORDS], e[WORDS], k[WORDS];
    decode_less_one(p, numbers->key.as.crt.p);
    decode_less_one(q, numbers->key.as.crt.q);
    multiply(p, q, phi);
    br_i31_decode(e, numbers->key.exponent, RSA_EXPONENT_SIZE);
    bool done = invert_modulo_exponent(phi, e, k) && divide(numbers, phi, k);
    wipe(p, sizeof(p));
    wipe(q, sizeof(q));
    wipe(k, sizeof(k));
    return done ? STATUS_OK : STATUS_ATTRIBUTE_VALUE_INVALID;
}

/* d as given, below n; or computed. */
static enum status settle_private_exponent(struct bytes part, struct rsa_numbers *numbers) {
    uint32_t borrow = 0;
    if (part.size == 0) {
        return compute_private_exponent(numbers);
    }
    if (!read_part(part, numbers->d, CHIP_RSA_SIZE)) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    for (size_t i = CHIP_RSA_SIZE; i-- > 0;) {
        borrow = ((uint32_t)numbers->d[i] - numbers->n[i] - borrow) >> 31;
    }
    return borrow == 1 ? STATUS_OK : STATUS_ATTRIBUTE_VALUE_INVALID;
}

static bool is_one(const uint32_t *x) {
    uint32_t rest = x[1] ^ 1u;
    for (size_t i = 2; i <= (x[0] + 31) / 32; i++) {
        rest |= x[i];
    }
    return rest == 0;
}

/* out = d modulo prime - 1; and that it undoes the public exponent there. */
NO_INLINE static bool settle_exponent(const struct rsa_numbers *numbers, const uint8_t *prime,
                                      uint8_t *out) {
    uint32_t m[PRIME_WORDS], x[PRIME_WORDS], product[NUMBER_WORDS];
    uint32_t e[2 + (8 * RSA_EXPONENT_SIZE + 30) / 31];
    decode_less_one(m, prime);
    br_i31_decode_reduce(x, numbers->d, CHIP_RSA_SIZE, m);
    br_i31_encode(out, CHIP_PRIME_SIZE, x);
    br_i31_decode(e, numbers->key.exponent, RSA_EXPONENT_SIZE);
    br_i31_zero(product, x[0]);
    br_i31_mulacc(product, x, e);
    br_i31_reduce(x, product, m);
    bool one = is_one(x);
    wipe(m, sizeof(m));
    wipe(x, sizeof(x));
    wipe(product, sizeof(product));
    return one;
}

/* The inverse of q modulo p; there is none where they have a common factor. */
NO_INLINE static bool settle_coefficient(struct rsa_numbers *numbers) {
    uint32_t p[PRIME_WORDS], q[PRIME_WORDS], x[PRIME_WORDS], y[PRIME_WORDS], work[3 * PRIME_WORDS];
    br_i31_decode(p, numbers->key.as.crt.p, CHIP_PRIME_SIZE);
    br_i31_decode(q, numbers->key.as.crt.q, CHIP_PRIME_SIZE);
    br_i31_reduce(y, q, p);
    br_i31_zero(x, p[0]);
    x[1] = 1;
    bool found = br_i31_moddiv(x, y, p, br_i31_ninv31(p[1]), work) == 1;
    br_i31_encode(numbers->key.as.crt.qi, CHIP_PRIME_SIZE, x);
    wipe(p, sizeof(p));
    wipe(q, sizeof(q));
    wipe(x, sizeof(x));
    wipe(y, sizeof(y));
    wipe(work, sizeof(work));
    return found;
}

/* The primes as given, or from both exponents. */
static enum status settle_primes(const struct key_parts *parts, struct rsa_numbers *numbers) {
    struct rsa_key *key = &numbers->key;
    if (parts->prime_1.size == 0 || parts->prime_2.size == 0) {
        if (parts->modulus.size == 0 || parts->private_exponent.size == 0) {
            return STATUS_ATTRIBUTE_VALUE_INVALID;
        }
        if (!read_part(parts->modulus, numbers->n, CHIP_RSA_SIZE)) {
            return STATUS_KEY_SIZE;
        }
        TRY(check_modulus(numbers->n));
        TRY(settle_private_exponent(parts->private_exponent, numbers));
        return rsa_factor(numbers);
    }
    if (!read_part(parts->prime_1, key->as.crt.p, CHIP_PRIME_SIZE) ||
        !read_part(parts->prime_2, key->as.crt.q, CHIP_PRIME_SIZE)) {
        return STATUS_KEY_SIZE;
    }
    bool odd = is_odd_and_large(key->as.crt.p, CHIP_PRIME_SIZE) &&
               is_odd_and_large(key->as.crt.q, CHIP_PRIME_SIZE);
    return odd ? STATUS_OK : STATUS_ATTRIBUTE_VALUE_INVALID;
}

enum status rsa_numbers_read(const struct key_parts *parts, struct rsa_numbers *numbers) {
    static const uint8_t usual[] = {0x01, 0x00, 0x01};
    struct rsa_key *key = &numbers->key;
    struct bytes exponent = parts->public_exponent;
    *numbers = (struct rsa_numbers){0};
    TRY(read_exponent(exponent.size != 0 ? exponent : bytes_of(usual, sizeof(usual)), numbers));
    TRY(settle_primes(parts, numbers));
    compute_modulus(numbers);
    TRY(check_modulus(numbers->n));
    bool fits = agrees(parts->modulus, numbers->n, CHIP_RSA_SIZE);
    /* The inverse comes first: nothing below works with factors that have a common one. */
    fits = fits && settle_coefficient(numbers);
    if (!fits) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    TRY(settle_private_exponent(parts->private_exponent, numbers));
    fits = settle_exponent(numbers, key->as.crt.p, key->as.crt.dp) &&
           settle_exponent(numbers, key->as.crt.q, key->as.crt.dq) &&
           agrees(parts->exponent_1, key->as.crt.dp, CHIP_PRIME_SIZE) &&
           agrees(parts->exponent_2, key->as.crt.dq, CHIP_PRIME_SIZE) &&
           agrees(parts->coefficient, key->as.crt.qi, CHIP_PRIME_SIZE);
    return fits ? STATUS_OK : STATUS_ATTRIBUTE_VALUE_INVALID;
}
