/* SPDX-License-Identifier: Apache-2.0 */
/* What the boot stage of a chip needs of a cryptographic library: two functions, which bring none
 * of the rest of crypto.h with them. Nothing here is secret. */
#ifndef CRYPTO_BOOT_H
#define CRYPTO_BOOT_H

#include "base/bytes.h"

enum { BOOT_HASH_SIZE = 32, BOOT_KEY_SIZE = 32, BOOT_SIGNATURE_SIZE = 64 };

/* SHA-256. False: the library failed. */
bool boot_hash(struct bytes data, uint8_t hash[BOOT_HASH_SIZE]);

/* Whether this is a signature of the key over the message: Ed25519 (RFC 8032, 5.1.7). */
bool boot_signature_valid(const uint8_t key[BOOT_KEY_SIZE], struct bytes message,
                          const uint8_t signature[BOOT_SIGNATURE_SIZE]);

#endif
