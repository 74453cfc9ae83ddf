/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-GCM with keys of the core's own. */
#include "crypto/mcu/cipher.h"

static struct mechanism gcm(const uint8_t *nonce, struct bytes aad) {
    return (struct mechanism){.algorithm = ALGORITHM_AES_GCM,
                              .tag_bits = 8 * SEAL_TAG_SIZE,
                              .iv = bytes_of(nonce, SEAL_NONCE_SIZE),
                              .aad = aad};
}

enum status crypto_seal(const uint8_t *key, const uint8_t *nonce, struct bytes aad, struct bytes in,
                        uint8_t *out) {
    struct mechanism mechanism = gcm(nonce, aad);
    struct span sealed = {out, in.size + SEAL_TAG_SIZE};
    return aead_encrypt(bytes_of(key, SEAL_KEY_SIZE), &mechanism, in, &sealed);
}

enum status crypto_open(const uint8_t *key, const uint8_t *nonce, struct bytes aad, struct bytes in,
                        uint8_t *out) {
    struct mechanism mechanism = gcm(nonce, aad);
    if (in.size < SEAL_TAG_SIZE) {
        return STATUS_AEAD_FAILED;
    }
    struct span plain = {out, in.size - SEAL_TAG_SIZE};
    return aead_decrypt(bytes_of(key, SEAL_KEY_SIZE), &mechanism, in, &plain);
}
