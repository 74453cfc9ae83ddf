/* SPDX-License-Identifier: Apache-2.0 */
/* Between attributes as objects hold them and components as crypto/ takes them. */
#include "core/keys/parts.h"

enum { OCTET_STRING = 0x04, POINT_SIZE_MAX = 133, SPKI_SIZE_MAX = 1024 };

static struct bytes *part_of(struct key_parts *parts, uint32_t attribute) {
    switch (attribute) {
    case ATTRIBUTE_VALUE:
        return &parts->value;
    case ATTRIBUTE_EC_PARAMS:
        return &parts->ec_params;
    case ATTRIBUTE_MODULUS:
        return &parts->modulus;
    case ATTRIBUTE_PUBLIC_EXPONENT:
        return &parts->public_exponent;
    case ATTRIBUTE_PRIVATE_EXPONENT:
        return &parts->private_exponent;
    case ATTRIBUTE_PRIME_1:
        return &parts->prime_1;
    case ATTRIBUTE_PRIME_2:
        return &parts->prime_2;
    case ATTRIBUTE_EXPONENT_1:
        return &parts->exponent_1;
    case ATTRIBUTE_EXPONENT_2:
        return &parts->exponent_2;
    case ATTRIBUTE_COEFFICIENT:
        return &parts->coefficient;
    default:
        return NULL;
    }
}

struct bytes parts_point(enum key_type type, struct bytes point) {
    bool raw = type == KEY_EC ? point.size == 65 || point.size == 97 || point.size == 133
                              : point.size == 32;
    if (raw || point.size < 2 || point.data[0] != OCTET_STRING) {
        return point;
    }
    if (point.data[1] == point.size - 2 && point.size - 2 < 0x80) {
        return bytes_of(point.data + 2, point.size - 2);
    }
    if (point.size > 3 && point.data[1] == 0x81 && point.data[2] == point.size - 3) {
        return bytes_of(point.data + 3, point.size - 3);
    }
    return point;
}

void parts_of_attributes(struct key_parts *parts, const struct facts *facts,
                         struct bytes attributes) {
    *parts =
        (struct key_parts){.type = facts->type, .is_private = facts->class == CLASS_PRIVATE_KEY};
    struct attribute_entry entry;
    while (attributes_next(&attributes, &entry) == STATUS_OK) {
        struct bytes *part = part_of(parts, entry.type);
        if (part != NULL) {
            *part = entry.value;
        } else if (entry.type == ATTRIBUTE_EC_POINT) {
            parts->ec_point = parts_point(facts->type, entry.value);
        }
    }
}

static enum status add_point(struct bytes point, struct span to, size_t *used) {
    uint8_t der[3 + POINT_SIZE_MAX];
    if (point.size == 0) {
        return STATUS_OK;
    }
    if (point.size > POINT_SIZE_MAX) {
        return STATUS_OBJECT_TOO_LARGE;
    }
    size_t header = point.size < 0x80 ? 2 : 3;
    der[0] = OCTET_STRING;
    der[1] = header == 2 ? (uint8_t)point.size : 0x81;
    der[2] = (uint8_t)point.size;
    bytes_copy(der + header, point);
    return attributes_add(to, used, ATTRIBUTE_EC_POINT, bytes_of(der, header + point.size));
}

static enum status add_spki(const struct key_parts *parts, struct span to, size_t *used) {
    uint8_t der[SPKI_SIZE_MAX];
    struct span spki = {der, sizeof(der)};
    if (parts->modulus.size == 0 && parts->ec_point.size == 0) {
        return STATUS_OK;
    }
    TRY(crypto_key_spki(parts, &spki));
    return attributes_add(to, used, ATTRIBUTE_PUBLIC_KEY_INFO, bytes_of_span(spki));
}

enum status parts_add(const struct key_parts *parts, uint32_t attribute, struct span to,
                      size_t *used) {
    struct key_parts copy = *parts;
    const struct bytes *part = part_of(&copy, attribute);
    if (part != NULL) {
        return part->size == 0 ? STATUS_OK : attributes_add(to, used, attribute, *part);
    }
    switch (attribute) {
    case ATTRIBUTE_EC_POINT:
        return add_point(parts->ec_point, to, used);
    case ATTRIBUTE_PUBLIC_KEY_INFO:
        return add_spki(parts, to, used);
    case ATTRIBUTE_MODULUS_BITS:
        return parts->type == KEY_RSA
                   ? attributes_add_num(to, used, attribute, crypto_key_bits(parts))
                   : STATUS_OK;
    case ATTRIBUTE_VALUE_LEN:
        return attributes_add_num(to, used, attribute, (uint32_t)parts->value.size);
    default:
        return STATUS_OK;
    }
}
