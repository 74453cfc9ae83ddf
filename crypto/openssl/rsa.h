/* SPDX-License-Identifier: Apache-2.0 */
/* RSA contexts, for signatures and for encryption. */
#ifndef CRYPTO_OPENSSL_RSA_H
#define CRYPTO_OPENSSL_RSA_H

#include "crypto/openssl/key.h"

/* A context that is initialised for the function, with the padding and the hashes set. */
enum status rsa_take(struct loaded *key, const struct mechanism *mechanism, enum function function,
                     struct ready **ready) MUST_USE;
/* The number that is `data`, as long as the modulus: zeros in front. */
struct bytes rsa_fill(const struct loaded *key, struct bytes data, uint8_t *room);

enum status rsa_encrypt(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                        struct span *out) MUST_USE;
enum status rsa_decrypt(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                        struct span *out) MUST_USE;

#endif
