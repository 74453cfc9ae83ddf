/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes and MACs of one call, on contexts that wait for them. */
#ifndef CRYPTO_OPENSSL_HASH_H
#define CRYPTO_OPENSSL_HASH_H

#include "base/bytes.h"
#include "crypto/openssl/pool.h"
#include "proto/algorithms.h"

/* Shapes in pool_shared; those of keys carry an algorithm's number in the bits above. */
enum { SHAPE_HASH = 0x100, SHAPE_HMAC = 0x200, SHAPE_SEAL = 0x300, SHAPE_OPEN = 0x301 };

/* A context that is ready for the first part of a message. */
enum status hash_begin(uint32_t hash, struct ready **ready) MUST_USE;

/* What is signed: the message's hash, in `digest` (HASH_SIZE_MAX bytes), or where the mechanism
 * hashes nothing the message itself. */
enum status hash_message(const struct mechanism *mechanism, struct bytes message, uint8_t *digest,
                         struct bytes *result) MUST_USE;

#endif
