/* SPDX-License-Identifier: Apache-2.0 */
/* The store on a platform that fails: every call of every kind fails at its n-th time,
 * with no, half or full effect; the store answers with a clean status, loses nothing, and goes
 * on when the fault has gone. */
#include "core/store/store_state.h"
#include "port/sim/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { IDS = 24, STEPS = 240 };

static const struct flash_geometry small_flash = {16, 8192, 10};

static struct store store;
static uint8_t value[STORE_RECORD_MAX];

/* What each id may hold: old and new differ where a change failed, which does not say whether it
 * counts. */
static struct { uint32_t old, new; } may_hold[IDS + 1];

static bool is_clean(enum status status) {
    return status == STATUS_OK || status == STATUS_STORE_IO || status == STATUS_NO_ENTROPY ||
           status == STATUS_NOT_FOUND;
}

static struct bytes version_of(uint32_t id, uint32_t version) {
    uint32_t size = 8 + (id * 37 + version * 101) % 500;
    memset(value, (int)(id * 7 + version), size);
    save_u32(value, id);
    save_u32(value + 4, version);
    return bytes_of(value, size);
}

static uint32_t version_held(uint32_t id) {
    static uint8_t found[STORE_RECORD_MAX];
    struct span out = {found, sizeof(found)};
    enum status status = store_get(&store, record_id(RECORD_OBJECT, id), &out);
    if (status == STATUS_NOT_FOUND) {
        return 0;
    }
    assert_string_equal(status_row(status)->name, "OK");
    uint32_t version = load_u32(found + 4);
    assert_true(bytes_equal(version_of(id, version), bytes_of_span(out)));
    return version;
}

/* Every id holds what it may; from now on just that. */
static void settle(const char *when) {
    for (uint32_t id = 1; id <= IDS; id++) {
        uint32_t version = version_held(id);
        if (version != may_hold[id].old && version != may_hold[id].new) {
            fail_msg("%s: id %u holds version %u, not %u or %u", when, id, version,
                     may_hold[id].old, may_hold[id].new);
        }
        may_hold[id].old = may_hold[id].new = version;
    }
}

static enum status change(uint32_t step, uint64_t chance) {
    uint32_t id = 1 + (uint32_t)(chance >> 8) % IDS;
    enum store_end end = chance % 4 == 0 ? STORE_BOUND : STORE_LAST;
    bool remove = (chance >> 4) % 4 == 0;
    uint64_t name = record_id(RECORD_OBJECT, id);
    enum status status = remove ? store_remove(&store, name, end)
                                : store_put(&store, name, version_of(id, step), end);
    if (status != STATUS_NOT_FOUND) {
        may_hold[id].new = remove ? 0 : step;
        may_hold[id].old = status == STATUS_OK ? may_hold[id].new : may_hold[id].old;
    }
    return status;
}

static enum status mount(void) {
    bool finished = false;
    return store_mount(&store, &finished);
}

static void restart(const char *when) {
    sim_fail((struct sim_failure){0});
    enum status status = mount();
    if (status != STATUS_OK) {
        fail_msg("%s: mount: %s", when, status_row(status)->name);
    }
    settle(when);
    assert_int_equal(store.counter, sim_counter());
}

enum then { GOES_ON, RESTARTS, RESTARTS_AFTER_ONE_MORE };

/* The whole story, with a failure somewhere in it, and what comes after the failure. False when the
 * story ends before the failure comes. */
static bool play(struct sim_failure failure, enum then then) {
    uint64_t seed = 3;
    bool restart_next = false;
    memset(may_hold, 0, sizeof(may_hold));
    sim_reset(&small_flash, true);
    assert_int_equal(store_format(&store), STATUS_OK);
    sim_fail(failure);
    for (uint32_t step = 1; step <= STEPS; step++) {
        enum status status = change(step, sim_chance(&seed));
        if (!is_clean(status)) {
            fail_msg("step %u: %s", step, status_row(status)->name);
        }
        bool done = status == STATUS_OK || status == STATUS_NOT_FOUND;
        if ((restart_next && status == STATUS_OK) || (!done && then == RESTARTS)) {
            restart("restarted");
            restart_next = false;
        } else if (!done) {
            settle("at once");
            restart_next = then == RESTARTS_AFTER_ONE_MORE;
        }
    }
    bool came = sim_failed();
    sim_fail((struct sim_failure){0});
    assert_int_equal(store_put(&store, record_id(RECORD_PIN, 1), version_of(1, 1), STORE_BOUND),
                     STATUS_OK);
    settle("later");
    restart("in the end");
    return came;
}

/* Every n. A fault that stays (`times`) ends at the restart. */
static void fail_each(enum sim_call call, enum sim_effect effect, uint64_t times) {
    struct sim_failure failure = {call, 0, times, effect};
    bool came = true;
    while (came) {
        failure.nth++;
        came = play(failure, RESTARTS);
        if (times <= 1) {
            assert_int_equal(play(failure, GOES_ON), came);
            assert_int_equal(play(failure, RESTARTS_AFTER_ONE_MORE), came);
        }
    }
    printf("# %llu places to fail\n", (unsigned long long)failure.nth - 1);
    assert_true(failure.nth > 2);
}

static void every_failing_program_is_survived(void **state) {
    (void)state;
    fail_each(SIM_FLASH_PROGRAM, SIM_NO_EFFECT, 1);
    fail_each(SIM_FLASH_PROGRAM, SIM_HALF_EFFECT, 1);
    fail_each(SIM_FLASH_PROGRAM, SIM_FULL_EFFECT, 1);
    fail_each(SIM_FLASH_PROGRAM, SIM_HALF_EFFECT, 1000);
}

static void every_failing_erasure_is_survived(void **state) {
    (void)state;
    fail_each(SIM_FLASH_ERASE, SIM_NO_EFFECT, 1);
    fail_each(SIM_FLASH_ERASE, SIM_HALF_EFFECT, 1);
    fail_each(SIM_FLASH_ERASE, SIM_FULL_EFFECT, 1);
    fail_each(SIM_FLASH_ERASE, SIM_HALF_EFFECT, 1000);
}

static void every_failing_read_is_survived(void **state) {
    (void)state;
    fail_each(SIM_FLASH_READ, SIM_NO_EFFECT, 1);
    fail_each(SIM_FLASH_READ, SIM_NO_EFFECT, 1000);
}

static void every_failing_sync_is_survived(void **state) {
    (void)state;
    fail_each(SIM_FLASH_SYNC, SIM_NO_EFFECT, 1);
    fail_each(SIM_FLASH_SYNC, SIM_NO_EFFECT, 1000);
}

static void every_failing_counter_is_survived(void **state) {
    (void)state;
    fail_each(SIM_COUNTER_INCREMENT, SIM_NO_EFFECT, 1);
    fail_each(SIM_COUNTER_INCREMENT, SIM_FULL_EFFECT, 1);
    fail_each(SIM_COUNTER_INCREMENT, SIM_NO_EFFECT, 1000);
}

static void every_lack_of_randomness_is_survived(void **state) {
    (void)state;
    fail_each(SIM_RANDOM, SIM_NO_EFFECT, 1);
    fail_each(SIM_RANDOM, SIM_NO_EFFECT, 1000);
}

static void mount_that_fails_anywhere_can_be_tried_again(void **state) {
    (void)state;
    struct sim_failure failure = {SIM_ANY, 0, 1, SIM_NO_EFFECT};
    assert_false(play((struct sim_failure){0}, GOES_ON));
    for (bool came = true; came;) {
        failure.nth++;
        sim_fail(failure);
        enum status status = mount();
        came = sim_failed();
        assert_int_equal(status, came ? STATUS_STORE_IO : STATUS_OK);
        restart("after a mount that failed");
    }
    assert_true(failure.nth > 10);
}

static void zeroize_goes_as_far_as_it_can(void **state) {
    (void)state;
    struct sim_failure failure = {SIM_ANY, 0, 1, SIM_NO_EFFECT};
    for (bool came = true; came;) {
        failure.nth++;
        assert_false(play((struct sim_failure){0}, GOES_ON));
        sim_fail(failure);
        enum status status = store_zeroize(&store);
        came = sim_failed();
        assert_int_equal(status, came ? STATUS_STORE_IO : STATUS_OK);
        sim_fail((struct sim_failure){0});
        status = mount();
        assert_int_equal(status, status == STATUS_STORE_DAMAGED ? status : STATUS_ZEROIZED);
        assert_int_equal(store_zeroize(&store), STATUS_OK);
        assert_int_equal(mount(), STATUS_ZEROIZED);
        assert_false(sim_has_root());
    }
    assert_true(failure.nth > 10);
}

/* A flash that is blank, and one of which a wipe was begun: there is no store, whatever fails. */
static void mount_without_a_store_that_fails_anywhere_can_be_tried_again(void **state) {
    (void)state;
    for (int wiped = 0; wiped <= 1; wiped++) {
        struct sim_failure failure = {SIM_ANY, 0, 1, SIM_NO_EFFECT};
        enum status expected = wiped ? STATUS_ZEROIZED : STATUS_NOT_FOUND;
        for (bool came = true; came;) {
            failure.nth++;
            sim_reset(&small_flash, true);
            if (wiped) {
                assert_int_equal(store_format(&store), STATUS_OK);
                sim_fail((struct sim_failure){SIM_FLASH_ERASE, 1, UINT32_MAX, SIM_NO_EFFECT});
                assert_int_equal(store_zeroize(&store), STATUS_STORE_IO);
            }
            sim_fail(failure);
            enum status status = mount();
            came = sim_failed();
            assert_int_equal(status, came ? STATUS_STORE_IO : expected);
            sim_fail((struct sim_failure){0});
            assert_int_equal(mount(), expected);
        }
        assert_true(failure.nth > 9);
    }
}

static void format_that_fails_anywhere_can_be_tried_again(void **state) {
    (void)state;
    for (int over_another = 0; over_another <= 1; over_another++) {
        struct sim_failure failure = {SIM_ANY, 0, 1, SIM_NO_EFFECT};
        for (bool came = true; came;) {
            failure.nth++;
            sim_reset(&small_flash, true);
            assert_int_equal(over_another ? store_format(&store) : STATUS_OK, STATUS_OK);
            sim_fail(failure);
            enum status status = store_format(&store);
            came = sim_failed();
            assert_true(came ? status == STATUS_STORE_IO || status == STATUS_NO_ENTROPY
                             : status == STATUS_OK);
            sim_fail((struct sim_failure){0});
            assert_int_equal(store_format(&store), STATUS_OK);
            assert_int_equal(mount(), STATUS_OK);
        }
        assert_true(failure.nth > 10);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failing_program_is_survived),
        cmocka_unit_test(every_failing_erasure_is_survived),
        cmocka_unit_test(every_failing_read_is_survived),
        cmocka_unit_test(every_failing_sync_is_survived),
        cmocka_unit_test(every_failing_counter_is_survived),
        cmocka_unit_test(every_lack_of_randomness_is_survived),
        cmocka_unit_test(mount_that_fails_anywhere_can_be_tried_again),
        cmocka_unit_test(zeroize_goes_as_far_as_it_can),
        cmocka_unit_test(mount_without_a_store_that_fails_anywhere_can_be_tried_again),
        cmocka_unit_test(format_that_fails_anywhere_can_be_tried_again),
    };
    return cmocka_run_group_tests_name("store failures", tests, start_crypto, stop_crypto);
}
