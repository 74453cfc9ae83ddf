/* SPDX-License-Identifier: Apache-2.0 */
/* Deterministic CBOR (RFC 8949 section 4.2.1): a writer, and a pull reader that refuses everything
 * else: longer forms than needed, indefinite lengths, map keys unsorted or twice, floating point,
 * simple values but false, true and null, text that is not UTF-8. No recursion, no memory of its
 * own, nesting up to CBOR_DEPTH_MAX. Both are sticky: after a failure every call does nothing and
 * fails; one look at the end is enough. */
#ifndef PROTO_CBOR_H
#define PROTO_CBOR_H

#include "base/bytes.h"
#include "base/status.h"

enum { CBOR_DEPTH_MAX = 16 };

enum cbor_type {
    CBOR_UINT = 0,
    CBOR_NEGATIVE = 1, /* the number -1 - value */
    CBOR_BYTES = 2,
    CBOR_TEXT = 3,
    CBOR_ARRAY = 4, /* value: items that follow */
    CBOR_MAP = 5,   /* value: pairs that follow */
    CBOR_TAG = 6,   /* value: tag number; the item tagged follows */
    CBOR_SIMPLE = 7, /* value: 20 false, 21 true, 22 null */
};

/* ---- writing; the caller puts map keys in ascending order ---- */

struct cbor_writer {
    uint8_t *data;
    size_t room;
    size_t used; /* valid while not failed */
    bool failed; /* it did not fit */
};

/* Starts writing to `room` (kept until the last call). */
void cbor_write(struct cbor_writer *writer, struct span room);
/* Head of an item: array, map and tag, or a number. */
void cbor_put(struct cbor_writer *writer, enum cbor_type type, uint64_t value);
void cbor_put_int(struct cbor_writer *writer, int64_t value);
void cbor_put_bytes(struct cbor_writer *writer, struct bytes value);
void cbor_put_text(struct cbor_writer *writer, struct bytes value);
void cbor_put_bool(struct cbor_writer *writer, bool value);
/* Fills out->size. STATUS_TOO_LARGE when it did not fit. */
enum status cbor_written(const struct cbor_writer *writer, struct span *out) MUST_USE;

/* ---- reading ---- */

/* One item: for bytes and text the content, which points into the input. */
struct cbor_item {
    enum cbor_type type;
    uint64_t value;
    struct bytes bytes;
};

struct cbor_level {
    uint64_t left;         /* items still to come, keys and values counted */
    bool map;
    const uint8_t *key;    /* where the pair under way begins */
    struct bytes previous; /* encoding of the key before */
};

struct cbor_reader {
    const uint8_t *at, *end;
    bool failed;
    bool tagged; /* the item before was a tag */
    uint32_t depth;
    struct cbor_level levels[CBOR_DEPTH_MAX + 1];
};

/* Starts reading `input` (kept until the last call), which holds exactly one item. */
void cbor_read(struct cbor_reader *reader, struct bytes input);
/* Takes the next item; into arrays, maps and tags it goes by itself. STATUS_DATA_INVALID: not
 * deterministic CBOR, cut off, nested too deep, or nothing is left. */
enum status cbor_next(struct cbor_reader *reader, struct cbor_item *item) MUST_USE;
/* Takes the next item, which must be of this type; fills *value as struct cbor_item has it. */
enum status cbor_get(struct cbor_reader *reader, enum cbor_type type, uint64_t *value) MUST_USE;
/* The same for a number up to `max`. */
enum status cbor_get_uint(struct cbor_reader *reader, uint64_t max, uint64_t *value) MUST_USE;
enum status cbor_get_int(struct cbor_reader *reader, int64_t *value) MUST_USE;
enum status cbor_get_bytes(struct cbor_reader *reader, struct bytes *value) MUST_USE;
enum status cbor_get_text(struct cbor_reader *reader, struct bytes *value) MUST_USE;
enum status cbor_get_bool(struct cbor_reader *reader, bool *value) MUST_USE;
/* Passes over the next item with all that is in it, checking it; fills its encoding. */
enum status cbor_skip(struct cbor_reader *reader, struct bytes *encoding) MUST_USE;
/* STATUS_OK when the one item was read to its end, with no failure and no leftovers. */
enum status cbor_close(struct cbor_reader *reader) MUST_USE;

#endif
