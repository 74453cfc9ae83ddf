/* SPDX-License-Identifier: Apache-2.0 */
/* Authenticated encryption: GCM and CCM (SP 800-38D, 38C), ChaCha20-Poly1305 (RFC 8439). The tag
 * follows the data. */
#include "base/wipe.h"
#include "crypto/openssl/cipher.h"
#include "crypto/openssl/library.h"

#include <limits.h>

/* CCM counts the length in the 15 - nonce bytes of its first block that are left. */
static bool fits(const struct mechanism *mechanism, size_t size) {
    size_t room = mechanism->algorithm == ALGORITHM_AES_CCM ? 15 - mechanism->iv.size : 4;
    return size <= INT_MAX && mechanism->aad.size <= INT_MAX &&
           (room >= 4 || size >> 8 * room == 0);
}

/* CCM takes key, sizes and nonce in this order only, so that nothing can be prepared. */
static enum status begin_ccm(struct loaded *key, const struct mechanism *mechanism, uint8_t *tag,
                             size_t size, struct ready **ready) {
    bool encrypt = tag == NULL;
    int length = 0;
    *ready = ready_new(READY_CIPHER, 0);
    if (*ready == NULL) {
        return library_refusal(STATUS_MEMORY);
    }
    EVP_CIPHER_CTX *ccm = (*ready)->cipher;
    const EVP_CIPHER *cipher = library_cipher(CIPHER_CCM, key->size);
    bool done =
        EVP_CipherInit_ex2(ccm, cipher, NULL, NULL, encrypt, NULL) == 1 &&
        EVP_CIPHER_CTX_ctrl(ccm, EVP_CTRL_AEAD_SET_IVLEN, (int)mechanism->iv.size, NULL) == 1 &&
        EVP_CIPHER_CTX_ctrl(ccm, EVP_CTRL_AEAD_SET_TAG, (int)mechanism_tag_size(mechanism), tag) ==
            1 &&
        EVP_CipherInit_ex2(ccm, NULL, key->secret, mechanism->iv.data, encrypt, NULL) == 1 &&
        EVP_CipherUpdate(ccm, NULL, &length, NULL, (int)size) == 1;
    if (!done) {
        ready_drop(*ready);
        *ready = NULL;
        return library_failure();
    }
    return STATUS_OK;
}

static void end(struct loaded *key, const struct mechanism *mechanism, struct ready *ready,
                enum status status) {
    if (mechanism->algorithm == ALGORITHM_AES_CCM) {
        ready_drop(ready);
    } else {
        ready_end(&key->pool, ready, status);
    }
}

bool cipher_add(EVP_CIPHER_CTX *context, struct bytes aad) {
    int size = 0;
    return aad.size == 0 || EVP_CipherUpdate(context, NULL, &size, aad.data, (int)aad.size) == 1;
}

enum status aead_encrypt(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                         struct span *out) {
    static const uint8_t nothing[1] = {0};
    struct ready *ready = NULL;
    size_t tag = mechanism_tag_size(mechanism);
    int size = 0;
    int rest = 0;
    bool ccm = mechanism->algorithm == ALGORITHM_AES_CCM;
    if (!fits(mechanism, data.size)) {
        return STATUS_DATA_LENGTH;
    }
    TRY(ccm ? begin_ccm(key, mechanism, NULL, data.size, &ready)
            : cipher_begin(key, mechanism, true, &ready));
    EVP_CIPHER_CTX *context = ready->cipher;
    const uint8_t *from = data.size > 0 ? data.data : nothing;
    bool done =
        cipher_add(context, mechanism->aad) &&
        (EVP_CipherUpdate(context, out->data, &size, from, (int)data.size) == 1) &&
        EVP_CipherFinal_ex(context, out->data + size, &rest) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, (int)tag, out->data + data.size) == 1;
    enum status status = done ? STATUS_OK : library_failure();
    if (done) {
        out->size = data.size + tag;
    } else {
        wipe(out->data, out->size);
    }
    end(key, mechanism, ready, status);
    return status;
}

/* Decrypts what `ready` waits for. OpenSSL's CCM checks the tag with the data, the others at the
 * end. */
static enum status open_with(EVP_CIPHER_CTX *context, const struct mechanism *mechanism,
                             struct bytes data, uint8_t *out) {
    static const uint8_t nothing[1] = {0};
    int size = 0;
    if (!cipher_add(context, mechanism->aad)) {
        return library_failure();
    }
    const uint8_t *from = data.size > 0 ? data.data : nothing;
    bool done = EVP_CipherUpdate(context, out, &size, from, (int)data.size) == 1 &&
                (mechanism->algorithm == ALGORITHM_AES_CCM ||
                 EVP_CipherFinal_ex(context, out + size, &size) == 1);
    return done ? STATUS_OK : library_refusal(STATUS_AEAD_FAILED);
}

enum status aead_decrypt(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                         struct span *out) {
    struct ready *ready = NULL;
    uint8_t tag[TAG_SIZE_MAX];
    size_t size = mechanism_tag_size(mechanism);
    bool ccm = mechanism->algorithm == ALGORITHM_AES_CCM;
    if (data.size < size || !fits(mechanism, data.size - size)) {
        return STATUS_CIPHERTEXT_LENGTH;
    }
    data.size -= size;
    memcpy(tag, data.data + data.size, size);
    TRY(ccm ? begin_ccm(key, mechanism, tag, data.size, &ready)
            : cipher_begin(key, mechanism, false, &ready));
    enum status status = STATUS_INTERNAL;
    if (!ccm && EVP_CIPHER_CTX_ctrl(ready->cipher, EVP_CTRL_AEAD_SET_TAG, (int)size, tag) != 1) {
        status = library_failure();
    } else {
        status = open_with(ready->cipher, mechanism, data, out->data);
    }
    if (status == STATUS_OK) {
        out->size = data.size;
    } else {
        wipe(out->data, data.size);
    }
    end(key, mechanism, ready, status);
    return status;
}
