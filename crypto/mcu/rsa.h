/* SPDX-License-Identifier: Apache-2.0 */
/* The two operations of RSA on blocks as long as the modulus, and the numbers of a key. */
#ifndef CRYPTO_MCU_RSA_H
#define CRYPTO_MCU_RSA_H

#include "crypto/mcu/key.h"

/* Words of a number as large as a modulus, or as a prime, in BearSSL's form: with its length in
 * front, and room for a product with the public exponent. */
enum { NUMBER_WORDS = 4 + (CHIP_RSA_BITS_MAX + 61) / 31, PRIME_WORDS = 2 + NUMBER_WORDS / 2 };

/* The modulus of a key, as bytes: key->size of them. */
void rsa_modulus(const struct loaded *key, uint8_t *modulus);
/* block^e, in its place: DATA_INVALID where it is not below the modulus. */
enum status rsa_public(const struct loaded *key, uint8_t *block) MUST_USE;
/* The private operation, in its place, blinded with a fresh random number; the result is checked by
 * the public one. DATA_INVALID, and ERROR_STATE where the check fails: then the block is zeros. */
enum status rsa_private(const struct loaded *key, uint8_t *block) MUST_USE;

/* All numbers of a key, right-aligned. */
struct rsa_numbers {
    uint8_t n[CHIP_RSA_SIZE], d[CHIP_RSA_SIZE];
    struct rsa_key key;
};

/* Reads the parts of a public key and checks them: KEY_SIZE, ATTRIBUTE_VALUE_INVALID. */
enum status rsa_numbers_read_public(const struct key_parts *parts,
                                    struct rsa_numbers *numbers) MUST_USE;
/* Reads the parts of a private key, computes what is missing and checks that all belong together.
 * Takes long where the primes are missing. */
enum status rsa_numbers_read(const struct key_parts *parts, struct rsa_numbers *numbers) MUST_USE;
/* The factors of n, from both exponents (SP 800-56B, C.1), the larger first. */
enum status rsa_factor(struct rsa_numbers *numbers) MUST_USE;
/* ATTRIBUTE_VALUE_INVALID where a number of at most CHIP_PRIME_SIZE bytes is not prime. */
enum status rsa_check_prime(struct bytes number) MUST_USE;

#endif
