/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, and HMAC with keys of the core's own. */
#include "crypto/mcu/hash.h"

#include "base/wipe.h"
#include "crypto/common/mechanism.h"

const br_hash_class *hash_class(uint32_t hash) {
    switch (hash) {
    case HASH_SHA1:
        return &br_sha1_vtable;
    case HASH_SHA224:
        return &br_sha224_vtable;
    case HASH_SHA256:
        return &br_sha256_vtable;
    case HASH_SHA384:
        return &br_sha384_vtable;
    case HASH_SHA512:
        return &br_sha512_vtable;
    default:
        return NULL;
    }
}

bool hash_offered(uint32_t hash) {
    return hash_class(hash) != NULL;
}

enum status crypto_hash(enum hash hash, const struct bytes *parts, size_t count, uint8_t *out) {
    const br_hash_class *class = hash_class((uint32_t)hash);
    br_hash_compat_context state;
    WIPE_AT_END(state, sizeof(state));
    if (class == NULL) {
        return STATUS_MECHANISM_PARAM_INVALID;
    }
    class->init(&state.vtable);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > 0) {
            class->update(&state.vtable, parts[i].data, parts[i].size);
        }
    }
    class->out(&state.vtable, out);
    return STATUS_OK;
}

enum status hash_message(const struct mechanism *mechanism, struct bytes message, uint8_t *digest,
                         struct bytes *result) {
    if (mechanism->hash == HASH_NONE) {
        *result = message;
        return STATUS_OK;
    }
    TRY(crypto_hash((enum hash)mechanism->hash, &message, 1, digest));
    *result = bytes_of(digest, hash_size(mechanism->hash));
    return STATUS_OK;
}
