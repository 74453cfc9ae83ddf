/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of refused commands. */
#include "host/cli/refusal.h"

enum { ENTRY_HEADER = 36 };

enum status refusal_next(struct bytes *rows, struct refusal_entry *entry) {
    if (rows->size == 0) {
        return STATUS_NOT_FOUND;
    }
    if (rows->size < ENTRY_HEADER) {
        return STATUS_BAD_FRAME;
    }
    const uint8_t *at = rows->data;
    uint32_t size = load_u32(at + 32);
    if (size > rows->size - ENTRY_HEADER) {
        return STATUS_BAD_FRAME;
    }
    *entry = (struct refusal_entry){.time = load_u64(at),
                                    .command = load_u32(at + 8),
                                    .status = load_u32(at + 12),
                                    .uid = load_u32(at + 16),
                                    .pid = load_u32(at + 20),
                                    .object = load_u64(at + 24),
                                    .why = bytes_of(at + ENTRY_HEADER, size)};
    *rows = bytes_of(at + ENTRY_HEADER + size, rows->size - ENTRY_HEADER - size);
    return STATUS_OK;
}
