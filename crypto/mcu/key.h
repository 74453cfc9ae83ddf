/* SPDX-License-Identifier: Apache-2.0 */
/* A loaded key: what lies in the room of struct crypto_key. It has no pointers, so that the struct
 * may be copied and wiped as bytes. */
#ifndef CRYPTO_MCU_KEY_H
#define CRYPTO_MCU_KEY_H

#include "crypto/common/curve.h"
#include "crypto/common/mechanism.h"
#include "crypto/common/pkcs1.h"

/* The chip's limits: an RSA modulus and one of its two primes. */
enum { CHIP_RSA_BITS_MAX = 3072, CHIP_RSA_SIZE = CHIP_RSA_BITS_MAX / 8 };
enum { CHIP_PRIME_SIZE = CHIP_RSA_SIZE / 2 };
enum { RSA_EXPONENT_SIZE = 8 };

/* Big-endian numbers, each right-aligned in its room: zeros in front. */
struct rsa_key {
    uint8_t exponent[RSA_EXPONENT_SIZE]; /* public */
    union {
        uint8_t modulus[CHIP_RSA_SIZE]; /* of a public key; a private key's is p q */
        struct {
            uint8_t p[CHIP_PRIME_SIZE], q[CHIP_PRIME_SIZE];
            uint8_t dp[CHIP_PRIME_SIZE], dq[CHIP_PRIME_SIZE];
            uint8_t qi[CHIP_PRIME_SIZE];
        } crt;
    } as;
    uint8_t rejection[REJECTION_KEY_SIZE]; /* private: see crypto/common/pkcs1.h */
};

struct ec_key {
    uint8_t value[FIELD_SIZE_MAX]; /* private: d, seed or scalar, as long as the field */
    uint8_t point[POINT_SIZE_MAX]; /* public, also of a private key */
};

struct loaded {
    uint8_t type; /* enum key_type */
    bool is_loaded;
    bool is_private;
    uint8_t curve; /* enum curve_id */
    uint16_t size; /* secret keys: of the key; RSA: of the modulus; else of a coordinate */
    uint16_t bits; /* RSA: of the modulus */
    union {
        uint8_t secret[SECRET_SIZE_MAX]; /* AES, GENERIC, CHACHA20 */
        struct ec_key ec;                /* EC, ED25519, X25519 */
        struct rsa_key rsa;
    } as;
};
_Static_assert(sizeof(struct loaded) <= CRYPTO_KEY_ROOM, "a loaded key fits into the room");

/* What crypto_key holds; NULL in a zeroed one. */
const struct loaded *key_loaded(const struct crypto_key *key) MUST_USE;
/* The bytes of a secret key; empty for any other. They lie in the key itself. */
struct bytes key_secret(const struct loaded *key) MUST_USE;

/* Fill `loaded` from parts and check it, each for the types of its file's name. */
enum status rsa_key_build(const struct key_parts *parts, struct loaded *loaded) MUST_USE;
enum status ec_key_build(const struct key_parts *parts, struct loaded *loaded) MUST_USE;

#endif
