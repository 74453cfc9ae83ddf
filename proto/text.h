/* SPDX-License-Identifier: Apache-2.0 */
/* Text put together piece by piece in a room of fixed size. Sticky: once a piece did not fit,
 * nothing more is added; one look at the end is enough. */
#ifndef PROTO_TEXT_H
#define PROTO_TEXT_H

#include "base/bytes.h"
#include "base/status.h"

struct text {
    struct span room;
    size_t used;
    bool failed; /* a piece did not fit */
};

/* Starts an empty text in `room`. */
static inline struct text text_in(struct span room) {
    return (struct text){room, 0, false};
}
void text_add(struct text *text, const char *more);
void text_add_bytes(struct text *text, struct bytes more);
/* In decimal. */
void text_add_number(struct text *text, uint64_t number);
/* Two lower-case digits for each byte. */
void text_add_hex(struct text *text, struct bytes more);
/* In base64 with padding. */
void text_add_base64(struct text *text, struct bytes more);
/* Fills out->size. STATUS_TOO_LARGE when something did not fit. */
enum status text_end(const struct text *text, struct span *out) MUST_USE;

#endif
