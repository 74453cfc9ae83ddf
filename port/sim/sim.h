/* SPDX-License-Identifier: Apache-2.0 */
/* A platform in memory for tests: it answers every question of port/port.h, can cut the power
 * inside any write, can fail any call, and can be looked at and changed from outside. One
 * platform per process. */
#ifndef PORT_SIM_SIM_H
#define PORT_SIM_SIM_H

#include "port/port.h"

/* The calls that can fail and are counted. */
enum sim_call {
    SIM_ANY,
    SIM_RANDOM,
    SIM_ROOT_READ,
    SIM_ROOT_DESTROY,
    SIM_COUNTER_READ,
    SIM_COUNTER_INCREMENT,
    SIM_PAIRING_READ,
    SIM_PAIRING_WRITE,
    SIM_FLASH_READ,
    SIM_FLASH_PROGRAM,
    SIM_FLASH_ERASE,
    SIM_FLASH_SYNC,
    SIM_LOG_APPEND,
    SIM_LOG_READ,
    SIM_LOG_RELEASE,
    SIM_LOG_TRUNCATE,
    SIM_LOG_SYNC,
    SIM_CALLS,
};

/* A factory-fresh platform: erased flash (NULL: units of 16, 16 sectors of 8 KiB), no root key,
 * a counter at 0 where `counter`, an empty log archive, nothing armed. */
void sim_reset(const struct flash_geometry *geometry, bool counter);

/* ---- running and losing power ---- */

enum sim_end {
    SIM_DONE,   /* the story came to its end */
    SIM_CUT,    /* the power was cut */
    SIM_HALTED, /* port_halt() was called */
};
/* Runs a story until it ends one way or another. After a cut nothing is armed any more. */
enum sim_end sim_run(void (*story)(void *with), void *with) MUST_USE;
const char *sim_halt_reason(void) MUST_USE;

/* How the write that is cut is left behind. Writes are flash programs and erasures, and, as a
 * whole or not at all (bytes > 0: done), the counter, the root key and the log archive. */
struct sim_tear {
    uint32_t bytes; /* so many bytes of it were done, from the front */
    bool scatter;   /* instead: any bits of it were done, by chance from `seed` */
    uint64_t seed;
};
/* Cuts the power inside the n-th write from now; 0: never. */
void sim_cut(uint64_t n, struct sim_tear tear);
/* Of the write that was cut: how far it can be cut (1: it is done as a whole or not at all), and
 * whether it erased. */
uint32_t sim_cut_size(void) MUST_USE;
bool sim_cut_erasing(void) MUST_USE;
/* Does another part of that write: from a memory of the platform that was cut with nothing done,
 * this gives every other way to cut the same write without playing the story again. */
void sim_tear_again(struct sim_tear tear);
/* Writes since sim_reset(). */
uint64_t sim_writes(void) MUST_USE;
/* At a cut, blocks of 128 bytes that were written since the last sync keep their old or new
 * content by chance, as on a disk with a write cache, and log entries since the last log sync
 * are lost. 0: off. */
void sim_lose_unsynced(uint64_t seed);

/* ---- failing ---- */

enum sim_effect { SIM_NO_EFFECT, SIM_HALF_EFFECT, SIM_FULL_EFFECT };
struct sim_failure {
    enum sim_call call;
    uint64_t nth;           /* the n-th such call from now fails first; 0: none */
    uint64_t times;         /* so many in a row; 0: once */
    enum sim_effect effect; /* what a failing write does all the same */
};
void sim_fail(struct sim_failure failure);
/* Whether the failure armed last has come; also after it was disarmed. */
bool sim_failed(void) MUST_USE;
/* Calls since sim_reset(). */
uint64_t sim_calls(enum sim_call call) MUST_USE;

/* ---- looking and changing ---- */

uint8_t *sim_flash(void) MUST_USE;
size_t sim_flash_size(void) MUST_USE;
uint64_t sim_erasures(uint32_t sector) MUST_USE;
void sim_set_counter(bool exists, uint64_t value);
uint64_t sim_counter(void) MUST_USE;
/* The root key, and whether there is one. */
uint8_t *sim_root(void) MUST_USE;
bool sim_has_root(void) MUST_USE;
void sim_set_clock(uint64_t seconds);
void sim_advance(uint64_t ms);
/* Uptime goes on over starts of the module, but for tests that begin it anew. */
void sim_set_uptime(uint64_t ms);
void sim_set_tampered(bool tampered);
void sim_set_log_capacity(uint64_t entries);
/* The stored bytes of a log entry, to be changed; NULL where it is not kept. */
uint8_t *sim_log_entry(uint64_t index, size_t *size) MUST_USE;
/* Randomness by chance from a seed, for runs that repeat; 0: from the system. */
void sim_seed_random(uint64_t seed);

/* Everything the platform stores (flash, counter, root key, log; also the write that was cut),
 * kept for later: in `memory`, or in a new one where that is NULL. The caller frees it with
 * sim_forget(). */
struct sim_memory;
struct sim_memory *sim_remember(struct sim_memory *memory) MUST_USE;
void sim_recall(const struct sim_memory *memory);
void sim_forget(struct sim_memory *memory);

/* A number by chance; the same for the same state. */
uint64_t sim_chance(uint64_t *state) MUST_USE;

#endif
