/* SPDX-License-Identifier: Apache-2.0 */
/* The part of DER (X.690) that keys are written in. */
#ifndef CRYPTO_COMMON_DER_H
#define CRYPTO_COMMON_DER_H

#include "base/bytes.h"
#include "base/status.h"

enum der_tag {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_SEQUENCE = 0x30,
    DER_CONTEXT_0 = 0xa0, /* [0], constructed */
    DER_CONTEXT_1 = 0xa1,
    DER_IMPLICIT_1 = 0x81, /* [1], primitive */
};

/* ---- reading: `from` becomes what follows the element ---- */

/* Whether the next element has this tag. */
bool der_is(struct bytes from, uint8_t tag) MUST_USE;
/* The contents of the next element, which must have this tag and a length in its shortest form, and
 * be there whole. */
bool der_take(struct bytes *from, uint8_t tag, struct bytes *contents) MUST_USE;
/* A non-negative INTEGER in its shortest form, without the leading zero (empty: 0). */
bool der_take_number(struct bytes *from, struct bytes *number) MUST_USE;
/* A BIT STRING of whole bytes. */
bool der_take_bits(struct bytes *from, struct bytes *bits) MUST_USE;

/* ---- writing, from the last byte to the first ---- */

struct der_writer {
    uint8_t *room;
    size_t at;    /* bytes in front that are still free */
    bool spilled; /* there was not enough room */
};

struct der_writer der_writer(struct span room) MUST_USE;
/* Puts bytes in front of what is there. */
void der_put(struct der_writer *writer, struct bytes bytes);
void der_put_byte(struct der_writer *writer, uint8_t byte);
/* Puts a header in front: everything written since `at` was `end` are its contents. */
void der_wrap(struct der_writer *writer, uint8_t tag, size_t end);
/* A big-endian number as an INTEGER. */
void der_put_number(struct der_writer *writer, struct bytes number);
/* Moves what was written to the front of the room; TOO_LARGE where it did not fit, and then the
 * room is wiped. */
enum status der_finish(struct der_writer *writer, struct span *out) MUST_USE;

#endif
