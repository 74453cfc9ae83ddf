/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of refused commands. */
#include "client/refusal.h"

#include <unistd.h>

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

void refusal_ask(struct client *client, enum command command, enum status status, struct span room,
                 struct refusal_entry *entry) {
    const struct refusals_req request = {};
    struct refusals_rep reply;
    bool found = client_alive(client) &&
                 client_refusals(client, &request, &reply, room) == STATUS_OK &&
                 refusal_next(&reply.rows, entry) == STATUS_OK;
    if (!found || entry->command != (uint32_t)command || entry->status != (uint32_t)status ||
        entry->pid != (uint32_t)getpid()) {
        *entry = (struct refusal_entry){.why = bytes_of(room.data, 0)};
    }
}
