/* SPDX-License-Identifier: Apache-2.0 */
/* Byte strings that are borrowed, never owned, and little-endian numbers in byte buffers. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes to read. Empty: size 0 (data may be NULL). */
struct bytes {
    const uint8_t *data;
    size_t size;
};

/* Room to write to: size is the capacity on the way in, the used length where a function fills it.
 */
struct span {
    uint8_t *data;
    size_t size;
};

static inline struct bytes bytes_of(const void *data, size_t size) {
    return (struct bytes){(const uint8_t *)data, size};
}

static inline struct bytes bytes_of_text(const char *text) {
    return bytes_of(text, strlen(text));
}

static inline struct bytes bytes_of_span(struct span span) {
    return (struct bytes){span.data, span.size};
}

/* Equality of public bytes; secrets are compared with ct_equal(). */
static inline bool bytes_equal(struct bytes a, struct bytes b) {
    if (a.size != b.size) {
        return false;
    }
    for (size_t i = 0; i < a.size; i++) {
        if (a.data[i] != b.data[i]) {
            return false;
        }
    }
    return true;
}

/* Whether every byte has this value. */
static inline bool bytes_all(struct bytes bytes, uint8_t value) {
    const uint64_t word = 0x0101010101010101u * value;
    size_t i = 0;
    for (; bytes.size - i >= sizeof(word); i += sizeof(word)) {
        uint64_t found;
        memcpy(&found, bytes.data + i, sizeof(found));
        if (found != word) {
            return false;
        }
    }
    for (; i < bytes.size; i++) {
        if (bytes.data[i] != value) {
            return false;
        }
    }
    return true;
}

/* memcpy that accepts an empty source with a NULL pointer. */
static inline void bytes_copy(uint8_t *to, struct bytes from) {
    if (from.size > 0) {
        memcpy(to, from.data, from.size);
    }
}

static inline uint16_t load_u16(const uint8_t *p) {
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t load_u32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t load_u64(const uint8_t *p) {
    return (uint64_t)load_u32(p) | (uint64_t)load_u32(p + 4) << 32;
}

static inline void save_u16(uint8_t *p, uint16_t v) {
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline void save_u32(uint8_t *p, uint32_t v) {
    save_u16(p, (uint16_t)v);
    save_u16(p + 2, (uint16_t)(v >> 16));
}

static inline void save_u64(uint8_t *p, uint64_t v) {
    save_u32(p, (uint32_t)v);
    save_u32(p + 4, (uint32_t)(v >> 32));
}

#endif
