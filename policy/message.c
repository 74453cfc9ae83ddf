/* SPDX-License-Identifier: Apache-2.0 */
/* Messages, read and written by the shape of a policy. */
#include "policy/message.h"

#include "proto/cbor.h"

enum { SIMPLE_NULL = 22 };

static enum status fault(struct message *message, uint32_t field, enum message_fault why) {
    message->field = (uint8_t)field;
    message->fault = why;
    return STATUS_DATA_INVALID;
}

/* The field with this key in a map; POLICY_NONE. */
static uint32_t find_field(const struct policy *policy, uint32_t parent, uint64_t key) {
    for (uint32_t i = 0; i < policy->field_count; i++) {
        if (policy->fields[i].parent == parent && policy->fields[i].key == key) {
            return i;
        }
    }
    return POLICY_NONE;
}

/* ---- one value, taken from its item ---- */

static enum message_fault take_symbol(const struct policy *policy, const struct policy_field *field,
                                      const struct cbor_item *item, struct message_value *value) {
    if (item->type != CBOR_TEXT) {
        return MESSAGE_TYPE;
    }
    for (uint32_t i = 0; i < field->symbols; i++) {
        if (bytes_equal(policy->symbols[field->first_symbol + i], item->bytes)) {
            value->number = (int64_t)i;
            return MESSAGE_FITS;
        }
    }
    return MESSAGE_RANGE;
}

static enum message_fault take_int(const struct policy_field *field, const struct cbor_item *item,
                                   struct message_value *value) {
    if (item->type != CBOR_UINT && item->type != CBOR_NEGATIVE) {
        return MESSAGE_TYPE;
    }
    if (item->value > INT64_MAX) {
        return MESSAGE_RANGE;
    }
    int64_t number = (int64_t)item->value;
    value->number = item->type == CBOR_UINT ? number : -1 - number;
    bool fits = value->number >= field->low && value->number <= field->high;
    return fits ? MESSAGE_FITS : MESSAGE_RANGE;
}

static enum message_fault take_bool(const struct cbor_item *item, struct message_value *value) {
    enum { SIMPLE_FALSE = 20, SIMPLE_TRUE = 21 };
    if (item->type != CBOR_SIMPLE || item->value > SIMPLE_TRUE) {
        return MESSAGE_TYPE;
    }
    value->number = item->value - SIMPLE_FALSE != 0;
    return MESSAGE_FITS;
}

static enum message_fault take_string(const struct policy_field *field,
                                      const struct cbor_item *item, struct message_value *value) {
    if (item->type != (field->kind == POLICY_TEXT ? CBOR_TEXT : CBOR_BYTES)) {
        return MESSAGE_TYPE;
    }
    value->content = item->bytes;
    bool fits = item->value >= (uint64_t)field->low && item->value <= (uint64_t)field->high;
    return fits ? MESSAGE_FITS : MESSAGE_RANGE;
}

static enum message_fault take_value(const struct policy *policy, uint32_t at,
                                     const struct cbor_item *item, struct message_value *value) {
    const struct policy_field *field = &policy->fields[at];
    switch (field->kind) {
    case POLICY_SYMBOL:
        return take_symbol(policy, field, item, value);
    case POLICY_INT:
        return take_int(field, item, value);
    case POLICY_BOOL:
        return take_bool(item, value);
    case POLICY_BYTES:
    case POLICY_TEXT:
        return take_string(field, item, value);
    case POLICY_MAP:
        return item->type == CBOR_MAP ? MESSAGE_FITS : MESSAGE_TYPE;
    default:
        return MESSAGE_MODULE_FIELD;
    }
}

/* ---- the whole ---- */

/* Where the reader is: the maps that it is inside of. */
struct place {
    struct cbor_reader reader;
    uint64_t left[POLICY_DEPTH_MAX];
    uint32_t parent[POLICY_DEPTH_MAX];
    uint32_t depth;
};

static enum status read_pair(const struct policy *policy, struct place *place,
                             struct message *message) {
    uint64_t key = 0;
    struct cbor_item item;
    place->left[place->depth - 1]--;
    if (cbor_get_uint(&place->reader, UINT64_MAX, &key) != STATUS_OK) {
        return fault(message, POLICY_NONE, MESSAGE_ENCODING);
    }
    uint32_t at = find_field(policy, place->parent[place->depth - 1], key);
    if (at == POLICY_NONE) {
        return fault(message, place->parent[place->depth - 1], MESSAGE_KEY);
    }
    struct message_value *value = &message->values[at];
    if (cbor_next(&place->reader, &item) != STATUS_OK || value->present) {
        return fault(message, at, MESSAGE_ENCODING);
    }
    enum message_fault why = take_value(policy, at, &item, value);
    if (why != MESSAGE_FITS) {
        return fault(message, at, why);
    }
    value->present = true;
    if (policy->fields[at].kind == POLICY_MAP) {
        if (place->depth == POLICY_DEPTH_MAX) {
            return fault(message, at, MESSAGE_ENCODING);
        }
        place->left[place->depth] = item.value;
        place->parent[place->depth++] = at;
    }
    return STATUS_OK;
}

static enum status check_missing(const struct policy *policy, struct message *message) {
    for (uint32_t i = 0; i < policy->field_count; i++) {
        const struct policy_field *field = &policy->fields[i];
        bool wanted = field->parent == POLICY_NONE || message->values[field->parent].present;
        if (wanted && !field->optional && !policy_kind_is_module(field->kind) &&
            !message->values[i].present) {
            return fault(message, i, MESSAGE_MISSING);
        }
    }
    return STATUS_OK;
}

enum status message_read(const struct policy *policy, struct bytes encoding,
                         struct message *message) {
    struct place place = {.depth = 1, .parent = {POLICY_NONE}};
    memset(message, 0, sizeof(*message));
    message->field = POLICY_NONE;
    cbor_read(&place.reader, encoding);
    if (encoding.size > POLICY_CONTENT_MAX ||
        cbor_get(&place.reader, CBOR_MAP, &place.left[0]) != STATUS_OK) {
        return fault(message, POLICY_NONE, MESSAGE_ENCODING);
    }
    while (place.depth > 0) {
        if (place.left[place.depth - 1] == 0) {
            place.depth--;
        } else {
            TRY(read_pair(policy, &place, message));
        }
    }
    if (cbor_close(&place.reader) != STATUS_OK) {
        return fault(message, POLICY_NONE, MESSAGE_ENCODING);
    }
    return check_missing(policy, message);
}

/* ---- writing ---- */

/* Whether the field is in the message as it is signed. */
static bool is_written(const struct policy *policy, const struct message *message, uint32_t at) {
    const struct policy_field *field = &policy->fields[at];
    if (policy_kind_is_module(field->kind)) {
        return field->parent == POLICY_NONE || message->values[field->parent].present;
    }
    return message->values[at].present;
}

static uint64_t pairs_of(const struct policy *policy, const struct message *message,
                         uint32_t parent) {
    uint64_t pairs = 0;
    for (uint32_t i = 0; i < policy->field_count; i++) {
        pairs += policy->fields[i].parent == parent && is_written(policy, message, i);
    }
    return pairs;
}

static void put_fact(struct cbor_writer *writer, uint32_t kind, const struct message_facts *facts) {
    if (kind == POLICY_TIME && facts->time == 0) {
        cbor_put(writer, CBOR_SIMPLE, SIMPLE_NULL);
        return;
    }
    cbor_put(writer, CBOR_UINT,
             kind == POLICY_COUNTER ? facts->counter
             : kind == POLICY_TIME  ? facts->time
             : kind == POLICY_BOOT  ? facts->boot
                                    : facts->uptime_ms);
}

static void put_value(struct cbor_writer *writer, const struct policy *policy,
                      const struct message *message, uint32_t at) {
    const struct policy_field *field = &policy->fields[at];
    const struct message_value *value = &message->values[at];
    switch (field->kind) {
    case POLICY_SYMBOL:
        cbor_put_text(writer, policy->symbols[field->first_symbol + (uint32_t)value->number]);
        break;
    case POLICY_INT:
        cbor_put_int(writer, value->number);
        break;
    case POLICY_BOOL:
        cbor_put_bool(writer, value->number != 0);
        break;
    case POLICY_BYTES:
        cbor_put_bytes(writer, value->content);
        break;
    case POLICY_TEXT:
        cbor_put_text(writer, value->content);
        break;
    default:
        cbor_put(writer, CBOR_MAP, pairs_of(policy, message, at));
    }
}

enum status message_write(const struct policy *policy, const struct message *message,
                          const struct message_facts *facts, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_MAP, pairs_of(policy, message, POLICY_NONE));
    for (uint32_t i = 0; i < policy->field_count; i++) {
        if (!is_written(policy, message, i)) {
            continue;
        }
        cbor_put(&writer, CBOR_UINT, policy->fields[i].key);
        if (policy_kind_is_module(policy->fields[i].kind)) {
            put_fact(&writer, policy->fields[i].kind, facts);
        } else {
            put_value(&writer, policy, message, i);
        }
    }
    return cbor_written(&writer, out);
}
