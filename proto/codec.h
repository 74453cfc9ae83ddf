/* SPDX-License-Identifier: Apache-2.0 */
/* The one reader and the one writer of message bodies, driven by the field tables.
 * Encoding, in the order of the table: U32 4 bytes, U64 8 bytes, BYTES a u32 size and the bytes. */
#ifndef PROTO_CODEC_H
#define PROTO_CODEC_H

#include "proto/messages.h"

/* Reads a body into the struct that the fields describe; byte fields point into the body (keep it).
 * STATUS_BAD_FRAME when it is truncated, has leftovers, or a byte field is above its largest size;
 * the struct is undefined then. */
enum status codec_read(const struct field *fields, struct bytes body, void *message) MUST_USE;

/* Writes the struct as a body to `to`; fills *used. A byte field may already lie at its place in
 * `to` (see codec_room), then it is not copied. STATUS_TOO_LARGE when it does not fit. */
enum status codec_write(const struct field *fields, const void *message, struct span to,
                        size_t *used) MUST_USE;

/* The room in `to` where the bytes of the first field go when that is a byte field: a function that
 * writes its result there saves a copy. Empty where the first field is another kind. */
struct span codec_room(const struct field *fields, struct span to) MUST_USE;

#endif
