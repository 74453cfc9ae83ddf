/* SPDX-License-Identifier: Apache-2.0 */
/* A plain model of a store: what must be in it after any cut. */
#include "test/powerloss/store_model.h"

#include "port/sim/sim.h"

#include <stdio.h>

static uint8_t value[STORE_RECORD_MAX];
static uint8_t found[STORE_RECORD_MAX];

uint64_t model_id(uint32_t index) {
    return record_id(index % 5 == 4 ? RECORD_PIN : RECORD_OBJECT, index + 1);
}

static uint64_t chance_of(uint32_t index, uint32_t version) {
    uint64_t state = (uint64_t)version << 32 | index;
    return sim_chance(&state);
}

/* Of a version; it is found again from the value's first bytes alone. */
static uint32_t size_of(uint32_t index, uint32_t version, uint32_t large) {
    uint64_t chance = chance_of(index, version);
    if (large != 0) {
        return large / 2 + (uint32_t)(chance >> 32) % (large / 2 + 1);
    }
    uint32_t limit = chance % 64 == 0 ? STORE_RECORD_MAX : chance % 8 == 0 ? 700 : 160;
    return 8 + (uint32_t)(chance >> 32) % (limit - 7);
}

static struct bytes make_value(uint8_t *to, uint32_t index, uint32_t version, uint32_t large) {
    uint32_t size = size_of(index, version, large);
    uint64_t state = chance_of(index, version);
    save_u32(to, index);
    save_u32(to + 4, version);
    for (uint32_t i = 8; i < size; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        to[i] = (uint8_t)(state >> 56);
    }
    return bytes_of(to, size);
}

static void fly(struct store_model *model, uint32_t index, uint32_t version, enum store_end end) {
    model->flight[model->flights++] = (struct model_change){index, version, end != STORE_MORE};
}

static void land(struct store_model *model, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        model->version[model->flight[i].index] = model->flight[i].version;
    }
    model->flights = 0;
}

static void acknowledge(struct store_model *model) {
    land(model, model->flights);
    model->counter = sim_counter();
}

static void must(enum status status, const char *what) {
    if (status != STATUS_OK) {
        printf("# %s: %s\n", what, status_row(status)->name);
        port_halt(what);
    }
}

bool model_put(struct store_model *model, struct store *store, uint32_t index, enum store_end end) {
    uint32_t version = ++model->newest;
    struct bytes bytes = make_value(value, index, version, model->large);
    fly(model, index, version, end);
    enum status status = store_put(store, model_id(index), bytes, end);
    if (status == STATUS_STORE_FULL) {
        model->flights--;
        model->refused++;
        return false;
    }
    must(status, "store_put");
    if (end == STORE_BOUND) {
        acknowledge(model);
    }
    return true;
}

bool model_remove(struct store_model *model, struct store *store, uint32_t index,
                  enum store_end end) {
    fly(model, index, 0, end);
    enum status status = store_remove(store, model_id(index), end);
    if (status == STATUS_NOT_FOUND) {
        model->flights--;
        return false;
    }
    must(status, "store_remove");
    if (end == STORE_BOUND) {
        acknowledge(model);
    }
    return true;
}

void model_abandon(struct store_model *model, struct store *store) {
    store_abandon(store);
    while (model->flights > 0 && !model->flight[model->flights - 1].last) {
        model->flights--;
    }
}

void model_sync(struct store_model *model, struct store *store) {
    uint64_t position = store_position(store);
    must(port_flash_sync(), "port_flash_sync");
    store_durable(store, position);
    acknowledge(model);
}

/* Which version the store holds; false when it is none that ever was. */
static bool read_version(const struct store_model *model, struct store *store, uint32_t index,
                         uint32_t *version) {
    struct span out = {found, sizeof(found)};
    enum status status = store_get(store, model_id(index), &out);
    *version = 0;
    if (status == STATUS_NOT_FOUND) {
        return true;
    }
    if (status != STATUS_OK || out.size < 8 || load_u32(found) != index) {
        return false;
    }
    *version = load_u32(found + 4);
    return bytes_equal(make_value(value, index, *version, model->large), bytes_of_span(out));
}

static bool holds(const struct store_model *model, const uint32_t *actual, uint32_t count) {
    struct store_model then = *model;
    land(&then, count);
    for (uint32_t i = 0; i < MODEL_IDS; i++) {
        if (then.version[i] != actual[i]) {
            return false;
        }
    }
    return true;
}

static uint32_t count_of(const uint32_t *actual) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < MODEL_IDS; i++) {
        count += actual[i] != 0 ? 1 : 0;
    }
    return count;
}

const char *model_settle(struct store_model *model, struct store *store) {
    uint32_t actual[MODEL_IDS];
    struct store_usage usage;
    for (uint32_t i = 0; i < MODEL_IDS; i++) {
        if (!read_version(model, store, i, &actual[i])) {
            return "a value is damaged or not its own";
        }
    }
    store_usage(store, &usage);
    if (usage.records != count_of(actual)) {
        return "the number of records is wrong";
    }
    if (sim_counter() < model->counter) {
        return "the counter went back";
    }
    model->counter = sim_counter();
    for (uint32_t count = 0; count <= model->flights; count++) {
        bool whole = count == 0 || model->flight[count - 1].last;
        if (whole && holds(model, actual, count)) {
            land(model, count);
            return NULL;
        }
    }
    return "what was acknowledged is lost, or a group counts in part";
}
