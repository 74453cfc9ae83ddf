/* SPDX-License-Identifier: Apache-2.0 */
/* Flash in memory that insists on the rules of flash. */
#include "port/sim/state.h"

#include <stdio.h>
#include <stdlib.h>

enum { DISK_BLOCK = 512 };

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

/* The first `done` bytes, or any bits. */
static void program_part(uint8_t *to, struct bytes data, size_t done, struct sim_tear *tear) {
    for (size_t i = 0; i < data.size; i++) {
        uint8_t kept = i < done ? 0 : 0xff;
        if (tear != NULL && tear->scatter) {
            kept = (uint8_t)(sim_chance(&tear->seed) >> 40);
        }
        to[i] = (uint8_t)(to[i] & (data.data[i] | kept));
    }
}

enum status port_flash_program(uint64_t at, struct bytes data) {
    static const size_t share[] = {[SIM_NO_EFFECT] = 0, [SIM_HALF_EFFECT] = 1, [SIM_FULL_EFFECT] = 2};
    check_program(at, data);
    uint8_t *to = sim.stored.flash + at;
    if (sim_call_fails(SIM_FLASH_PROGRAM)) {
        program_part(to, data, data.size * share[sim.failure.effect] / 2, NULL);
        return STATUS_STORE_IO;
    }
    if (sim_write_cut((uint32_t)data.size)) {
        program_part(to, data, sim.tear.bytes, &sim.tear);
        sim_power_off();
    }
    program_part(to, data, data.size, NULL);
    return STATUS_OK;
}

/* The first `done` bytes read as erased, or anything is there. */
static void erase_part(uint8_t *to, size_t done, struct sim_tear *tear) {
    for (size_t i = 0; i < sim.stored.geometry.sector_size; i++) {
        if (tear != NULL && tear->scatter) {
            to[i] = (uint8_t)(sim_chance(&tear->seed) >> 40);
        } else if (i < done) {
            to[i] = 0xff;
        }
    }
}

enum status port_flash_erase(uint32_t sector) {
    uint32_t size = sim.stored.geometry.sector_size;
    check_range((uint64_t)sector * size, size);
    uint8_t *to = sim.stored.flash + (size_t)sector * size;
    if (sim_call_fails(SIM_FLASH_ERASE)) {
        erase_part(to, (size_t)size * sim.failure.effect / 2, NULL);
        return STATUS_STORE_IO;
    }
    if (sim_write_cut(size)) {
        erase_part(to, sim.tear.bytes, &sim.tear);
        sim_power_off();
    }
    sim.erasures[sector]++;
    erase_part(to, size, NULL);
    return STATUS_OK;
}

enum status port_flash_sync(void) {
    if (sim_call_fails(SIM_FLASH_SYNC)) {
        return STATUS_STORE_IO;
    }
    sim_flash_track();
    return STATUS_OK;
}
