/* SPDX-License-Identifier: Apache-2.0 */
/* Encrypting and wrapping: the way from crypto.h to the ciphers, and the module's own wrapping: a
 * random IV in front of AES-GCM. */
#include "crypto/common/mechanism.h"
#include "crypto/common/use.h"

enum status crypto_encrypt(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes data, struct span *out) {
    TRY(mechanism_begin(key, mechanism, F_ENCRYPT, data.size, out));
    return use_encryption(key, mechanism, data, out);
}

enum status crypto_decrypt(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes data, struct span *out) {
    TRY(mechanism_begin(key, mechanism, F_DECRYPT, data.size, out));
    return use_decryption(key, mechanism, data, out);
}

/* The AES-GCM that WRAP_WITH_ATTRIBUTES is. */
static struct mechanism inner(const struct mechanism *mechanism, const uint8_t *iv) {
    return (struct mechanism){.algorithm = ALGORITHM_AES_GCM,
                              .tag_bits = 128,
                              .iv = bytes_of(iv, WRAP_IV_SIZE),
                              .aad = mechanism->aad};
}

static enum status wrap_with_attributes(const struct crypto_key *key,
                                        const struct mechanism *mechanism, struct bytes plain,
                                        struct span *out) {
    uint8_t iv[WRAP_IV_SIZE];
    TRY(crypto_random(iv, sizeof(iv)));
    struct mechanism gcm = inner(mechanism, iv);
    struct span sealed = {out->data + WRAP_IV_SIZE, out->size - WRAP_IV_SIZE};
    TRY(use_encryption(key, &gcm, plain, &sealed));
    memcpy(out->data, iv, WRAP_IV_SIZE);
    out->size = WRAP_IV_SIZE + sealed.size;
    return STATUS_OK;
}

static enum status unwrap_with_attributes(const struct crypto_key *key,
                                          const struct mechanism *mechanism, struct bytes wrapped,
                                          struct span *out) {
    if (wrapped.size < WRAP_IV_SIZE + TAG_SIZE_MAX) {
        return STATUS_WRAPPED_KEY_INVALID;
    }
    struct mechanism gcm = inner(mechanism, wrapped.data);
    struct bytes sealed = bytes_of(wrapped.data + WRAP_IV_SIZE, wrapped.size - WRAP_IV_SIZE);
    return use_decryption(key, &gcm, sealed, out);
}

enum status crypto_wrap(const struct crypto_key *key, const struct mechanism *mechanism,
                        struct bytes plain, struct span *out) {
    TRY(mechanism_begin(key, mechanism, F_WRAP, plain.size, out));
    switch (mechanism->algorithm) {
    case ALGORITHM_AES_KW:
    case ALGORITHM_AES_KWP:
        return use_key_wrap(key, mechanism, plain, out);
    case ALGORITHM_WRAP_WITH_ATTRIBUTES:
        return wrap_with_attributes(key, mechanism, plain, out);
    default:
        return use_encryption(key, mechanism, plain, out);
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
    TRY(mechanism_begin(key, mechanism, F_UNWRAP, wrapped.size, out));
    switch (mechanism->algorithm) {
    case ALGORITHM_AES_KW:
    case ALGORITHM_AES_KWP:
        return use_key_unwrap(key, mechanism, wrapped, out);
    case ALGORITHM_WRAP_WITH_ATTRIBUTES:
        return one_answer(unwrap_with_attributes(key, mechanism, wrapped, out));
    default:
        return one_answer(use_decryption(key, mechanism, wrapped, out));
    }
}
