/* SPDX-License-Identifier: Apache-2.0 */
/* The store as large as the daemon's: 100,000 objects. Times are printed, never asserted. */
#include "core/store/store_state.h"
#include "port/sim/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

enum { VALUE_SIZE = 500, SOME = 10000, MANY = 100000 };

static const struct flash_geometry daemon_flash = {16, 262144, 512};

static struct store store;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void put(uint32_t number, uint8_t fill) {
    uint8_t value[VALUE_SIZE];
    memset(value, fill, sizeof(value));
    save_u32(value, number);
    assert_int_equal(store_put(&store, record_id(RECORD_OBJECT, number),
                               bytes_of(value, sizeof(value)), STORE_LAST),
                     STATUS_OK);
}

static void assert_holds(uint32_t number, uint8_t fill) {
    uint8_t value[VALUE_SIZE];
    struct span out = {value, sizeof(value)};
    assert_int_equal(store_get(&store, record_id(RECORD_OBJECT, number), &out), STATUS_OK);
    assert_int_equal(load_u32(value), number);
    assert_true(bytes_all(bytes_of(value + 4, sizeof(value) - 4), fill));
}

static void mount_timed(uint32_t records) {
    bool finished = false;
    struct store_usage usage;
    double start = seconds();
    assert_int_equal(store_mount(&store, &finished), STATUS_OK);
    printf("# mount of %u records: %.3f s\n", records, seconds() - start);
    store_usage(&store, &usage);
    assert_int_equal(usage.records, records);
}

static void put_timed(uint32_t from, uint32_t to, uint8_t fill) {
    double start = seconds();
    for (uint32_t i = from; i <= to; i++) {
        put(i, fill);
    }
    printf("# %u puts: %.0f/s\n", to - from + 1, (to - from + 1) / (seconds() - start));
}

static void store_holds_100000_objects(void **state) {
    (void)state;
    sim_reset(&daemon_flash, false);
    assert_int_equal(store_format(&store), STATUS_OK);
    put_timed(1, SOME, 1);
    mount_timed(SOME);
    put_timed(SOME + 1, MANY, 1);
    mount_timed(MANY);
    put_timed(1, MANY, 2); /* goes round: what is live is written again */
    put_timed(1, MANY / 2, 3);
    double start = seconds();
    for (uint32_t i = 1; i <= MANY; i++) {
        assert_holds(i, i <= MANY / 2 ? 3 : 2);
    }
    printf("# %d gets: %.0f/s\n", MANY, MANY / (seconds() - start));
    mount_timed(MANY);
    for (uint32_t i = 1; i <= MANY; i += 999) {
        assert_holds(i, i <= MANY / 2 ? 3 : 2);
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
        cmocka_unit_test(store_holds_100000_objects),
    };
    return cmocka_run_group_tests_name("store size", tests, start_crypto, stop_crypto);
}
