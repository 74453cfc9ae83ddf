/* SPDX-License-Identifier: Apache-2.0 */
/* Messages from text. */
#include "host/cli/policy_message.h"

#include "proto/cbor.h"

#include <errno.h>
#include <stdlib.h>

/* One value that was given. */
struct given {
    bool present;
    enum cbor_type type;
    int64_t number;
    struct bytes content;
};

struct maker {
    const struct policy *policy;
    struct given values[POLICY_FIELDS_MAX];
    uint8_t room[POLICY_SIZE_MAX]; /* bytes that were given in hex */
    size_t used;
    char *why;
};

static enum status wrong(struct maker *maker, const char *what, const char *about) {
    snprintf(maker->why, POLICY_MESSAGE_WHY, "%s: %.80s", what, about);
    return STATUS_USAGE;
}

static int digit_of(char c) {
    const char *digits = "0123456789abcdef";
    const char *at = c != 0 ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Hex up to `end`; blanks between bytes are passed over. */
static enum status read_hex(struct maker *maker, const char *text, const char *end,
                            struct bytes *out) {
    size_t start = maker->used;
    while (text < end) {
        if (*text == ' ') {
            text++;
            continue;
        }
        int high = digit_of(text[0]), low = text + 1 < end ? digit_of(text[1]) : -1;
        if (high < 0 || low < 0 || maker->used == sizeof(maker->room)) {
            return wrong(maker, "not hex digits, two for each byte", text);
        }
        maker->room[maker->used++] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    *out = bytes_of(maker->room + start, maker->used - start);
    return STATUS_OK;
}

/* ---- values ---- */

static enum status read_value(struct maker *maker, const char *text, size_t size,
                              struct given *value) {
    char number[32];
    char *end = NULL;
    value->present = true;
    if (size >= 2 && text[0] == '"') {
        value->type = CBOR_TEXT;
        value->content = bytes_of(text + 1, size - 2);
        return STATUS_OK;
    }
    if (size >= 3 && text[0] == 'h' && text[1] == '\'') {
        value->type = CBOR_BYTES;
        return read_hex(maker, text + 2, text + size - 1, &value->content);
    }
    bool yes = bytes_equal(bytes_of(text, size), bytes_of_text("true"));
    if (yes || bytes_equal(bytes_of(text, size), bytes_of_text("false"))) {
        value->type = CBOR_SIMPLE;
        value->number = yes;
        return STATUS_OK;
    }
    snprintf(number, sizeof(number), "%.*s", (int)size, text);
    errno = 0;
    value->number = strtoll(number, &end, 10);
    if (size > 0 && size < sizeof(number) && *end == 0 && errno == 0) {
        value->type = CBOR_UINT;
        return STATUS_OK;
    }
    value->type = CBOR_TEXT;
    value->content = bytes_of(text, size);
    return STATUS_OK;
}

/* Bytes of a value up to the next blank; blanks in quotes belong to it. */
static size_t value_size(const char *text) {
    size_t size = 0;
    char quote = text[0] == '"' ? '"' : text[0] == 'h' && text[1] == '\'' ? '\'' : 0;
    if (quote == 0) {
        return strcspn(text, " \t\r\n");
    }
    size = quote == '"' ? 1 : 2;
    while (text[size] != 0 && text[size] != quote) {
        size++;
    }
    return text[size] == quote ? size + 1 : 0;
}

static struct given *find_field(struct maker *maker, struct bytes name) {
    for (uint32_t i = 0; i < maker->policy->field_count; i++) {
        if (bytes_equal(maker->policy->fields[i].name, name)) {
            return &maker->values[i];
        }
    }
    return NULL;
}

static enum status read_pairs(struct maker *maker, const char *text) {
    for (text += strspn(text, " \t\r\n"); *text != 0; text += strspn(text, " \t\r\n")) {
        size_t name = strcspn(text, "= \t\r\n");
        if (text[name] != '=') {
            return wrong(maker, "expected NAME=VALUE", text);
        }
        struct given *value = find_field(maker, bytes_of(text, name));
        if (value == NULL || value->present) {
            return wrong(maker,
                         value == NULL ? "the message has no such field"
                                       : "this field was given twice",
                         text);
        }
        size_t size = value_size(text + name + 1);
        if (size == 0) {
            return wrong(maker, "a value is missing, or its quote does not end", text);
        }
        TRY(read_value(maker, text + name + 1, size, value));
        text += name + 1 + size;
    }
    /* what is in a map needs the map */
    for (uint32_t i = maker->policy->field_count; i > 0; i--) {
        uint8_t parent = maker->policy->fields[i - 1].parent;
        if (maker->values[i - 1].present && parent != POLICY_NONE) {
            maker->values[parent].present = true;
            maker->values[parent].type = CBOR_MAP;
        }
    }
    return STATUS_OK;
}

/* ---- the encoding ---- */

static uint64_t pairs_of(const struct maker *maker, uint32_t parent) {
    uint64_t pairs = 0;
    for (uint32_t i = 0; i < maker->policy->field_count; i++) {
        pairs += maker->policy->fields[i].parent == parent && maker->values[i].present;
    }
    return pairs;
}

static void put_value(struct cbor_writer *writer, const struct maker *maker, uint32_t at) {
    const struct given *value = &maker->values[at];
    switch (value->type) {
    case CBOR_TEXT:
        cbor_put_text(writer, value->content);
        break;
    case CBOR_BYTES:
        cbor_put_bytes(writer, value->content);
        break;
    case CBOR_SIMPLE:
        cbor_put_bool(writer, value->number != 0);
        break;
    case CBOR_MAP:
        cbor_put(writer, CBOR_MAP, pairs_of(maker, at));
        break;
    default:
        cbor_put_int(writer, value->number);
    }
}

static enum status write_message(const struct maker *maker, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_MAP, pairs_of(maker, POLICY_NONE));
    for (uint32_t i = 0; i < maker->policy->field_count; i++) {
        if (maker->values[i].present) {
            cbor_put(&writer, CBOR_UINT, maker->policy->fields[i].key);
            put_value(&writer, maker, i);
        }
    }
    return cbor_written(&writer, out);
}

enum status policy_message_make(const struct policy *policy, const char *text, struct span *out,
                                char why[POLICY_MESSAGE_WHY]) {
    struct maker maker = {.policy = policy, .why = why};
    struct bytes raw;
    why[0] = 0;
    text += strspn(text, " \t\r\n");
    if (strncmp(text, "cbor", 4) == 0 && (text[4] == ' ' || text[4] == 0)) {
        TRY(read_hex(&maker, text + 4, text + 4 + strcspn(text + 4, "\r\n"), &raw));
        if (raw.size > out->size) {
            return wrong(&maker, "the message is too long", text);
        }
        bytes_copy(out->data, raw);
        out->size = raw.size;
        return STATUS_OK;
    }
    TRY(read_pairs(&maker, text));
    return write_message(&maker, out) == STATUS_OK ? STATUS_OK
                                                   : wrong(&maker, "the message is too long", text);
}
