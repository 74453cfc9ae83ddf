/* SPDX-License-Identifier: Apache-2.0 */
/* The arena and the heap in it: sizes, wiping, threads, the end of the room. */
#define _GNU_SOURCE
#include "body/door/heap.h"
#include "base/compiler.h"
#include "body/door/arena.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { HEAP = 6 << 20, THREADS = 8, HELD = 200 };

static int open_arena(void **state) {
    (void)state;
    if (arena_open((1 << 20) + HEAP, true) != STATUS_OK) {
        return -1;
    }
    return heap_open(HEAP) == STATUS_OK ? 0 : -1;
}

static void pieces_are_aligned_apart_and_wiped_when_given_back(void **state) {
    (void)state;
    for (size_t size = 1; size < 100000; size += size < 2000 ? 1 : 997) {
        uint8_t *a = heap_take(size);
        uint8_t *b = heap_take(size);
        assert_non_null(a);
        assert_non_null(b);
        assert_int_equal((uintptr_t)a % 16, 0);
        memset(a, 0xaa, size);
        memset(b, 0xbb, size);
        assert_int_equal(a[0], 0xaa);
        assert_int_equal(a[size - 1], 0xaa);
        heap_give(a);
        heap_give(b);
        /* The first bytes hold the list of free pieces, of which the rest is to be zero. */
        for (size_t i = sizeof(void *); i < size; i++) {
            assert_int_equal(a[i], 0);
            assert_int_equal(b[i], 0);
        }
    }
}

static void a_resized_piece_keeps_what_it_holds(void **state) {
    (void)state;
    uint8_t *piece = heap_resize(NULL, 10);
    for (uint8_t i = 0; i < 10; i++) {
        piece[i] = i;
    }
    for (size_t size = 10; size < 200000; size = size * 3 / 2) {
        piece = heap_resize(piece, size);
        assert_non_null(piece);
        for (uint8_t i = 0; i < 10; i++) {
            assert_int_equal(piece[i], i);
        }
    }
    piece = heap_resize(piece, 1);
    assert_non_null(piece);
    assert_null(heap_resize(piece, 0));
    assert_null(heap_take(0));
    heap_give(NULL);
}

static void the_end_of_the_room_is_null_and_room_comes_back(void **state) {
    (void)state;
    void *pieces[HEAP / 65536 + 1] = {NULL};
    size_t count = 0;
    while (count < COUNT(pieces) && (pieces[count] = heap_take(60000)) != NULL) {
        count++;
    }
    assert_true(count > 10 && count < COUNT(pieces));
    assert_null(heap_take(SIZE_MAX / 2));
    while (count > 0) {
        heap_give(pieces[--count]);
    }
    void *large = heap_take(HEAP / 4);
    assert_non_null(large);
    heap_give(large);
}

/* Threads hand pieces to each other; each piece carries its own pattern while it is held. */
static void *churn(void *seed_pointer) {
    unsigned seed = *(unsigned *)seed_pointer;
    uint8_t *held[HELD] = {NULL};
    size_t sizes[HELD] = {0};
    for (int round = 0; round < 20000; round++) {
        seed = seed * 1664525u + 1013904223u;
        size_t i = seed >> 8 & 127;
        if (held[i] != NULL) {
            if (held[i][0] != (uint8_t)i || held[i][sizes[i] - 1] != (uint8_t)i) {
                return held[i];
            }
            heap_give(held[i]);
        }
        sizes[i] = 1 + (seed >> 16) % 1500;
        held[i] = heap_take(sizes[i]);
        if (held[i] == NULL) {
            return seed_pointer;
        }
        memset(held[i], (int)i, sizes[i]);
    }
    for (size_t i = 0; i < HELD; i++) {
        heap_give(held[i]);
    }
    return NULL;
}

static void many_threads_never_share_a_piece(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    unsigned seeds[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        seeds[i] = i + 1;
        assert_int_equal(pthread_create(&threads[i], NULL, churn, &seeds[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *fault = NULL;
        assert_int_equal(pthread_join(threads[i], &fault), 0);
        assert_null(fault);
    }
    assert_true(heap_used() <= HEAP);
}

static void the_arena_gives_no_more_than_it_has(void **state) {
    (void)state;
    uint8_t *first = arena_take(100);
    uint8_t *second = arena_take(1);
    assert_true(second >= first + 128);
    assert_int_equal((uintptr_t)second % 64, 0);
    assert_true(bytes_all(bytes_of(first, 100), 0));
    assert_null(arena_take((size_t)1 << 40));
    assert_null(arena_take(SIZE_MAX));
    assert_non_null(arena_take_stack(65536));
    assert_null(arena_take_stack((size_t)1 << 40));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_arena_gives_no_more_than_it_has),
        cmocka_unit_test(pieces_are_aligned_apart_and_wiped_when_given_back),
        cmocka_unit_test(a_resized_piece_keeps_what_it_holds),
        cmocka_unit_test(many_threads_never_share_a_piece),
        cmocka_unit_test(the_end_of_the_room_is_null_and_room_comes_back),
    };
    return cmocka_run_group_tests(tests, open_arena, NULL);
}
