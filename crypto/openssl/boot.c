/* SPDX-License-Identifier: Apache-2.0 */
/* What the boot stage asks, for tests on the host. */
#include "crypto/boot.h"

#include "crypto/crypto.h"

bool boot_hash(struct bytes data, uint8_t hash[BOOT_HASH_SIZE]) {
    return crypto_hash(HASH_SHA256, &data, 1, hash) == STATUS_OK;
}

bool boot_signature_valid(const uint8_t key[BOOT_KEY_SIZE], struct bytes message,
                          const uint8_t signature[BOOT_SIGNATURE_SIZE]) {
    static const uint8_t ed25519[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
    const struct mechanism mechanism = {.algorithm = ALGORITHM_EDDSA};
    struct crypto_key loaded = {0};
    struct key_parts parts = {.type = KEY_ED25519,
                              .ec_params = bytes_of(ed25519, sizeof(ed25519)),
                              .ec_point = bytes_of(key, BOOT_KEY_SIZE)};
    bool valid = crypto_key_load(&loaded, &parts) == STATUS_OK &&
                 crypto_verify(&loaded, &mechanism, message,
                               bytes_of(signature, BOOT_SIGNATURE_SIZE)) == STATUS_OK;
    crypto_key_unload(&loaded);
    return valid;
}
