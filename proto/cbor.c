/* SPDX-License-Identifier: Apache-2.0 */
/* Deterministic CBOR. */
#include "proto/cbor.h"

enum { SIMPLE_FALSE = 20, SIMPLE_TRUE = 21, SIMPLE_NULL = 22 };

/* ---- writing ---- */

void cbor_write(struct cbor_writer *writer, struct span room) {
    *writer = (struct cbor_writer){room.data, room.size, 0, false};
}

/* Room for `size` more bytes, or NULL. */
static uint8_t *writer_take(struct cbor_writer *writer, size_t size) {
    if (writer->failed || writer->room - writer->used < size) {
        writer->failed = true;
        return NULL;
    }
    uint8_t *at = writer->data + writer->used;
    writer->used += size;
    return at;
}

/* Bytes that the argument of a head takes. */
static size_t argument_size(uint64_t value) {
    if (value < 24) {
        return 0;
    }
    return value <= 0xff ? 1 : value <= 0xffff ? 2 : value <= 0xffffffff ? 4 : 8;
}

void cbor_put(struct cbor_writer *writer, enum cbor_type type, uint64_t value) {
    size_t size = argument_size(value);
    uint8_t *at = writer_take(writer, 1 + size);
    if (at == NULL) {
        return;
    }
    static const uint8_t info[9] = {[1] = 24, [2] = 25, [4] = 26, [8] = 27};
    at[0] = (uint8_t)((unsigned)type << 5 | (size == 0 ? (uint8_t)value : info[size]));
    for (size_t i = size; i > 0; i--) {
        at[i] = (uint8_t)value;
        value >>= 8;
    }
}

void cbor_put_int(struct cbor_writer *writer, int64_t value) {
    if (value < 0) {
        cbor_put(writer, CBOR_NEGATIVE, ~(uint64_t)value);
    } else {
        cbor_put(writer, CBOR_UINT, (uint64_t)value);
    }
}

static void put_string(struct cbor_writer *writer, enum cbor_type type, struct bytes value) {
    cbor_put(writer, type, value.size);
    uint8_t *at = writer_take(writer, value.size);
    if (at != NULL) {
        bytes_copy(at, value);
    }
}

void cbor_put_bytes(struct cbor_writer *writer, struct bytes value) {
    put_string(writer, CBOR_BYTES, value);
}

void cbor_put_text(struct cbor_writer *writer, struct bytes value) {
    put_string(writer, CBOR_TEXT, value);
}

void cbor_put_bool(struct cbor_writer *writer, bool value) {
    cbor_put(writer, CBOR_SIMPLE, value ? SIMPLE_TRUE : SIMPLE_FALSE);
}

enum status cbor_written(const struct cbor_writer *writer, struct span *out) {
    if (writer->failed) {
        return STATUS_TOO_LARGE;
    }
    out->size = writer->used;
    return STATUS_OK;
}

/* ---- reading ---- */

void cbor_read(struct cbor_reader *reader, struct bytes input) {
    *reader = (struct cbor_reader){.at = input.data, .end = input.data, .failed = false};
    if (input.size > 0) {
        reader->end = input.data + input.size;
    }
    reader->levels[0].left = 1;
}

static enum status refuse(struct cbor_reader *reader) {
    reader->failed = true;
    return STATUS_DATA_INVALID;
}

static size_t left(const struct cbor_reader *reader) {
    return (size_t)(reader->end - reader->at);
}

/* Length of the UTF-8 character at the start of `text`; 0 when it is not one (RFC 3629). */
static size_t utf8_size(struct bytes text) {
    const uint8_t *p = text.data;
    if (p[0] < 0x80) {
        return 1;
    }
    size_t size = p[0] >= 0xc2 && p[0] <= 0xdf   ? 2
                  : p[0] >= 0xe0 && p[0] <= 0xef ? 3
                  : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4
                                                 : 0;
    if (size == 0 || size > text.size) {
        return 0;
    }
    for (size_t i = 1; i < size; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    /* longer forms than needed, surrogates, beyond U+10FFFF */
    bool bad = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
               (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f);
    return bad ? 0 : size;
}

static bool utf8_valid(struct bytes text) {
    while (text.size > 0) {
        size_t size = utf8_size(text);
        if (size == 0) {
            return false;
        }
        text = bytes_of(text.data + size, text.size - size);
    }
    return true;
}

/* Reads type and argument of the next item. */
static bool read_head(struct cbor_reader *reader, struct cbor_item *item) {
    if (left(reader) < 1) {
        return false;
    }
    uint8_t head = *reader->at++;
    item->type = (enum cbor_type)(head >> 5);
    item->value = head & 0x1f;
    if (item->value < 24) {
        return true;
    }
    if (item->value > 27) {
        return false; /* reserved, or indefinite length */
    }
    size_t size = (size_t)1 << (item->value - 24);
    if (left(reader) < size) {
        return false;
    }
    item->value = 0;
    for (size_t i = 0; i < size; i++) {
        item->value = item->value << 8 | *reader->at++;
    }
    return argument_size(item->value) == size;
}

/* Checks the argument and takes the content of a string. */
static bool read_content(struct cbor_reader *reader, struct cbor_item *item) {
    item->bytes = bytes_of(NULL, 0);
    switch (item->type) {
    case CBOR_BYTES:
    case CBOR_TEXT:
        if (item->value > left(reader)) {
            return false;
        }
        item->bytes = bytes_of(reader->at, (size_t)item->value);
        reader->at += item->value;
        return item->type == CBOR_BYTES || utf8_valid(item->bytes);
    case CBOR_ARRAY:
        return item->value <= left(reader);
    case CBOR_MAP:
        return item->value <= left(reader) / 2;
    case CBOR_SIMPLE:
        return item->value >= SIMPLE_FALSE && item->value <= SIMPLE_NULL;
    default:
        return true;
    }
}

/* Whether a comes before b, in the order of RFC 8949 section 4.2.1. */
static bool comes_before(struct bytes a, struct bytes b) {
    size_t size = a.size < b.size ? a.size : b.size;
    for (size_t i = 0; i < size; i++) {
        if (a.data[i] != b.data[i]) {
            return a.data[i] < b.data[i];
        }
    }
    return a.size < b.size;
}

/* Notes that an item of the innermost level begins at reader->at. In a map a value begins where its
 * key has ended: then the key is compared with the one before. */
static bool begin_item(struct cbor_reader *reader) {
    struct cbor_level *level = &reader->levels[reader->depth];
    if (level->left == 0) {
        return false;
    }
    if (level->map && level->left % 2 == 0) {
        level->key = reader->at;
    } else if (level->map) {
        struct bytes key = bytes_of(level->key, (size_t)(reader->at - level->key));
        if (level->previous.size > 0 && !comes_before(level->previous, key)) {
            return false;
        }
        level->previous = key;
    }
    return true;
}

/* Leaves the levels that have come to their end. */
static void rise(struct cbor_reader *reader) {
    while (reader->depth > 0 && reader->levels[reader->depth].left == 0) {
        reader->depth--;
    }
}

enum status cbor_next(struct cbor_reader *reader, struct cbor_item *item) {
    rise(reader);
    bool begun = reader->tagged || begin_item(reader);
    if (reader->failed || !begun || !read_head(reader, item) || !read_content(reader, item)) {
        return refuse(reader);
    }
    reader->tagged = item->type == CBOR_TAG;
    if (reader->tagged) {
        return STATUS_OK; /* the item that it tags takes its place */
    }
    reader->levels[reader->depth].left--;
    if (item->type == CBOR_ARRAY || item->type == CBOR_MAP) {
        if (reader->depth == CBOR_DEPTH_MAX) {
            return refuse(reader);
        }
        bool map = item->type == CBOR_MAP;
        uint64_t count = map ? 2 * item->value : item->value;
        reader->levels[++reader->depth] = (struct cbor_level){.left = count, .map = map};
    }
    return STATUS_OK;
}

enum status cbor_get(struct cbor_reader *reader, enum cbor_type type, uint64_t *value) {
    struct cbor_item item;
    TRY(cbor_next(reader, &item));
    if (item.type != type) {
        return refuse(reader);
    }
    *value = item.value;
    return STATUS_OK;
}

enum status cbor_get_uint(struct cbor_reader *reader, uint64_t max, uint64_t *value) {
    uint64_t number = 0;
    TRY(cbor_get(reader, CBOR_UINT, &number));
    if (number > max) {
        return refuse(reader);
    }
    *value = number;
    return STATUS_OK;
}

enum status cbor_get_int(struct cbor_reader *reader, int64_t *value) {
    struct cbor_item item;
    TRY(cbor_next(reader, &item));
    if ((item.type != CBOR_UINT && item.type != CBOR_NEGATIVE) || item.value > INT64_MAX) {
        return refuse(reader);
    }
    *value = item.type == CBOR_UINT ? (int64_t)item.value : -1 - (int64_t)item.value;
    return STATUS_OK;
}

static enum status get_string(struct cbor_reader *reader, enum cbor_type type,
                              struct bytes *value) {
    struct cbor_item item;
    TRY(cbor_next(reader, &item));
    if (item.type != type) {
        return refuse(reader);
    }
    *value = item.bytes;
    return STATUS_OK;
}

enum status cbor_get_bytes(struct cbor_reader *reader, struct bytes *value) {
    return get_string(reader, CBOR_BYTES, value);
}

enum status cbor_get_text(struct cbor_reader *reader, struct bytes *value) {
    return get_string(reader, CBOR_TEXT, value);
}

enum status cbor_get_bool(struct cbor_reader *reader, bool *value) {
    uint64_t number = 0;
    TRY(cbor_get(reader, CBOR_SIMPLE, &number));
    if (number == SIMPLE_NULL) {
        return refuse(reader);
    }
    *value = number == SIMPLE_TRUE;
    return STATUS_OK;
}

enum status cbor_skip(struct cbor_reader *reader, struct bytes *encoding) {
    rise(reader);
    const uint8_t *start = reader->at;
    uint32_t depth = reader->depth;
    struct cbor_item item;
    do {
        TRY(cbor_next(reader, &item));
        rise(reader);
    } while (reader->tagged || reader->depth > depth);
    *encoding = bytes_of(start, (size_t)(reader->at - start));
    return STATUS_OK;
}

enum status cbor_close(struct cbor_reader *reader) {
    rise(reader);
    bool whole = reader->depth == 0 && reader->levels[0].left == 0 && left(reader) == 0;
    return whole && !reader->failed ? STATUS_OK : refuse(reader);
}
