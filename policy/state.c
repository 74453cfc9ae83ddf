/* SPDX-License-Identifier: Apache-2.0 */
/* Token buckets, the quota and the alarm of one key. A bucket is one number: the time at which it
 * would be full again. What is in it is the time until then, counted in what one token takes. */
#include "policy/state.h"

_Static_assert(sizeof(struct policy_state) == 104, "the state of a key is 104 bytes");
_Static_assert(POLICY_STEPS_MAX <= 64, "one bit for each value remembered");

uint64_t state_token_us(const struct policy_rate *rate) {
    return (rate->period_ms * 1000 + rate->count - 1) / rate->count;
}

static uint64_t empty_bucket(const struct policy_rate *rate) {
    return rate->burst * state_token_us(rate);
}

/* Rounded up: a period is never shorter than it should be. */
static uint32_t whole_seconds(uint64_t ms) {
    return (uint32_t)((ms + 999) / 1000);
}

void state_start(struct policy_state *state, struct policy_steps *steps,
                 const struct policy *policy, const struct policy_kept *kept, uint64_t uptime_ms) {
    *state = (struct policy_state){.counter = kept->counter,
                                   .limit_used = kept->limit_used,
                                   .limit_from_s = whole_seconds(uptime_ms)};
    *steps = (struct policy_steps){.known = 0};
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const struct policy_rule *rule = &policy->rules[i];
        if (rule->bucket != POLICY_NONE) {
            state->bucket_us[rule->bucket] = uptime_ms * 1000 + empty_bucket(&rule->rate);
        }
        if (rule->effect == POLICY_SPIKE) {
            state->spike.window = (uint32_t)(uptime_ms / rule->rate.period_ms);
            state->spike.since = state->spike.window;
        }
    }
}

void state_go_on(struct policy_state *state, uint32_t flags, uint32_t client_count,
                 const uint32_t clients[CLIENTS_MAX]) {
    state->flags = flags & ((uint32_t)FLAGS_SUSPENDED | FLAG_SILENT);
    state->client_count = (uint8_t)(client_count < 2 * CLIENTS_MAX ? client_count : 0);
    memcpy(state->clients, clients, sizeof(state->clients));
}

bool state_take(uint64_t *bucket_us, const struct policy_rate *rate, uint64_t uptime_ms) {
    uint64_t now = uptime_ms * 1000;
    uint64_t full = *bucket_us > now ? *bucket_us : now;
    uint64_t token = state_token_us(rate);
    if (full - now > (rate->burst - 1) * token) {
        return false;
    }
    *bucket_us = full + token;
    return true;
}

bool state_take_limit(struct policy_state *state, const struct policy_rate *limit,
                      uint64_t uptime_ms) {
    if (uptime_ms >= (uint64_t)state->limit_from_s * 1000 + limit->period_ms) {
        state->limit_from_s = whole_seconds(uptime_ms);
        state->limit_used = 0;
    }
    if (state->limit_used >= limit->count) {
        return false;
    }
    state->limit_used++;
    return true;
}

bool state_alarm(struct policy_state *state, const struct policy_rule *rule, uint64_t uptime_ms) {
    uint32_t kind = form_kind(rule);
    bool fresh = (state->flags & FLAG_ON(kind)) == 0;
    if (fresh && (rule->actions & ACTION_THROTTLE) != 0) {
        uint64_t empty_us = uptime_ms * 1000 + empty_bucket(&rule->throttle);
        state->throttle_us = state->throttle_us < empty_us ? empty_us : state->throttle_us;
    }
    state->flags |= FLAG_ON(kind);
    state->flags |= (rule->actions & ACTION_SUSPEND) != 0 ? FLAG_SUSPENDED(kind) : 0;
    return fresh;
}

void state_watch(struct policy_state *state, const struct policy_rule *spike, uint64_t uptime_ms,
                 bool used) {
    struct cusum_design design = cusum_design((uint64_t)spike->rate.count * 256, spike->factor);
    cusum_advance(&state->spike, &design, (uint32_t)(uptime_ms / spike->rate.period_ms));
    if (used) {
        cusum_count(&state->spike);
    }
    if (cusum_alarm(&state->spike, &design)) {
        state_alarm(state, spike, uptime_ms);
    } else if (cusum_calm(&state->spike)) {
        state->flags &= ~FLAG_ON(ALARM_SPIKE);
    }
}
