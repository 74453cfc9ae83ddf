/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute lists made of an input. */
#include "test/fuzz/attribute_list.h"

enum { ENTRIES_MAX = 24, RAW_ENTRY = 0xff };

static struct bytes some_value(struct bytes *input, const struct attribute_row *row,
                               uint8_t number[4]) {
    uint8_t how = fuzz_byte(input);
    if (how >= 0x80) {
        return fuzz_take(input, how & 0x7f);
    }
    save_u32(number, how);
    switch (row->kind) {
    case KIND_BOOL:
        return bytes_of(number, 1);
    case KIND_NUM:
        return bytes_of(number, 4);
    case KIND_DATE:
        return fuzz_take(input, 8);
    default:
        return how == 0x7f ? fuzz_string(input) : fuzz_take(input, how);
    }
}

size_t attribute_list(struct bytes *input, struct span to, size_t used) {
    size_t count = 0;
    const struct attribute_row *rows = attribute_rows(&count);
    for (int i = 0; i < ENTRIES_MAX && input->size > 0; i++) {
        uint8_t which = fuzz_byte(input);
        if (which == 0) {
            break;
        }
        if (which == RAW_ENTRY) {
            struct bytes raw = fuzz_string(input);
            if (raw.size <= to.size - used) {
                bytes_copy(to.data + used, raw);
                used += raw.size;
            }
            continue;
        }
        uint8_t number[4];
        const struct attribute_row *row = &rows[(which - 1u) % count];
        struct bytes value = some_value(input, row, number);
        if (attributes_add(to, &used, (uint32_t)row->attribute, value) != STATUS_OK) {
            break;
        }
    }
    return used;
}
