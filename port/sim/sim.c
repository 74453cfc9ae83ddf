/* SPDX-License-Identifier: Apache-2.0 */
/* The platform in memory as a test sees it: reset, run, cut, fail, remember. */
#include "port/sim/sim.h"

#include "port/sim/state.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

struct sim sim;

static jmp_buf power;
static bool running;
static const char *halt_reason;

static void *need(void *memory) {
    if (memory == NULL) {
        fputs("port/sim: out of memory\n", stderr);
        abort();
    }
    return memory;
}

static void free_stored(struct sim_stored *stored) {
    free(stored->flash);
    free(stored->log);
}

static size_t flash_size_of(const struct sim_stored *stored) {
    return (size_t)stored->geometry.sector_size * stored->geometry.sectors;
}

void sim_reset(const struct flash_geometry *geometry, bool counter) {
    static const struct flash_geometry usual = {16, 8192, 16};
    free_stored(&sim.stored);
    free(sim.durable);
    free(sim.erasures);
    free((void *)(uintptr_t)sim.cut.data.data);
    sim = (struct sim){.log_capacity = 65536, .clock = 1764000000};
    sim.stored.geometry = geometry == NULL ? usual : *geometry;
    sim.stored.has_counter = counter;
    sim.stored.flash = need(malloc(flash_size_of(&sim.stored)));
    memset(sim.stored.flash, 0xff, flash_size_of(&sim.stored));
    sim.erasures = need(calloc(sim.stored.geometry.sectors, sizeof(*sim.erasures)));
}

/* ---- running and losing power ---- */

enum sim_end sim_run(void (*story)(void *with), void *with) {
    running = true;
    halt_reason = NULL;
    int how = setjmp(power);
    if (how == 0) {
        story(with);
        how = SIM_DONE;
    }
    running = false;
    return (enum sim_end)how;
}

const char *sim_halt_reason(void) {
    return halt_reason;
}

_Noreturn void port_halt(const char *reason) {
    halt_reason = reason;
    if (!running) {
        fprintf(stderr, "port/sim: the module halted: %s\n", reason);
        abort();
    }
    longjmp(power, SIM_HALTED);
}

void sim_cut(uint64_t n, struct sim_tear tear) {
    sim.cut_at = n == 0 ? 0 : sim.writes + n;
    sim.tear = tear;
}

static void apply(const struct sim_write *write, uint32_t bytes, struct sim_tear *tear) {
    if (bytes > write->size) {
        bytes = write->size;
    }
    if (write->call == SIM_FLASH_PROGRAM || write->call == SIM_FLASH_ERASE) {
        sim_flash_apply(write, bytes, tear);
    } else if (bytes > 0) {
        sim_archive_apply(write);
        sim_device_apply(write);
    }
}

_Noreturn static void power_off(void) {
    sim.cut_at = 0;
    sim.failure.nth = 0;
    if (sim.lose_seed != 0) {
        sim_flash_lose();
        if (sim.stored.log_next > sim.stored.log_synced) {
            sim.stored.log_next = sim.stored.log_synced;
        }
    }
    if (!running) {
        fputs("port/sim: the power was cut outside sim_run()\n", stderr);
        abort();
    }
    longjmp(power, SIM_CUT);
}

/* `to` keeps the memory that it has. */
static void copy_write(struct sim_write *to, const struct sim_write *from) {
    uint8_t *data = need(realloc((void *)(uintptr_t)to->data.data, from->data.size + 1));
    bytes_copy(data, from->data);
    *to = *from;
    to->data.data = data;
}

enum status sim_write(const struct sim_write *write) {
    if (sim_call_fails(write->call)) {
        uint64_t done = (uint64_t)write->size * sim.failure.effect / SIM_FULL_EFFECT;
        apply(write, (uint32_t)done, NULL);
        return STATUS_STORE_IO;
    }
    sim.writes++;
    if (sim.cut_at == sim.writes) {
        copy_write(&sim.cut, write);
        apply(write, sim.tear.bytes, &sim.tear);
        power_off();
    }
    apply(write, write->size, NULL);
    return STATUS_OK;
}

void sim_tear_again(struct sim_tear tear) {
    apply(&sim.cut, tear.bytes, &tear);
}

uint32_t sim_cut_size(void) {
    return sim.cut.size;
}

bool sim_cut_erasing(void) {
    return sim.cut.call == SIM_FLASH_ERASE;
}

uint64_t sim_writes(void) {
    return sim.writes;
}

void sim_lose_unsynced(uint64_t seed) {
    sim.lose_seed = seed;
    sim_flash_track();
}

/* ---- failing ---- */

void sim_fail(struct sim_failure failure) {
    sim.failure = failure;
    sim.failed = sim.failed && failure.nth == 0;
    sim.fail_from = failure.nth == 0 ? 0 : sim.calls[failure.call] + failure.nth;
    sim.fail_to = sim.fail_from + (failure.times == 0 ? 1 : failure.times);
}

bool sim_call_fails(enum sim_call call) {
    sim.calls[SIM_ANY]++;
    sim.calls[call]++;
    if (sim.failure.nth == 0 || (sim.failure.call != call && sim.failure.call != SIM_ANY)) {
        return false;
    }
    uint64_t now = sim.calls[sim.failure.call];
    bool fails = now >= sim.fail_from && now < sim.fail_to;
    sim.failed = sim.failed || fails;
    return fails;
}

bool sim_failed(void) {
    return sim.failed;
}

uint64_t sim_calls(enum sim_call call) {
    return sim.calls[call];
}

/* ---- remembering ---- */

struct sim_memory {
    struct sim_stored stored;
    struct sim_write cut;
};

/* `to` keeps the memory that it has. */
static void copy_stored(struct sim_stored *to, const struct sim_stored *from) {
    struct sim_stored old = *to;
    uint64_t entries = from->log_next - from->log_first;
    *to = *from;
    to->flash = need(realloc(old.flash, flash_size_of(from)));
    memcpy(to->flash, from->flash, flash_size_of(from));
    to->log = old.log;
    to->log_room = old.log_room;
    if (entries > to->log_room) {
        to->log = need(realloc(old.log, entries * sizeof(*to->log)));
        to->log_room = entries;
    }
    if (entries > 0) {
        memcpy(to->log, from->log, entries * sizeof(*to->log));
    }
}

struct sim_memory *sim_remember(struct sim_memory *memory) {
    if (memory == NULL) {
        memory = need(calloc(1, sizeof(*memory)));
    }
    copy_stored(&memory->stored, &sim.stored);
    copy_write(&memory->cut, &sim.cut);
    return memory;
}

void sim_recall(const struct sim_memory *memory) {
    copy_stored(&sim.stored, &memory->stored);
    copy_write(&sim.cut, &memory->cut);
    sim_flash_track();
}

void sim_forget(struct sim_memory *memory) {
    if (memory != NULL) {
        free_stored(&memory->stored);
        free((void *)(uintptr_t)memory->cut.data.data);
        free(memory);
    }
}
