/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a policy's text: allow, deny, limit, spike, alarm. */
#include "host/cli/policy_source.h"

static enum status read_conditions(struct policy_source *source, uint32_t group) {
    bool more = false;
    do {
        TRY(policy_condition_read(source, group));
        TRY(token_maybe(&source->reader, "and", &more));
    } while (more);
    return STATUS_OK;
}

static enum status read_exceptions(struct policy_source *source, struct policy_rule *rule) {
    bool more = false;
    for (;;) {
        struct token at = source->reader.now;
        TRY(token_maybe(&source->reader, "except", &more));
        if (!more) {
            return STATUS_OK;
        }
        if (rule->groups == POLICY_GROUPS_MAX - 1) {
            return token_fault(&source->reader, &at, "a line has %d exceptions at most",
                               POLICY_GROUPS_MAX - 1);
        }
        TRY(read_conditions(source, ++rule->groups));
    }
}

/* NUMBER / DURATION, or with `per`: NUMBER per DURATION */
static enum status read_rate(struct policy_source *source, const char *between,
                             struct policy_rate *rate) {
    int64_t count = 0;
    TRY(token_take_number(&source->reader, 1, POLICY_COUNT_MAX, "how many", &count));
    TRY(token_take(&source->reader, between));
    TRY(policy_source_duration(source, &rate->period_ms));
    rate->count = rate->burst = (uint32_t)count;
    return STATUS_OK;
}

static enum status read_burst(struct policy_source *source, struct policy_rate *rate) {
    struct token at = source->reader.now;
    bool taken = false;
    int64_t burst = 0;
    TRY(token_maybe(&source->reader, "burst", &taken));
    if (!taken) {
        return STATUS_OK;
    }
    TRY(token_take_number(&source->reader, 1, POLICY_COUNT_MAX, "how many at once", &burst));
    rate->burst = (uint32_t)burst;
    if (rate->burst * rate->period_ms > POLICY_PERIOD_MS_MAX * rate->count) {
        return token_fault(&source->reader, &at, "so large a burst takes more than a year to come");
    }
    return STATUS_OK;
}

static enum status read_role(struct policy_source *source, struct policy_rule *rule) {
    struct policy *policy = &source->policy;
    struct token token;
    uint32_t role = 0;
    TRY(token_take_kind(&source->reader, TOKEN_WORD, "the name of a role", &token));
    if (token.text.size > POLICY_NAME_MAX) {
        return token_fault(&source->reader, &token, "the name is longer than %d bytes",
                           POLICY_NAME_MAX);
    }
    while (role < policy->role_count && !bytes_equal(policy->roles[role], token.text)) {
        role++;
    }
    if (role == POLICY_ROLES_MAX) {
        return token_fault(&source->reader, &token, "a policy has %d roles at most",
                           POLICY_ROLES_MAX);
    }
    if (role == policy->role_count) {
        policy->roles[policy->role_count++] = token.text;
    }
    if ((rule->roles & 1u << role) != 0) {
        return token_fault(&source->reader, &token, "this role is there already");
    }
    rule->roles = (uint8_t)(rule->roles | 1u << role);
    return STATUS_OK;
}

/* M of [ROLE, ...] within DURATION. One person may have one role only, or several people the same:
 * M people are wanted, whatever the number of roles. */
static enum status read_needs(struct policy_source *source, struct policy_rule *rule) {
    struct token_reader *reader = &source->reader;
    int64_t needs = 0;
    bool more = false;
    TRY(token_take_number(reader, 1, POLICY_ROLES_MAX, "how many people", &needs));
    rule->needs = (uint8_t)needs;
    TRY(token_take(reader, "of"));
    TRY(token_take(reader, "["));
    do {
        TRY(read_role(source, rule));
        TRY(token_maybe(reader, ",", &more));
    } while (more);
    if (!token_is(reader, "]")) {
        return token_expected(reader, "',' and a role, or ']'");
    }
    TRY(token_next(reader));
    TRY(token_take(reader, "within"));
    return policy_source_duration(source, &rule->within_ms);
}

static enum status read_allow(struct policy_source *source, struct policy_rule *rule) {
    struct token_reader *reader = &source->reader;
    for (;;) {
        struct token at = reader->now;
        bool rate = false, needs = false;
        TRY(read_exceptions(source, rule));
        TRY(token_maybe(reader, "rate", &rate));
        if (rate && (rule->rate.count != 0 || source->policy.rate_count == POLICY_RATES_MAX)) {
            return token_fault(reader, &at, "a line has one rate, a policy %d at most",
                               POLICY_RATES_MAX);
        }
        if (rate) {
            TRY(read_rate(source, "/", &rule->rate));
            TRY(read_burst(source, &rule->rate));
            rule->bucket = source->policy.rate_count++;
        }
        at = reader->now;
        TRY(token_maybe(reader, "needs", &needs));
        if (needs && rule->needs != 0) {
            return token_fault(reader, &at, "a line has one 'needs'");
        }
        if (needs) {
            TRY(read_needs(source, rule));
        }
        if (!rate && !needs && !token_is(reader, "except")) {
            return STATUS_OK;
        }
    }
}

static enum status read_action(struct policy_source *source, struct policy_rule *rule) {
    static const char *const names[] = {"log", "alert", "throttle", "suspend"};
    bool ends = form_alarm_ends(form_kind(rule));
    for (size_t i = 0; i < COUNT(names); i++) {
        struct token at = source->reader.now;
        bool taken = false;
        TRY(token_maybe(&source->reader, names[i], &taken));
        if (!taken) {
            continue;
        }
        if ((rule->actions & 1u << i) != 0) {
            return token_fault(&source->reader, &at, "'%s' is there already", names[i]);
        }
        if (1u << i == ACTION_THROTTLE && !ends) {
            return token_fault(&source->reader, &at,
                               "this alarm is over at once: 'throttle' stands with spike, alarm "
                               "refusals and alarm hours");
        }
        rule->actions = (uint8_t)(rule->actions | 1u << i);
        return 1u << i == ACTION_THROTTLE ? read_rate(source, "/", &rule->throttle) : STATUS_OK;
    }
    return token_expected(&source->reader, "log, alert, throttle NUMBER/DURATION or suspend");
}

/* then ACTION and ... */
static enum status read_actions(struct policy_source *source, struct policy_rule *rule) {
    bool more = false;
    TRY(token_take(&source->reader, "then"));
    do {
        TRY(read_action(source, rule));
        TRY(token_maybe(&source->reader, "and", &more));
    } while (more);
    return read_exceptions(source, rule);
}

/* normal N per DURATION factor F then ... */
static enum status read_spike(struct policy_source *source, struct policy_rule *rule) {
    struct token_reader *reader = &source->reader;
    int64_t factor = 0;
    TRY(token_take(reader, "normal"));
    TRY(read_rate(source, "per", &rule->rate));
    TRY(token_take(reader, "factor"));
    TRY(token_take_number(reader, 2, 10, "the factor", &factor));
    rule->factor = (uint8_t)factor;
    return read_actions(source, rule);
}

/* What the kind has behind its name: idle DURATION, refusals N per DURATION, hours ..., gap N. */
static enum status read_kind(struct policy_source *source, uint32_t kind,
                             struct policy_rule *rule) {
    struct token_reader *reader = &source->reader;
    struct token at = reader->now;
    int64_t count = 1;
    switch (kind) {
    case ALARM_IDLE:
        TRY(policy_source_duration(source, &rule->rate.period_ms));
        break;
    case ALARM_REFUSALS:
        TRY(read_rate(source, "per", &rule->rate));
        count = rule->rate.count;
        break;
    case ALARM_GAP:
        TRY(token_take_number(reader, 1, POLICY_GAP_MAX, "the numbers skipped", &count));
        rule->rate.period_ms = 1;
        break;
    case ALARM_HOURS:
        return policy_source_hours(source, 0);
    default:
        return STATUS_OK;
    }
    if (count > POLICY_REFUSALS_MAX || (kind != ALARM_GAP && rule->rate.period_ms < 1000)) {
        return token_fault(reader, &at, "an alarm counts up to %d in a second or longer",
                           POLICY_REFUSALS_MAX);
    }
    rule->rate.count = rule->rate.burst = (uint32_t)count;
    return STATUS_OK;
}

/* KIND ... then ... */
static enum status read_alarm(struct policy_source *source, struct policy_rule *rule) {
    struct policy *policy = &source->policy;
    struct token at = source->reader.now;
    for (uint32_t kind = ALARM_IDLE; kind < ALARM_OF_KEYS; kind++) {
        bool taken = false;
        TRY(token_maybe(&source->reader, alarm_name(kind), &taken));
        if (!taken) {
            continue;
        }
        if (policy->alarms[kind] != 0) {
            return token_fault(&source->reader, &at,
                               "a policy has one such line (there is one in line %u)",
                               (unsigned)policy->rules[policy->alarms[kind] - 1].line);
        }
        policy->alarms[kind] = (uint8_t)(policy->rule_count + 1);
        rule->factor = (uint8_t)kind;
        TRY(read_kind(source, kind, rule));
        return read_actions(source, rule);
    }
    return token_expected(&source->reader, "idle, refusals, hours, gap or newcomer");
}

/* limit and spike: once in a policy */
static enum status take_place(struct policy_source *source, const struct token *at,
                              uint8_t *place) {
    if (*place != POLICY_NONE) {
        return token_fault(&source->reader, at,
                           "a policy has one such line (there is one in line "
                           "%u)",
                           (unsigned)source->policy.rules[*place].line);
    }
    *place = source->policy.rule_count;
    return STATUS_OK;
}

static enum status read_rest(struct policy_source *source, const struct token *at,
                             struct policy_rule *rule) {
    struct token_reader *reader = &source->reader;
    bool always = false;
    switch (rule->effect) {
    case POLICY_LIMIT:
        TRY(take_place(source, at, &source->policy.limit));
        TRY(read_rate(source, "per", &rule->rate));
        return read_exceptions(source, rule);
    case POLICY_SPIKE:
        TRY(take_place(source, at, &source->policy.spike));
        return read_spike(source, rule);
    case POLICY_ALARM:
        return read_alarm(source, rule);
    default:
        TRY(token_maybe(reader, "always", &always));
        if (!always) {
            TRY(read_conditions(source, 0));
        }
        return rule->effect == POLICY_ALLOW ? read_allow(source, rule)
                                            : read_exceptions(source, rule);
    }
}

enum status policy_line_read(struct policy_source *source) {
    static const char *const effects[] = {"allow", "deny", "limit", "spike", "alarm"};
    struct policy *policy = &source->policy;
    struct token at = source->reader.now;
    struct policy_rule *rule = &policy->rules[policy->rule_count];
    for (size_t i = 0; i < COUNT(effects); i++) {
        bool taken = false;
        TRY(token_maybe(&source->reader, effects[i], &taken));
        if (!taken) {
            continue;
        }
        if (policy->rule_count == POLICY_RULES_MAX) {
            return token_fault(&source->reader, &at, "a policy has %d lines at most",
                               POLICY_RULES_MAX);
        }
        *rule = (struct policy_rule){.line = at.line,
                                     .effect = (uint8_t)i,
                                     .first = policy->clause_count,
                                     .bucket = POLICY_NONE};
        TRY(read_rest(source, &at, rule));
        rule->count = (uint8_t)(policy->clause_count - rule->first);
        policy->rule_count++;
        return STATUS_OK;
    }
    return token_expected(&source->reader, policy->rule_count == 0 || at.kind == TOKEN_END
                                               ? "a line: allow, deny, limit, spike or alarm"
                                               : "'and', 'except', or a new line: allow, deny, "
                                                 "limit, spike or alarm");
}
