/* SPDX-License-Identifier: Apache-2.0 */
/* The platform in memory, as the files of port/sim share it. */
#ifndef PORT_SIM_STATE_H
#define PORT_SIM_STATE_H

#include "port/sim/sim.h"

struct sim_entry {
    size_t size;
    uint8_t data[LOG_ENTRY_MAX];
};

/* What the platform stores. Memory is the host's heap. */
struct sim_stored {
    struct flash_geometry geometry;
    uint8_t *flash;
    bool has_root;
    uint8_t root[ROOT_KEY_SIZE];
    bool has_counter;
    uint64_t counter;
    bool has_pairing;
    uint8_t pairing[PAIRING_SIZE];
    struct sim_entry *log; /* entries log_first..log_next */
    uint64_t log_room, log_first, log_next, log_synced;
};

/* A write: one of the calls that change what is stored. */
struct sim_write {
    enum sim_call call;
    uint64_t at;       /* place, sector or number */
    struct bytes data; /* what is programmed or appended */
    uint32_t size;     /* how far it can be cut; 1: done or not done */
};

struct sim {
    struct sim_stored stored;
    uint8_t *durable; /* flash as of the last sync, while unsynced writes may be lost */
    uint64_t *erasures;
    uint64_t log_capacity;
    uint64_t clock, uptime_ms, random_seed, lose_seed;
    bool tampered;

    uint64_t writes, cut_at;
    struct sim_tear tear;
    struct sim_write cut; /* the write that was cut; its data is a copy */

    uint64_t calls[SIM_CALLS];
    struct sim_failure failure;
    uint64_t fail_from, fail_to; /* calls of failure.call that fail, as counted */
    bool failed;
};

extern struct sim sim;

/* Counts a call; true when it is to fail. */
bool sim_call_fails(enum sim_call call) MUST_USE;
/* Does a write, or fails it, or does a part of it and cuts the power. STORE_IO. */
enum status sim_write(const struct sim_write *write) MUST_USE;

/* The first `bytes` of a write are done; where tear scatters, any of its bits. */
void sim_flash_apply(const struct sim_write *write, uint32_t bytes, struct sim_tear *tear);
void sim_archive_apply(const struct sim_write *write);
void sim_device_apply(const struct sim_write *write);

/* Blocks that were not synced keep old or new content by chance. */
void sim_flash_lose(void);
void sim_flash_track(void);

#endif
