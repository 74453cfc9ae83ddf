/* SPDX-License-Identifier: Apache-2.0 */
/* Operations in parts. All of the state lies in the room of the stream, with a copy of the key
 * where one is needed at the end; the room may be moved. */
#include "base/ct.h"
#include "base/wipe.h"
#include "crypto/mcu/cipher.h"
#include "crypto/mcu/hash.h"
#include "crypto/mcu/mac.h"
#include "crypto/mcu/signature.h"

struct stream {
    bool is_open;
    enum function function;
    struct mechanism mechanism; /* without its byte strings, which were borrowed; but see iv */
    uint8_t iv[AES_BLOCK];      /* CTR: where the counter began */
    uint64_t size;              /* so far */
    union {
        struct {
            br_hash_compat_context hash;
            struct loaded key;
        } signing; /* and digests */
        struct mac mac;
        struct cipher cipher;
    } as;
};

_Static_assert(sizeof(struct stream) <= CRYPTO_STREAM_ROOM, "a stream fits into its room");
_Static_assert(_Alignof(struct stream) <= 16, "the room is aligned for a stream");

static struct stream *stream_of(struct crypto_stream *stream) {
    return (struct stream *)(void *)stream->room;
}

static bool encrypts(enum function function) {
    return function == F_ENCRYPT || function == F_DECRYPT;
}

/* CCM and ChaCha20-Poly1305 are missing: BearSSL takes their data at once. */
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
        return encrypts(function);
    case ALGORITHM_AES_GCM:
        return function == F_ENCRYPT;
    default:
        return false;
    }
}

static void begin(struct stream *open, const struct loaded *key,
                  const struct mechanism *mechanism) {
    if (encrypts(open->function)) {
        cipher_begin(&open->as.cipher, key_secret(key), mechanism, open->function == F_ENCRYPT);
        if (mechanism->algorithm == ALGORITHM_AES_CTR) {
            memcpy(open->iv, mechanism->iv.data, sizeof(open->iv));
        }
        return;
    }
    if (mechanism_is_mac(mechanism->algorithm)) {
        mac_begin(&open->as.mac, key_secret(key), mechanism);
        return;
    }
    open->as.signing.hash.vtable = hash_class(mechanism->hash);
    open->as.signing.hash.vtable->init(&open->as.signing.hash.vtable);
    if (open->function != F_DIGEST) {
        open->as.signing.key = *key;
    }
}

enum status crypto_stream_open(struct crypto_stream *stream, const struct crypto_key *key,
                               const struct mechanism *mechanism, enum function function) {
    *stream = (struct crypto_stream){0};
    struct stream *open = stream_of(stream);
    TRY(crypto_mechanism_check(key, mechanism, function));
    if (!crypto_streams(mechanism, function)) {
        return STATUS_MECHANISM_INVALID;
    }
    if (encrypts(function) && mechanism->make_iv != 0 && mechanism->iv.size == 0) {
        return STATUS_MECHANISM_PARAM_INVALID;
    }
    open->function = function;
    open->mechanism = *mechanism;
    open->mechanism.iv = bytes_of(NULL, 0);
    open->mechanism.aad = bytes_of(NULL, 0);
    open->mechanism.label = bytes_of(NULL, 0);
    open->mechanism.salt = bytes_of(NULL, 0);
    open->mechanism.peer = bytes_of(NULL, 0);
    begin(open, key != NULL ? key_loaded(key) : NULL, mechanism);
    open->is_open = true;
    return STATUS_OK;
}

static enum status update_cipher(struct stream *open, struct bytes data, struct span *out) {
    enum { BLOCK_OVER = 32 };
    struct mechanism counter = open->mechanism;
    counter.iv = bytes_of(open->iv, AES_BLOCK);
    if (data.size > SIZE_MAX - BLOCK_OVER ||
        (open->mechanism.algorithm == ALGORITHM_AES_CTR &&
         !mechanism_counts(&counter, open->size + data.size))) {
        return STATUS_DATA_LENGTH;
    }
    if (out->size < data.size + BLOCK_OVER) {
        return STATUS_TOO_LARGE;
    }
    out->size = cipher_step(&open->as.cipher, data, out->data);
    open->size += data.size;
    return STATUS_OK;
}

enum status crypto_stream_update(struct crypto_stream *stream, struct bytes data,
                                 struct span *out) {
    struct stream *open = stream_of(stream);
    if (!open->is_open) {
        return STATUS_OPERATION_NOT_STARTED;
    }
    if (encrypts(open->function)) {
        return update_cipher(open, data, out);
    }
    out->size = 0;
    if (mechanism_is_mac(open->mechanism.algorithm)) {
        mac_update(&open->as.mac, data);
    } else if (data.size > 0) {
        br_hash_compat_context *hash = &open->as.signing.hash;
        hash->vtable->update(&hash->vtable, data.data, data.size);
    }
    return STATUS_OK;
}

static enum status close_cipher(struct stream *open, struct span *out) {
    SECRET_BYTES(last, AES_BLOCK);
    struct span end = {last, sizeof(last)};
    bool encrypt = open->function == F_ENCRYPT;
    uint32_t algorithm = open->mechanism.algorithm;
    bool blocks = algorithm == ALGORITHM_AES_CBC || algorithm == ALGORITHM_AES_ECB;
    bool aead = mechanism_is_aead(algorithm);
    size_t room = aead ? mechanism_tag_size(&open->mechanism) : (size_t)AES_BLOCK;
    if (out->size < room) {
        return STATUS_TOO_LARGE;
    }
    bool padded = algorithm == ALGORITHM_AES_CBC_PAD;
    if ((blocks && open->size % AES_BLOCK != 0) ||
        (padded && !encrypt && (open->size == 0 || open->size % AES_BLOCK != 0))) {
        return encrypt ? STATUS_DATA_LENGTH : STATUS_CIPHERTEXT_LENGTH;
    }
    TRY(cipher_end(&open->as.cipher, &end));
    out->size = aead ? room : end.size;
    memcpy(out->data, last, out->size);
    return STATUS_OK;
}

static enum status close_mac(struct stream *open, struct bytes signature, struct span *out) {
    SECRET_BYTES(mac, HASH_SIZE_MAX);
    size_t size = mechanism_mac_size(&open->mechanism);
    mac_finish(&open->as.mac, mac);
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
    const br_hash_compat_context *hash = &open->as.signing.hash;
    hash->vtable->out(&hash->vtable, room);
    if (open->function == F_SIGN) {
        return signature_make(&open->as.signing.key, &open->mechanism, digest, verify, out);
    }
    if (open->function == F_VERIFY) {
        out->size = 0;
        return signature_check(&open->as.signing.key, &open->mechanism, digest, signature);
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
    if (!open->is_open) {
        return STATUS_OPERATION_NOT_STARTED;
    }
    if (encrypts(open->function)) {
        status = close_cipher(open, out);
    } else if (mechanism_is_mac(open->mechanism.algorithm)) {
        status = close_mac(open, signature, out);
    } else {
        status = close_hash(open, signature, verify, out);
    }
    wipe(stream, sizeof(*stream));
    return status;
}

void crypto_stream_abort(struct crypto_stream *stream) {
    wipe(stream, sizeof(*stream));
}
