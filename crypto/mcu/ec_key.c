/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on elliptic curves, NIST's and 25519: loading, completing, generating. */
#include "base/wipe.h"
#include "crypto/common/parts.h"
#include "crypto/mcu/ec.h"

/* Reads a private value, checks its range and computes its point, which must be the one given. */
static enum status read_private(const struct curve *curve, const struct key_parts *parts,
                                struct ec_key *key) {
    size_t size = parts->value.size;
    if (size == 0 || size > curve->size || (curve->type != KEY_EC && size != curve->size)) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    memset(key->value, 0, curve->size - size);
    bytes_copy(key->value + curve->size - size, parts->value);
    if (curve->type == KEY_EC && !ec_check_scalar(curve, key->value)) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    TRY(ec_public(curve, key->value, key->point));
    bool same = parts->ec_point.size == 0 ||
                bytes_equal(parts->ec_point, bytes_of(key->point, ec_point_size(curve)));
    return same ? STATUS_OK : STATUS_ATTRIBUTE_VALUE_INVALID;
}

enum status ec_key_build(const struct key_parts *parts, struct loaded *loaded) {
    const struct curve *curve = NULL;
    TRY(curve_find(parts->type, parts->ec_params, &curve));
    loaded->curve = (uint8_t)curve->id;
    loaded->size = (uint16_t)curve->size;
    if (parts->is_private) {
        return read_private(curve, parts, &loaded->as.ec);
    }
    TRY(ec_check_point(curve, parts->ec_point));
    bytes_copy(loaded->as.ec.point, parts->ec_point);
    return STATUS_OK;
}

enum status ec_key_fill(struct key_parts *parts, struct span *room) {
    const struct curve *curve = NULL;
    struct ec_key key;
    WIPE_AT_END(key, sizeof(key));
    TRY(curve_find(parts->type, parts->ec_params, &curve));
    if (!parts->is_private) {
        TRY(ec_check_point(curve, parts->ec_point));
        room->size = 0;
        return STATUS_OK;
    }
    TRY(read_private(curve, parts, &key));
    return parts_write_curve(curve, bytes_of(key.value, curve->size),
                             bytes_of(key.point, ec_point_size(curve)), parts, room);
}

enum status ec_key_make(struct key_parts *parts, struct span *room) {
    const struct curve *curve = NULL;
    struct ec_key key;
    WIPE_AT_END(key, sizeof(key));
    TRY(curve_find(parts->type, parts->ec_params, &curve));
    TRY(ec_draw(curve, key.value));
    TRY(ec_public(curve, key.value, key.point));
    *parts =
        (struct key_parts){.type = parts->type, .is_private = true, .ec_params = parts->ec_params};
    return parts_write_curve(curve, bytes_of(key.value, curve->size),
                             bytes_of(key.point, ec_point_size(curve)), parts, room);
}
