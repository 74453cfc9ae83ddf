/* SPDX-License-Identifier: Apache-2.0 */
/* Encrypting and wrapping: the way from crypto.h to the ciphers, AES key wrap (SP 800-38F; RFC
 * 3394, 5649), and the module's own wrapping: a random IV in front of AES-GCM. */
#include "crypto/openssl/cipher.h"
#include "crypto/openssl/library.h"
#include "crypto/openssl/rsa.h"

#include "base/limits.h"
#include <openssl/err.h>

static enum status encrypt(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                           struct span *out) {
    if (key->type == KEY_RSA) {
        return rsa_encrypt(key, mechanism, data, out);
    }
    return mechanism_is_aead(mechanism->algorithm) ? aead_encrypt(key, mechanism, data, out)
                                                : cipher_run(key, mechanism, true, data, out);
}

static enum status decrypt(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                           struct span *out) {
    if (key->type == KEY_RSA) {
        return rsa_decrypt(key, mechanism, data, out);
    }
    return mechanism_is_aead(mechanism->algorithm) ? aead_decrypt(key, mechanism, data, out)
                                                : cipher_run(key, mechanism, false, data, out);
}

enum status crypto_encrypt(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes data, struct span *out) {
    TRY(mechanism_begin(key, mechanism, F_ENCRYPT, data.size, out));
    return encrypt(key_loaded(key), mechanism, data, out);
}

enum status crypto_decrypt(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes data, struct span *out) {
    TRY(mechanism_begin(key, mechanism, F_DECRYPT, data.size, out));
    return decrypt(key_loaded(key), mechanism, data, out);
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

static enum status wrap_key_wrap(const struct loaded *key, const struct mechanism *mechanism,
                                 struct bytes plain, struct span *out) {
    bool whole = plain.size % KW_BLOCK == 0 && plain.size >= 2 * KW_BLOCK;
    if (plain.size == 0 || plain.size > OBJECT_SIZE_MAX ||
        (mechanism->algorithm == ALGORITHM_AES_KW && !whole)) {
        return STATUS_DATA_LENGTH;
    }
    return key_wrap(key, mechanism, true, plain, out) ? STATUS_OK : library_failure();
}

static enum status unwrap_key_wrap(const struct loaded *key, const struct mechanism *mechanism,
                                   struct bytes wrapped, struct span *out) {
    size_t least = mechanism->algorithm == ALGORITHM_AES_KW ? 3 * KW_BLOCK : 2 * KW_BLOCK;
    if (wrapped.size % KW_BLOCK != 0 || wrapped.size < least ||
        wrapped.size > OBJECT_SIZE_MAX + 2 * KW_BLOCK) {
        return STATUS_WRAPPED_KEY_INVALID;
    }
    return key_wrap(key, mechanism, false, wrapped, out)
               ? STATUS_OK
               : library_refusal(STATUS_WRAPPED_KEY_INVALID);
}

/* The AES-GCM that WRAP_WITH_ATTRIBUTES is. */
static struct mechanism inner(const struct mechanism *mechanism, const uint8_t *iv) {
    return (struct mechanism){.algorithm = ALGORITHM_AES_GCM,
                              .tag_bits = 128,
                              .iv = bytes_of(iv, WRAP_IV_SIZE),
                              .aad = mechanism->aad};
}

static enum status wrap_with_attributes(struct loaded *key, const struct mechanism *mechanism,
                                        struct bytes plain, struct span *out) {
    uint8_t iv[WRAP_IV_SIZE];
    TRY(crypto_random(iv, sizeof(iv)));
    struct mechanism gcm = inner(mechanism, iv);
    struct span sealed = {out->data + WRAP_IV_SIZE, out->size - WRAP_IV_SIZE};
    TRY(aead_encrypt(key, &gcm, plain, &sealed));
    memcpy(out->data, iv, WRAP_IV_SIZE);
    out->size = WRAP_IV_SIZE + sealed.size;
    return STATUS_OK;
}

static enum status unwrap_with_attributes(struct loaded *key, const struct mechanism *mechanism,
                                          struct bytes wrapped, struct span *out) {
    if (wrapped.size < WRAP_IV_SIZE + TAG_SIZE_MAX) {
        return STATUS_WRAPPED_KEY_INVALID;
    }
    struct mechanism gcm = inner(mechanism, wrapped.data);
    struct bytes sealed = bytes_of(wrapped.data + WRAP_IV_SIZE, wrapped.size - WRAP_IV_SIZE);
    return aead_decrypt(key, &gcm, sealed, out);
}

enum status crypto_wrap(const struct crypto_key *key, const struct mechanism *mechanism,
                        struct bytes plain, struct span *out) {
    struct loaded *loaded = key_loaded(key);
    TRY(mechanism_begin(key, mechanism, F_WRAP, plain.size, out));
    switch (mechanism->algorithm) {
    case ALGORITHM_AES_KW:
    case ALGORITHM_AES_KWP:
        return wrap_key_wrap(loaded, mechanism, plain, out);
    case ALGORITHM_WRAP_WITH_ATTRIBUTES:
        return wrap_with_attributes(loaded, mechanism, plain, out);
    default:
        return encrypt(loaded, mechanism, plain, out);
    }
}

/* One answer to every fault of what was wrapped; the module's own faults stay what they are. */
static enum status one_answer(enum status status) {
    switch (status) {
    case STATUS_AEAD_FAILED:
    case STATUS_CIPHERTEXT_INVALID:
    case STATUS_CIPHERTEXT_LENGTH:
        return STATUS_WRAPPED_KEY_INVALID;
    default:
        return status;
    }
}

enum status crypto_unwrap(const struct crypto_key *key, const struct mechanism *mechanism,
                          struct bytes wrapped, struct span *out) {
    struct loaded *loaded = key_loaded(key);
    TRY(mechanism_begin(key, mechanism, F_UNWRAP, wrapped.size, out));
    switch (mechanism->algorithm) {
    case ALGORITHM_AES_KW:
    case ALGORITHM_AES_KWP:
        return unwrap_key_wrap(loaded, mechanism, wrapped, out);
    case ALGORITHM_WRAP_WITH_ATTRIBUTES:
        return one_answer(unwrap_with_attributes(loaded, mechanism, wrapped, out));
    default:
        return one_answer(decrypt(loaded, mechanism, wrapped, out));
    }
}
