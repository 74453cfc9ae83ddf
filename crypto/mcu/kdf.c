/* SPDX-License-Identifier: Apache-2.0 */
/* Key derivation functions on HMAC and hashes. */
#include "crypto/common/kdf.h"

#include "base/wipe.h"
#include "crypto/crypto.h"

static void save_big(uint8_t *to, uint32_t value) {
    for (size_t i = 0; i < 4; i++) {
        to[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

/* Copies the next block of a derived value, as much as is wanted of it. */
static size_t give(struct span out, size_t at, const uint8_t *block, size_t size) {
    size_t part = out.size - at < size ? out.size - at : size;
    memcpy(out.data + at, block, part);
    return at + part;
}

static enum status expand(enum hash hash, struct bytes prk, struct bytes info, struct span out) {
    SECRET_BYTES(block, HASH_SIZE_MAX);
    size_t size = hash_size((uint32_t)hash);
    uint8_t count = 0;
    if (out.size > 255 * size) {
        return STATUS_DATA_LENGTH;
    }
    for (size_t at = 0; at < out.size;) {
        count++;
        const struct bytes parts[] = {
            bytes_of(block, count == 1 ? 0 : size), info, bytes_of(&count, 1)};
        TRY(crypto_hmac(hash, prk, parts, COUNT(parts), block));
        at = give(out, at, block, size);
    }
    return STATUS_OK;
}

enum status kdf_hkdf(struct bytes key, const struct mechanism *mechanism, struct span out) {
    SECRET_BYTES(prk, HASH_SIZE_MAX);
    enum hash hash = (enum hash)mechanism->hash;
    if (mechanism->label.size > INFO_SIZE_MAX) {
        return STATUS_MECHANISM_PARAM_INVALID;
    }
    if ((mechanism->steps & HKDF_EXTRACT) != 0) {
        TRY(crypto_hmac(hash, mechanism->salt, &key, 1, prk));
        key = bytes_of(prk, hash_size(mechanism->hash));
    }
    if ((mechanism->steps & HKDF_EXPAND) != 0) {
        return expand(hash, key, mechanism->label, out);
    }
    (void)give(out, 0, prk, key.size);
    return STATUS_OK;
}

enum status kdf_counter(struct bytes key, const struct mechanism *mechanism, struct span out) {
    static const uint8_t separator[1] = {0};
    SECRET_BYTES(block, HASH_SIZE_MAX);
    uint8_t counter[4];
    uint8_t bits[4];
    if (out.size > UINT32_MAX / 8) {
        return STATUS_DATA_LENGTH;
    }
    save_big(bits, (uint32_t)out.size * 8);
    const struct bytes parts[] = {bytes_of(counter, sizeof(counter)), mechanism->label,
                                  bytes_of(separator, 1), mechanism->salt,
                                  bytes_of(bits, sizeof(bits))};
    uint32_t count = 0;
    for (size_t at = 0; at < out.size;) {
        save_big(counter, ++count);
        TRY(crypto_hmac((enum hash)mechanism->hash, key, parts, COUNT(parts), block));
        at = give(out, at, block, hash_size(mechanism->hash));
    }
    return STATUS_OK;
}

enum status kdf_x963(struct bytes secret, const struct mechanism *mechanism, struct span out) {
    SECRET_BYTES(block, HASH_SIZE_MAX);
    uint8_t counter[4];
    const struct bytes parts[] = {secret, bytes_of(counter, sizeof(counter)), mechanism->label};
    uint32_t count = 0;
    for (size_t at = 0; at < out.size;) {
        save_big(counter, ++count);
        TRY(crypto_hash((enum hash)mechanism->kdf, parts, COUNT(parts), block));
        at = give(out, at, block, hash_size(mechanism->kdf));
    }
    return STATUS_OK;
}

enum status crypto_hkdf(struct bytes key, struct bytes salt, struct bytes info, struct span out) {
    const struct mechanism mechanism = {
        .hash = HASH_SHA256, .salt = salt, .label = info, .steps = HKDF_EXTRACT | HKDF_EXPAND};
    return kdf_hkdf(key, &mechanism, out);
}
