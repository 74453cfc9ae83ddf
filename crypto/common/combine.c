/* SPDX-License-Identifier: Apache-2.0 */
/* Deriving without a cryptographic function. */
#include "crypto/common/combine.h"

bool combine_has_natural_size(const struct mechanism *mechanism) {
    switch (mechanism->algorithm) {
    case ALGORITHM_ECDH:
    case ALGORITHM_X25519:
        return mechanism->kdf == KDF_NONE;
    case ALGORITHM_HKDF:
        return (mechanism->steps & HKDF_EXPAND) == 0;
    case ALGORITHM_KBKDF_COUNTER:
        return false;
    default:
        return true;
    }
}

enum status combine_give(struct bytes all, size_t size, struct span *out) {
    if (size > all.size) {
        return STATUS_DATA_LENGTH;
    }
    size = size == 0 ? all.size : size;
    if (size > out->size) {
        return STATUS_TOO_LARGE;
    }
    memcpy(out->data, all.data, size);
    out->size = size;
    return STATUS_OK;
}

/* The first `size` bytes of a || b (PKCS #11 v3.2, 6.43.8 and .9). */
static enum status concatenate(struct bytes a, struct bytes b, size_t size, struct span *out) {
    size_t all = a.size + b.size;
    if (size > all) {
        return STATUS_DATA_LENGTH;
    }
    size = size == 0 ? all : size;
    if (size > out->size) {
        return STATUS_TOO_LARGE;
    }
    size_t first = a.size < size ? a.size : size;
    bytes_copy(out->data, bytes_of(a.data, first));
    bytes_copy(out->data + first, bytes_of(b.data, size - first));
    out->size = size;
    return STATUS_OK;
}

/* As long as the shorter of the two. */
static enum status exclusive_or(struct bytes a, struct bytes b, size_t size, struct span *out) {
    size_t all = a.size < b.size ? a.size : b.size;
    if (size > all || all == 0) {
        return STATUS_DATA_LENGTH;
    }
    size = size == 0 ? all : size;
    if (size > out->size) {
        return STATUS_TOO_LARGE;
    }
    for (size_t i = 0; i < size; i++) {
        out->data[i] = a.data[i] ^ b.data[i];
    }
    out->size = size;
    return STATUS_OK;
}

/* `size` bytes from bit `first` of the key on, which is read as a ring. */
static enum status extract(struct bytes key, uint32_t first, size_t size, struct span *out) {
    if (size == 0 || size > key.size) {
        return STATUS_DATA_LENGTH;
    }
    if (first >= key.size * 8) {
        return STATUS_MECHANISM_PARAM_INVALID;
    }
    for (size_t i = 0; i < size; i++) {
        uint32_t left = key.data[(first / 8 + i) % key.size];
        uint32_t right = key.data[(first / 8 + i + 1) % key.size];
        out->data[i] = (uint8_t)((left << 8 | right) >> (8 - first % 8));
    }
    out->size = size;
    return STATUS_OK;
}

enum status combine(struct bytes key, const struct mechanism *mechanism, size_t size,
                    struct span *out) {
    if (size > out->size) {
        return STATUS_TOO_LARGE;
    }
    switch (mechanism->algorithm) {
    case ALGORITHM_CONCATENATE_BASE_AND_DATA:
        return concatenate(key, mechanism->salt, size, out);
    case ALGORITHM_CONCATENATE_DATA_AND_BASE:
        return concatenate(mechanism->salt, key, size, out);
    case ALGORITHM_XOR_BASE_AND_DATA:
        return exclusive_or(key, mechanism->salt, size, out);
    case ALGORITHM_EXTRACT_KEY:
        return extract(key, mechanism->data_size, size, out);
    default:
        return STATUS_MECHANISM_INVALID;
    }
}
