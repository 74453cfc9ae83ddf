/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy's alarms say, in numbers. */
#include "core/command/key_alarms.h"

static uint32_t seconds_of(uint64_t ms) {
    return (uint32_t)((ms + 999) / 1000);
}

/* The usual hours: the other side of those that set the alarm off. */
static void set_hours(const struct policy_question *question, const struct policy_rule *rule,
                      struct alarm *alarm) {
    const struct policy_clause *clause = &question->policy->clauses[rule->first];
    uint32_t low = (uint32_t)clause->low, high = (uint32_t)clause->high;
    uint32_t from = clause->kind == CLAUSE_HOURS_OUT ? low : high;
    uint32_t to = clause->kind == CLAUSE_HOURS_OUT ? high : low;
    uint64_t time = question->clock.time;
    alarm->count = time == 0 ? (uint32_t)ALARM_TIME_UNKNOWN : (uint32_t)(time / 60 % (24 * 60));
    alarm->usual = from << 16 | to;
}

static void set_spike(const struct cusum *spike, const struct policy_rule *rule,
                      struct alarm *alarm) {
    uint32_t windows = cusum_windows(spike);
    alarm->count = spike->total;
    alarm->usual = rule->rate.count * windows;
    alarm->period_s = seconds_of(rule->rate.period_ms * windows);
}

static void set_numbers(const struct guard *guard, const struct policy_question *question,
                        const struct policy_watch *watch, struct alarm *alarm) {
    const struct policy_rule *rule =
        &question->policy->rules[form_alarm(question->policy, alarm->kind)];
    alarm->actions = rule->actions;
    switch (alarm->kind) {
    case ALARM_SPIKE:
        set_spike(&guard->state.spike, rule, alarm);
        return;
    case ALARM_IDLE:
        alarm->count = watch->silent_s;
        alarm->usual = seconds_of(rule->rate.period_ms);
        return;
    case ALARM_REFUSALS:
        alarm->count = rule->rate.count;
        alarm->period_s = seconds_of(rule->rate.period_ms);
        return;
    case ALARM_HOURS:
        set_hours(question, rule, alarm);
        return;
    case ALARM_GAP:
        alarm->count = watch->skipped;
        alarm->usual = rule->rate.count;
        return;
    default:
        return;
    }
}

void key_alarms_tell(struct call *call, struct guard *guard,
                     const struct policy_question *question, const struct policy_watch *watch) {
    bool wrote = false;
    for (uint32_t kind = ALARM_SPIKE; kind < ALARM_OF_KEYS; kind++) {
        struct alarm alarm = {.kind = (uint8_t)kind,
                              .slot = (uint8_t)call->session->slot,
                              .object = guard->serial,
                              .uid = question->client};
        if ((watch->fresh >> kind & 1) != 0) {
            alarm_set_label(&alarm, question->policy->key);
            set_numbers(guard, question, watch, &alarm);
            alarms_raise(call->hsm, &alarm);
        }
    }
    if (guards_keep(guard, &call->hsm->store, &wrote) == STATUS_OK && wrote) {
        call->sync = true;
    }
}
