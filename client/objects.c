/* SPDX-License-Identifier: Apache-2.0 */
/* Replies about objects, taken apart. */
#include "client/objects.h"

void objects_take(struct objects_found *found, struct bytes handles) {
    for (size_t i = 0; i + 8 <= handles.size; i += 8) {
        if (found->count == found->size) {
            found->more = true;
            return;
        }
        found->handles[found->count++] = load_u64(handles.data + i);
    }
}

struct bytes objects_types(const uint32_t *types, uint8_t wanted[4 * OBJECTS_TYPES_MAX]) {
    size_t count = 0;
    for (; count < OBJECTS_TYPES_MAX && types[count] != OBJECTS_TYPES_END; count++) {
        save_u32(wanted + 4 * count, types[count]);
    }
    return bytes_of(wanted, 4 * count);
}

/* Marks in the size field say what was not given. */
size_t objects_given(struct bytes from, uint8_t *to) {
    size_t used = 0;
    while (from.size >= 8) {
        uint32_t type = load_u32(from.data), size = load_u32(from.data + 4);
        bool withheld = size == ATTRIBUTE_SIZE_SENSITIVE || size == ATTRIBUTE_SIZE_INVALID;
        size_t length = withheld ? 0 : size;
        if (length > from.size - 8) {
            return used;
        }
        struct bytes value = bytes_of(from.data + 8, length);
        struct span room = {to, used + 8 + length};
        if (!withheld && attributes_add(room, &used, type, value) != STATUS_OK) {
            return used;
        }
        from = bytes_of(from.data + 8 + length, from.size - 8 - length);
    }
    return used;
}
