/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness, root key, counter, clock and identity of the platform in memory. */
#include "port/sim/state.h"

#include <sys/random.h>

void sim_seed_random(uint64_t seed) {
    sim.random_seed = seed;
}

enum status port_random(uint8_t *out, size_t size) {
    if (sim_call_fails(SIM_RANDOM)) {
        return STATUS_NO_ENTROPY;
    }
    for (size_t i = 0; sim.random_seed != 0 && i < size; i++) {
        out[i] = (uint8_t)(sim_chance(&sim.random_seed) >> 24);
    }
    for (size_t done = 0; sim.random_seed == 0 && done < size;) {
        ssize_t got = getrandom(out + done, size - done, 0);
        if (got <= 0) {
            return STATUS_NO_ENTROPY;
        }
        done += (size_t)got;
    }
    return STATUS_OK;
}

uint8_t *sim_root(void) {
    return sim.stored.root;
}

bool sim_has_root(void) {
    return sim.stored.has_root;
}

enum status port_root_read(uint8_t root[ROOT_KEY_SIZE], bool create) {
    if (sim_call_fails(SIM_ROOT_READ)) {
        return STATUS_STORE_IO;
    }
    if (!sim.stored.has_root) {
        if (!create) {
            return STATUS_NOT_FOUND;
        }
        enum status status = port_random(sim.stored.root, ROOT_KEY_SIZE);
        if (status != STATUS_OK) {
            return status;
        }
        sim.stored.has_root = true;
    }
    memcpy(root, sim.stored.root, ROOT_KEY_SIZE);
    return STATUS_OK;
}

void sim_device_apply(const struct sim_write *write) {
    if (write->call == SIM_ROOT_DESTROY) {
        memset(sim.stored.root, 0, ROOT_KEY_SIZE);
        sim.stored.has_root = false;
    } else if (write->call == SIM_COUNTER_INCREMENT) {
        sim.stored.counter++;
    } else if (write->call == SIM_PAIRING_WRITE) {
        bytes_copy(sim.stored.pairing, write->data);
        sim.stored.has_pairing = true;
    }
}

enum status port_pairing_read(uint8_t host[PAIRING_SIZE]) {
    if (sim_call_fails(SIM_PAIRING_READ)) {
        return STATUS_STORE_IO;
    }
    if (!sim.stored.has_pairing) {
        return STATUS_NOT_FOUND;
    }
    memcpy(host, sim.stored.pairing, PAIRING_SIZE);
    return STATUS_OK;
}

enum status port_pairing_write(const uint8_t host[PAIRING_SIZE]) {
    if (sim.stored.has_pairing) {
        return STATUS_NAME_TAKEN;
    }
    return sim_write(&(struct sim_write){SIM_PAIRING_WRITE, 0, bytes_of(host, PAIRING_SIZE), 1});
}

enum status port_root_destroy(void) {
    return sim_write(&(struct sim_write){SIM_ROOT_DESTROY, 0, {NULL, 0}, 1});
}

const char *port_root_source(void) {
    return "memory of a test";
}

void sim_set_counter(bool exists, uint64_t value) {
    sim.stored.has_counter = exists;
    sim.stored.counter = value;
}

uint64_t sim_counter(void) {
    return sim.stored.counter;
}

bool port_counter_exists(void) {
    return sim.stored.has_counter;
}

enum status port_counter_read(uint64_t *value) {
    if (sim_call_fails(SIM_COUNTER_READ)) {
        return STATUS_STORE_IO;
    }
    *value = sim.stored.counter;
    return STATUS_OK;
}

enum status port_counter_increment(void) {
    return sim_write(&(struct sim_write){SIM_COUNTER_INCREMENT, 0, {NULL, 0}, 1});
}

void sim_set_clock(uint64_t seconds) {
    sim.clock = seconds;
}

void sim_advance(uint64_t ms) {
    sim.uptime_ms += ms;
}

void sim_set_uptime(uint64_t ms) {
    sim.uptime_ms = ms;
}

void sim_set_tampered(bool tampered) {
    sim.tampered = tampered;
}

uint64_t port_uptime_ms(void) {
    return sim.uptime_ms;
}

uint64_t port_clock(void) {
    return sim.clock == 0 ? 0 : sim.clock + sim.uptime_ms / 1000;
}

const char *port_form(void) {
    return "simulator";
}

void port_measurement(uint8_t out[32]) {
    memset(out, 0, 32);
}

bool port_tampered(void) {
    return sim.tampered;
}
