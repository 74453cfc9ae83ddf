/* SPDX-License-Identifier: Apache-2.0 */
/* Operations in parts. All of the state lies in the room of the stream, with a copy of the key
 * where one is needed at the end; the room may be moved. */
#include "base/ct.h"
#include "base/wipe.h"
#include "crypto/mcu/cipher.h"
#include "crypto/mcu/hash.h"
#include "crypto/mcu/mac.h"
#include "crypto/mcu/signature.h"

/* RAM is dear: of the mechanism only what is read after the start, as small as it can be; its byte
 * strings were borrowed. */
struct stream {
    uint16_t function; /* enum function; 0: not open */
    uint16_t algorithm;
    uint16_t salt_size;
    uint8_t hash, digest, mgf;
    uint8_t tag_bits, counter_bits, mac_size;
    uint64_t size; /* so far */
    union {
        struct {
            br_hash_compat_context hash;
            struct loaded key;
        } signing; /* and digests */
        struct mac mac;
        struct {
            struct cipher state;
            uint8_t iv[AES_BLOCK]; /* CTR: where the counter began */
        } cipher;
    } as;
};

_Static_assert(sizeof(struct stream) <= CRYPTO_STREAM_ROOM, "a stream fits into its room");
_Static_assert(_Alignof(struct stream) <= 16, "the room is aligned for a stream");

static struct stream *stream_of(struct crypto_stream *stream) {
    return (struct stream *)(void *)stream->room;
}

static bool encrypts(uint32_t function) {
    return function == F_ENCRYPT || function == F_DECRYPT;
}

static struct mechanism mechanism_of(const struct stream *open) {
    return (struct mechanism){.algorithm = open->algorithm,
                              .hash = open->hash,
                              .digest = open->digest,
                              .mgf = open->mgf,
                              .salt_size = open->salt_size,
                              .tag_bits = open->tag_bits,
                              .counter_bits = open->counter_bits,
                              .mac_size = open->mac_size};
}

/* All fit: crypto_mechanism_check() has seen them. */
static void keep_mechanism(struct stream *open, const struct mechanism *mechanism) {
    open->algorithm = (uint16_t)mechanism->algorithm;
    open->hash = (uint8_t)mechanism->hash;
    open->digest = (uint8_t)mechanism->digest;
    open->mgf = (uint8_t)mechanism->mgf;
    open->salt_size = (uint16_t)mechanism->salt_size;
    open->tag_bits = (uint8_t)mechanism->tag_bits;
    open->counter_bits = (uint8_t)mechanism->counter_bits;
    open->mac_size = (uint8_t)mechanism->mac_size;
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
        cipher_begin(&open->as.cipher.state, key_secret(key), mechanism,
                     open->function == F_ENCRYPT);
        if (mechanism->algorithm == ALGORITHM_AES_CTR) {
            memcpy(open->as.cipher.iv, mechanism->iv.data, AES_BLOCK);
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
    open->function = (uint16_t)function;
    keep_mechanism(open, mechanism);
    begin(open, key != NULL ? key_loaded(key) : NULL, mechanism);
    return STATUS_OK;
}

static enum status update_cipher(struct stream *open, struct bytes data, struct span *out) {
    enum { BLOCK_OVER = 32 };
    struct mechanism mechanism = mechanism_of(open);
    mechanism.iv = bytes_of(open->as.cipher.iv, AES_BLOCK);
    if (data.size > SIZE_MAX - BLOCK_OVER ||
        (open->algorithm == ALGORITHM_AES_CTR &&
         !mechanism_counts(&mechanism, open->size + data.size))) {
        return STATUS_DATA_LENGTH;
    }
    if (out->size < data.size + BLOCK_OVER) {
        return STATUS_TOO_LARGE;
    }
    out->size = cipher_step(&open->as.cipher.state, data, out->data);
    open->size += data.size;
    return STATUS_OK;
}

enum status crypto_stream_update(struct crypto_stream *stream, struct bytes data,
                                 struct span *out) {
    struct stream *open = stream_of(stream);
    if (open->function == 0) {
        return STATUS_OPERATION_NOT_STARTED;
    }
    if (encrypts(open->function)) {
        return update_cipher(open, data, out);
    }
    out->size = 0;
    if (mechanism_is_mac(open->algorithm)) {
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
    uint32_t algorithm = open->algorithm;
    bool blocks = algorithm == ALGORITHM_AES_CBC || algorithm == ALGORITHM_AES_ECB;
    bool aead = mechanism_is_aead(algorithm);
    size_t room = aead ? (size_t)open->tag_bits / 8 : (size_t)AES_BLOCK;
    if (out->size < room) {
        return STATUS_TOO_LARGE;
    }
    bool padded = algorithm == ALGORITHM_AES_CBC_PAD;
    if ((blocks && open->size % AES_BLOCK != 0) ||
        (padded && !encrypt && (open->size == 0 || open->size % AES_BLOCK != 0))) {
        return encrypt ? STATUS_DATA_LENGTH : STATUS_CIPHERTEXT_LENGTH;
    }
    TRY(cipher_end(&open->as.cipher.state, &end));
    out->size = aead ? room : end.size;
    memcpy(out->data, last, out->size);
    return STATUS_OK;
}

static enum status close_mac(struct stream *open, struct bytes signature, struct span *out) {
    SECRET_BYTES(mac, HASH_SIZE_MAX);
    const struct mechanism mechanism = mechanism_of(open);
    size_t size = mechanism_mac_size(&mechanism);
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
    struct bytes digest = bytes_of(room, hash_size(open->hash));
    const struct mechanism mechanism = mechanism_of(open);
    const br_hash_compat_context *hash = &open->as.signing.hash;
    hash->vtable->out(&hash->vtable, room);
    if (open->function == F_SIGN) {
        return signature_make(&open->as.signing.key, &mechanism, digest, verify, out);
    }
    if (open->function == F_VERIFY) {
        out->size = 0;
        return signature_check(&open->as.signing.key, &mechanism, digest, signature);
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
    if (open->function == 0) {
        return STATUS_OPERATION_NOT_STARTED;
    }
    if (encrypts(open->function)) {
        status = close_cipher(open, out);
    } else if (mechanism_is_mac(open->algorithm)) {
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
