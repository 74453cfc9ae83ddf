/* SPDX-License-Identifier: Apache-2.0 */
/* The health tests of the chip's noise: stuck, biased, silent and repeated noise (R-91, S9). */
#include "test/unit/crypto_fixture.h"

#include "crypto/mcu/entropy.h"

#include <sys/random.h>

static uint8_t noise(void) {
    static uint8_t pool[256];
    static size_t left;
    if (left == 0) {
        assert_int_equal(getrandom(pool, sizeof(pool), 0), (ssize_t)sizeof(pool));
        left = sizeof(pool);
    }
    return pool[--left];
}

static void feed_noise(struct entropy *entropy, size_t samples) {
    for (size_t i = 0; i < samples; i++) {
        entropy_feed(entropy, noise());
    }
}

/* One that has passed its start-up test and holds half a block. */
static void start_healthy(struct entropy *entropy) {
    entropy_start(entropy);
    feed_noise(entropy, ENTROPY_START_SAMPLES + ENTROPY_BLOCK_SAMPLES / 2);
    assert_int_equal(entropy->state, ENTROPY_HEALTHY);
}

static void assert_failed(struct entropy *entropy, enum entropy_fault fault) {
    uint8_t block[ENTROPY_BLOCK_SIZE];
    assert_int_equal(entropy->state, ENTROPY_FAILED);
    assert_int_equal(entropy->fault, fault);
    /* Good noise later does not heal it. */
    feed_noise(entropy, 4 * ENTROPY_START_SAMPLES);
    memset(block, 0xee, sizeof(block));
    assert_status(entropy_take(entropy, block), NO_ENTROPY);
    assert_true(bytes_all(bytes_of(block, sizeof(block)), 0));
    assert_true(bytes_all(bytes_of(entropy->raw, sizeof(entropy->raw)), 0));
    entropy_start(entropy);
    feed_noise(entropy, ENTROPY_START_SAMPLES + ENTROPY_BLOCK_SAMPLES);
    assert_ok(entropy_take(entropy, block));
}

static void good_noise_gives_blocks_that_differ(void **state) {
    (void)state;
    enum { BLOCKS = 200 };
    static uint8_t blocks[BLOCKS][ENTROPY_BLOCK_SIZE];
    struct entropy entropy;
    start_healthy(&entropy);
    for (size_t i = 0; i < BLOCKS; i++) {
        feed_noise(&entropy, ENTROPY_BLOCK_SAMPLES);
        assert_ok(entropy_take(&entropy, blocks[i]));
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(blocks[i], blocks[j], ENTROPY_BLOCK_SIZE);
        }
    }
}

static void a_block_is_the_hash_of_its_samples(void **state) {
    (void)state;
    struct entropy entropy;
    uint8_t raw[ENTROPY_BLOCK_SAMPLES];
    uint8_t block[ENTROPY_BLOCK_SIZE];
    uint8_t expected[32];
    entropy_start(&entropy);
    feed_noise(&entropy, ENTROPY_START_SAMPLES);
    for (size_t i = 0; i < sizeof(raw); i++) {
        raw[i] = noise();
        entropy_feed(&entropy, raw[i]);
    }
    feed_noise(&entropy, 10);
    assert_ok(entropy_take(&entropy, block));
    struct bytes samples = bytes_of(raw, sizeof(raw));
    assert_ok(crypto_hash(HASH_SHA256, &samples, 1, expected));
    assert_memory_equal(block, expected, sizeof(block));
    assert_status(entropy_take(&entropy, block), NO_ENTROPY);
}

static void nothing_comes_out_before_the_start_up_test_is_passed(void **state) {
    (void)state;
    struct entropy entropy = {0};
    uint8_t block[ENTROPY_BLOCK_SIZE];
    feed_noise(&entropy, 2 * ENTROPY_START_SAMPLES);
    assert_status(entropy_take(&entropy, block), NO_ENTROPY);
    entropy_start(&entropy);
    for (size_t i = 0; i < ENTROPY_START_SAMPLES + ENTROPY_BLOCK_SAMPLES; i++) {
        assert_status(entropy_take(&entropy, block), NO_ENTROPY);
        feed_noise(&entropy, 1);
    }
    assert_ok(entropy_take(&entropy, block));
}

static void silent_noise_gives_nothing(void **state) {
    (void)state;
    struct entropy entropy;
    uint8_t block[ENTROPY_BLOCK_SIZE];
    start_healthy(&entropy);
    for (size_t i = 0; i < 1000; i++) {
        assert_status(entropy_take(&entropy, block), NO_ENTROPY);
    }
}

static void stuck_noise_is_found_at_the_start_and_later(void **state) {
    (void)state;
    struct entropy entropy;
    for (int value = 0; value < 256; value += 51) {
        entropy_start(&entropy);
        for (size_t i = 0; i < ENTROPY_REPEATS_MAX - 1; i++) {
            entropy_feed(&entropy, (uint8_t)value);
        }
        assert_int_equal(entropy.state, ENTROPY_STARTING);
        entropy_feed(&entropy, (uint8_t)value);
        assert_failed(&entropy, ENTROPY_FAULT_STUCK);
        start_healthy(&entropy);
        for (size_t i = 0; i < ENTROPY_REPEATS_MAX; i++) {
            entropy_feed(&entropy, (uint8_t)value);
        }
        assert_failed(&entropy, ENTROPY_FAULT_STUCK);
    }
}

/* A source that gives `value` in `parts` of 256 cases, but never many in a row. */
static void feed_biased(struct entropy *entropy, uint8_t value, uint32_t parts, size_t samples) {
    for (size_t i = 0; i < samples; i++) {
        uint8_t sample = noise();
        entropy_feed(entropy, i % 2 == 0 && noise() < 2 * parts ? value : sample);
    }
}

static void biased_noise_is_found(void **state) {
    (void)state;
    struct entropy entropy;
    start_healthy(&entropy);
    feed_biased(&entropy, 0x55, 100, 64 * ENTROPY_WINDOW);
    assert_failed(&entropy, ENTROPY_FAULT_BIASED);
    entropy_start(&entropy);
    feed_biased(&entropy, 0x00, 100, 64 * ENTROPY_WINDOW);
    assert_failed(&entropy, ENTROPY_FAULT_BIASED);
}

static void the_window_counts_exactly(void **state) {
    (void)state;
    struct entropy entropy;
    entropy_start(&entropy);
    for (size_t i = 0; i < ENTROPY_WINDOW_MAX - 1; i++) {
        entropy_feed(&entropy, 0xab);
        entropy_feed(&entropy, (uint8_t)(noise() & 0x7f));
    }
    assert_int_equal(entropy.state, ENTROPY_STARTING);
    entropy_feed(&entropy, 0xab);
    assert_failed(&entropy, ENTROPY_FAULT_BIASED);
}

static void repeated_noise_is_found_whatever_its_period(void **state) {
    (void)state;
    static uint8_t recording[ENTROPY_MARK_EVERY - ENTROPY_MARK_SIZE];
    static const size_t periods[] = {64, 80, 101, 256, 1000, 4096, sizeof(recording)};
    struct entropy entropy;
    for (size_t p = 0; p < COUNT(periods); p++) {
        for (size_t i = 0; i < periods[p]; i++) {
            recording[i] = noise();
        }
        entropy_start(&entropy);
        for (size_t i = 0; i < periods[p] + ENTROPY_MARK_SIZE; i++) {
            entropy_feed(&entropy, recording[i % periods[p]]);
        }
        assert_failed(&entropy, ENTROPY_FAULT_REPEATED);
    }
}

static void good_noise_for_long_stays_healthy(void **state) {
    (void)state;
    struct entropy entropy;
    start_healthy(&entropy);
    feed_noise(&entropy, 3 * ENTROPY_MARK_EVERY + 5);
    assert_int_equal(entropy.state, ENTROPY_HEALTHY);
    entropy_stop(&entropy);
    assert_true(bytes_all(bytes_of(&entropy, sizeof(entropy)), 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_noise_gives_blocks_that_differ),
        cmocka_unit_test(a_block_is_the_hash_of_its_samples),
        cmocka_unit_test(nothing_comes_out_before_the_start_up_test_is_passed),
        cmocka_unit_test(silent_noise_gives_nothing),
        cmocka_unit_test(stuck_noise_is_found_at_the_start_and_later),
        cmocka_unit_test(biased_noise_is_found),
        cmocka_unit_test(the_window_counts_exactly),
        cmocka_unit_test(repeated_noise_is_found_whatever_its_period),
        cmocka_unit_test(good_noise_for_long_stays_healthy),
    };
    return cmocka_run_group_tests(tests, crypto_setup, crypto_teardown);
}
