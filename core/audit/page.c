/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and releasing the log. */
#include "core/audit/archive.h"
#include "core/audit/frontier.h"

enum { WIRE_HEAD = 8 };

/* Writes entry `number` to `at` as the wire has it, without its tag; returns its bytes, 0 when it
 * does not fit. */
static enum status write_entry(uint64_t number, struct span room, size_t *used) {
    uint8_t bytes[LOG_ENTRY_MAX];
    struct span raw = {bytes, sizeof(bytes)};
    enum status status = port_log_read(number, &raw);
    if (status == STATUS_NOT_FOUND || raw.size < ENTRY_KIND_SIZE + ENTRY_TAG_SIZE) {
        save_u32(bytes, LOG_UNREADABLE);
        raw.size = ENTRY_KIND_SIZE + ENTRY_TAG_SIZE;
        status = STATUS_OK;
    }
    TRY(status);
    size_t size = raw.size - ENTRY_KIND_SIZE - ENTRY_TAG_SIZE;
    *used = 0;
    if (room.size >= WIRE_HEAD + size) {
        save_u32(room.data, (uint32_t)size);
        save_u32(room.data + 4, load_u32(bytes));
        memcpy(room.data + WIRE_HEAD, bytes + ENTRY_KIND_SIZE, size);
        *used = WIRE_HEAD + size;
    }
    return STATUS_OK;
}

enum status audit_read(uint64_t from, struct audit_page *page, struct span *out) {
    uint64_t first = 0, next = 0;
    port_log_range(&first, &next);
    page->first = from < first ? first : from > next ? next : from;
    page->next = page->first;
    size_t total = 0;
    while (page->next < next) {
        size_t used = 0;
        TRY(write_entry(page->next, (struct span){out->data + total, out->size - total}, &used));
        if (used == 0) {
            break;
        }
        total += used;
        page->next++;
    }
    out->size = total;
    return STATUS_OK;
}

enum status audit_release(struct audit *audit, uint64_t up_to) {
    if (up_to > audit->entries) {
        up_to = audit->entries;
    }
    if (up_to > audit->stored_entries) {
        TRY(frontier_store(audit)); /* a restart needs the entries behind the stored frontier */
        TRY(port_flash_sync());
    }
    TRY(port_log_release(up_to));
    audit->space = port_log_space();
    return STATUS_OK;
}
