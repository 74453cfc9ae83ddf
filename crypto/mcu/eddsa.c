/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 (RFC 8032, 5.1), by libsodium: a signature is a function of key and message. */
#include "base/wipe.h"
#include "crypto/mcu/public.h"

#include <sodium/crypto_sign_ed25519.h>

enum { EDDSA_SIZE = crypto_sign_ed25519_BYTES };

enum status eddsa_verify(const struct loaded *key, struct bytes message, const uint8_t *signature) {
    static const uint8_t nothing[1] = {0};
    const uint8_t *data = message.size > 0 ? message.data : nothing;
    return crypto_sign_ed25519_verify_detached(signature, data, message.size, key->as.ec.point) == 0
               ? STATUS_OK
               : STATUS_SIGNATURE_INVALID;
}

enum status eddsa_sign(const struct loaded *key, struct bytes message, uint8_t *signature) {
    static const uint8_t nothing[1] = {0};
    const uint8_t *data = message.size > 0 ? message.data : nothing;
    SECRET_BYTES(pair, crypto_sign_ed25519_SECRETKEYBYTES); /* seed || public point */
    uint8_t made[EDDSA_SIZE];
    memcpy(pair, key->as.ec.value, CURVE25519_SIZE);
    memcpy(pair + CURVE25519_SIZE, key->as.ec.point, CURVE25519_SIZE);
    if (crypto_sign_ed25519_detached(made, NULL, data, message.size, pair) != 0) {
        return STATUS_INTERNAL;
    }
    if (eddsa_verify(key, message, made) != STATUS_OK) {
        return STATUS_ERROR_STATE;
    }
    memcpy(signature, made, EDDSA_SIZE);
    return STATUS_OK;
}
