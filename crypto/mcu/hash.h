/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of the chip: SHA-1 and SHA-2. Its libraries have no SHA-3, which is not offered. */
#ifndef CRYPTO_MCU_HASH_H
#define CRYPTO_MCU_HASH_H

#include "base/bytes.h"
#include "base/status.h"
#include "proto/algorithms.h"

#include <bearssl.h>

/* BearSSL's class of a hash; NULL where it has none. */
const br_hash_class *hash_class(uint32_t hash) MUST_USE;

/* What is signed: the message's hash, in `digest` (HASH_SIZE_MAX bytes), or where the mechanism
 * hashes nothing the message itself. */
enum status hash_message(const struct mechanism *mechanism, struct bytes message, uint8_t *digest,
                         struct bytes *result) MUST_USE;

#endif
