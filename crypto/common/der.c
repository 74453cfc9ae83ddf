/* SPDX-License-Identifier: Apache-2.0 */
/* The part of DER that keys are written in. */
#include "crypto/common/der.h"

#include "base/wipe.h"

bool der_is(struct bytes from, uint8_t tag) {
    return from.size > 0 && from.data[0] == tag;
}

/* Reads the length that begins at byte 1; *header becomes the size of tag and length. */
static bool take_length(struct bytes from, size_t *header, size_t *length) {
    enum { LONG_FORM = 0x80, LENGTH_BYTES_MAX = 2 };
    if (from.size < 2) {
        return false;
    }
    *length = from.data[1];
    *header = 2;
    if (*length < LONG_FORM) {
        return true;
    }
    size_t count = *length - LONG_FORM;
    if (count == 0 || count > LENGTH_BYTES_MAX || from.size < 2 + count || from.data[2] == 0) {
        return false;
    }
    *length = 0;
    for (size_t i = 0; i < count; i++) {
        *length = *length << 8 | from.data[2 + i];
    }
    *header = 2 + count;
    return *length >= LONG_FORM;
}

bool der_take(struct bytes *from, uint8_t tag, struct bytes *contents) {
    size_t header = 0;
    size_t length = 0;
    if (!der_is(*from, tag) || !take_length(*from, &header, &length) ||
        length > from->size - header) {
        return false;
    }
    *contents = bytes_of(from->data + header, length);
    *from = bytes_of(from->data + header + length, from->size - header - length);
    return true;
}

bool der_take_number(struct bytes *from, struct bytes *number) {
    if (!der_take(from, DER_INTEGER, number) || number->size == 0 || number->data[0] >= 0x80) {
        return false;
    }
    if (number->data[0] == 0) {
        *number = bytes_of(number->data + 1, number->size - 1);
        return number->size == 0 || number->data[0] >= 0x80;
    }
    return true;
}

bool der_take_bits(struct bytes *from, struct bytes *bits) {
    if (!der_take(from, DER_BIT_STRING, bits) || bits->size == 0 || bits->data[0] != 0) {
        return false;
    }
    *bits = bytes_of(bits->data + 1, bits->size - 1);
    return true;
}

struct der_writer der_writer(struct span room) {
    return (struct der_writer){.room = room.data, .at = room.size};
}

void der_put(struct der_writer *writer, struct bytes bytes) {
    if (writer->spilled || bytes.size > writer->at) {
        writer->spilled = true;
        return;
    }
    writer->at -= bytes.size;
    bytes_copy(writer->room + writer->at, bytes);
}

void der_put_byte(struct der_writer *writer, uint8_t byte) {
    der_put(writer, bytes_of(&byte, 1));
}

void der_wrap(struct der_writer *writer, uint8_t tag, size_t end) {
    size_t length = end - writer->at;
    der_put_byte(writer, (uint8_t)length);
    if (length >= 0x100) {
        der_put_byte(writer, (uint8_t)(length >> 8));
        der_put_byte(writer, 0x82);
    } else if (length >= 0x80) {
        der_put_byte(writer, 0x81);
    }
    der_put_byte(writer, tag);
}

void der_put_number(struct der_writer *writer, struct bytes number) {
    size_t end = writer->at;
    while (number.size > 0 && number.data[0] == 0) {
        number = bytes_of(number.data + 1, number.size - 1);
    }
    der_put(writer, number);
    if (number.size == 0 || number.data[0] >= 0x80) {
        der_put_byte(writer, 0);
    }
    der_wrap(writer, DER_INTEGER, end);
}

enum status der_finish(struct der_writer *writer, struct span *out) {
    size_t size = out->size - writer->at;
    if (writer->spilled) {
        wipe(writer->room, out->size);
        return STATUS_TOO_LARGE;
    }
    memmove(out->data, writer->room + writer->at, size);
    wipe(out->data + size, writer->at);
    out->size = size;
    return STATUS_OK;
}
