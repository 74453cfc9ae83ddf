/* SPDX-License-Identifier: Apache-2.0 */
/* The store by itself: what it keeps, how it ends when full, how evenly it wears. */
#include "core/store/store_state.h"
#include "port/sim/sim.h"
#include "test/powerloss/store_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct store store;
static uint8_t buffer[STORE_RECORD_MAX];

static void expect(enum status status, enum status expected) {
    assert_string_equal(status_row(status)->name, status_row(expected)->name);
}

static enum status mount(void) {
    bool finished = false;
    enum status status = store_mount(&store, &finished);
    assert_false(finished);
    return status;
}

static int fresh(void **state) {
    (void)state;
    sim_reset(NULL, true);
    return store_format(&store) == STATUS_OK ? 0 : -1;
}

static uint64_t object(uint64_t number) {
    return record_id(RECORD_OBJECT, number);
}

static enum status put(uint64_t id, uint8_t fill, size_t size, enum store_end end) {
    memset(buffer, fill, size);
    return store_put(&store, id, bytes_of(buffer, size), end);
}

/* The record is there, `size` bytes of `fill`. */
static void assert_holds(uint64_t id, uint8_t fill, size_t size) {
    struct span out = {buffer, sizeof(buffer)};
    expect(store_get(&store, id, &out), STATUS_OK);
    assert_int_equal(out.size, size);
    assert_true(bytes_all(bytes_of(buffer, size), fill));
}

static void assert_gone(uint64_t id) {
    struct span out = {buffer, sizeof(buffer)};
    expect(store_get(&store, id, &out), STATUS_NOT_FOUND);
}

/* ---- what it keeps ---- */

static void store_keeps_values_over_a_restart(void **state) {
    (void)state;
    expect(put(object(1), 0x11, 100, STORE_LAST), STATUS_OK);
    expect(put(object(2), 0x22, 0, STORE_LAST), STATUS_OK);
    expect(put(record_id(RECORD_PIN, 1), 0x33, 64, STORE_BOUND), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        assert_holds(object(1), 0x11, 100);
        assert_holds(object(2), 0x22, 0);
        assert_holds(record_id(RECORD_PIN, 1), 0x33, 64);
        expect(mount(), STATUS_OK);
    }
}

static void store_replaces_and_removes(void **state) {
    (void)state;
    expect(put(object(1), 0x11, 100, STORE_LAST), STATUS_OK);
    expect(put(object(1), 0x12, 40, STORE_LAST), STATUS_OK);
    expect(put(object(2), 0x22, 40, STORE_LAST), STATUS_OK);
    expect(store_remove(&store, object(2), STORE_LAST), STATUS_OK);
    expect(store_remove(&store, object(2), STORE_LAST), STATUS_NOT_FOUND);
    expect(store_remove(&store, object(3), STORE_BOUND), STATUS_NOT_FOUND);
    for (int i = 0; i < 2; i++) {
        assert_holds(object(1), 0x12, 40);
        assert_gone(object(2));
        expect(mount(), STATUS_OK);
    }
}

static void store_walks_over_the_records_of_one_kind(void **state) {
    (void)state;
    uint32_t seen = 0;
    for (uint32_t i = 1; i <= 20; i++) {
        expect(put(object(i), 1, 10, STORE_LAST), STATUS_OK);
        expect(put(record_id(RECORD_TOKEN, i), 1, 10, STORE_LAST), STATUS_OK);
    }
    uint32_t cursor = 0;
    uint64_t id = 0;
    while (store_next(&store, RECORD_OBJECT, &cursor, &id) == STATUS_OK) {
        assert_int_equal(record_kind_of(id), RECORD_OBJECT);
        seen |= 1u << record_number_of(id);
    }
    assert_int_equal(seen, 0x1ffffe);
}

static void store_takes_every_size_up_to_the_largest(void **state) {
    (void)state;
    for (size_t size = 0; size <= STORE_RECORD_MAX; size += size < 80 ? 1 : 173) {
        expect(put(object(1), (uint8_t)size, size, STORE_LAST), STATUS_OK);
        assert_holds(object(1), (uint8_t)size, size);
    }
    expect(put(object(1), 7, STORE_RECORD_MAX, STORE_LAST), STATUS_OK);
    expect(mount(), STATUS_OK);
    assert_holds(object(1), 7, STORE_RECORD_MAX);
    expect(store_put(&store, object(1), bytes_of(buffer, STORE_RECORD_MAX + 1), STORE_LAST),
           STATUS_OBJECT_TOO_LARGE);
    assert_holds(object(1), 7, STORE_RECORD_MAX);
}

static void store_get_into_too_little_room_writes_nothing(void **state) {
    (void)state;
    uint8_t small[10] = {0};
    struct span out = {small, sizeof(small)};
    expect(put(object(1), 0x11, 11, STORE_LAST), STATUS_OK);
    expect(store_get(&store, object(1), &out), STATUS_OBJECT_TOO_LARGE);
    assert_true(bytes_all(bytes_of(small, sizeof(small)), 0));
}

static void assert_no_plain_value(struct bytes where) {
    uint32_t run = 0;
    for (size_t i = 0; i < where.size; i++) {
        run = where.data[i] == 0xa7 ? run + 1 : 0;
        assert_true(run < 8);
    }
}

static void store_leaves_no_plain_value_on_flash_or_in_its_memory(void **state) {
    (void)state;
    expect(put(object(1), 0xa7, 64, STORE_LAST), STATUS_OK);
    assert_no_plain_value(bytes_of(&store, sizeof(store)));
    assert_no_plain_value(bytes_of(sim_flash(), sim_flash_size()));
    assert_holds(object(1), 0xa7, 64);
    assert_no_plain_value(bytes_of(&store, sizeof(store)));
    expect(mount(), STATUS_OK);
    assert_no_plain_value(bytes_of(&store, sizeof(store)));
    uint64_t tail = store.tail;
    while (store.tail < tail + 2) { /* collected */
        expect(put(object(2), 1, 300, STORE_LAST), STATUS_OK);
    }
    assert_no_plain_value(bytes_of(&store, sizeof(store)));
    assert_no_plain_value(bytes_of(sim_flash(), sim_flash_size()));
    assert_holds(object(1), 0xa7, 64);
}

static void store_makes_different_keys_for_different_purposes_and_devices(void **state) {
    (void)state;
    uint8_t keys[4][32], ids[2][DEVICE_ID_SIZE];
    for (int i = 0; i < 2; i++) {
        store_device_id(&store, ids[i]);
        expect(store_derive_key(&store, "one", (struct span){keys[2 * i], 32}), STATUS_OK);
        expect(store_derive_key(&store, "two", (struct span){keys[2 * i + 1], 32}), STATUS_OK);
        uint8_t again[32];
        expect(mount(), STATUS_OK);
        expect(store_derive_key(&store, "one", (struct span){again, 32}), STATUS_OK);
        assert_memory_equal(again, keys[2 * i], 32);
        expect(store_format(&store), STATUS_OK);
    }
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < i; j++) {
            assert_memory_not_equal(keys[i], keys[j], 32);
        }
    }
    assert_memory_not_equal(ids[0], ids[1], DEVICE_ID_SIZE);
}

/* ---- groups ---- */

static void group_shows_only_when_it_ends(void **state) {
    (void)state;
    expect(put(object(1), 1, 10, STORE_LAST), STATUS_OK);
    expect(put(object(1), 2, 10, STORE_MORE), STATUS_OK);
    expect(put(object(2), 2, 10, STORE_MORE), STATUS_OK);
    expect(store_remove(&store, object(2), STORE_MORE), STATUS_OK);
    expect(put(object(3), 2, 10, STORE_MORE), STATUS_OK);
    assert_holds(object(1), 1, 10);
    assert_gone(object(3));
    expect(put(object(4), 2, 10, STORE_BOUND), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        assert_holds(object(1), 2, 10);
        assert_gone(object(2));
        assert_holds(object(3), 2, 10);
        assert_holds(object(4), 2, 10);
        expect(mount(), STATUS_OK);
    }
}

static void group_given_up_never_counts(void **state) {
    (void)state;
    expect(put(object(1), 1, 10, STORE_MORE), STATUS_OK);
    store_abandon(&store);
    expect(put(object(2), 1, 10, STORE_LAST), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        assert_gone(object(1));
        assert_holds(object(2), 1, 10);
        expect(mount(), STATUS_OK);
    }
}

static void group_cut_before_its_end_does_not_join_the_next_change(void **state) {
    (void)state;
    struct store_usage usage;
    expect(put(object(1), 1, 10, STORE_MORE), STATUS_OK);
    expect(mount(), STATUS_OK);
    store_usage(&store, &usage);
    assert_int_equal(usage.cut_records, 1);
    expect(put(object(2), 1, 10, STORE_LAST), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        assert_gone(object(1));
        assert_holds(object(2), 1, 10);
        expect(mount(), STATUS_OK);
    }
}

static void group_has_a_largest_size(void **state) {
    (void)state;
    for (uint32_t i = 1; i <= STORE_GROUP_MAX; i++) {
        expect(put(object(i), 1, 10, STORE_MORE), STATUS_OK);
    }
    expect(put(object(99), 1, 10, STORE_LAST), STATUS_STORE_FULL);
    expect(store_remove(&store, object(1), STORE_LAST), STATUS_STORE_FULL);
    store_abandon(&store);
    assert_gone(object(1));
    expect(put(object(99), 1, 10, STORE_LAST), STATUS_OK);
}

/* ---- full, and worn ---- */

static uint32_t fill_up(size_t size) {
    uint32_t count = 0;
    while (put(object(count + 1), 1, size, STORE_LAST) == STATUS_OK) {
        count++;
    }
    return count;
}

/* What does not grow, what is no object, and removals still work, for ever: all records are changed
 * in turn, or the last few only, so that whole sectors of the others are written again each time
 * round. */
static void change_for_ever(uint32_t count, size_t size, uint32_t few) {
    for (uint32_t j = 0; j < 700; j++) {
        uint64_t id = object(few == 0 ? 1 + j % count : count - j % few);
        expect(put(id, (uint8_t)j, size, STORE_LAST), STATUS_OK);
        expect(put(record_id(RECORD_PIN, 1 + j % 8), 5, 100, STORE_BOUND), STATUS_OK);
    }
    expect(mount(), STATUS_OK);
    assert_holds(record_id(RECORD_PIN, 1), 5, 100);
}

static void full_store_refuses_and_goes_on_working(void **state) {
    (void)state;
    /* among them such as fill a sector to its last unit */
    static const size_t sizes[] = {STORE_RECORD_MAX, 2628, 2596, 2500, 1556, 1536,
                                   1200,             600,  300,  36,   4};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        static const struct flash_geometry roomy = {16, 8192, 24};
        sim_reset(sizes[i] < 300 ? NULL : &roomy, true);
        expect(store_format(&store), STATUS_OK);
        uint32_t count = fill_up(sizes[i]);
        assert_true(count >= 6);
        expect(put(object(count + 1), 2, sizes[i], STORE_LAST), STATUS_STORE_FULL);
        assert_gone(object(count + 1));
        change_for_ever(count, sizes[i], 0);
        change_for_ever(count, sizes[i], 2);
        for (uint32_t j = 1; j <= count; j++) {
            expect(store_remove(&store, object(j), STORE_LAST), STATUS_OK);
        }
        for (uint32_t j = 1; j <= 8; j++) {
            expect(store_remove(&store, record_id(RECORD_PIN, j), STORE_LAST), STATUS_OK);
        }
        assert_int_equal(fill_up(sizes[i]), count);
    }
}

/* A group is written without collecting in between: one that needs more sectors than are kept free
 * for a change is refused, and leaves collecting what it needs. */
static void group_too_large_for_the_room_is_refused_and_the_store_goes_on(void **state) {
    (void)state;
    static const struct flash_geometry roomy = {16, 8192, 24};
    uint32_t refused = 0;
    const uint32_t count = 11; /* half of what fits */
    sim_reset(&roomy, true);
    expect(store_format(&store), STATUS_OK);
    for (uint32_t i = 1; i <= count; i++) {
        expect(put(object(i), 1, 2000, STORE_LAST), STATUS_OK);
    }
    for (uint32_t round = 0; round < 200; round++) {
        enum status status = STATUS_OK;
        for (uint32_t i = 0; i < STORE_GROUP_MAX && status == STATUS_OK; i++) {
            status = put(object(1 + (round + i) % count), 3, 2000, STORE_MORE);
        }
        refused += status == STATUS_STORE_FULL ? 1 : 0;
        store_abandon(&store);
        if (round % 3 == 0) {
            expect(mount(), STATUS_OK);
        }
        expect(put(record_id(RECORD_PIN, 1), 5, 100, STORE_BOUND), STATUS_OK);
        expect(store_remove(&store, object(1 + round % count), STORE_BOUND), STATUS_OK);
        expect(put(object(1 + round % count), 1, 2000, STORE_LAST), STATUS_OK);
    }
    assert_true(refused > 0);
}

static void store_counts_its_records_against_the_limit(void **state) {
    (void)state;
    static const struct flash_geometry large = {16, 8192, 64};
    sim_reset(&large, false);
    expect(store_format(&store), STATUS_OK);
    assert_int_equal(fill_up(8), OBJECTS_MAX);
    struct store_usage usage;
    store_usage(&store, &usage);
    assert_true(usage.used < usage.size);
    for (uint32_t i = 1; i <= STORE_RECORDS_MAX - OBJECTS_MAX; i++) {
        expect(put(record_id(RECORD_TOKEN, i), 1, 8, STORE_LAST), STATUS_OK);
    }
    expect(put(record_id(RECORD_TOKEN, 9999), 1, 8, STORE_LAST), STATUS_STORE_FULL);
    expect(mount(), STATUS_OK);
    store_usage(&store, &usage);
    assert_int_equal(usage.records, STORE_RECORDS_MAX);
}

/* Most records stay as they are, one is changed all the time: the worst for even wear. */
static void store_wears_its_sectors_evenly(void **state) {
    (void)state;
    struct store_usage usage;
    uint64_t most = 0, all = 0;
    enum { CHANGES = 1000000, CYCLES = 10000 };
    for (uint32_t i = 0; i < CHANGES; i++) {
        expect(put(object(i < 100 ? i + 1 : 1), 1, 200, STORE_LAST), STATUS_OK);
    }
    store_usage(&store, &usage);
    for (uint32_t sector = 1; sector < 16; sector++) {
        all += sim_erasures(sector);
        most = sim_erasures(sector) > most ? sim_erasures(sector) : most;
    }
    printf("# %d changes: %llu erasures, at most %llu in one of 15 sectors\n", CHANGES,
           (unsigned long long)all, (unsigned long long)most);
    printf("# flash that bears %d erasures lasts for %llu such changes\n", CYCLES,
           (unsigned long long)CHANGES * CYCLES / most);
    assert_true(all > 1000);
    assert_int_equal(usage.erasures, all - 15); /* format erased each once */
    assert_true(most * 15 <= 2 * all);
    expect(mount(), STATUS_OK);
    assert_holds(object(100), 1, 200);
}

static void put_once_more(void *unused) {
    (void)unused;
    expect(put(object(1), 2, 200, STORE_LAST), STATUS_OK);
}

/* Nothing in the oldest sector counts any more, and the newest takes nothing more (as after a
 * failure to open the next): then the word that the oldest is out of use goes to a fresh sector. */
static void oldest_sector_given_up_in_a_fresh_one_survives_a_cut(void **state) {
    (void)state;
    enum sim_end end = SIM_CUT;
    for (uint64_t write = 1; end == SIM_CUT; write++) {
        assert_int_equal(fresh(NULL), 0);
        while (store.head - store.tail < 15 - 4) {
            expect(put(object(1), 1, 200, STORE_LAST), STATUS_OK);
        }
        store.end = store.geometry.sector_size;
        sim_cut(write, (struct sim_tear){.bytes = store.geometry.sector_size});
        end = sim_run(put_once_more, NULL);
        sim_cut(0, (struct sim_tear){0});
        assert_true(end == SIM_DONE || write < 20);
        expect(mount(), STATUS_OK);
        struct span out = {buffer, sizeof(buffer)};
        expect(store_get(&store, object(1), &out), STATUS_OK);
        put_once_more(NULL);
        expect(mount(), STATUS_OK);
        assert_holds(object(1), 2, 200);
    }
}

/* ---- shapes of flash ---- */

static void store_works_on_many_shapes_of_flash(void **state) {
    (void)state;
    static const struct flash_geometry shapes[] = {{1, 8192, 8},  {4, 8192, 9},    {8, 8192, 33},
                                                   {32, 8192, 8}, {128, 8192, 16}, {512, 8192, 12}};
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct store_model model = {0};
        uint64_t seed = i;
        sim_reset(&shapes[i], true);
        expect(store_format(&store), STATUS_OK);
        for (uint32_t step = 0; step < 2000; step++) {
            uint64_t chance = sim_chance(&seed);
            uint32_t index = (uint32_t)(chance >> 8) % MODEL_IDS;
            if (chance % 4 == 0) {
                model_remove(&model, &store, index, STORE_LAST);
            } else {
                model_put(&model, &store, index, chance % 9 == 0 ? STORE_BOUND : STORE_LAST);
            }
            model_sync(&model, &store);
        }
        assert_null(model_settle(&model, &store));
        expect(mount(), STATUS_OK);
        assert_null(model_settle(&model, &store));
    }
}

static void store_refuses_shapes_it_cannot_work_on(void **state) {
    (void)state;
    static const struct flash_geometry shapes[] = {
        {16, 8192, 7},  {16, 4096, 16},   {16, 16384, 16}, {1024, 8192, 16},
        {24, 8192, 16}, {0, 8192, 16},    {16, 8200, 16}};
    for (size_t i = 0; i < COUNT(shapes); i++) {
        sim_reset(&shapes[i], true);
        expect(mount(), STATUS_INTERNAL);
        expect(store_format(&store), STATUS_INTERNAL);
        assert_int_equal(sim_writes(), 0);
    }
}

/* ---- states of the whole ---- */

static void mount_tells_factory_formatted_and_zeroized_apart(void **state) {
    (void)state;
    sim_reset(NULL, true);
    expect(mount(), STATUS_NOT_FOUND);
    expect(put(object(1), 1, 10, STORE_LAST), STATUS_ZEROIZED);
    expect(store_format(&store), STATUS_OK);
    expect(mount(), STATUS_OK);
    expect(put(object(1), 1, 10, STORE_LAST), STATUS_OK);
    expect(store_zeroize(&store), STATUS_OK);
    expect(put(object(1), 1, 10, STORE_LAST), STATUS_ZEROIZED);
    assert_gone(object(1));
    expect(mount(), STATUS_ZEROIZED);
    assert_false(sim_has_root());
    expect(store_format(&store), STATUS_OK);
    expect(mount(), STATUS_OK);
    assert_gone(object(1));
}

static void lose_power_at_a_write(void *unused) {
    (void)unused;
    assert_int_equal(put(object(2), 2, 10, STORE_LAST), STATUS_OK);
}

/* The process died before it had synced, the power only later: what the mount showed must stay. */
static void what_a_mount_has_read_stays_when_the_power_goes_later(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        assert_int_equal(fresh(NULL), 0);
        sim_lose_unsynced(seed);
        expect(put(object(1), 1, 100, STORE_LAST), STATUS_OK);
        expect(mount(), STATUS_OK);
        assert_holds(object(1), 1, 100);
        sim_cut(1, (struct sim_tear){0});
        assert_int_equal(sim_run(lose_power_at_a_write, NULL), SIM_CUT);
        expect(mount(), STATUS_OK);
        assert_holds(object(1), 1, 100);
        sim_lose_unsynced(0);
    }
}

static void store_without_its_root_key_is_refused(void **state) {
    (void)state;
    expect(put(object(1), 1, 10, STORE_LAST), STATUS_OK);
    sim_root()[31] ^= 1;
    expect(mount(), STATUS_STORE_DAMAGED);
    sim_root()[31] ^= 1;
    expect(mount(), STATUS_OK);
    expect(port_root_destroy(), STATUS_OK);
    expect(mount(), STATUS_STORE_DAMAGED);
}

/* ---- anything at all ---- */

static void store_agrees_with_a_plain_model_over_random_changes(void **state) {
    (void)state;
    struct store_model model = {0};
    uint64_t seed = 0;
    expect(port_random((uint8_t *)&seed, 4), STATUS_OK);
    const char *given = getenv("EDGEHSM_SEED");
    seed = given != NULL ? strtoull(given, NULL, 0) : seed;
    printf("# EDGEHSM_SEED=%llu\n", (unsigned long long)seed);
    for (uint32_t step = 0; step < 20000; step++) {
        uint64_t chance = sim_chance(&seed);
        uint32_t index = (uint32_t)(chance >> 8) % MODEL_IDS;
        enum store_end end = (chance >> 20) % 5 == 0   ? STORE_MORE
                             : (chance >> 20) % 5 == 1 ? STORE_BOUND
                                                       : STORE_LAST;
        bool done = chance % 3 == 0 ? model_remove(&model, &store, index, end)
                                    : model_put(&model, &store, index, end);
        if ((!done && store.in_group) || store.pending_count > 10 || (chance >> 30) % 40 == 0) {
            model_abandon(&model, &store);
        }
        if (!store.in_group && (model.flights > 20 || (chance >> 40) % 2 == 0)) {
            model_sync(&model, &store);
        }
        if ((chance >> 50) % 200 == 0) {
            model_abandon(&model, &store);
            assert_null(model_settle(&model, &store));
            expect(mount(), STATUS_OK);
            assert_null(model_settle(&model, &store));
        }
    }
}

static int start_crypto(void **state) {
    (void)state;
    return crypto_start() == STATUS_OK ? 0 : -1;
}

static int stop_crypto(void **state) {
    (void)state;
    crypto_stop();
    return 0;
}

#define FRESH(test) cmocka_unit_test_setup(test, fresh)

int main(void) {
    const struct CMUnitTest tests[] = {
        FRESH(store_keeps_values_over_a_restart),
        FRESH(store_replaces_and_removes),
        FRESH(store_walks_over_the_records_of_one_kind),
        FRESH(store_takes_every_size_up_to_the_largest),
        FRESH(store_get_into_too_little_room_writes_nothing),
        FRESH(store_leaves_no_plain_value_on_flash_or_in_its_memory),
        FRESH(store_makes_different_keys_for_different_purposes_and_devices),
        FRESH(group_shows_only_when_it_ends),
        FRESH(group_given_up_never_counts),
        FRESH(group_cut_before_its_end_does_not_join_the_next_change),
        FRESH(group_has_a_largest_size),
        FRESH(full_store_refuses_and_goes_on_working),
        FRESH(group_too_large_for_the_room_is_refused_and_the_store_goes_on),
        FRESH(store_counts_its_records_against_the_limit),
        FRESH(store_wears_its_sectors_evenly),
        FRESH(oldest_sector_given_up_in_a_fresh_one_survives_a_cut),
        FRESH(store_works_on_many_shapes_of_flash),
        FRESH(store_refuses_shapes_it_cannot_work_on),
        FRESH(mount_tells_factory_formatted_and_zeroized_apart),
        FRESH(what_a_mount_has_read_stays_when_the_power_goes_later),
        FRESH(store_without_its_root_key_is_refused),
        FRESH(store_agrees_with_a_plain_model_over_random_changes),
    };
    return cmocka_run_group_tests_name("store", tests, start_crypto, stop_crypto);
}
