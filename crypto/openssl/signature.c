/* SPDX-License-Identifier: Apache-2.0 */
/* Signing and verifying: the way from crypto.h to the kinds of signatures. */
#include "crypto/openssl/signature.h"

#include "base/ct.h"
#include "base/wipe.h"
#include "crypto/openssl/hash.h"
#include "crypto/openssl/library.h"

#include <openssl/crypto.h>

enum status signature_own(enum status verified) {
    enum { WORK_SIZE = 16384 };
    if (verified != STATUS_SIGNATURE_INVALID) {
        return verified;
    }
    /* A verification that ran out of memory may say the same: then it proves nothing. */
    void *work = OPENSSL_malloc(WORK_SIZE);
    OPENSSL_free(work);
    return work != NULL ? STATUS_ERROR_STATE : library_refusal(STATUS_MEMORY);
}

enum status signature_make(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                           bool verify, struct span *signature) {
    size_t size = key->type == KEY_RSA ? key->size : 2 * key->size;
    TRY(mechanism_signs_length(mechanism, key->size, data.size));
    if (signature->size < size) {
        return STATUS_TOO_LARGE;
    }
    switch (key->type) {
    case KEY_RSA:
        TRY(rsa_sign(key, mechanism, data, signature->data));
        break;
    case KEY_EC:
        TRY(ecdsa_sign(key, data, verify, signature->data));
        break;
    case KEY_ED25519:
        TRY(eddsa_sign(key, data, verify, signature->data));
        break;
    default:
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
    signature->size = size;
    return STATUS_OK;
}

enum status signature_check(struct loaded *key, const struct mechanism *mechanism,
                            struct bytes data, struct bytes signature) {
    size_t size = key->type == KEY_RSA ? key->size : 2 * key->size;
    TRY(mechanism_signs_length(mechanism, key->size, data.size));
    if (signature.size != size) {
        return STATUS_SIGNATURE_LENGTH;
    }
    switch (key->type) {
    case KEY_RSA:
        return rsa_verify(key, mechanism, data, signature);
    case KEY_EC:
        return ecdsa_verify(key, data, signature.data);
    case KEY_ED25519:
        return eddsa_verify(key, data, signature);
    default:
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
}

/* The MAC before truncation, in HASH_SIZE_MAX bytes. */
static enum status compute_mac(struct loaded *key, const struct mechanism *mechanism,
                               struct bytes data, uint8_t *mac) {
    struct ready *ready = NULL;
    TRY(mac_begin(key, mechanism, &ready));
    enum status status = EVP_MAC_update(ready->mac, data.data, data.size) == 1
                             ? mac_finish(ready, mechanism, mac)
                             : library_failure();
    ready_end(&key->pool, ready, status);
    return status;
}

static enum status sign_mac(struct loaded *key, const struct mechanism *mechanism,
                            struct bytes data, struct span *signature) {
    SECRET_BYTES(mac, HASH_SIZE_MAX);
    size_t size = mechanism_mac_size(mechanism);
    if (signature->size < size) {
        return STATUS_TOO_LARGE;
    }
    TRY(compute_mac(key, mechanism, data, mac));
    memcpy(signature->data, mac, size);
    signature->size = size;
    return STATUS_OK;
}

static enum status verify_mac(struct loaded *key, const struct mechanism *mechanism,
                              struct bytes data, struct bytes signature) {
    SECRET_BYTES(mac, HASH_SIZE_MAX);
    if (signature.size != mechanism_mac_size(mechanism)) {
        return STATUS_SIGNATURE_LENGTH;
    }
    TRY(compute_mac(key, mechanism, data, mac));
    return ct_equal(mac, signature.data, signature.size) ? STATUS_OK : STATUS_SIGNATURE_INVALID;
}

enum status crypto_sign(const struct crypto_key *key, const struct mechanism *mechanism,
                        struct bytes data, bool verify, struct span *signature) {
    uint8_t digest[HASH_SIZE_MAX];
    struct loaded *loaded = key_loaded(key);
    TRY(crypto_mechanism_check(key, mechanism, F_SIGN));
    if (mechanism_is_mac(mechanism->algorithm)) {
        return sign_mac(loaded, mechanism, data, signature);
    }
    TRY(hash_message(mechanism, data, digest, &data));
    return signature_make(loaded, mechanism, data, verify, signature);
}

enum status crypto_verify(const struct crypto_key *key, const struct mechanism *mechanism,
                          struct bytes data, struct bytes signature) {
    uint8_t digest[HASH_SIZE_MAX];
    struct loaded *loaded = key_loaded(key);
    TRY(crypto_mechanism_check(key, mechanism, F_VERIFY));
    if (mechanism_is_mac(mechanism->algorithm)) {
        return verify_mac(loaded, mechanism, data, signature);
    }
    TRY(hash_message(mechanism, data, digest, &data));
    return signature_check(loaded, mechanism, data, signature);
}
