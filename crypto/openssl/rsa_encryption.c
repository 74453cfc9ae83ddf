/* SPDX-License-Identifier: Apache-2.0 */
/* RSA encryption (RFC 8017, 7): OAEP, PKCS #1 v1.5, and the bare operation. */
#include "base/wipe.h"
#include "crypto/common/pkcs1.h"
#include "crypto/openssl/library.h"
#include "crypto/openssl/rsa.h"

#include <openssl/crypto.h>
#include <openssl/rsa.h>

enum { OAEP_OVERHEAD = 2 };

static bool has_label(const struct mechanism *mechanism) {
    return mechanism->algorithm == ALGORITHM_RSA_OAEP && mechanism->label.size > 0;
}

/* Takes a context and puts the OAEP label in. */
static enum status begin(struct loaded *key, const struct mechanism *mechanism,
                         enum function function, struct ready **ready) {
    TRY(rsa_take(key, mechanism, function, ready));
    if (!has_label(mechanism)) {
        return STATUS_OK;
    }
    void *label = OPENSSL_memdup(mechanism->label.data, mechanism->label.size);
    if (label != NULL &&
        EVP_PKEY_CTX_set0_rsa_oaep_label((*ready)->pkey, label, (int)mechanism->label.size) == 1) {
        return STATUS_OK;
    }
    OPENSSL_free(label);
    ready_drop(*ready);
    return library_failure();
}

/* A context with a label is for one use. */
static void end(struct loaded *key, const struct mechanism *mechanism, struct ready *ready,
                enum status status) {
    ready_end(&key->pool, ready, has_label(mechanism) ? STATUS_INTERNAL : status);
}

static size_t longest(const struct loaded *key, const struct mechanism *mechanism) {
    switch (mechanism->algorithm) {
    case ALGORITHM_RSA_OAEP:
        return key->size - 2 * hash_size(mechanism->digest) - OAEP_OVERHEAD;
    case ALGORITHM_RSA_PKCS1:
        return key->size - PKCS1_OVERHEAD;
    default:
        return key->size;
    }
}

enum status rsa_encrypt(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                        struct span *out) {
    static const uint8_t nothing[1] = {0};
    SECRET_BYTES(filled, RSA_SIZE_MAX);
    struct ready *ready = NULL;
    size_t size = out->size;
    if (data.size > longest(key, mechanism)) {
        return STATUS_DATA_LENGTH;
    }
    bool raw = mechanism->algorithm == ALGORITHM_RSA_RAW;
    if (raw) {
        data = rsa_fill(key, data, filled);
    }
    TRY(begin(key, mechanism, F_ENCRYPT, &ready));
    const uint8_t *from = data.size > 0 ? data.data : nothing;
    bool done = EVP_PKEY_encrypt(ready->pkey, out->data, &size, from, data.size) == 1;
    enum status status =
        done ? STATUS_OK : library_refusal(raw ? STATUS_DATA_INVALID : STATUS_INTERNAL);
    end(key, mechanism, ready, status);
    if (done) {
        out->size = size;
    }
    return status;
}

/* The bare private operation, or the whole of OAEP, into RSA_SIZE_MAX bytes at plain. */
static enum status private_operation(struct loaded *key, const struct mechanism *mechanism,
                                     struct bytes data, struct span *plain) {
    struct ready *ready = NULL;
    TRY(begin(key, mechanism, F_DECRYPT, &ready));
    bool done = EVP_PKEY_decrypt(ready->pkey, plain->data, &plain->size, data.data, data.size) == 1;
    enum status status = done ? STATUS_OK : library_refusal(STATUS_CIPHERTEXT_INVALID);
    end(key, mechanism, ready, status);
    return status;
}

enum status rsa_decrypt(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                        struct span *out) {
    const struct mechanism bare = {.algorithm = ALGORITHM_RSA_RAW};
    SECRET_BYTES(room, RSA_SIZE_MAX);
    struct span plain = {room, sizeof(room)};
    bool pkcs1 = mechanism->algorithm == ALGORITHM_RSA_PKCS1;
    if (data.size != key->size) {
        return STATUS_CIPHERTEXT_LENGTH;
    }
    TRY(private_operation(key, pkcs1 ? &bare : mechanism, data, &plain));
    if (pkcs1) {
        TRY(pkcs1_open(key->rejection, data, room, &plain));
    }
    if (plain.size > out->size) {
        return STATUS_TOO_LARGE;
    }
    memcpy(out->data, plain.data, plain.size);
    out->size = plain.size;
    return STATUS_OK;
}
