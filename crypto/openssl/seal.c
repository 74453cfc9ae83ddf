/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-GCM with keys of the core's own. */
#include "crypto/crypto.h"
#include "crypto/openssl/hash.h"
#include "crypto/openssl/library.h"

#include "base/wipe.h"

#include <limits.h>

/* A context that wants key and nonce only. */
static enum status begin(uint64_t shape, struct ready **ready) {
    *ready = pool_take(&pool_shared, shape);
    if (*ready != NULL) {
        return STATUS_OK;
    }
    *ready = ready_new(READY_CIPHER, shape);
    if (*ready == NULL) {
        return library_refusal(STATUS_MEMORY);
    }
    const EVP_CIPHER *cipher = library_cipher(CIPHER_GCM, SEAL_KEY_SIZE);
    int encrypt = shape == SHAPE_SEAL;
    if (EVP_CipherInit_ex2((*ready)->cipher, cipher, NULL, NULL, encrypt, NULL) != 1) {
        ready_drop(*ready);
        return library_failure();
    }
    return STATUS_OK;
}

/* The context waits without the key. */
static void end(struct ready *ready, enum status status) {
    static const uint8_t no_key[SEAL_KEY_SIZE] = {0};
    bool clean = EVP_CipherInit_ex2(ready->cipher, NULL, no_key, NULL, -1, NULL) == 1;
    ready_end(&pool_shared, ready, clean ? status : STATUS_INTERNAL);
}

static bool fits(struct bytes aad, size_t size) {
    return aad.size <= INT_MAX && size <= INT_MAX;
}

enum status crypto_seal(const uint8_t *key, const uint8_t *nonce, struct bytes aad, struct bytes in,
                        uint8_t *out) {
    struct ready *ready = NULL;
    int size = 0;
    if (!fits(aad, in.size)) {
        return STATUS_DATA_LENGTH;
    }
    TRY(begin(SHAPE_SEAL, &ready));
    EVP_CIPHER_CTX *gcm = ready->cipher;
    bool done = EVP_EncryptInit_ex2(gcm, NULL, key, nonce, NULL) == 1 &&
                EVP_EncryptUpdate(gcm, NULL, &size, aad.data, (int)aad.size) == 1 &&
                (in.size == 0 || EVP_EncryptUpdate(gcm, out, &size, in.data, (int)in.size) == 1) &&
                EVP_EncryptFinal_ex(gcm, out + in.size, &size) == 1 &&
                EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_SIZE, out + in.size) == 1;
    enum status status = done ? STATUS_OK : library_failure();
    if (!done) {
        wipe(out, in.size + SEAL_TAG_SIZE);
    }
    end(ready, status);
    return status;
}

enum status crypto_open(const uint8_t *key, const uint8_t *nonce, struct bytes aad, struct bytes in,
                        uint8_t *out) {
    struct ready *ready = NULL;
    uint8_t tag[SEAL_TAG_SIZE];
    int size = 0;
    if (in.size < SEAL_TAG_SIZE || !fits(aad, in.size)) {
        return STATUS_AEAD_FAILED;
    }
    size_t plain_size = in.size - SEAL_TAG_SIZE;
    memcpy(tag, in.data + plain_size, SEAL_TAG_SIZE);
    TRY(begin(SHAPE_OPEN, &ready));
    EVP_CIPHER_CTX *gcm = ready->cipher;
    bool done =
        EVP_DecryptInit_ex2(gcm, NULL, key, nonce, NULL) == 1 &&
        EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_SIZE, tag) == 1 &&
        EVP_DecryptUpdate(gcm, NULL, &size, aad.data, (int)aad.size) == 1 &&
        (plain_size == 0 || EVP_DecryptUpdate(gcm, out, &size, in.data, (int)plain_size) == 1);
    enum status status = STATUS_INTERNAL;
    if (!done) {
        status = library_failure();
    } else if (EVP_DecryptFinal_ex(gcm, out + plain_size, &size) != 1) {
        status = library_refusal(STATUS_AEAD_FAILED);
    } else {
        status = STATUS_OK;
    }
    if (status != STATUS_OK) {
        wipe(out, plain_size);
    }
    end(ready, status);
    return status;
}
