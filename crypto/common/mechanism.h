/* SPDX-License-Identifier: Apache-2.0 */
/* Which parameters go with which key, and how large results are: the same for every library. The
 * two questions below are answered by the folder of the library that is linked. */
#ifndef CRYPTO_COMMON_MECHANISM_H
#define CRYPTO_COMMON_MECHANISM_H

#include "crypto/crypto.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 4096, RSA_SIZE_MAX = RSA_BITS_MAX / 8 };
/* The longest secret key: as large as an object, or as the chip's room for a key. */
enum { SECRET_SIZE_MAX = LIMIT_PICK(16384, 1000) };
enum { AES_BLOCK = 16, TAG_SIZE_MAX = 16, KW_BLOCK = 8, WRAP_IV_SIZE = 12 };

/* What a loaded key is, as far as mechanisms ask. */
struct key_facts {
    enum key_type type;
    bool is_private;
    size_t size;   /* secret keys: of the key; RSA: of the modulus; else of a coordinate */
    uint32_t bits; /* RSA: of the modulus */
};

/* Answered by the library's folder: fills *facts; false where the key is a zeroed one. */
bool key_facts(const struct crypto_key *key, struct key_facts *facts) MUST_USE;
/* Answered by the library's folder: whether it has this hash. */
bool hash_offered(uint32_t hash) MUST_USE;

/* Whether the type is one of secret keys: bytes without structure. */
bool key_is_secret(enum key_type type) MUST_USE;
/* STATUS_KEY_SIZE where a secret key of this type cannot have `size` bytes. */
enum status key_secret_check(enum key_type type, size_t size) MUST_USE;

/* Upper bound of the result; the mechanism passed crypto_mechanism_check. */
size_t mechanism_output_size(const struct key_facts *key, const struct mechanism *mechanism,
                             enum function function, size_t size) MUST_USE;
/* The checks that crypto_encrypt, _decrypt, _wrap and _unwrap begin with. */
enum status mechanism_begin(const struct crypto_key *key, const struct mechanism *mechanism,
                            enum function function, size_t size, const struct span *out) MUST_USE;

bool mechanism_is_aead(uint32_t algorithm) MUST_USE;
bool mechanism_is_mac(uint32_t algorithm) MUST_USE;
/* Bytes of an AEAD's tag. */
size_t mechanism_tag_size(const struct mechanism *mechanism) MUST_USE;
/* Bytes of a MAC, before and after truncation. */
size_t mechanism_mac_full(const struct mechanism *mechanism) MUST_USE;
size_t mechanism_mac_size(const struct mechanism *mechanism) MUST_USE;
/* Whether a counter of the mechanism's width counts the blocks of `size` bytes without a wrap. */
bool mechanism_counts(const struct mechanism *mechanism, uint64_t size) MUST_USE;
/* The lengths that a signature mechanism takes, of what has been hashed already: DATA_LENGTH. */
enum status mechanism_signs_length(const struct mechanism *mechanism, size_t key_size,
                                   size_t size) MUST_USE;

#endif
