/* SPDX-License-Identifier: Apache-2.0 */
/* Group commit: the port's syncs are counted and can be held up or fail. */
#define _GNU_SOURCE
#include "body/daemon/sync.h"
#include "base/compiler.h"
#include "port/port.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static atomic_int flash_syncs;
static atomic_int log_syncs;
static atomic_int written; /* "writes" before a call, and what a sync covered */
static atomic_int covered;
static atomic_bool failing;

enum status port_flash_sync(void) {
    int before = atomic_load(&written);
    atomic_fetch_add(&flash_syncs, 1);
    usleep(2000);
    atomic_store(&covered, before);
    return atomic_load(&failing) ? STATUS_STORE_IO : STATUS_OK;
}

enum status port_log_sync(void) {
    atomic_fetch_add(&log_syncs, 1);
    return STATUS_OK;
}

static int reset(void **state) {
    (void)state;
    flash_syncs = log_syncs = written = covered = 0;
    failing = false;
    return 0;
}

static void *write_and_wait(void *result) {
    enum status *status = result;
    for (int i = 0; i < 20; i++) {
        int mine = atomic_fetch_add(&written, 1) + 1;
        *status = sync_wait(false);
        if (*status != STATUS_OK || atomic_load(&covered) < mine) {
            *status = *status == STATUS_OK ? STATUS_INTERNAL : *status;
            return NULL;
        }
    }
    return NULL;
}

enum { THREADS = 16 };

static void run_threads(enum status *results) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_and_wait, &results[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

static void many_waiting_calls_share_syncs_and_each_is_covered(void **state) {
    (void)state;
    enum status results[THREADS];
    run_threads(results);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(results[i], STATUS_OK);
    }
    assert_true(atomic_load(&flash_syncs) < THREADS * 20 / 2);
    assert_int_equal(atomic_load(&log_syncs), 0);
}

static void a_failed_sync_fails_all_that_waited_for_it(void **state) {
    (void)state;
    enum status results[THREADS];
    failing = true;
    run_threads(results);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(results[i], STATUS_STORE_IO);
    }
    failing = false;
    assert_int_equal(sync_wait(false), STATUS_OK);
}

static void the_log_is_synced_when_somebody_asks_for_it(void **state) {
    (void)state;
    assert_int_equal(sync_wait(false), STATUS_OK);
    assert_int_equal(atomic_load(&log_syncs), 0);
    assert_int_equal(sync_wait(true), STATUS_OK);
    assert_int_equal(atomic_load(&log_syncs), 1);
    assert_int_equal(sync_wait(false), STATUS_OK);
    assert_int_equal(atomic_load(&log_syncs), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(many_waiting_calls_share_syncs_and_each_is_covered, reset),
        cmocka_unit_test_setup(a_failed_sync_fails_all_that_waited_for_it, reset),
        cmocka_unit_test_setup(the_log_is_synced_when_somebody_asks_for_it, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
