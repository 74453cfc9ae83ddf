/* SPDX-License-Identifier: Apache-2.0 */
/* Signing and verifying: the way from crypto.h to the kinds of signatures. */
#include "crypto/mcu/signature.h"

#include "crypto/mcu/hash.h"
#include "crypto/mcu/mac.h"
#include "crypto/mcu/public.h"

static size_t signature_size(const struct loaded *key) {
    return key->type == KEY_RSA ? key->size : 2u * key->size;
}

enum status signature_make(const struct loaded *key, const struct mechanism *mechanism,
                           struct bytes data, bool verify, struct span *signature) {
    enum status status = STATUS_KEY_TYPE_INCONSISTENT;
    (void)verify; /* here it is always done */
    TRY(mechanism_signs_length(mechanism, key->size, data.size));
    if (signature->size < signature_size(key)) {
        return STATUS_TOO_LARGE;
    }
    switch (key->type) {
    case KEY_RSA:
        status = rsa_sign(key, mechanism, data, signature->data);
        break;
    case KEY_EC:
        status = ecdsa_sign(key, data, signature->data);
        break;
    case KEY_ED25519:
        status = eddsa_sign(key, data, signature->data);
        break;
    default:
        break;
    }
    TRY(status);
    signature->size = signature_size(key);
    return STATUS_OK;
}

enum status signature_check(const struct loaded *key, const struct mechanism *mechanism,
                            struct bytes data, struct bytes signature) {
    TRY(mechanism_signs_length(mechanism, key->size, data.size));
    if (signature.size != signature_size(key)) {
        return STATUS_SIGNATURE_LENGTH;
    }
    switch (key->type) {
    case KEY_RSA:
        return rsa_verify(key, mechanism, data, signature.data);
    case KEY_EC:
        return ecdsa_verify(key, data, signature.data);
    case KEY_ED25519:
        return eddsa_verify(key, data, signature.data);
    default:
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
}

enum status crypto_sign(const struct crypto_key *key, const struct mechanism *mechanism,
                        struct bytes data, bool verify, struct span *signature) {
    uint8_t digest[HASH_SIZE_MAX];
    const struct loaded *loaded = key_loaded(key);
    TRY(crypto_mechanism_check(key, mechanism, F_SIGN));
    if (mechanism_is_mac(mechanism->algorithm)) {
        return mac_sign(key_secret(loaded), mechanism, data, signature);
    }
    TRY(hash_message(mechanism, data, digest, &data));
    return signature_make(loaded, mechanism, data, verify, signature);
}

enum status crypto_verify(const struct crypto_key *key, const struct mechanism *mechanism,
                          struct bytes data, struct bytes signature) {
    uint8_t digest[HASH_SIZE_MAX];
    const struct loaded *loaded = key_loaded(key);
    TRY(crypto_mechanism_check(key, mechanism, F_VERIFY));
    if (mechanism_is_mac(mechanism->algorithm)) {
        return mac_verify(key_secret(loaded), mechanism, data, signature);
    }
    TRY(hash_message(mechanism, data, digest, &data));
    return signature_check(loaded, mechanism, data, signature);
}
