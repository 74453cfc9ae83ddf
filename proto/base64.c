/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, strict. */
#include "proto/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t base64_write(struct bytes data, char *out) {
    size_t used = 0;
    for (size_t i = 0; i < data.size; i += 3) {
        size_t have = data.size - i < 3 ? data.size - i : 3;
        uint32_t group = (uint32_t)data.data[i] << 16;
        group |= have > 1 ? (uint32_t)data.data[i + 1] << 8 : 0;
        group |= have > 2 ? (uint32_t)data.data[i + 2] : 0;
        for (size_t k = 0; k < 4; k++) {
            out[used++] = k <= have ? alphabet[group >> (18 - 6 * k) & 63] : '=';
        }
    }
    return used;
}

/* Value of a character, 64 when it is none. */
static uint32_t value_of(uint8_t c) {
    for (uint32_t i = 0; i < 64; i++) {
        if ((uint8_t)alphabet[i] == c) {
            return i;
        }
    }
    return 64;
}

/* Reads four characters; fills *have (1 to 3 bytes). */
static bool read_group(const uint8_t *text, uint32_t *group, size_t *have) {
    *group = 0;
    *have = text[3] != '=' ? 3 : text[2] != '=' ? 2 : 1;
    for (size_t k = 0; k < 4; k++) {
        uint32_t value = k <= *have ? value_of(text[k]) : 0;
        if (value == 64 || (k > *have && text[k] != '=')) {
            return false;
        }
        *group = *group << 6 | value;
    }
    uint32_t unused = *have == 3 ? 0 : *have == 2 ? 0xff : 0xffff;
    return (*group & unused) == 0;
}

enum status base64_read(struct bytes text, struct span *out) {
    if (text.size % 4 != 0) {
        return STATUS_DATA_INVALID;
    }
    size_t used = 0;
    for (size_t i = 0; i < text.size; i += 4) {
        uint32_t group = 0;
        size_t have = 0;
        if (!read_group(text.data + i, &group, &have) || (have < 3 && i + 4 < text.size)) {
            return STATUS_DATA_INVALID;
        }
        if (out->size - used < have) {
            return STATUS_TOO_LARGE;
        }
        for (size_t k = 0; k < have; k++) {
            out->data[used++] = (uint8_t)(group >> (16 - 8 * k));
        }
    }
    out->size = used;
    return STATUS_OK;
}
