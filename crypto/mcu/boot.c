/* SPDX-License-Identifier: Apache-2.0 */
/* What the boot stage asks: BearSSL's SHA-256, libsodium's Ed25519. */
#include "crypto/boot.h"

#include <bearssl.h>
#include <sodium/crypto_sign_ed25519.h>

bool boot_hash(struct bytes data, uint8_t hash[BOOT_HASH_SIZE]) {
    br_sha256_context context;
    br_sha256_init(&context);
    br_sha256_update(&context, data.data, data.size);
    br_sha256_out(&context, hash);
    return true;
}

bool boot_signature_valid(const uint8_t key[BOOT_KEY_SIZE], struct bytes message,
                          const uint8_t signature[BOOT_SIGNATURE_SIZE]) {
    return crypto_sign_ed25519_verify_detached(signature, message.data, message.size, key) == 0;
}
