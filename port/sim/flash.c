/* SPDX-License-Identifier: Apache-2.0 */
/* Flash in memory that insists on the rules of flash. */
#include "port/sim/state.h"

#include <stdio.h>
#include <stdlib.h>

/* Smaller than any disk's, so that more is torn apart. */
enum { DISK_BLOCK = 128 };

uint8_t *sim_flash(void) {
    return sim.stored.flash;
}

size_t sim_flash_size(void) {
    return (size_t)sim.stored.geometry.sector_size * sim.stored.geometry.sectors;
}

uint64_t sim_erasures(uint32_t sector) {
    return sim.erasures[sector];
}

uint64_t sim_chance(uint64_t *state) {
    *state += 0x9e3779b97f4a7c15u;
    uint64_t z = *state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

_Noreturn static void break_rule(const char *rule, uint64_t at, size_t size) {
    fprintf(stderr, "port/sim: %s (at %llu, %zu bytes)\n", rule, (unsigned long long)at, size);
    abort();
}

static void check_range(uint64_t at, size_t size) {
    if (at > sim_flash_size() || size > sim_flash_size() - at) {
        break_rule("access outside the flash", at, size);
    }
}

void sim_flash_track(void) {
    if (sim.lose_seed != 0) {
        sim.durable = realloc(sim.durable, sim_flash_size());
        if (sim.durable == NULL) {
            break_rule("out of memory", 0, sim_flash_size());
        }
        memcpy(sim.durable, sim.stored.flash, sim_flash_size());
    }
}

void sim_flash_lose(void) {
    for (size_t at = 0; at < sim_flash_size(); at += DISK_BLOCK) {
        if ((sim_chance(&sim.lose_seed) & 1) != 0) {
            memcpy(sim.stored.flash + at, sim.durable + at, DISK_BLOCK);
        }
    }
    memcpy(sim.durable, sim.stored.flash, sim_flash_size());
}

void port_flash_geometry(struct flash_geometry *geometry) {
    *geometry = sim.stored.geometry;
}

enum status port_flash_read(uint64_t at, uint8_t *out, size_t size) {
    check_range(at, size);
    if (sim_call_fails(SIM_FLASH_READ)) {
        return STATUS_STORE_IO;
    }
    memcpy(out, sim.stored.flash + at, size);
    return STATUS_OK;
}

static void check_program(uint64_t at, struct bytes data) {
    uint32_t unit = sim.stored.geometry.unit;
    check_range(at, data.size);
    if (at % unit != 0 || data.size % unit != 0 || data.size == 0) {
        break_rule("program off the unit boundaries", at, data.size);
    }
    if (at / sim.stored.geometry.sector_size !=
        (at + data.size - 1) / sim.stored.geometry.sector_size) {
        break_rule("program across a sector boundary", at, data.size);
    }
    for (size_t i = 0; i < data.size; i += unit) {
        if (!bytes_all(bytes_of(sim.stored.flash + at + i, unit), 0xff) &&
            !bytes_all(bytes_of(data.data + i, unit), 0)) {
            break_rule("program of a unit that is not erased", at + i, unit);
        }
    }
}

static void program_part(uint8_t *to, struct bytes data, size_t done, struct sim_tear *tear) {
    for (size_t i = 0; i < data.size; i++) {
        uint8_t kept = i < done ? 0 : 0xff;
        if (tear != NULL && tear->scatter) {
            kept = (uint8_t)(sim_chance(&tear->seed) >> 40);
        }
        to[i] = (uint8_t)(to[i] & (data.data[i] | kept));
    }
}

/* Cut by chance, anything may be there. */
static void erase_part(uint8_t *to, size_t done, struct sim_tear *tear) {
    if (tear == NULL || !tear->scatter) {
        memset(to, 0xff, done);
        return;
    }
    for (size_t i = 0; i < sim.stored.geometry.sector_size; i++) {
        to[i] = (uint8_t)(sim_chance(&tear->seed) >> 40);
    }
}

void sim_flash_apply(const struct sim_write *write, uint32_t bytes, struct sim_tear *tear) {
    if (write->call == SIM_FLASH_PROGRAM) {
        program_part(sim.stored.flash + write->at, write->data, bytes, tear);
    } else {
        uint64_t start = write->at * sim.stored.geometry.sector_size;
        erase_part(sim.stored.flash + start, bytes, tear);
        sim.erasures[write->at] += bytes == write->size ? 1 : 0;
    }
}

enum status port_flash_program(uint64_t at, struct bytes data) {
    check_program(at, data);
    return sim_write(&(struct sim_write){SIM_FLASH_PROGRAM, at, data, (uint32_t)data.size});
}

enum status port_flash_erase(uint32_t sector) {
    uint32_t size = sim.stored.geometry.sector_size;
    check_range((uint64_t)sector * size, size);
    return sim_write(&(struct sim_write){SIM_FLASH_ERASE, sector, {NULL, 0}, size});
}

enum status port_flash_sync(void) {
    if (sim_call_fails(SIM_FLASH_SYNC)) {
        return STATUS_STORE_IO;
    }
    sim_flash_track();
    return STATUS_OK;
}
