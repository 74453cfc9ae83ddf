/* SPDX-License-Identifier: Apache-2.0 */
/* Encrypting and wrapping: the way from the mechanisms to the ciphers, and AES key wrap (SP
 * 800-38F; RFC 3394, 5649). */
#include "base/limits.h"
#include "crypto/common/use.h"
#include "crypto/openssl/cipher.h"
#include "crypto/openssl/library.h"
#include "crypto/openssl/rsa.h"

#include <openssl/err.h>

enum status use_encryption(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes data, struct span *out) {
    struct loaded *loaded = key_loaded(key);
    if (loaded->type == KEY_RSA) {
        return rsa_encrypt(loaded, mechanism, data, out);
    }
    return mechanism_is_aead(mechanism->algorithm) ? aead_encrypt(loaded, mechanism, data, out)
                                                   : cipher_run(loaded, mechanism, true, data, out);
}

enum status use_decryption(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes data, struct span *out) {
    struct loaded *loaded = key_loaded(key);
    if (loaded->type == KEY_RSA) {
        return rsa_decrypt(loaded, mechanism, data, out);
    }
    return mechanism_is_aead(mechanism->algorithm)
               ? aead_decrypt(loaded, mechanism, data, out)
               : cipher_run(loaded, mechanism, false, data, out);
}

/* KW and KWP. Wrapping is rare: the context is made each time. */
static bool key_wrap(const struct loaded *key, const struct mechanism *mechanism, bool wrap,
                     struct bytes in, struct span *out) {
    /* OpenSSL works with up to one block more than it gives out, on damaged input too. As large as
     * an object may be, that is too much for the stack. */
    const size_t room = in.size + 4 * KW_BLOCK;
    uint8_t *work = OPENSSL_malloc(room);
    enum cipher cipher = mechanism->algorithm == ALGORITHM_AES_KW ? CIPHER_KW : CIPHER_KWP;
    int size = 0;
    int rest = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool done = context != NULL && work != NULL;
    if (done) {
        EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    } else {
        ERR_raise(ERR_LIB_EVP, ERR_R_MALLOC_FAILURE);
    }
    done = done &&
           EVP_CipherInit_ex2(context, library_cipher(cipher, key->size), key->secret, NULL, wrap,
                              NULL) == 1 &&
           EVP_CipherUpdate(context, work, &size, in.data, (int)in.size) == 1 && size > 0 &&
           EVP_CipherFinal_ex(context, work + size, &rest) == 1 &&
           (size_t)(size + rest) <= out->size;
    EVP_CIPHER_CTX_free(context);
    if (done) {
        out->size = (size_t)(size + rest);
        memcpy(out->data, work, out->size);
    }
    OPENSSL_clear_free(work, room);
    return done;
}

enum status use_key_wrap(const struct crypto_key *key, const struct mechanism *mechanism,
                         struct bytes plain, struct span *out) {
    bool whole = plain.size % KW_BLOCK == 0 && plain.size >= 2 * KW_BLOCK;
    if (plain.size == 0 || plain.size > OBJECT_SIZE_MAX ||
        (mechanism->algorithm == ALGORITHM_AES_KW && !whole)) {
        return STATUS_DATA_LENGTH;
    }
    return key_wrap(key_loaded(key), mechanism, true, plain, out) ? STATUS_OK : library_failure();
}

enum status use_key_unwrap(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes wrapped, struct span *out) {
    size_t least = mechanism->algorithm == ALGORITHM_AES_KW ? 3 * KW_BLOCK : 2 * KW_BLOCK;
    if (wrapped.size % KW_BLOCK != 0 || wrapped.size < least ||
        wrapped.size > OBJECT_SIZE_MAX + 2 * KW_BLOCK) {
        return STATUS_WRAPPED_KEY_INVALID;
    }
    return key_wrap(key_loaded(key), mechanism, false, wrapped, out)
               ? STATUS_OK
               : library_refusal(STATUS_WRAPPED_KEY_INVALID);
}
