/* SPDX-License-Identifier: Apache-2.0 */
/* Completing and generating keys, and the size of one. */
#include "crypto/common/parts.h"

#include "base/wipe.h"
#include "crypto/common/mechanism.h"

uint8_t *parts_room(const struct span *room, size_t *used, size_t size) {
    if (room->size - *used < size) {
        return NULL;
    }
    uint8_t *at = room->data + *used;
    *used += size;
    return at;
}

enum status parts_write_curve(const struct curve *curve, struct bytes value, struct bytes point,
                              struct key_parts *parts, struct span *room) {
    size_t used = 0;
    uint8_t *value_at = parts_room(room, &used, curve->size);
    uint8_t *point_at = parts_room(room, &used, point.size);
    if (value_at == NULL || point_at == NULL || value.size > curve->size) {
        return STATUS_INTERNAL;
    }
    size_t zeros = curve->size - value.size;
    memset(value_at, 0, zeros);
    bytes_copy(value_at + zeros, value);
    bytes_copy(point_at, point);
    parts->value = bytes_of(value_at, curve->size);
    parts->ec_point = bytes_of(point_at, point.size);
    room->size = used;
    return STATUS_OK;
}

enum status parts_fill(struct key_parts *parts, struct span *room) {
    switch (parts->type) {
    case KEY_RSA:
        return rsa_key_fill(parts, room);
    case KEY_EC:
    case KEY_ED25519:
    case KEY_X25519:
        return ec_key_fill(parts, room);
    case KEY_AES:
    case KEY_GENERIC:
    case KEY_CHACHA20:
        TRY(key_secret_check(parts->type, parts->value.size));
        room->size = 0;
        return STATUS_OK;
    default:
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
}

enum status crypto_key_complete(struct key_parts *parts, struct span *room) {
    struct key_parts filled = *parts;
    TRY(parts_fill(&filled, room));
    if (filled.type == KEY_RSA && filled.is_private) {
        TRY(rsa_key_check_primes(&filled));
    }
    *parts = filled;
    return STATUS_OK;
}

static uint32_t modulus_bits(struct bytes modulus) {
    while (modulus.size > 0 && modulus.data[0] == 0) {
        modulus = bytes_of(modulus.data + 1, modulus.size - 1);
    }
    if (modulus.size == 0 || modulus.size > UINT32_MAX / 8) {
        return 0;
    }
    return (uint32_t)(modulus.size * 8) - (uint32_t)__builtin_clz(modulus.data[0]) + 24;
}

uint32_t crypto_key_bits(const struct key_parts *parts) {
    const struct curve *curve = NULL;
    switch (parts->type) {
    case KEY_RSA:
        return modulus_bits(parts->modulus);
    case KEY_EC:
    case KEY_ED25519:
    case KEY_X25519:
        return curve_find(parts->type, parts->ec_params, &curve) == STATUS_OK ? curve->bits : 0;
    case KEY_AES:
    case KEY_GENERIC:
    case KEY_CHACHA20:
        return (uint32_t)(parts->value.size * 8);
    default:
        return 0;
    }
}

static enum status generate_secret(struct key_parts *parts, uint32_t bits, struct span *room) {
    size_t size = bits / 8;
    if (bits % 8 != 0 || key_secret_check(parts->type, size) != STATUS_OK || size > room->size) {
        return STATUS_KEY_SIZE;
    }
    TRY(crypto_random(room->data, size));
    parts->value = bytes_of(room->data, size);
    room->size = size;
    return STATUS_OK;
}

/* A signature made and checked with the new pair (FIPS 140-3, pairwise consistency). For X25519 the
 * loading does it: it computes the public key again and compares. */
static enum status check_pair(const struct key_parts *parts) {
    struct mechanism mechanism = {.algorithm = ALGORITHM_EDDSA};
    uint8_t room[RSA_SIZE_MAX];
    struct span signature = {room, sizeof(room)};
    struct bytes message = bytes_of_text("pairwise test");
    struct crypto_key key;
    if (parts->type != KEY_ED25519) {
        mechanism.algorithm = parts->type == KEY_EC ? ALGORITHM_ECDSA : ALGORITHM_RSA_PKCS1;
        mechanism.hash = HASH_SHA256;
    }
    enum status status = crypto_key_load(&key, parts);
    if (status == STATUS_OK && parts->type != KEY_X25519) {
        /* Which verifies it: ERROR_STATE. */
        status = crypto_sign(&key, &mechanism, message, true, &signature);
    }
    crypto_key_unload(&key);
    return status == STATUS_ATTRIBUTE_VALUE_INVALID ? STATUS_ERROR_STATE : status;
}

static enum status generate_pair(struct key_parts *parts, uint32_t bits, struct span *room) {
    struct key_parts made = *parts;
    size_t capacity = room->size;
    enum status status =
        parts->type == KEY_RSA ? rsa_key_make(&made, bits, room) : ec_key_make(&made, room);
    if (status == STATUS_OK) {
        status = check_pair(&made);
    }
    if (status != STATUS_OK) {
        wipe(room->data, capacity);
        return status;
    }
    *parts = made;
    return STATUS_OK;
}

enum status crypto_key_generate(struct key_parts *parts, uint32_t bits, struct span *room) {
    switch (parts->type) {
    case KEY_RSA:
    case KEY_EC:
    case KEY_ED25519:
    case KEY_X25519:
        return generate_pair(parts, bits, room);
    case KEY_AES:
    case KEY_GENERIC:
    case KEY_CHACHA20:
        return generate_secret(parts, bits, room);
    default:
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
}
