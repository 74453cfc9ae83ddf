/* SPDX-License-Identifier: Apache-2.0 */
/* The store under power loss: R-30 for core/store alone, and zeroization and format cut
 * anywhere. */
#include "test/powerloss/runner.h"
#include "test/powerloss/store_model.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* As few sectors as there may be, so that collecting happens all the time. */
static const struct flash_geometry small_flash = {16, 8192, 10};

enum { STORY_STEPS = 520, EXTRA = MODEL_IDS - 1 };

static struct store store;
static uint64_t story_erasures; /* of a whole story of work */

static struct {
    struct store_model model;
    bool wiped;      /* store_zeroize() was acknowledged */
    bool seen_wiped; /* a mount said so */
    bool formatted;  /* store_format() was acknowledged */
    bool seen_new;   /* the old store was seen to be gone */
    uint8_t old_id[DEVICE_ID_SIZE];
    uint8_t secret[32]; /* the anchor's, of before */
} world;

static void must(enum status status, const char *what) {
    if (status != STATUS_OK) {
        power_fail("%s: %s", what, status_row(status)->name);
    }
}

static void start_with(bool counter) {
    sim_reset(&small_flash, counter);
    memset(&world, 0, sizeof(world));
    must(store_format(&store), "format");
    for (uint32_t i = 0; i < 12; i++) {
        model_put(&world.model, &store, i, STORE_LAST);
    }
    model_sync(&world.model, &store);
}

static void mount_and_settle(void) {
    bool finished = false;
    must(store_mount(&store, &finished), "mount");
    const char *wrong = model_settle(&world.model, &store);
    if (wrong != NULL) {
        power_fail("%s", wrong);
    }
    if (store.counter_bound && store.counter != sim_counter()) {
        power_fail("store and counter differ");
    }
}

/* ---- ordinary work ---- */

static void make_group(uint32_t index, uint64_t chance) {
    bool begun = model_put(&world.model, &store, index, STORE_MORE);
    if (begun && (chance & 1) != 0) {
        begun = model_put(&world.model, &store, (index + 7) % EXTRA, STORE_MORE);
    }
    if (begun && (chance & 6) == 0) {
        begun = false; /* given up: nothing of it counts */
    }
    if (!begun || !model_put(&world.model, &store, 4, STORE_BOUND)) {
        model_abandon(&world.model, &store);
    }
}

static void work_one_step(uint64_t chance) {
    uint32_t index = (uint32_t)(chance >> 8) % EXTRA;
    enum store_end end = (chance >> 40) % 6 == 0 ? STORE_BOUND : STORE_LAST;
    switch (chance % 8) {
    case 0:
    case 1:
        model_remove(&world.model, &store, index, end);
        break;
    case 2:
        make_group(index, chance >> 4);
        break;
    default:
        model_put(&world.model, &store, index, end);
        break;
    }
    if ((chance >> 50) % 4 != 0 || world.model.flights > MODEL_FLIGHT - 8) {
        model_sync(&world.model, &store);
    }
}

static uint64_t erasures_so_far(void) {
    struct store_usage usage;
    store_usage(&store, &usage);
    return usage.erasures;
}

static void work(uint64_t seed) {
    for (uint32_t i = 0; i < STORY_STEPS; i++) {
        work_one_step(sim_chance(&seed));
    }
    model_sync(&world.model, &store);
}

/* The ring has gone round before: collecting happens all the time. */
static void prepare_work(void) {
    start_with(true);
    work(2);
}

static void prepare_work_without_counter(void) {
    start_with(false);
    work(2);
}

static void play_work(void *unused) {
    (void)unused;
    bool finished = false;
    must(store_mount(&store, &finished), "mount");
    uint64_t before = erasures_so_far();
    work(7);
    story_erasures = erasures_so_far() - before;
}

static void recover_work(void *unused) {
    (void)unused;
    mount_and_settle();
    bool put = false;
    for (int i = 0; i < 4 && !put; i++) { /* a large value may find no room: the next is small */
        put = model_put(&world.model, &store, EXTRA, STORE_BOUND);
    }
    if (!put) {
        power_fail("the store does not go on working");
    }
    if (world.model.version[0] != 0) {
        model_remove(&world.model, &store, 0, STORE_LAST);
    }
    model_sync(&world.model, &store);
}

static void store_survives_a_cut_at_every_byte_of_every_write(void **state) {
    (void)state;
    struct power_count count;
    story_erasures = 0;
    const struct power_story story = {"work",       prepare_work, play_work,
                                      recover_work, &world,       sizeof(world)};
    const struct power_plan plan = {1, 256, 4, 16, 6};
    power_run(&story, &plan, &count);
    assert_true(count.cuts >= 100000);
    assert_true(story_erasures > small_flash.sectors);
}

static void store_survives_cuts_where_there_is_no_counter(void **state) {
    (void)state;
    struct power_count count;
    const struct power_story story = {
        "work without counter", prepare_work_without_counter, play_work, recover_work, &world,
        sizeof(world)};
    const struct power_plan plan = {61, 4096, 1, 8, 0};
    power_run(&story, &plan, &count);
}

/* ---- cuts upon cuts ---- */

static uint64_t session_seed;

/* Starts, does a few steps, and tells nobody that it goes. */
static void work_a_while(void *unused) {
    (void)unused;
    mount_and_settle();
    for (uint64_t steps = sim_chance(&session_seed) % 12; steps > 0; steps--) {
        work_one_step(sim_chance(&session_seed));
    }
    model_sync(&world.model, &store);
}

/* Power that fails again and again, mostly soon after it came back. */
static void fail_again_and_again(uint32_t times) {
    uint64_t seed = 5, cuts = 0, sessions = 0;
    session_seed = 11;
    for (uint32_t i = 0; i < times; i++) {
        uint64_t chance = sim_chance(&seed);
        struct sim_tear tear = {(uint32_t)(chance >> 32) % 300, (chance & 1) != 0, chance};
        sim_cut(chance % 64 == 0 ? 0 : 1 + (chance >> 8) % ((chance & 2) != 0 ? 4 : 16), tear);
        enum sim_end end = sim_run(work_a_while, NULL);
        sim_cut(0, tear);
        if (end == SIM_HALTED) {
            fail_msg("session %u: %s", i, sim_halt_reason());
        }
        cuts += end == SIM_CUT ? 1 : 0;
        sessions += end == SIM_DONE ? 1 : 0;
    }
    print_message("# %llu cuts, %llu sessions uncut, %u changes refused\n",
                  (unsigned long long)cuts, (unsigned long long)sessions, world.model.refused);
    assert_true(cuts > times / 16 && sessions > times / 64);
    for (uint32_t i = 0; i < 40; i++) {
        work_a_while(NULL);
    }
    uint32_t removed = 0;
    for (uint32_t index = 0; index < MODEL_IDS; index++) {
        removed += model_remove(&world.model, &store, index, STORE_BOUND) ? 1 : 0;
    }
    assert_true(removed > 0);
    assert_true(model_put(&world.model, &store, 0, STORE_BOUND));
}

/* Whatever cuts leave behind must never add up to a store that is damaged or cannot be written. */
static void store_survives_cuts_upon_cuts(void **state) {
    (void)state;
    start_with(true);
    fail_again_and_again(60000);
}

/* The same in a store full of large records, where collecting has the least room. */
static void full_store_survives_cuts_upon_cuts(void **state) {
    static const uint32_t sizes[] = {1000, 1700, 2500, STORE_RECORD_MAX};
    static const struct flash_geometry flash = {16, 8192, 10};
    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        sim_reset(&flash, true);
        memset(&world, 0, sizeof(world));
        world.model.large = sizes[i];
        must(store_format(&store), "format");
        for (uint32_t index = 0; index < EXTRA; index++) {
            model_put(&world.model, &store, index, STORE_LAST);
        }
        model_sync(&world.model, &store);
        assert_true(world.model.refused > 0);
        fail_again_and_again(8000);
    }
}

static void change_one(void *unused) {
    (void)unused;
    mount_and_settle();
    if (!model_put(&world.model, &store, 0, STORE_LAST)) {
        power_fail("a value that does not grow is refused");
    }
    model_sync(&world.model, &store);
}

/* A battery at its end: the power always fails in the same write after the start, many times. */
static void store_survives_the_same_cut_over_and_over(void **state) {
    (void)state;
    for (uint64_t write = 1; write <= 12; write++) {
        start_with(true);
        world.model.large = 2000; /* four of them are all that fits */
        must(store_format(&store), "format");
        memset(world.model.version, 0, sizeof(world.model.version));
        for (uint32_t index = 0; index < 4; index++) {
            model_put(&world.model, &store, index, STORE_LAST);
        }
        model_sync(&world.model, &store);
        for (uint32_t i = 0; i < 400; i++) {
            sim_cut(i % 40 == 39 ? 0 : write, (struct sim_tear){.bytes = 1500});
            enum sim_end end = sim_run(change_one, NULL);
            sim_cut(0, (struct sim_tear){0});
            assert_int_not_equal(end, SIM_HALTED);
            assert_true(i % 40 != 39 || end == SIM_DONE);
        }
    }
}

/* ---- the ends of its life ---- */

static void prepare_full(void) {
    prepare_work();
    store_device_id(&store, world.old_id);
    memcpy(world.secret, sim_flash() + 48, sizeof(world.secret));
}

static void play_zeroize(void *unused) {
    (void)unused;
    bool finished = false;
    must(store_mount(&store, &finished), "mount");
    must(store_zeroize(&store), "zeroize");
    world.wiped = true;
}

static bool anchor_sector_holds(const uint8_t *needle, size_t size) {
    for (size_t at = 0; at + size <= small_flash.sector_size; at++) {
        if (bytes_equal(bytes_of(sim_flash() + at, size), bytes_of(needle, size))) {
            return true;
        }
    }
    return false;
}

/* Everything that could help is gone. */
static void check_wiped(void) {
    if (sim_has_root() || !bytes_all(bytes_of(sim_root(), ROOT_KEY_SIZE), 0)) {
        power_fail("the root key is still there");
    }
    size_t sector = small_flash.sector_size;
    if (!bytes_all(bytes_of(sim_flash() + sector, sim_flash_size() - sector), 0xff)) {
        power_fail("records are still there");
    }
    for (size_t at = 0; at + 8 <= sizeof(world.secret); at++) {
        if (anchor_sector_holds(world.secret + at, 8)) {
            power_fail("part of the anchor's secret is still there");
        }
    }
}

static void recover_zeroize(void *unused) {
    (void)unused;
    bool finished = false;
    enum status status = store_mount(&store, &finished);
    if (status == STATUS_OK) {
        const char *wrong = model_settle(&world.model, &store);
        if (wrong != NULL || world.wiped || world.seen_wiped) {
            power_fail("%s", wrong != NULL ? wrong : "a zeroized store can be read again");
        }
        return;
    }
    if (status != STATUS_ZEROIZED || (world.wiped && finished)) {
        power_fail("mount: %s", status_row(status)->name);
    }
    check_wiped();
    world.seen_wiped = true;
    must(store_mount(&store, &finished) == STATUS_ZEROIZED && !finished ? STATUS_OK
                                                                        : STATUS_INTERNAL,
         "the wipe does not stay finished");
}

static void zeroization_is_finished_after_a_cut_at_any_byte(void **state) {
    (void)state;
    struct power_count count;
    const struct power_story story = {"zeroize",       prepare_full, play_zeroize,
                                      recover_zeroize, &world,       sizeof(world)};
    const struct power_plan plan = {1, 256, 8, 4, 4};
    power_run(&story, &plan, &count);
}

static bool is_old_store(void) {
    uint8_t id[DEVICE_ID_SIZE];
    store_device_id(&store, id);
    return bytes_equal(bytes_of(id, sizeof(id)), bytes_of(world.old_id, sizeof(id)));
}

static void expect_new_store(void) {
    if (!world.seen_new) {
        memset(&world.model, 0, sizeof(world.model));
        world.seen_new = true;
    }
}

/* The old store, whole; or none, and a new one can be made; or the new one. */
static void recover_format(void *unused) {
    (void)unused;
    bool finished = false;
    enum status status = store_mount(&store, &finished);
    if (status == STATUS_OK && is_old_store() && !world.formatted && !world.seen_new) {
        mount_and_settle();
        return;
    }
    expect_new_store();
    if (status == STATUS_NOT_FOUND || status == STATUS_ZEROIZED) {
        if (world.formatted) {
            power_fail("a formatted store is lost: %s", status_row(status)->name);
        }
        must(store_format(&store), "format");
    } else if (status != STATUS_OK) {
        power_fail("mount: %s", status_row(status)->name);
    }
    world.formatted = true;
    mount_and_settle();
    if (!model_put(&world.model, &store, 1, STORE_BOUND)) {
        power_fail("the new store does not work");
    }
    mount_and_settle();
}

static void prepare_blank(void) {
    sim_reset(&small_flash, true);
    memset(&world, 0, sizeof(world));
}

static void play_format(void *unused) {
    (void)unused;
    must(store_format(&store), "format");
    world.formatted = true;
}

static void format_can_be_cut_at_any_byte(void **state) {
    (void)state;
    struct power_count count;
    const struct power_story fresh = {"format",       prepare_blank, play_format,
                                      recover_format, &world,        sizeof(world)};
    const struct power_story again = {"format again", prepare_full, play_format,
                                      recover_format, &world,       sizeof(world)};
    const struct power_plan plan = {1, 256, 8, 4, 4};
    power_run(&fresh, &plan, &count);
    power_run(&again, &plan, &count);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_survives_a_cut_at_every_byte_of_every_write),
        cmocka_unit_test(store_survives_cuts_where_there_is_no_counter),
        cmocka_unit_test(store_survives_cuts_upon_cuts),
        cmocka_unit_test(full_store_survives_cuts_upon_cuts),
        cmocka_unit_test(store_survives_the_same_cut_over_and_over),
        cmocka_unit_test(zeroization_is_finished_after_a_cut_at_any_byte),
        cmocka_unit_test(format_can_be_cut_at_any_byte),
    };
    return cmocka_run_group_tests_name("store power loss", tests, start_crypto, stop_crypto);
}
