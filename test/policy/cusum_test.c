/* SPDX-License-Identifier: Apache-2.0 */
/* The alarm on spikes, simulated: Poisson counts from a seeded generator against the design that a
 * baseline gives. The figures asked for are those of the design table: few false alarms at the
 * baseline, and soon found at twice, four times and ten times it. */
#include "policy/cusum.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* xorshift64*: the same numbers in every run */
static uint64_t seed;

static double next_uniform(void) {
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (double)((seed * 0x2545f4914f6cdd1dull) >> 11) / 9007199254740992.0;
}

/* Knuth's multiplication, in pieces for large means. */
static unsigned next_poisson(double mean) {
    unsigned count = 0;
    for (; mean > 20; mean -= 20) {
        count += next_poisson(20);
    }
    double product = next_uniform(), floor = exp(-mean);
    while (product > floor) {
        count++;
        product *= next_uniform();
    }
    return count;
}

static bool window_alarms(struct cusum *cusum, const struct cusum_design *design, double mean) {
    cusum_advance(cusum, design, cusum->window + 1);
    for (unsigned left = next_poisson(mean); left > 0; left--) {
        cusum_count(cusum);
    }
    return cusum_alarm(cusum, design);
}

/* False alarms among so many windows at the baseline; after one the sum starts anew. */
static unsigned false_alarms(double normal, unsigned windows) {
    struct cusum_design design = cusum_design((uint64_t)(normal * 256 + 0.5), 2);
    struct cusum cusum = {0};
    unsigned alarms = 0;
    for (unsigned i = 0; i < windows; i++) {
        if (window_alarms(&cusum, &design, normal)) {
            alarms++;
            cusum = (struct cusum){0};
        }
    }
    return alarms;
}

/* Mean number of windows until a spike of that many times the baseline is found. */
static double mean_delay(double normal, double times) {
    struct cusum_design design = cusum_design((uint64_t)(normal * 256 + 0.5), 2);
    unsigned sum = 0, runs = 400;
    for (unsigned run = 0; run < runs; run++) {
        struct cusum cusum = {0};
        unsigned windows = 1;
        while (!window_alarms(&cusum, &design, normal * times) && windows < 5000) {
            windows++;
        }
        sum += windows;
    }
    return (double)sum / runs;
}

static void cusum_repeats_the_figures_of_the_design_table(void **state) {
    (void)state;
    static const struct {
        double normal;
        unsigned windows, alarms_max;
        double times, delay_twice, delay_times;
    } rows[] = {
        /* 1.8e-3 false alarms a window, 53 windows, 5.7 windows; the others likewise */
        {0.1, 200000, 450, 10, 60, 6.5},
        {1, 200000, 20, 10, 26, 2.5},
        {10, 100000, 2, 10, 6, 1.01},
        {50, 30000, 1, 10, 2.6, 1.01},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        seed = 0x9e3779b97f4a7c15ull;
        unsigned alarms = false_alarms(rows[i].normal, rows[i].windows);
        double twice = mean_delay(rows[i].normal, 2);
        double more = mean_delay(rows[i].normal, rows[i].times);
        print_message("# normal %g: %u false alarms in %u windows; found after %.1f (twice), %.1f "
                      "(%g times)\n",
                      rows[i].normal, alarms, rows[i].windows, twice, more, rows[i].times);
        assert_true(alarms <= rows[i].alarms_max);
        assert_true(twice <= rows[i].delay_twice);
        assert_true(more <= rows[i].delay_times);
    }
}

static void cusum_does_not_learn_a_spike_that_stays(void **state) {
    (void)state;
    struct cusum_design design = cusum_design(20 * 256, 2);
    struct cusum cusum = {0};
    seed = 7;
    unsigned alarms = 0;
    for (unsigned i = 0; i < 2000; i++) {
        alarms += window_alarms(&cusum, &design, 40);
    }
    assert_true(alarms > 1980);
}

static void cusum_alarms_before_the_window_ends(void **state) {
    (void)state;
    struct cusum_design design = cusum_design(300 * 256, 2);
    struct cusum cusum = {0};
    unsigned uses = 0;
    cusum_advance(&cusum, &design, 5);
    while (!cusum_alarm(&cusum, &design)) {
        cusum_count(&cusum);
        assert_true(++uses < 600);
    }
    assert_true(uses > 450);
}

static void cusum_is_calm_again_soon_after_the_longest_spike(void **state) {
    (void)state;
    struct cusum_design design = cusum_design(10 * 256, 2);
    struct cusum cusum = {0};
    for (uint32_t i = 0; i < 100; i++) {
        cusum_advance(&cusum, &design, i);
        for (unsigned k = 0; k < 10000; k++) {
            cusum_count(&cusum);
        }
    }
    assert_true(cusum_alarm(&cusum, &design));
    cusum_advance(&cusum, &design, 100);
    cusum_advance(&cusum, &design, 105);
    assert_true(cusum_calm(&cusum) && !cusum_alarm(&cusum, &design));
}

static void cusum_keeps_whole_with_the_largest_numbers(void **state) {
    (void)state;
    struct cusum_design design = cusum_design(CUSUM_NORMAL_MAX * 256ull, CUSUM_FACTOR_MAX);
    struct cusum cusum = {.count = UINT32_MAX};
    cusum_count(&cusum);
    assert_int_equal(cusum.count, UINT32_MAX);
    assert_true(cusum_alarm(&cusum, &design));
    cusum_advance(&cusum, &design, UINT32_MAX);
    assert_true(cusum_calm(&cusum));
}

static void cusum_takes_more_for_a_larger_factor_and_baseline(void **state) {
    (void)state;
    for (uint32_t factor = CUSUM_FACTOR_MIN; factor <= CUSUM_FACTOR_MAX; factor++) {
        uint32_t before = 0, limit = 0;
        for (uint64_t normal = 1; normal <= CUSUM_NORMAL_MAX; normal = normal * 3 + 1) {
            struct cusum_design design = cusum_design(normal * 256, factor);
            double exact = (double)normal * (factor - 1) / log(factor);
            assert_true(design.reference_q8 > before && design.limit_q8 >= limit);
            assert_true(fabs(design.reference_q8 / 256.0 - exact) < 0.004 * exact + 1);
            before = design.reference_q8;
            limit = design.limit_q8;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cusum_repeats_the_figures_of_the_design_table),
        cmocka_unit_test(cusum_does_not_learn_a_spike_that_stays),
        cmocka_unit_test(cusum_alarms_before_the_window_ends),
        cmocka_unit_test(cusum_is_calm_again_soon_after_the_longest_spike),
        cmocka_unit_test(cusum_keeps_whole_with_the_largest_numbers),
        cmocka_unit_test(cusum_takes_more_for_a_larger_factor_and_baseline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
