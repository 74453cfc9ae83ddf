/* SPDX-License-Identifier: Apache-2.0 */
/* What the log's verifier asks, answered by the chip's libraries. */
#include "client/log_crypto.h"

#include "crypto/boot.h"
#include "crypto/crypto.h"

enum status log_sha256(const struct bytes *parts, size_t count, uint8_t *out) {
    return crypto_hash(HASH_SHA256, parts, count, out);
}

bool log_ed25519_verifies(const uint8_t public_key[32], struct bytes data,
                          const uint8_t signature[64]) {
    return boot_signature_valid(public_key, data, signature);
}
