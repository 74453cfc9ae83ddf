/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy remembers of a key between two messages, and the clock that it goes by. Nothing
 * here is kept over a restart but the counter: all else starts on the strict side (buckets empty, a
 * quota as used as it was), so that a restart buys nobody anything. */
#ifndef POLICY_STATE_H
#define POLICY_STATE_H

#include "policy/cusum.h"
#include "policy/form.h"

struct policy_clock {
    uint64_t uptime_ms; /* since the module started; only goes on */
    uint64_t time;      /* seconds since 1970 (UTC) by a clock that is trusted; 0: there is none */
};

enum policy_flag {
    FLAG_SPIKE = 1,     /* the alarm is on */
    FLAG_SUSPENDED = 2, /* by an alarm; until people resume the key */
};

/* 64 bytes for each key. */
struct policy_state {
    uint64_t counter;                     /* of the last statement signed */
    uint64_t bucket_us[POLICY_RATES_MAX]; /* uptime at which each bucket is full again */
    uint64_t throttle_us;                 /* the same of the throttle's */
    uint32_t limit_from_s;                /* uptime at which the quota's period began */
    uint32_t limit_used;
    struct cusum spike;
    uint32_t flags; /* set of enum policy_flag */
};

/* What step() remembers: only for policies that use it. */
struct policy_steps {
    int64_t last[POLICY_STEPS_MAX];
    uint64_t known; /* bit set */
};

/* What is kept over a restart. */
struct policy_kept {
    uint64_t counter;
    uint32_t limit_used;
};

/* Starts, after the module started or when a key is used first, at this uptime. */
void state_start(struct policy_state *state, struct policy_steps *steps,
                 const struct policy *policy, const struct policy_kept *kept, uint64_t uptime_ms);

/* Takes one from a bucket; false, and nothing taken, when it is empty. */
bool state_take(uint64_t *bucket_us, const struct policy_rate *rate, uint64_t uptime_ms) MUST_USE;
/* Takes one from the quota; false when it is used up. */
bool state_take_limit(struct policy_state *state, const struct policy_rate *limit,
                      uint64_t uptime_ms) MUST_USE;
/* Brings the alarm to where it is now; counts one use more if `used`. */
void state_watch(struct policy_state *state, const struct policy_rule *spike, uint64_t uptime_ms,
                 bool used);

#endif
