/* SPDX-License-Identifier: Apache-2.0 */
/* CUSUM in whole numbers. For counts that are Poisson distributed the reference between a rate and
 * f times that rate is rate (f - 1) / ln f; the limits are those that simulation gave for few false
 * alarms (test/unit/cusum_test.c repeats it). */
#include "policy/cusum.h"

/* (f - 1) / ln f in 1/256 for f = 2..10, rounded up */
static const uint16_t reference_q8[] = {370, 467, 554, 637, 715, 790, 862, 933, 1001};

/* Limits for some baselines; between them a straight line. */
static const struct {
    uint32_t normal_q8, limit_q8;
} limits[] = {{26, 4 * 256}, {256, 12 * 256}, {2560, 22 * 256}, {12800, 45 * 256}};
enum { LIMITS = sizeof(limits) / sizeof(limits[0]) };

/* Largest number whose square is not above `n`. */
static uint64_t root_of(uint64_t n) {
    uint64_t root = 0;
    for (uint64_t bit = 1ull << 31; bit != 0; bit >>= 1) {
        uint64_t next = root | bit;
        root = next * next <= n ? next : root;
    }
    return root;
}

static uint32_t limit_of(uint64_t normal_q8) {
    if (normal_q8 <= limits[0].normal_q8) {
        return limits[0].limit_q8;
    }
    for (uint32_t i = 1; i < LIMITS; i++) {
        if (normal_q8 <= limits[i].normal_q8) {
            uint64_t run = limits[i].normal_q8 - limits[i - 1].normal_q8;
            uint64_t rise = limits[i].limit_q8 - limits[i - 1].limit_q8;
            uint64_t along = normal_q8 - limits[i - 1].normal_q8;
            return (uint32_t)(limits[i - 1].limit_q8 + rise * along / run);
        }
    }
    /* beyond the table it grows as the deviation does: with the root of the baseline */
    const uint64_t last = limits[LIMITS - 1].limit_q8, base = limits[LIMITS - 1].normal_q8;
    return (uint32_t)(last * root_of(normal_q8 * 65536 / base) / 256);
}

struct cusum_design cusum_design(uint64_t normal_q8, uint32_t factor) {
    uint64_t reference = normal_q8 * reference_q8[factor - CUSUM_FACTOR_MIN] / 256;
    return (struct cusum_design){(uint32_t)reference, limit_of(normal_q8)};
}

/* The sum with the window under way, as it stands. */
static uint64_t sum_now(const struct cusum *cusum, const struct cusum_design *design) {
    uint64_t up = cusum->sum_q8 + (uint64_t)cusum->count * 256;
    return up > design->reference_q8 ? up - design->reference_q8 : 0;
}

void cusum_advance(struct cusum *cusum, const struct cusum_design *design, uint32_t window) {
    if (window <= cusum->window) {
        return;
    }
    uint64_t sum = sum_now(cusum, design);
    uint64_t idle = (uint64_t)(window - cusum->window - 1) * design->reference_q8;
    sum = sum > idle ? sum - idle : 0;
    /* however long a spike was, it is over a bounded number of windows after its end */
    uint64_t most = 2 * (uint64_t)design->limit_q8;
    cusum->sum_q8 = (uint32_t)(sum > most ? most : sum);
    cusum->count = 0;
    cusum->window = window;
    if (cusum->sum_q8 == 0) {
        cusum->total = 0;
        cusum->since = window;
    }
}

void cusum_count(struct cusum *cusum) {
    cusum->count += cusum->count < UINT32_MAX;
    cusum->total += cusum->total < UINT32_MAX;
}

bool cusum_alarm(const struct cusum *cusum, const struct cusum_design *design) {
    return sum_now(cusum, design) > design->limit_q8;
}

bool cusum_calm(const struct cusum *cusum) {
    return cusum->sum_q8 == 0;
}
