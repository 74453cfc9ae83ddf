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
    struct sim_entry *log; /* entries log_first..log_next */
    uint64_t log_room, log_first, log_next, log_synced;
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
    uint32_t cut_size;

    uint64_t calls[SIM_CALLS];
    struct sim_failure failure;
    uint64_t fail_from, fail_to; /* calls of failure.call that fail, as counted */
    bool failed;
};

extern struct sim sim;

/* A number by chance; the same for the same state. */
uint64_t sim_chance(uint64_t *state) MUST_USE;
/* Counts a call; true when it is to fail. */
bool sim_call_fails(enum sim_call call) MUST_USE;
/* Counts a write; true when the power is cut inside it: then the caller does its part of it and calls
 * sim_power_off(). */
bool sim_write_cut(uint32_t size) MUST_USE;
_Noreturn void sim_power_off(void);
/* Blocks that were not synced keep old or new content by chance. */
void sim_flash_lose(void);
void sim_flash_track(void);

#endif
