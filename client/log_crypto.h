/* SPDX-License-Identifier: Apache-2.0 */
/* The two cryptographic functions that verifying the log takes; answered by OpenSSL. */
#ifndef CLIENT_LOG_CRYPTO_H
#define CLIENT_LOG_CRYPTO_H

#include "base/bytes.h"
#include "base/status.h"

/* SHA-256 over the concatenation of parts; fills 32 bytes. STATUS_INTERNAL: the library failed. */
enum status log_sha256(const struct bytes *parts, size_t count, uint8_t *out) MUST_USE;
/* Whether `signature` (64 bytes) of Ed25519 (RFC 8032) fits. */
bool log_ed25519_verifies(const uint8_t public_key[32], struct bytes data,
                          const uint8_t signature[64]) MUST_USE;

#endif
