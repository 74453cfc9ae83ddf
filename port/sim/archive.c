/* SPDX-License-Identifier: Apache-2.0 */
/* The archive of the audit log in memory. */
#include "port/sim/state.h"

#include <stdio.h>
#include <stdlib.h>

void sim_set_log_capacity(uint64_t entries) {
    sim.log_capacity = entries;
}

uint8_t *sim_log_entry(uint64_t index, size_t *size) {
    if (index < sim.stored.log_first || index >= sim.stored.log_next) {
        return NULL;
    }
    struct sim_entry *entry = &sim.stored.log[index - sim.stored.log_first];
    *size = entry->size;
    return entry->data;
}

uint64_t port_log_space(void) {
    uint64_t used = sim.stored.log_next - sim.stored.log_first;
    return used < sim.log_capacity ? sim.log_capacity - used : 0;
}

/* ---- writes ---- */

/* Never for more entries than the archive may have: where tests run on a chip, memory ends. */
static void grow(struct sim_stored *stored) {
    uint64_t room = stored->log_room == 0 ? 64 : 2 * stored->log_room;
    if (room > sim.log_capacity && sim.log_capacity > stored->log_room) {
        room = sim.log_capacity;
    }
    stored->log_room = room;
    stored->log = realloc(stored->log, room * sizeof(*stored->log));
    if (stored->log == NULL) {
        fputs("port/sim: out of memory\n", stderr);
        abort();
    }
}

static void append(struct bytes entry) {
    struct sim_stored *stored = &sim.stored;
    uint64_t used = stored->log_next - stored->log_first;
    if (used == stored->log_room) {
        grow(stored);
    }
    stored->log[used].size = entry.size;
    bytes_copy(stored->log[used].data, entry);
    stored->log_next++;
}

static void release(uint64_t up_to) {
    struct sim_stored *stored = &sim.stored;
    uint64_t end = up_to < stored->log_next ? up_to : stored->log_next;
    if (end > stored->log_first) {
        memmove(stored->log, stored->log + (end - stored->log_first),
                (stored->log_next - end) * sizeof(*stored->log));
        stored->log_first = end;
    }
}

static void cut_off(uint64_t from) {
    struct sim_stored *stored = &sim.stored;
    if (from < stored->log_next) {
        stored->log_next = from < stored->log_first ? stored->log_first : from;
    }
}

void sim_archive_apply(const struct sim_write *write) {
    if (write->call == SIM_LOG_APPEND) {
        append(write->data);
    } else if (write->call == SIM_LOG_RELEASE) {
        release(write->at);
    } else if (write->call == SIM_LOG_TRUNCATE) {
        cut_off(write->at);
    }
}

enum status port_log_append(struct bytes entry) {
    if (entry.size > LOG_ENTRY_MAX) {
        return STATUS_STORE_IO;
    }
    if (port_log_space() == 0) {
        return STATUS_LOG_FULL;
    }
    return sim_write(&(struct sim_write){SIM_LOG_APPEND, 0, entry, 1});
}

enum status port_log_release(uint64_t up_to) {
    return sim_write(&(struct sim_write){SIM_LOG_RELEASE, up_to, {NULL, 0}, 1});
}

enum status port_log_truncate(uint64_t from) {
    return sim_write(&(struct sim_write){SIM_LOG_TRUNCATE, from, {NULL, 0}, 1});
}

void port_log_range(uint64_t *first, uint64_t *next) {
    *first = sim.stored.log_first;
    *next = sim.stored.log_next;
}

enum status port_log_read(uint64_t index, struct span *out) {
    size_t size = 0;
    if (sim_call_fails(SIM_LOG_READ)) {
        return STATUS_STORE_IO;
    }
    const uint8_t *entry = sim_log_entry(index, &size);
    if (entry == NULL || size > out->size) {
        return STATUS_NOT_FOUND;
    }
    memcpy(out->data, entry, size);
    out->size = size;
    return STATUS_OK;
}

enum status port_log_sync(void) {
    if (sim_call_fails(SIM_LOG_SYNC)) {
        return STATUS_STORE_IO;
    }
    sim.stored.log_synced = sim.stored.log_next;
    return STATUS_OK;
}
