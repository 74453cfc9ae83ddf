/* SPDX-License-Identifier: Apache-2.0 */
/* Messages by chance. */
#include "test/policy/any_message.h"

#include "proto/cbor.h"

static uint64_t seed = 88172645463325252ull;

uint64_t any_number(uint64_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return below == 0 ? seed : seed % below;
}

static int64_t any_int(const struct policy_field *field) {
    uint64_t width = (uint64_t)field->high - (uint64_t)field->low;
    switch (any_number(4)) {
    case 0:
        return field->low;
    case 1:
        return field->high;
    default:
        return (int64_t)((uint64_t)field->low +
                         (width == UINT64_MAX ? any_number(0) : any_number(width + 1)));
    }
}

static void put_any(struct cbor_writer *writer, const struct policy *policy, uint32_t at,
                    uint64_t pairs) {
    static const uint8_t filling[POLICY_CONTENT_MAX] = {'x'};
    const struct policy_field *field = &policy->fields[at];
    uint64_t low = (uint64_t)field->low, width = (uint64_t)field->high - low;
    switch (field->kind) {
    case POLICY_SYMBOL:
        cbor_put_text(writer, policy->symbols[field->first_symbol + any_number(field->symbols)]);
        break;
    case POLICY_INT:
        cbor_put_int(writer, any_int(field));
        break;
    case POLICY_BOOL:
        cbor_put_bool(writer, any_number(2) != 0);
        break;
    case POLICY_MAP:
        cbor_put(writer, CBOR_MAP, pairs);
        break;
    case POLICY_TEXT:
        cbor_put_text(writer, bytes_of(filling, low + any_number(width + 1)));
        break;
    default:
        cbor_put_bytes(writer, bytes_of(filling, low + any_number(width + 1)));
    }
}

struct bytes any_message(const struct policy *policy, uint8_t room[POLICY_SIZE_MAX]) {
    bool there[POLICY_FIELDS_MAX];
    uint64_t pairs[POLICY_FIELDS_MAX + 1] = {0};
    struct span out = {room, POLICY_SIZE_MAX};
    struct cbor_writer writer;
    for (uint32_t i = 0; i < policy->field_count; i++) {
        const struct policy_field *field = &policy->fields[i];
        bool inside = field->parent == POLICY_NONE || there[field->parent];
        there[i] = inside && !policy_kind_is_module(field->kind) &&
                   (!field->optional || any_number(2) != 0);
        pairs[field->parent == POLICY_NONE ? POLICY_FIELDS_MAX : field->parent] += there[i];
    }
    cbor_write(&writer, out);
    cbor_put(&writer, CBOR_MAP, pairs[POLICY_FIELDS_MAX]);
    for (uint32_t i = 0; i < policy->field_count; i++) {
        if (there[i]) {
            cbor_put(&writer, CBOR_UINT, policy->fields[i].key);
            put_any(&writer, policy, i, pairs[i]);
        }
    }
    return cbor_written(&writer, &out) == STATUS_OK ? bytes_of_span(out) : bytes_of(NULL, 0);
}

struct bytes mutate_message(struct bytes message, uint8_t room[POLICY_SIZE_MAX]) {
    size_t size = message.size;
    for (uint64_t times = any_number(4); times > 0 && size > 0; times--) {
        size_t at = (size_t)any_number(size);
        switch (any_number(4)) {
        case 0:
            room[at] = (uint8_t)any_number(256);
            break;
        case 1:
            room[at] = (uint8_t)(room[at] + 1);
            break;
        case 2:
            memmove(room + at, room + at + 1, --size - at);
            break;
        default:
            if (size < POLICY_CONTENT_MAX) {
                memmove(room + at + 1, room + at, size++ - at);
            }
        }
    }
    return bytes_of(room, size);
}
