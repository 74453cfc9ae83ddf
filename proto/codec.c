/* SPDX-License-Identifier: Apache-2.0 */
/* The one reader and the one writer of message bodies. */
#include "proto/codec.h"

#include <string.h>

static enum status take(struct bytes *from, size_t size, const uint8_t **at) {
    if (from->size < size) {
        return STATUS_BAD_FRAME;
    }
    *at = from->data;
    *from = bytes_of(from->data + size, from->size - size);
    return STATUS_OK;
}

static enum status read_bytes(struct bytes *from, uint32_t max, struct bytes *value) {
    const uint8_t *at = NULL;
    TRY(take(from, 4, &at));
    uint32_t size = load_u32(at);
    if (size > max) {
        return STATUS_BAD_FRAME;
    }
    TRY(take(from, size, &at));
    *value = bytes_of(at, size);
    return STATUS_OK;
}

enum status codec_read(const struct field *fields, struct bytes body, void *message) {
    for (const struct field *field = fields; field->kind != FIELD_END; field++) {
        void *member = (uint8_t *)message + field->offset;
        const uint8_t *at = NULL;
        if (field->kind == FIELD_U32) {
            TRY(take(&body, 4, &at));
            *(uint32_t *)member = load_u32(at);
        } else if (field->kind == FIELD_U64) {
            TRY(take(&body, 8, &at));
            *(uint64_t *)member = load_u64(at);
        } else {
            TRY(read_bytes(&body, field->max, member));
        }
    }
    return body.size == 0 ? STATUS_OK : STATUS_BAD_FRAME;
}

static enum status write_bytes(struct bytes value, uint32_t max, struct span to, size_t *used) {
    if (value.size > max || to.size - *used < 4 || to.size - *used - 4 < value.size) {
        return STATUS_TOO_LARGE;
    }
    uint8_t *at = to.data + *used;
    if (value.size > 0 && value.data != at + 4) {
        memmove(at + 4, value.data, value.size);
    }
    save_u32(at, (uint32_t)value.size);
    *used += 4 + value.size;
    return STATUS_OK;
}

enum status codec_write(const struct field *fields, const void *message, struct span to,
                        size_t *used) {
    *used = 0;
    for (const struct field *field = fields; field->kind != FIELD_END; field++) {
        const void *member = (const uint8_t *)message + field->offset;
        size_t size = field->kind == FIELD_U32 ? 4 : field->kind == FIELD_U64 ? 8 : 0;
        if (to.size - *used < size) {
            return STATUS_TOO_LARGE;
        }
        if (field->kind == FIELD_U32) {
            save_u32(to.data + *used, *(const uint32_t *)member);
        } else if (field->kind == FIELD_U64) {
            save_u64(to.data + *used, *(const uint64_t *)member);
        } else {
            TRY(write_bytes(*(const struct bytes *)member, field->max, to, used));
        }
        *used += size;
    }
    return STATUS_OK;
}

struct span codec_room(const struct field *fields, struct span to) {
    if (fields[0].kind != FIELD_BYTES || to.size < 4) {
        return (struct span){NULL, 0};
    }
    return (struct span){to.data + 4, to.size - 4};
}
