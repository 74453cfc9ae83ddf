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

/* Flags of a state, by enum alarm_kind of keys: the alarm is on; it suspended the key, until people
 * resume it. */
#define FLAG_ON(kind) (1u << (kind))
#define FLAG_SUSPENDED(kind) (1u << (8 + (kind)))
enum {
    FLAGS_ON = 0xff,
    FLAGS_SUSPENDED = 0xff00,
    FLAG_SILENT = 1 << 16, /* the key was silent for so long as its alarm on idleness says */
    CLIENTS_MAX = 4,
};

/* 104 bytes for each key. */
struct policy_state {
    uint64_t counter;                     /* of the last statement signed */
    uint64_t bucket_us[POLICY_RATES_MAX]; /* uptime at which each bucket is full again */
    uint64_t throttle_us;                 /* the same of the throttle's */
    uint32_t limit_from_s;                /* uptime at which the quota's period began */
    uint32_t limit_used;
    struct cusum spike;
    uint32_t flags;
    uint32_t used_s;    /* uptime of the newest message in this start, or 0 */
    uint32_t refused_s; /* of the first refusal of a burst; of the newest, once the alarm is on */
    uint16_t refused;   /* refusals of the burst */
    uint8_t skipped;    /* numbers that the restart skipped, until they were looked at */
    uint8_t client_count;
    uint32_t clients[CLIENTS_MAX]; /* who used the key: the newest of them, in a ring */
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

/* After that: takes over what is kept besides, of what suspended the key, of its silence, and of
 * who used it. */
void state_go_on(struct policy_state *state, uint32_t flags, uint32_t client_count,
                 const uint32_t clients[CLIENTS_MAX]);

/* Takes one from a bucket; false, and nothing taken, when it is empty. */
bool state_take(uint64_t *bucket_us, const struct policy_rate *rate, uint64_t uptime_ms) MUST_USE;
/* Takes one from the quota; false when it is used up. */
bool state_take_limit(struct policy_state *state, const struct policy_rate *limit,
                      uint64_t uptime_ms) MUST_USE;
/* What one token of a rate takes to come, in microseconds, rounded up: never more than it says. */
uint64_t state_token_us(const struct policy_rate *rate) MUST_USE;
/* An alarm comes up: it is on, and does to the key what its line says. False: it was on. */
bool state_alarm(struct policy_state *state, const struct policy_rule *rule, uint64_t uptime_ms);
/* Brings the spike to where it is now; counts one use more if `used`. */
void state_watch(struct policy_state *state, const struct policy_rule *spike, uint64_t uptime_ms,
                 bool used);

#endif
