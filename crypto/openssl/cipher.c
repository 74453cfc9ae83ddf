/* SPDX-License-Identifier: Apache-2.0 */
/* AES without authentication: ECB, CBC, CTR (SP 800-38A). */
#include "crypto/openssl/cipher.h"

#include "base/wipe.h"
#include "crypto/openssl/library.h"

#include <limits.h>

static enum cipher cipher_of(uint32_t algorithm) {
    switch (algorithm) {
    case ALGORITHM_AES_ECB:
        return CIPHER_ECB;
    case ALGORITHM_AES_CTR:
        return CIPHER_CTR;
    case ALGORITHM_AES_GCM:
        return CIPHER_GCM;
    case ALGORITHM_CHACHA20_POLY1305:
        return CIPHER_CHACHA20_POLY1305;
    default:
        return CIPHER_CBC;
    }
}

/* What differs from OpenSSL's defaults: padded blocks, IVs of 12 bytes. */
static bool set_form(EVP_CIPHER_CTX *context, const struct mechanism *mechanism) {
    switch (mechanism->algorithm) {
    case ALGORITHM_AES_ECB:
    case ALGORITHM_AES_CBC:
        return EVP_CIPHER_CTX_set_padding(context, 0) == 1;
    case ALGORITHM_AES_GCM:
        return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, (int)mechanism->iv.size,
                                   NULL) == 1;
    default:
        return true;
    }
}

/* Chooses the cipher and expands the key; IVs come with each use. */
static bool initialise(EVP_CIPHER_CTX *context, const struct loaded *key,
                       const struct mechanism *mechanism, bool encrypt) {
    const EVP_CIPHER *cipher = library_cipher(cipher_of(mechanism->algorithm), key->size);
    return EVP_CipherInit_ex2(context, cipher, NULL, NULL, encrypt, NULL) == 1 &&
           set_form(context, mechanism) &&
           EVP_CipherInit_ex2(context, NULL, key->secret, NULL, encrypt, NULL) == 1;
}

enum status cipher_begin(struct loaded *key, const struct mechanism *mechanism, bool encrypt,
                         struct ready **ready) {
    bool is_new = false;
    enum function function = encrypt ? F_ENCRYPT : F_DECRYPT;
    const uint8_t *iv = mechanism->iv.size > 0 ? mechanism->iv.data : NULL;
    TRY(key_take(key, READY_CIPHER, key_shape(mechanism, function), ready, &is_new));
    if ((is_new && !initialise((*ready)->cipher, key, mechanism, encrypt)) ||
        EVP_CipherInit_ex2((*ready)->cipher, NULL, NULL, iv, encrypt, NULL) != 1) {
        ready_drop(*ready);
        *ready = NULL;
        return library_failure();
    }
    return STATUS_OK;
}

static enum status check_length(const struct mechanism *mechanism, bool encrypt,
                                struct bytes data) {
    enum status wrong = encrypt ? STATUS_DATA_LENGTH : STATUS_CIPHERTEXT_LENGTH;
    if (data.size > INT_MAX - AES_BLOCK) {
        return wrong;
    }
    switch (mechanism->algorithm) {
    case ALGORITHM_AES_CTR:
        return mechanism_counts(mechanism, data.size) ? STATUS_OK : wrong;
    case ALGORITHM_AES_CBC_PAD:
        return encrypt || (data.size > 0 && data.size % AES_BLOCK == 0) ? STATUS_OK : wrong;
    default:
        return data.size % AES_BLOCK == 0 ? STATUS_OK : wrong;
    }
}

enum status cipher_run(struct loaded *key, const struct mechanism *mechanism, bool encrypt,
                       struct bytes data, struct span *out) {
    struct ready *ready = NULL;
    int size = 0;
    int rest = 0;
    TRY(check_length(mechanism, encrypt, data));
    TRY(cipher_begin(key, mechanism, encrypt, &ready));
    EVP_CIPHER_CTX *context = ready->cipher;
    enum status status = STATUS_OK;
    if (data.size > 0 &&
        EVP_CipherUpdate(context, out->data, &size, data.data, (int)data.size) != 1) {
        status = library_failure();
    } else if (EVP_CipherFinal_ex(context, out->data + size, &rest) != 1) {
        status = library_refusal(encrypt ? STATUS_INTERNAL : STATUS_CIPHERTEXT_INVALID);
    }
    if (status == STATUS_OK) {
        out->size = (size_t)(size + rest);
    } else {
        wipe(out->data, out->size);
    }
    ready_end(&key->pool, ready, status);
    return status;
}
