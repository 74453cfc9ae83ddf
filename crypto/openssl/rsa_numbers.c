/* SPDX-License-Identifier: Apache-2.0 */
/* The eight numbers of an RSA private key. */
#include "crypto/openssl/rsa_numbers.h"

#include "crypto/common/parts.h"
#include "crypto/openssl/key.h"
#include "crypto/openssl/library.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

const char *const rsa_number_names[RSA_NUMBERS] = {
    [RSA_N] = OSSL_PKEY_PARAM_RSA_N,          [RSA_E] = OSSL_PKEY_PARAM_RSA_E,
    [RSA_D] = OSSL_PKEY_PARAM_RSA_D,          [RSA_P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
    [RSA_Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,    [RSA_DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [RSA_DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2, [RSA_QI] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

/* Where struct key_parts keeps each. */
static const size_t places[RSA_NUMBERS] = {
    [RSA_N] = offsetof(struct key_parts, modulus),
    [RSA_E] = offsetof(struct key_parts, public_exponent),
    [RSA_D] = offsetof(struct key_parts, private_exponent),
    [RSA_P] = offsetof(struct key_parts, prime_1),
    [RSA_Q] = offsetof(struct key_parts, prime_2),
    [RSA_DP] = offsetof(struct key_parts, exponent_1),
    [RSA_DQ] = offsetof(struct key_parts, exponent_2),
    [RSA_QI] = offsetof(struct key_parts, coefficient),
};
enum status rsa_numbers_read(const struct key_parts *parts, struct rsa_numbers *numbers) {
    *numbers = (struct rsa_numbers){.work = BN_CTX_secure_new_ex(library.context)};
    if (numbers->work == NULL) {
        return library_failure();
    }
    for (size_t i = 0; i < RSA_NUMBERS; i++) {
        struct bytes part;
        memcpy(&part, (const uint8_t *)parts + places[i], sizeof(part));
        if (part.size == 0) {
            continue;
        }
        if (part.size > RSA_SIZE_MAX + 8) {
            return STATUS_KEY_SIZE;
        }
        numbers->at[i] = BN_secure_new();
        if (numbers->at[i] == NULL ||
            BN_bin2bn(part.data, (int)part.size, numbers->at[i]) == NULL) {
            return library_failure();
        }
        if (i >= RSA_D) {
            BN_set_flags(numbers->at[i], BN_FLG_CONSTTIME);
        }
    }
    return STATUS_OK;
}

enum status rsa_numbers_read_pkey(const EVP_PKEY *pkey, struct rsa_numbers *numbers) {
    *numbers = (struct rsa_numbers){.work = BN_CTX_secure_new_ex(library.context)};
    if (numbers->work == NULL) {
        return library_failure();
    }
    for (size_t i = 0; i < RSA_NUMBERS; i++) {
        numbers->at[i] = BN_secure_new();
        if (numbers->at[i] == NULL ||
            EVP_PKEY_get_bn_param(pkey, rsa_number_names[i], &numbers->at[i]) != 1) {
            return library_failure();
        }
        if (i >= RSA_D) {
            BN_set_flags(numbers->at[i], BN_FLG_CONSTTIME);
        }
    }
    return STATUS_OK;
}

void rsa_numbers_free(struct rsa_numbers *numbers) {
    for (size_t i = 0; i < RSA_NUMBERS; i++) {
        BN_clear_free(numbers->at[i]);
    }
    BN_CTX_free(numbers->work);
    *numbers = (struct rsa_numbers){0};
}

enum status rsa_numbers_write(const struct rsa_numbers *numbers, size_t count,
                              struct key_parts *parts, struct span *room) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        int size = BN_num_bytes(numbers->at[i]);
        uint8_t *at = parts_room(room, &used, (size_t)size);
        if (at == NULL || BN_bn2binpad(numbers->at[i], at, size) != size) {
            return library_failure();
        }
        struct bytes part = bytes_of(at, (size_t)size);
        memcpy((uint8_t *)parts + places[i], &part, sizeof(part));
    }
    room->size = used;
    return STATUS_OK;
}

enum status rsa_numbers_check_public(const struct rsa_numbers *numbers) {
    const BIGNUM *n = numbers->at[RSA_N];
    const BIGNUM *e = numbers->at[RSA_E];
    if (n == NULL || e == NULL) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    int bits = BN_num_bits(n);
    if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX) {
        return STATUS_KEY_SIZE;
    }
    /* OpenSSL itself takes exponents of up to 64 bits with large moduli. */
    if (!BN_is_odd(n) || !BN_is_odd(e) || BN_is_one(e) || BN_num_bits(e) > 64) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    return STATUS_OK;
}

/* Puts a new secret number there; NULL when memory is short. */
static BIGNUM *number_new(struct rsa_numbers *numbers, enum rsa_number which) {
    if (numbers->at[which] == NULL) {
        numbers->at[which] = BN_secure_new();
        if (numbers->at[which] != NULL && which != RSA_N && which != RSA_E) {
            BN_set_flags(numbers->at[which], BN_FLG_CONSTTIME);
        }
    }
    return numbers->at[which];
}

/* One try to find a factor of n (SP 800-56B, C.1) in the powers base^(r * 2^i), i < twos. */
static bool find_factor(struct rsa_numbers *numbers, const BIGNUM *r, int twos, BIGNUM *factor) {
    const BIGNUM *n = numbers->at[RSA_N];
    BN_CTX_start(numbers->work);
    BIGNUM *x = BN_CTX_get(numbers->work);
    BIGNUM *y = BN_CTX_get(numbers->work);
    bool found = false;
    bool going = y != NULL && BN_priv_rand_range_ex(x, n, 0, numbers->work) == 1 &&
                 BN_mod_exp(y, x, r, n, numbers->work) == 1;
    for (int i = 0; going && !found && i < twos; i++) {
        going = !BN_is_one(y) && BN_copy(x, y) != NULL && BN_mod_sqr(y, x, n, numbers->work) == 1;
        if (going && BN_is_one(y)) {
            going = BN_sub_word(x, 1) == 1 && BN_gcd(factor, x, n, numbers->work) == 1;
            found = going && !BN_is_one(factor) && BN_cmp(factor, n) != 0;
            going = false;
        }
    }
    BN_CTX_end(numbers->work);
    return found;
}

/* The factors of n from both exponents (SP 800-56B, C.1). */
static enum status compute_primes(struct rsa_numbers *numbers) {
    enum { TRIES = 100 };
    BIGNUM *p = number_new(numbers, RSA_P);
    BIGNUM *q = number_new(numbers, RSA_Q);
    BN_CTX_start(numbers->work);
    BIGNUM *r = BN_CTX_get(numbers->work);
    bool found = false;
    if (p != NULL && q != NULL && r != NULL &&
        BN_mul(r, numbers->at[RSA_D], numbers->at[RSA_E], numbers->work) == 1 &&
        BN_sub_word(r, 1) == 1 && !BN_is_zero(r) && !BN_is_odd(r)) {
        int twos = 0;
        while (!BN_is_bit_set(r, twos)) {
            twos++;
        }
        bool ready = BN_rshift(r, r, twos) == 1;
        for (int i = 0; ready && !found && i < TRIES; i++) {
            found = find_factor(numbers, r, twos, p);
        }
        found = found && BN_div(q, NULL, numbers->at[RSA_N], p, numbers->work) == 1;
    }
    BN_CTX_end(numbers->work);
    if (found && BN_cmp(p, q) < 0) {
        BN_swap(p, q);
    }
    return found ? STATUS_OK : library_refusal(STATUS_ATTRIBUTE_VALUE_INVALID);
}

/* result = lcm(p - 1, q - 1) */
static bool carmichael(const struct rsa_numbers *numbers, BIGNUM *result) {
    BN_CTX_start(numbers->work);
    BIGNUM *p1 = BN_CTX_get(numbers->work);
    BIGNUM *q1 = BN_CTX_get(numbers->work);
    BIGNUM *product = BN_CTX_get(numbers->work);
    BIGNUM *divisor = BN_CTX_get(numbers->work);
    bool done = divisor != NULL && BN_sub(p1, numbers->at[RSA_P], BN_value_one()) == 1 &&
                BN_sub(q1, numbers->at[RSA_Q], BN_value_one()) == 1 &&
                BN_mul(product, p1, q1, numbers->work) == 1 &&
                BN_gcd(divisor, p1, q1, numbers->work) == 1 &&
                BN_div(result, NULL, product, divisor, numbers->work) == 1;
    BN_CTX_end(numbers->work);
    return done;
}

/* `which` becomes the inverse of `of` modulo lcm(p - 1, q - 1). */
static enum status compute_exponent(struct rsa_numbers *numbers, enum rsa_number which,
                                    enum rsa_number of) {
    BN_CTX_start(numbers->work);
    BIGNUM *order = BN_CTX_get(numbers->work);
    bool done = order != NULL && number_new(numbers, which) != NULL && carmichael(numbers, order);
    if (done) {
        BN_set_flags(order, BN_FLG_CONSTTIME);
        done = BN_mod_inverse(numbers->at[which], numbers->at[of], order, numbers->work) != NULL;
    }
    BN_CTX_end(numbers->work);
    return done ? STATUS_OK : library_refusal(STATUS_ATTRIBUTE_VALUE_INVALID);
}

/* Whether there is nothing at `which`, or just `value`; then puts it there. */
static bool settle(struct rsa_numbers *numbers, enum rsa_number which, const BIGNUM *value) {
    if (numbers->at[which] != NULL) {
        return BN_cmp(numbers->at[which], value) == 0;
    }
    return number_new(numbers, which) != NULL && BN_copy(numbers->at[which], value) != NULL;
}

/* The exponent modulo prime - 1, at `which`; and that it undoes the public exponent there. */
static bool settle_exponent(struct rsa_numbers *numbers, enum rsa_number which,
                            enum rsa_number prime) {
    BN_CTX_start(numbers->work);
    BIGNUM *order = BN_CTX_get(numbers->work);
    BIGNUM *value = BN_CTX_get(numbers->work);
    BIGNUM *one = BN_CTX_get(numbers->work);
    bool done = one != NULL && BN_sub(order, numbers->at[prime], BN_value_one()) == 1 &&
                BN_mod(value, numbers->at[RSA_D], order, numbers->work) == 1 &&
                BN_mod_mul(one, value, numbers->at[RSA_E], order, numbers->work) == 1 &&
                BN_is_one(one) && settle(numbers, which, value);
    BN_CTX_end(numbers->work);
    return done;
}

/* n = p q, and the values for the Chinese remainder theorem. */
static bool settle_rest(struct rsa_numbers *numbers) {
    const BIGNUM *p = numbers->at[RSA_P];
    const BIGNUM *q = numbers->at[RSA_Q];
    if (BN_is_zero(p) || BN_is_zero(q) || BN_is_one(p) || BN_is_one(q) || BN_cmp(p, q) == 0) {
        return false;
    }
    BN_CTX_start(numbers->work);
    BIGNUM *value = BN_CTX_get(numbers->work);
    bool done =
        value != NULL && BN_mul(value, p, q, numbers->work) == 1 && settle(numbers, RSA_N, value) &&
        settle_exponent(numbers, RSA_DP, RSA_P) && settle_exponent(numbers, RSA_DQ, RSA_Q) &&
        BN_mod_inverse(value, q, p, numbers->work) != NULL && settle(numbers, RSA_QI, value);
    BN_CTX_end(numbers->work);
    return done;
}

/* Sizes that the calculations can rely on, before any of them starts. */
static enum status check_sizes(const struct rsa_numbers *numbers) {
    bool primes = numbers->at[RSA_P] != NULL && numbers->at[RSA_Q] != NULL;
    if (!primes && (numbers->at[RSA_N] == NULL || numbers->at[RSA_D] == NULL)) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    if (primes) {
        int bits = BN_num_bits(numbers->at[RSA_P]) + BN_num_bits(numbers->at[RSA_Q]);
        if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX + 1) {
            return STATUS_KEY_SIZE;
        }
        if (!BN_is_odd(numbers->at[RSA_P]) || !BN_is_odd(numbers->at[RSA_Q])) {
            return STATUS_ATTRIBUTE_VALUE_INVALID;
        }
    }
    if (numbers->at[RSA_D] != NULL &&
        (BN_is_zero(numbers->at[RSA_D]) || BN_num_bits(numbers->at[RSA_D]) > RSA_BITS_MAX)) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    return STATUS_OK;
}

enum status rsa_numbers_complete(struct rsa_numbers *numbers) {
    TRY(check_sizes(numbers));
    bool primes = numbers->at[RSA_P] != NULL && numbers->at[RSA_Q] != NULL;
    if (numbers->at[RSA_E] == NULL) {
        if (primes && numbers->at[RSA_D] != NULL) {
            TRY(compute_exponent(numbers, RSA_E, RSA_D));
        } else if (number_new(numbers, RSA_E) == NULL ||
                   BN_set_word(numbers->at[RSA_E], RSA_F4) != 1) {
            return library_failure();
        }
    }
    if (!primes) {
        TRY(rsa_numbers_check_public(numbers));
        TRY(compute_primes(numbers));
    }
    if (numbers->at[RSA_D] == NULL) {
        TRY(compute_exponent(numbers, RSA_D, RSA_E));
    }
    if (!settle_rest(numbers)) {
        return library_refusal(STATUS_ATTRIBUTE_VALUE_INVALID);
    }
    TRY(rsa_numbers_check_public(numbers));
    return BN_cmp(numbers->at[RSA_D], numbers->at[RSA_N]) < 0 ? STATUS_OK
                                                              : STATUS_ATTRIBUTE_VALUE_INVALID;
}

enum status rsa_numbers_check_primes(const struct rsa_numbers *numbers) {
    for (int i = RSA_P; i <= RSA_Q; i++) {
        int prime = BN_check_prime(numbers->at[i], numbers->work, NULL);
        if (prime != 1) {
            return prime == 0 ? STATUS_ATTRIBUTE_VALUE_INVALID : library_failure();
        }
    }
    return STATUS_OK;
}
