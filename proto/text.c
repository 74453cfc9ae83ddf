/* SPDX-License-Identifier: Apache-2.0 */
/* Text in a room of fixed size. */
#include "proto/text.h"

#include "proto/base64.h"

/* Room for `size` characters more, or NULL. */
static uint8_t *take(struct text *text, size_t size) {
    if (text->failed || text->room.size - text->used < size) {
        text->failed = true;
        return NULL;
    }
    uint8_t *at = text->room.data + text->used;
    text->used += size;
    return at;
}

void text_add_bytes(struct text *text, struct bytes more) {
    uint8_t *at = take(text, more.size);
    if (at != NULL) {
        bytes_copy(at, more);
    }
}

void text_add(struct text *text, const char *more) {
    text_add_bytes(text, bytes_of_text(more));
}

void text_add_number(struct text *text, uint64_t number) {
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    text_add_bytes(text, bytes_of(digits + at, sizeof(digits) - at));
}

void text_add_hex(struct text *text, struct bytes more) {
    static const char digits[] = "0123456789abcdef";
    uint8_t *at = take(text, 2 * more.size);
    for (size_t i = 0; at != NULL && i < more.size; i++) {
        at[2 * i] = (uint8_t)digits[more.data[i] >> 4];
        at[2 * i + 1] = (uint8_t)digits[more.data[i] & 15];
    }
}

void text_add_base64(struct text *text, struct bytes more) {
    uint8_t *at = take(text, BASE64_SIZE(more.size));
    if (at != NULL) {
        (void)base64_write(more, (char *)at);
    }
}

enum status text_end(const struct text *text, struct span *out) {
    if (text->failed) {
        return STATUS_TOO_LARGE;
    }
    out->size = text->used;
    return STATUS_OK;
}
