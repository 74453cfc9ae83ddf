/* SPDX-License-Identifier: Apache-2.0 */
/* The alarm on how often a key is used: a one-sided CUSUM in whole numbers against a baseline that
 * the policy states. It never learns: what learns, learns the attack. */
#ifndef POLICY_CUSUM_H
#define POLICY_CUSUM_H

#include <stdbool.h>
#include <stdint.h>

enum { CUSUM_FACTOR_MIN = 2, CUSUM_FACTOR_MAX = 10 };
#define CUSUM_NORMAL_MAX 1000000u

/* 20 bytes for each key. */
struct cusum {
    uint32_t sum_q8; /* what was above the reference, in 1/256 */
    uint32_t count;  /* uses in the window under way */
    uint32_t window; /* its number since the start */
    uint32_t total;  /* uses since the sum was last zero, and in how many windows */
    uint32_t since;
};

/* What follows from a baseline: uses in a window (in 1/256), and how many times that is a spike. */
struct cusum_design {
    uint32_t reference_q8; /* taken off each window: normal (f - 1) / ln f */
    uint32_t limit_q8;     /* the alarm is above this */
};

/* The design for a baseline of up to CUSUM_NORMAL_MAX and a factor within the bounds above. */
struct cusum_design cusum_design(uint64_t normal_q8, uint32_t factor);

/* Goes on to the window that is now. */
void cusum_advance(struct cusum *cusum, const struct cusum_design *design, uint32_t window);
/* Counts one use in the window under way. */
void cusum_count(struct cusum *cusum);
/* Whether there is an alarm: also before the window ends, as soon as it is sure. */
bool cusum_alarm(const struct cusum *cusum, const struct cusum_design *design);
/* Windows that `total` is about, the one under way counted. */
static inline uint32_t cusum_windows(const struct cusum *cusum) {
    return cusum->window - cusum->since + 1;
}
/* Whether nothing is left of a spike. */
bool cusum_calm(const struct cusum *cusum);

#endif
