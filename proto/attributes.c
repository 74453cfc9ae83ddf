/* SPDX-License-Identifier: Apache-2.0 */
/* The table of attributes and their lists. */
#include "proto/attributes.h"

enum { ENTRY_HEADER = 8 };

static const struct attribute_row rows[] = {
#define ATTRIBUTE(name, number, kind, classes, set, change) \
    {ATTRIBUTE_##name, #name, KIND_##kind, (classes), SET_##set, CHANGE_##change},
#include "proto/attributes.def"
#undef ATTRIBUTE
};

const struct attribute_row *attribute_rows(size_t *count) {
    *count = COUNT(rows);
    return rows;
}

const struct attribute_row *attribute_row(uint32_t number) {
    for (size_t i = 0; i < COUNT(rows); i++) {
        if ((uint32_t)rows[i].attribute == number) {
            return &rows[i];
        }
    }
    return NULL;
}

enum status attributes_next(struct bytes *list, struct attribute_entry *entry) {
    if (list->size == 0) {
        return STATUS_NOT_FOUND;
    }
    if (list->size < ENTRY_HEADER) {
        return STATUS_BAD_FRAME;
    }
    uint32_t size = load_u32(list->data + 4);
    if (size > list->size - ENTRY_HEADER) {
        return STATUS_BAD_FRAME;
    }
    entry->type = load_u32(list->data);
    entry->value = bytes_of(list->data + ENTRY_HEADER, size);
    *list = bytes_of(list->data + ENTRY_HEADER + size, list->size - ENTRY_HEADER - size);
    return STATUS_OK;
}

enum status attributes_find(struct bytes list, uint32_t type, struct bytes *value) {
    struct attribute_entry entry;
    enum status status = attributes_next(&list, &entry);
    while (status == STATUS_OK) {
        if (entry.type == type) {
            *value = entry.value;
            return STATUS_OK;
        }
        status = attributes_next(&list, &entry);
    }
    return status;
}

enum status attributes_add(struct span to, size_t *used, uint32_t type, struct bytes value) {
    if (*used > to.size || to.size - *used < ENTRY_HEADER ||
        to.size - *used - ENTRY_HEADER < value.size) {
        return STATUS_OBJECT_TOO_LARGE;
    }
    uint8_t *at = to.data + *used;
    save_u32(at, type);
    save_u32(at + 4, (uint32_t)value.size);
    bytes_copy(at + ENTRY_HEADER, value);
    *used += ENTRY_HEADER + value.size;
    return STATUS_OK;
}

enum status attributes_add_num(struct span to, size_t *used, uint32_t type, uint32_t value) {
    uint8_t raw[4];
    save_u32(raw, value);
    return attributes_add(to, used, type, bytes_of(raw, sizeof(raw)));
}

enum status attributes_add_bool(struct span to, size_t *used, uint32_t type, bool value) {
    uint8_t raw = value ? 1 : 0;
    return attributes_add(to, used, type, bytes_of(&raw, 1));
}

bool attributes_bool(struct bytes list, uint32_t type, bool otherwise) {
    struct bytes value;
    if (attributes_find(list, type, &value) != STATUS_OK || value.size != 1) {
        return otherwise;
    }
    return value.data[0] != 0;
}

uint32_t attributes_num(struct bytes list, uint32_t type, uint32_t otherwise) {
    struct bytes value;
    if (attributes_find(list, type, &value) != STATUS_OK || value.size != 4) {
        return otherwise;
    }
    return load_u32(value.data);
}
