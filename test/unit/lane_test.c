/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's side of one lane, with a client that writes what it likes (R-64, T5). */
#define _GNU_SOURCE
#include "body/door/lane.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <cmocka.h>

static struct lane lane;
static uint8_t private_copy[LANE_ROOM];
static uint8_t reads[LANE_ROOM]; /* how often each byte of the shared frame was read */

static void count(const volatile uint8_t *at, size_t size) {
    size_t offset = (size_t)(at - lane.request_frame);
    for (size_t i = 0; i < size; i++) {
        reads[offset + i]++;
    }
}

static int reset(void **state) {
    (void)state;
    memset(&lane, 0, sizeof(lane));
    memset(reads, 0, sizeof(reads));
    lane_watch = count;
    return 0;
}

static void each_byte_of_a_request_is_read_once_and_none_behind_it(void **state) {
    (void)state;
    static const size_t sizes[] = {FRAME_HEADER_SIZE, 13, 100, 4096, LANE_ROOM};
    for (size_t s = 0; s < COUNT(sizes); s++) {
        struct bytes request;
        uint32_t word = 0;
        reset(NULL);
        for (size_t i = 0; i < sizes[s]; i++) {
            lane.request_frame[i] = (uint8_t)(i * 31 + s);
        }
        lane.request = lane_next(0, sizes[s]);
        assert_true(lane_has_request(&lane, 0, &word));
        assert_int_equal(lane_take(&lane, word, private_copy, &request), STATUS_OK);
        assert_int_equal(request.size, sizes[s]);
        assert_ptr_equal(request.data, private_copy);
        for (size_t i = 0; i < LANE_ROOM; i++) {
            assert_int_equal(reads[i], i < sizes[s] ? 1 : 0);
        }
        assert_memory_equal(private_copy, lane.request_frame, sizes[s]);
    }
}

static void an_impossible_size_is_refused_without_a_read(void **state) {
    (void)state;
    struct bytes request;
    for (uint32_t size = 0; size <= LANE_SIZE_MASK; size++) {
        if (size >= FRAME_HEADER_SIZE && size <= LANE_ROOM) {
            continue;
        }
        assert_int_equal(lane_take(&lane, lane_next(7, size), private_copy, &request),
                         STATUS_BAD_FRAME);
    }
    assert_true(bytes_all(bytes_of(reads, sizeof(reads)), 0));
}

static void the_size_counts_that_came_with_the_word(void **state) {
    (void)state;
    struct bytes request;
    uint32_t word = 0;
    lane.request = lane_next(0, 20);
    assert_true(lane_has_request(&lane, 0, &word));
    lane.request = lane_next(0, LANE_ROOM); /* the client changes its mind */
    assert_int_equal(lane_take(&lane, word, private_copy, &request), STATUS_OK);
    assert_int_equal(request.size, 20);
}

static void a_reply_carries_the_turn_of_its_request(void **state) {
    (void)state;
    uint8_t reply[40] = {1, 2, 3};
    uint32_t word = 0;
    for (uint32_t turn = 0; turn < 40000; turn++) { /* the turn wraps after 16384 */
        word = lane_next(word, 12 + turn % 100);
        lane_reply(&lane, word, bytes_of(reply, sizeof(reply)));
        assert_true(lane_same_turn(lane.reply, word));
        assert_int_equal(lane_size(lane.reply), sizeof(reply));
        assert_false(lane_same_turn(lane.reply, lane_next(word, 12)));
    }
}

static atomic_bool flipping;

static void *flip(void *unused) {
    (void)unused;
    for (unsigned i = 0; atomic_load(&flipping); i++) {
        __atomic_store_n(&lane.request, i * 2654435761u, __ATOMIC_RELAXED);
        __atomic_store_n(&lane.request_frame[i % 64], (uint8_t)i, __ATOMIC_RELAXED);
    }
    return NULL;
}

/* What was copied stays as it was, whatever the client goes on writing. */
static void a_client_that_flips_bytes_changes_no_copy(void **state) {
    (void)state;
    pthread_t thread;
    uint8_t before[64];
    atomic_store(&flipping, true);
    assert_int_equal(pthread_create(&thread, NULL, flip, NULL), 0);
    unsigned taken = 0;
    uint32_t seen = 0;
    while (taken < 2000) {
        uint32_t word;
        struct bytes request;
        if (!lane_has_request(&lane, seen, &word)) {
            continue;
        }
        seen = word;
        if (lane_take(&lane, word, private_copy, &request) != STATUS_OK) {
            continue;
        }
        assert_int_equal(request.size, lane_size(word));
        memcpy(before, request.data, FRAME_HEADER_SIZE);
        for (int i = 0; i < 100; i++) {
            assert_memory_equal(before, request.data, FRAME_HEADER_SIZE);
        }
        taken++;
    }
    atomic_store(&flipping, false);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_byte_of_a_request_is_read_once_and_none_behind_it, reset),
        cmocka_unit_test_setup(an_impossible_size_is_refused_without_a_read, reset),
        cmocka_unit_test_setup(the_size_counts_that_came_with_the_word, reset),
        cmocka_unit_test_setup(a_reply_carries_the_turn_of_its_request, reset),
        cmocka_unit_test_setup(a_client_that_flips_bytes_changes_no_copy, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
