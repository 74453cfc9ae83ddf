/* SPDX-License-Identifier: Apache-2.0 */
/* The eight numbers of an RSA private key: reading, completing and checking them. */
#ifndef CRYPTO_OPENSSL_RSA_NUMBERS_H
#define CRYPTO_OPENSSL_RSA_NUMBERS_H

#include "crypto/crypto.h"

#include <openssl/bn.h>
#include <openssl/evp.h>

enum rsa_number { RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QI, RSA_NUMBERS };

/* OpenSSL's names of their parameters. */
extern const char *const rsa_number_names[RSA_NUMBERS];

/* NULL: not there. `work` is for calculations. */
struct rsa_numbers {
    BIGNUM *at[RSA_NUMBERS];
    BN_CTX *work;
};

/* Reads the parts that are there. */
enum status rsa_numbers_read(const struct key_parts *parts, struct rsa_numbers *numbers) MUST_USE;
/* Reads them out of a key of OpenSSL. */
enum status rsa_numbers_read_pkey(const EVP_PKEY *pkey, struct rsa_numbers *numbers) MUST_USE;
/* Wipes and frees them. */
void rsa_numbers_free(struct rsa_numbers *numbers);

/* Checks modulus and public exponent: KEY_SIZE, ATTRIBUTE_VALUE_INVALID. */
enum status rsa_numbers_check_public(const struct rsa_numbers *numbers) MUST_USE;
/* Computes what is missing of a private key and checks that all numbers belong together: KEY_SIZE,
 * ATTRIBUTE_VALUE_INVALID. */
enum status rsa_numbers_complete(struct rsa_numbers *numbers) MUST_USE;
/* Whether both factors are prime (FIPS 186-5, B.3.1): ATTRIBUTE_VALUE_INVALID. Takes long. */
enum status rsa_numbers_check_primes(const struct rsa_numbers *numbers) MUST_USE;

/* Writes the first `count` numbers into room, as parts without leading zeros. */
enum status rsa_numbers_write(const struct rsa_numbers *numbers, size_t count,
                              struct key_parts *parts, struct span *room) MUST_USE;

#endif
