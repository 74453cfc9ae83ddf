/* SPDX-License-Identifier: Apache-2.0 */
/* Operations in parts. A stream shares the loaded key, and owns one context of its pool. */
#include "base/ct.h"
#include "base/limits.h"
#include "base/wipe.h"
#include "crypto/openssl/cipher.h"
#include "crypto/openssl/hash.h"
#include "crypto/openssl/library.h"
#include "crypto/openssl/signature.h"

#include <limits.h>
#include <openssl/crypto.h>

struct stream {
    struct loaded *key; /* NULL: a digest */
    struct ready *ready;
    enum function function;
    struct mechanism mechanism; /* without its byte strings, which were borrowed; but see iv */
    uint8_t iv[AES_BLOCK];      /* CTR: where the counter began */
    uint64_t size;              /* so far */
};

_Static_assert(sizeof(struct stream *) <= CRYPTO_STREAM_ROOM, "a pointer fits into the room");

static struct stream *stream_of(const struct crypto_stream *stream) {
    struct stream *open = NULL;
    memcpy(&open, stream->room, sizeof(struct stream *));
    return open;
}

static bool encrypts(const struct stream *stream) {
    return stream->function == F_ENCRYPT || stream->function == F_DECRYPT;
}

/* CCM is missing: OpenSSL takes its data at once. */
bool crypto_streams(const struct mechanism *mechanism, enum function function) {
    switch (mechanism->algorithm) {
    case ALGORITHM_DIGEST:
        return function == F_DIGEST;
    case ALGORITHM_HMAC:
    case ALGORITHM_AES_CMAC:
        return function == F_SIGN || function == F_VERIFY;
    case ALGORITHM_RSA_PKCS1:
    case ALGORITHM_RSA_PSS:
    case ALGORITHM_ECDSA:
        return (function == F_SIGN || function == F_VERIFY) && mechanism->hash != HASH_NONE;
    case ALGORITHM_AES_CTR:
    case ALGORITHM_AES_CBC:
    case ALGORITHM_AES_CBC_PAD:
    case ALGORITHM_AES_ECB:
        return function == F_ENCRYPT || function == F_DECRYPT;
    case ALGORITHM_AES_GCM:
    case ALGORITHM_CHACHA20_POLY1305:
        return function == F_ENCRYPT;
    default:
        return false;
    }
}

static struct pool *pool_of(const struct stream *stream) {
    bool hashes = stream->key == NULL ||
                  (!mechanism_is_mac(stream->mechanism.algorithm) && !encrypts(stream));
    return hashes ? &pool_shared : &stream->key->pool;
}

static void free_stream(struct crypto_stream *stream, struct stream *open, enum status status) {
    if (open->ready != NULL) {
        ready_end(pool_of(open), open->ready, status);
    }
    key_release(open->key);
    OPENSSL_clear_free(open, sizeof(*open));
    wipe(stream, sizeof(*stream));
}

static enum status begin(struct stream *open, const struct mechanism *mechanism) {
    if (!encrypts(open)) {
        return mechanism_is_mac(mechanism->algorithm)
                   ? mac_begin(open->key, mechanism, &open->ready)
                   : hash_begin(mechanism->hash, &open->ready);
    }
    TRY(cipher_begin(open->key, mechanism, open->function == F_ENCRYPT, &open->ready));
    if (mechanism_is_aead(mechanism->algorithm) &&
        !cipher_add(open->ready->cipher, mechanism->aad)) {
        return library_failure();
    }
    if (mechanism->algorithm == ALGORITHM_AES_CTR) {
        memcpy(open->iv, mechanism->iv.data, sizeof(open->iv));
    }
    return STATUS_OK;
}

static void keep_mechanism(struct stream *open, const struct mechanism *mechanism) {
    open->mechanism = *mechanism;
    open->mechanism.iv = bytes_of(open->iv, 0);
    open->mechanism.aad = bytes_of(NULL, 0);
    open->mechanism.label = bytes_of(NULL, 0);
    open->mechanism.salt = bytes_of(NULL, 0);
    open->mechanism.peer = bytes_of(NULL, 0);
}

enum status crypto_stream_open(struct crypto_stream *stream, const struct crypto_key *key,
                               const struct mechanism *mechanism, enum function function) {
    *stream = (struct crypto_stream){0};
    TRY(crypto_mechanism_check(key, mechanism, function));
    if (!crypto_streams(mechanism, function)) {
        return STATUS_MECHANISM_INVALID;
    }
    if (encrypts(&(struct stream){.function = function}) && mechanism->make_iv != 0 &&
        mechanism->iv.size == 0) {
        return STATUS_MECHANISM_PARAM_INVALID;
    }
    if (mechanism->aad.size > INT_MAX) {
        return STATUS_DATA_LENGTH;
    }
    struct stream *open = OPENSSL_zalloc(sizeof(*open));
    if (open == NULL) {
        return library_refusal(STATUS_MEMORY);
    }
    open->function = function;
    if (function != F_DIGEST) {
        open->key = key_loaded(key);
        key_share(open->key);
    }
    keep_mechanism(open, mechanism);
    enum status status = begin(open, mechanism);
    if (status != STATUS_OK) {
        free_stream(stream, open, status);
        return status;
    }
    memcpy(stream->room, &open, sizeof(struct stream *));
    return STATUS_OK;
}

static enum status update_cipher(struct stream *open, struct bytes data, struct span *out) {
    enum { BLOCK_OVER = 32 };
    int size = 0;
    open->mechanism.iv = bytes_of(open->iv, AES_BLOCK);
    if (data.size > INT_MAX - BLOCK_OVER ||
        (open->mechanism.algorithm == ALGORITHM_AES_CTR &&
         !mechanism_counts(&open->mechanism, open->size + data.size))) {
        return STATUS_DATA_LENGTH;
    }
    if (out->size < data.size + BLOCK_OVER) {
        return STATUS_TOO_LARGE;
    }
    if (data.size > 0 &&
        EVP_CipherUpdate(open->ready->cipher, out->data, &size, data.data, (int)data.size) != 1) {
        wipe(out->data, out->size);
        return library_failure();
    }
    open->size += data.size;
    out->size = (size_t)size;
    return STATUS_OK;
}

enum status crypto_stream_update(struct crypto_stream *stream, struct bytes data,
                                 struct span *out) {
    struct stream *open = stream_of(stream);
    if (open == NULL) {
        return STATUS_OPERATION_NOT_STARTED;
    }
    if (encrypts(open)) {
        return update_cipher(open, data, out);
    }
    out->size = 0;
    int done = mechanism_is_mac(open->mechanism.algorithm)
                   ? EVP_MAC_update(open->ready->mac, data.data, data.size)
                   : EVP_DigestUpdate(open->ready->digest, data.data, data.size);
    return done == 1 ? STATUS_OK : library_failure();
}

static enum status close_cipher(struct stream *open, struct span *out) {
    bool encrypt = open->function == F_ENCRYPT;
    bool aead = mechanism_is_aead(open->mechanism.algorithm);
    bool blocks = open->mechanism.algorithm == ALGORITHM_AES_CBC ||
                  open->mechanism.algorithm == ALGORITHM_AES_ECB;
    size_t tag = aead ? mechanism_tag_size(&open->mechanism) : 0;
    int size = 0;
    if (out->size < (aead ? tag : (size_t)AES_BLOCK)) {
        return STATUS_TOO_LARGE;
    }
    bool padded = open->mechanism.algorithm == ALGORITHM_AES_CBC_PAD;
    if ((blocks && open->size % AES_BLOCK != 0) ||
        (padded && !encrypt && (open->size == 0 || open->size % AES_BLOCK != 0))) {
        return encrypt ? STATUS_DATA_LENGTH : STATUS_CIPHERTEXT_LENGTH;
    }
    if (EVP_CipherFinal_ex(open->ready->cipher, out->data, &size) != 1) {
        return library_refusal(encrypt ? STATUS_INTERNAL : STATUS_CIPHERTEXT_INVALID);
    }
    if (aead &&
        EVP_CIPHER_CTX_ctrl(open->ready->cipher, EVP_CTRL_AEAD_GET_TAG, (int)tag, out->data) != 1) {
        return library_failure();
    }
    out->size = aead ? tag : (size_t)size;
    return STATUS_OK;
}

static enum status close_mac(struct stream *open, struct bytes signature, struct span *out) {
    SECRET_BYTES(mac, HASH_SIZE_MAX);
    size_t size = mechanism_mac_size(&open->mechanism);
    TRY(mac_finish(open->ready, &open->mechanism, mac));
    if (open->function == F_VERIFY) {
        out->size = 0;
        if (signature.size != size) {
            return STATUS_SIGNATURE_LENGTH;
        }
        return ct_equal(mac, signature.data, size) ? STATUS_OK : STATUS_SIGNATURE_INVALID;
    }
    if (out->size < size) {
        return STATUS_TOO_LARGE;
    }
    memcpy(out->data, mac, size);
    out->size = size;
    return STATUS_OK;
}

static enum status close_hash(struct stream *open, struct bytes signature, bool verify,
                              struct span *out) {
    uint8_t room[HASH_SIZE_MAX];
    struct bytes digest = bytes_of(room, hash_size(open->mechanism.hash));
    if (EVP_DigestFinal_ex(open->ready->digest, room, NULL) != 1) {
        return library_failure();
    }
    if (open->function == F_SIGN) {
        return signature_make(open->key, &open->mechanism, digest, verify, out);
    }
    if (open->function == F_VERIFY) {
        out->size = 0;
        return signature_check(open->key, &open->mechanism, digest, signature);
    }
    if (out->size < digest.size) {
        return STATUS_TOO_LARGE;
    }
    memcpy(out->data, room, digest.size);
    out->size = digest.size;
    return STATUS_OK;
}

enum status crypto_stream_close(struct crypto_stream *stream, struct bytes signature, bool verify,
                                struct span *out) {
    struct stream *open = stream_of(stream);
    enum status status = STATUS_INTERNAL;
    if (open == NULL) {
        return STATUS_OPERATION_NOT_STARTED;
    }
    if (encrypts(open)) {
        status = close_cipher(open, out);
    } else if (mechanism_is_mac(open->mechanism.algorithm)) {
        status = close_mac(open, signature, out);
    } else {
        status = close_hash(open, signature, verify, out);
    }
    free_stream(stream, open, status);
    return status;
}

void crypto_stream_abort(struct crypto_stream *stream) {
    struct stream *open = stream_of(stream);
    if (open != NULL) {
        free_stream(stream, open, STATUS_INTERNAL);
    }
}
