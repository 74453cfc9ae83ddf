/* SPDX-License-Identifier: Apache-2.0 */
/* The two operations of RSA, by BearSSL, which has no blinding and no check of its own: both are
 * here, with its arithmetic. */
#include "crypto/mcu/rsa.h"

#include "base/compiler.h"
#include "base/ct.h"
#include "base/wipe.h"

#include <inner.h>

/* A number of a key without its leading zeros; how many there are is no secret. */
static struct bytes trim(const uint8_t *number, size_t size) {
    while (size > 1 && number[0] == 0) {
        number++;
        size--;
    }
    return bytes_of(number, size);
}

NO_INLINE void rsa_modulus(const struct loaded *key, uint8_t *modulus) {
    const struct rsa_key *rsa = &key->as.rsa;
    uint32_t p[PRIME_WORDS], q[PRIME_WORDS], n[NUMBER_WORDS];
    if (!key->is_private) {
        memcpy(modulus, rsa->as.modulus + CHIP_RSA_SIZE - key->size, key->size);
        return;
    }
    br_i31_decode(p, rsa->as.crt.p, CHIP_PRIME_SIZE);
    br_i31_decode(q, rsa->as.crt.q, CHIP_PRIME_SIZE);
    br_i31_zero(n, p[0]);
    br_i31_mulacc(n, p, q);
    br_i31_encode(modulus, key->size, n);
    wipe(p, sizeof(p));
    wipe(q, sizeof(q));
}

NO_INLINE static enum status public_operation(const struct loaded *key, uint8_t *modulus,
                                              uint8_t *block) {
    uint8_t exponent[RSA_EXPONENT_SIZE];
    memcpy(exponent, key->as.rsa.exponent, sizeof(exponent));
    size_t zeros = sizeof(exponent) - trim(exponent, sizeof(exponent)).size;
    const br_rsa_public_key public = {
        .n = modulus, .nlen = key->size, .e = exponent + zeros, .elen = sizeof(exponent) - zeros};
    return br_rsa_i31_public(block, key->size, &public) == 1 ? STATUS_OK : STATUS_DATA_INVALID;
}

enum status rsa_public(const struct loaded *key, uint8_t *block) {
    uint8_t modulus[CHIP_RSA_SIZE];
    rsa_modulus(key, modulus);
    return public_operation(key, modulus, block);
}

/* A random number with one bit less than the modulus. */
static enum status draw(const struct loaded *key, uint8_t *number) {
    uint32_t top = (key->bits - 1u) % 8;
    TRY(crypto_random(number, key->size));
    number[0] &= (uint8_t)((1u << top) - 1u);
    return STATUS_OK;
}

/* The functions below are not inlined: their numbers would all lie on the stack at once. */

/* block times factor, modulo the modulus. */
NO_INLINE static enum status multiply(const struct loaded *key, const uint8_t *modulus,
                                      const uint8_t *factor, uint8_t *block) {
    uint32_t n[NUMBER_WORDS], x[NUMBER_WORDS], y[NUMBER_WORDS], product[NUMBER_WORDS];
    br_i31_decode(n, modulus, key->size);
    bool fits = br_i31_decode_mod(x, block, key->size, n) == 1 &&
                br_i31_decode_mod(y, factor, key->size, n) == 1;
    if (fits) {
        br_i31_to_monty(x, n);
        br_i31_montymul(product, x, y, n, br_i31_ninv31(n[1]));
        br_i31_encode(block, key->size, product);
    }
    wipe(y, sizeof(y));
    return fits ? STATUS_OK : STATUS_DATA_INVALID;
}

/* block divided by factor, modulo the modulus. */
NO_INLINE static enum status divide(const struct loaded *key, const uint8_t *modulus,
                                    const uint8_t *factor, uint8_t *block) {
    uint32_t n[NUMBER_WORDS], x[NUMBER_WORDS], y[NUMBER_WORDS], work[3 * NUMBER_WORDS];
    br_i31_decode(n, modulus, key->size);
    bool done = br_i31_decode_mod(x, block, key->size, n) == 1 &&
                br_i31_decode_mod(y, factor, key->size, n) == 1 &&
                br_i31_moddiv(x, y, n, br_i31_ninv31(n[1]), work) == 1;
    if (done) {
        br_i31_encode(block, key->size, x);
    }
    wipe(x, sizeof(x));
    wipe(y, sizeof(y));
    wipe(work, sizeof(work));
    return done ? STATUS_OK : STATUS_INTERNAL;
}

/* BearSSL does not write to a private key, although it does not say so. */
static uint8_t *writable(const uint8_t *number) {
    return (uint8_t *)(uintptr_t)number;
}

NO_INLINE static bool private_operation(const struct loaded *key, uint8_t *block) {
    const struct rsa_key *rsa = &key->as.rsa;
    struct bytes p = trim(rsa->as.crt.p, CHIP_PRIME_SIZE);
    struct bytes q = trim(rsa->as.crt.q, CHIP_PRIME_SIZE);
    const br_rsa_private_key private = {
        .n_bitlen = key->bits,
        .p = writable(p.data),
        .plen = p.size,
        .q = writable(q.data),
        .qlen = q.size,
        .dp = writable(rsa->as.crt.dp + CHIP_PRIME_SIZE - p.size),
        .dplen = p.size,
        .dq = writable(rsa->as.crt.dq + CHIP_PRIME_SIZE - q.size),
        .dqlen = q.size,
        .iq = writable(rsa->as.crt.qi + CHIP_PRIME_SIZE - p.size),
        .iqlen = p.size,
    };
    return br_rsa_i31_private(block, &private) == 1;
}

/* Multiplied with a random number's power before, and divided by the number after, so that what the
 * operation works on is known to nobody. */
static enum status run_blinded(const struct loaded *key, uint8_t *modulus, uint8_t *block) {
    SECRET_BYTES(factor, CHIP_RSA_SIZE);
    SECRET_BYTES(power, CHIP_RSA_SIZE);
    TRY(draw(key, factor));
    memcpy(power, factor, key->size);
    TRY(public_operation(key, modulus, power));
    TRY(multiply(key, modulus, power, block));
    if (!private_operation(key, block)) {
        return STATUS_ERROR_STATE;
    }
    return divide(key, modulus, factor, block);
}

/* Whether block^e is what the private operation was asked for. */
static bool undoes(const struct loaded *key, uint8_t *modulus, const uint8_t *block,
                   const uint8_t *asked) {
    uint8_t check[CHIP_RSA_SIZE];
    memcpy(check, block, key->size);
    bool same =
        public_operation(key, modulus, check) == STATUS_OK && ct_equal(check, asked, key->size);
    wipe(check, sizeof(check));
    return same;
}

enum status rsa_private(const struct loaded *key, uint8_t *block) {
    uint8_t modulus[CHIP_RSA_SIZE];
    SECRET_BYTES(asked, CHIP_RSA_SIZE);
    rsa_modulus(key, modulus);
    memcpy(asked, block, key->size);
    enum status status = run_blinded(key, modulus, block);
    if (status == STATUS_OK && !undoes(key, modulus, block, asked)) {
        status = STATUS_ERROR_STATE;
    }
    if (status != STATUS_OK) {
        wipe(block, key->size);
    }
    return status;
}
