/* SPDX-License-Identifier: Apache-2.0 */
/* The exact rules. What they remember is a few numbers; none of them learns. */
#include "policy/watch.h"

#include "policy/truth.h"

static uint32_t seconds_of(uint64_t ms) {
    return (uint32_t)(ms / 1000);
}

/* The line of an alarm that is about this message; NULL: there is none, or the message is clearly
 * excepted. A message without the shape is never that. */
static const struct policy_rule *line_of(const struct policy_question *question, uint32_t kind) {
    uint32_t at = form_alarm(question->policy, kind);
    if (at == POLICY_NONE) {
        return NULL;
    }
    const struct policy_rule *rule = &question->policy->rules[at];
    bool excepted = question->message->fault == MESSAGE_FITS &&
                    truth_of_exceptions(question, rule) == TRUTH_YES;
    return excepted ? NULL : rule;
}

static void come_up(const struct policy_question *question, const struct policy_rule *rule,
                    struct policy_state *state, struct policy_watch *watch) {
    uint32_t on = FLAG_ON(form_kind(rule));
    watch->fresh |= state_alarm(state, rule, question->clock.uptime_ms) ? on : 0;
    if (!form_alarm_ends(form_kind(rule))) {
        state->flags &= ~on; /* over at once, and told each time */
    }
}

/* A key that never signed is not idle. */
static void watch_idle(const struct policy_question *question, struct policy_state *state,
                       struct policy_watch *watch) {
    const struct policy_rule *rule = line_of(question, ALARM_IDLE);
    uint32_t now = seconds_of(question->clock.uptime_ms);
    if (rule == NULL) {
        return;
    }
    bool noticed = (state->flags & FLAG_SILENT) != 0;
    uint32_t silent = now - state->used_s;
    if (noticed || (state->counter != 0 && silent >= rule->rate.period_ms / 1000)) {
        watch->silent_s = silent >= rule->rate.period_ms / 1000 ? silent : 0; /* 0: a restart ago */
        come_up(question, rule, state, watch);
    }
    state->flags &= ~(uint32_t)FLAG_SILENT;
    state->used_s = now;
}

static void watch_gap(const struct policy_question *question, struct policy_state *state,
                      struct policy_watch *watch) {
    const struct policy_rule *rule = line_of(question, ALARM_GAP);
    if (rule == NULL) {
        return;
    }
    if (state->skipped >= rule->rate.count) {
        watch->skipped = state->skipped;
        come_up(question, rule, state, watch);
    }
    state->skipped = 0;
}

/* The first client of a key is no newcomer; one that was told is none any more. */
static void watch_client(const struct policy_question *question, struct policy_state *state,
                         struct policy_watch *watch) {
    const struct policy_rule *rule = line_of(question, ALARM_NEWCOMER);
    uint32_t known = state->client_count;
    if (rule == NULL) {
        return;
    }
    for (uint32_t i = 0; i < known && i < CLIENTS_MAX; i++) {
        if (state->clients[i] == question->client) {
            return;
        }
    }
    if (known > 0) {
        come_up(question, rule, state, watch);
    }
    state->clients[state->client_count % CLIENTS_MAX] = question->client;
    state->client_count = (uint8_t)(state->client_count == 2 * CLIENTS_MAX - 1
                                        ? CLIENTS_MAX
                                        : state->client_count + 1);
}

/* On from the first message outside the hours to the first one inside them. */
static void watch_hours(const struct policy_question *question, struct policy_state *state,
                        struct policy_watch *watch) {
    const struct policy_rule *rule = line_of(question, ALARM_HOURS);
    if (rule == NULL) {
        return;
    }
    if (truth_of_conditions(question, rule) == TRUTH_NO) {
        state->flags &= ~FLAG_ON(ALARM_HOURS);
    } else {
        come_up(question, rule, state, watch);
    }
}

/* A burst ends when nothing was refused for its time; begun ones from their first refusal on. */
static void end_burst(const struct policy_rule *rule, uint32_t now, struct policy_state *state) {
    if (state->refused != 0 && now - state->refused_s >= rule->rate.period_ms / 1000) {
        state->refused = 0;
        state->flags &= ~FLAG_ON(ALARM_REFUSALS);
    }
}

void watch_message(const struct policy_question *question, struct policy_state *state,
                   struct policy_watch *watch) {
    uint32_t refusals = form_alarm(question->policy, ALARM_REFUSALS);
    *watch = (struct policy_watch){.fresh = 0};
    watch_idle(question, state, watch);
    watch_gap(question, state, watch);
    watch_client(question, state, watch);
    watch_hours(question, state, watch);
    if (refusals != POLICY_NONE) {
        end_burst(&question->policy->rules[refusals], seconds_of(question->clock.uptime_ms), state);
    }
}

void watch_refusal(const struct policy_question *question, const struct policy_answer *answer,
                   struct policy_state *state, struct policy_watch *watch) {
    const struct policy_rule *rule = line_of(question, ALARM_REFUSALS);
    uint32_t now = seconds_of(question->clock.uptime_ms);
    if (rule == NULL || answer->why == WHY_APPROVAL || answer->why == WHY_SUSPENDED ||
        answer->why == WHY_THROTTLED) {
        return;
    }
    state->refused = (uint16_t)(state->refused + (state->refused < POLICY_REFUSALS_MAX));
    if (state->refused == 1 || (state->flags & FLAG_ON(ALARM_REFUSALS)) != 0) {
        state->refused_s = now;
    }
    if (state->refused >= rule->rate.count) {
        come_up(question, rule, state, watch);
        state->refused_s = now;
    }
}

void watch_silence(struct policy_state *state, uint32_t idle_s, uint64_t uptime_ms) {
    if (idle_s != 0 && state->counter != 0 && seconds_of(uptime_ms) - state->used_s >= idle_s) {
        state->flags |= FLAG_SILENT;
    }
}
