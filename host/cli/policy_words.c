/* SPDX-License-Identifier: Apache-2.0 */
/* Policies in words. */
#include "host/cli/policy_words.h"

#include <stdarg.h>
#include <stdio.h>

void words_add(struct words *words, const char *format, ...) {
    va_list values;
    size_t room = sizeof(words->text) - words->used;
    va_start(values, format);
    int size = vsnprintf(words->text + words->used, room, format, values);
    va_end(values);
    if (size > 0) {
        words->used += (size_t)size < room ? (size_t)size : room - 1;
    }
}

void words_bytes(struct words *words, struct bytes text) {
    words_add(words, "%.*s", (int)text.size, (const char *)text.data);
}

static void add_name(struct words *words, const struct policy *policy, uint32_t field) {
    words_bytes(words, policy->fields[field].name);
}

void words_duration(struct words *words, uint64_t ms) {
    static const struct {
        const char *unit;
        uint64_t ms;
    } units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
    size_t i = 0;
    while (ms % units[i].ms != 0) {
        i++;
    }
    words_add(words, "%llu%s", (unsigned long long)(ms / units[i].ms), units[i].unit);
}

void words_rate(struct words *words, const struct policy_rate *rate, const char *between) {
    words_add(words, "%u%s", rate->count, between);
    words_duration(words, rate->period_ms);
    if (rate->burst != rate->count) {
        words_add(words, " burst %u", rate->burst);
    }
}

void words_roles(struct words *words, const struct policy *policy, uint32_t roles) {
    const char *between = "[";
    for (uint32_t i = 0; i < policy->role_count; i++) {
        if ((roles >> i & 1) != 0) {
            words_add(words, "%s%.*s", between, (int)policy->roles[i].size,
                      (const char *)policy->roles[i].data);
            between = ", ";
        }
    }
    words_add(words, "]");
}

void words_range(struct words *words, int64_t low, int64_t high) {
    if (low == INT64_MIN && high == INT64_MAX) {
        words_add(words, "any number");
    } else if (low == INT64_MIN) {
        words_add(words, "<= %lld", (long long)high);
    } else if (high == INT64_MAX) {
        words_add(words, ">= %lld", (long long)low);
    } else if (low == high) {
        words_add(words, "is %lld", (long long)low);
    } else {
        words_add(words, "in %lld..%lld", (long long)low, (long long)high);
    }
}

void words_symbols(struct words *words, const struct policy *policy, uint32_t field,
                   uint64_t mask) {
    const struct policy_field *row = &policy->fields[field];
    uint32_t values = row->kind == POLICY_SYMBOL ? row->symbols : 2, count = 0;
    for (uint32_t i = 0; i < values; i++) {
        count += (mask >> i & 1) != 0;
    }
    words_add(words, count == 1 ? "is" : count == 0 ? "is nothing" : "is one of");
    for (uint32_t i = 0; i < values; i++) {
        if ((mask >> i & 1) == 0) {
            continue;
        }
        if (row->kind == POLICY_BOOL) {
            words_add(words, " %s", i == 0 ? "false" : "true");
        } else {
            struct bytes symbol = policy->symbols[row->first_symbol + i];
            words_add(words, " \"%.*s\"", (int)symbol.size, (const char *)symbol.data);
        }
    }
}

void words_hours(struct words *words, int64_t low, int64_t high) {
    words_add(words, "%02d:%02d..%02d:%02d", (int)(low / 60), (int)(low % 60), (int)(high / 60),
              (int)(high % 60));
}

/* field - other in low..high, as it was written */
static void add_difference(struct words *words, const struct policy *policy,
                           const struct policy_clause *clause) {
    bool out = clause->kind == CLAUSE_DIFFERENCE_OUT;
    int64_t offset = clause->low == INT64_MIN ? clause->high : clause->low;
    const char *sign = clause->low == INT64_MIN    ? "<="
                       : clause->high == INT64_MAX ? ">="
                       : out                       ? "is not"
                                                   : "is";
    add_name(words, policy, clause->field);
    words_add(words, " %s ", sign);
    add_name(words, policy, clause->other);
    if (offset != 0) {
        words_add(words, " %c %llu", offset < 0 ? '-' : '+',
                  (unsigned long long)(offset < 0 ? 0 - (uint64_t)offset : (uint64_t)offset));
    }
}

static void add_step(struct words *words, const struct policy *policy,
                     const struct policy_clause *clause) {
    words_add(words, "step(");
    add_name(words, policy, clause->field);
    if (clause->other != POLICY_NONE) {
        words_add(words, " by ");
        add_name(words, policy, clause->other);
    }
    if (clause->from_any) {
        words_add(words, " from any");
    } else if (clause->low != 0) {
        words_add(words, " from %lld", (long long)clause->low);
    }
    words_add(words, ") <= %lld", (long long)clause->high);
}

void words_clause(struct words *words, const struct policy *policy,
                  const struct policy_clause *clause) {
    switch (clause->kind) {
    case CLAUSE_HOURS_IN:
    case CLAUSE_HOURS_OUT:
        words_add(words, "hours %s ", clause->kind == CLAUSE_HOURS_IN ? "in" : "outside");
        words_hours(words, clause->low, clause->high);
        return;
    case CLAUSE_DIFFERENCE_IN:
    case CLAUSE_DIFFERENCE_OUT:
        add_difference(words, policy, clause);
        return;
    case CLAUSE_STEP:
        add_step(words, policy, clause);
        return;
    default:
        break;
    }
    add_name(words, policy, clause->field);
    words_add(words, " ");
    if (clause->kind == CLAUSE_ONE_OF) {
        words_symbols(words, policy, clause->field, (uint64_t)clause->low);
    } else if (clause->kind == CLAUSE_IN) {
        words_range(words, clause->low, clause->high);
    } else if (clause->kind == CLAUSE_OUT && clause->low == clause->high) {
        words_add(words, "is not %lld", (long long)clause->low);
    } else if (clause->kind == CLAUSE_OUT) {
        words_add(words, "not in %lld..%lld", (long long)clause->low, (long long)clause->high);
    } else {
        words_add(words, clause->kind == CLAUSE_PRESENT ? "present" : "absent");
    }
}

/* Conditions and exceptions, from this group on. */
static void add_groups(struct words *words, const struct policy *policy,
                       const struct policy_rule *rule, uint32_t first) {
    uint32_t group = 0;
    const char *between = " ";
    for (uint32_t i = rule->first; i < rule->first + (uint32_t)rule->count; i++) {
        const struct policy_clause *clause = &policy->clauses[i];
        if (clause->group < first) {
            continue;
        }
        if (clause->group != group) {
            group = clause->group;
            between = " except ";
        }
        words_add(words, "%s", between);
        words_clause(words, policy, clause);
        between = " and ";
    }
}

static void add_actions(struct words *words, const struct policy_rule *rule) {
    static const char *const names[] = {"log", "alert", "throttle ", "suspend"};
    const char *between = " then ";
    for (uint32_t i = 0; i < COUNT(names); i++) {
        if ((rule->actions >> i & 1) == 0) {
            continue;
        }
        words_add(words, "%s%s", between, names[i]);
        if (1u << i == ACTION_THROTTLE) {
            words_rate(words, &rule->throttle, "/");
        }
        between = " and ";
    }
}

/* An exact rule, up to its exceptions; its one condition comes before the actions. */
static void add_alarm(struct words *words, const struct policy *policy,
                      const struct policy_rule *rule) {
    words_add(words, "alarm %s", rule->factor == ALARM_HOURS ? "" : alarm_name(rule->factor));
    if (rule->factor == ALARM_HOURS) {
        words_clause(words, policy, &policy->clauses[rule->first]);
    } else if (rule->factor == ALARM_IDLE) {
        words_add(words, " ");
        words_duration(words, rule->rate.period_ms);
    } else if (rule->factor == ALARM_REFUSALS) {
        words_add(words, " ");
        words_rate(words, &rule->rate, " per ");
    } else if (rule->factor == ALARM_GAP) {
        words_add(words, " %u", rule->rate.count);
    }
    add_actions(words, rule);
}

void words_rule(struct words *words, const struct policy *policy, uint32_t at) {
    static const char *const effects[] = {"allow", "deny", "limit ", "spike normal "};
    const struct policy_rule *rule = &policy->rules[at];
    bool conditions = rule->count > 0 && policy->clauses[rule->first].group == 0;
    if (rule->effect == POLICY_ALARM) {
        add_alarm(words, policy, rule);
        add_groups(words, policy, rule, 1);
        return;
    }
    bool once = rule->effect == POLICY_LIMIT || rule->effect == POLICY_SPIKE;
    words_add(words, "%s%s", effects[rule->effect], once || conditions ? "" : " always");
    if (once) {
        words_rate(words, &rule->rate, " per ");
    }
    if (rule->effect == POLICY_SPIKE) {
        words_add(words, " factor %u", rule->factor);
        add_actions(words, rule);
    }
    add_groups(words, policy, rule, 0);
    if (rule->effect == POLICY_ALLOW && rule->rate.count != 0) {
        words_add(words, " rate ");
        words_rate(words, &rule->rate, "/");
    }
    if (rule->needs != 0) {
        words_add(words, " needs %u of ", rule->needs);
        words_roles(words, policy, rule->roles);
        words_add(words, " within ");
        words_duration(words, rule->within_ms);
    }
}

/* ---- refusals ---- */

static void add_type(struct words *words, const struct policy *policy, uint32_t field) {
    const struct policy_field *row = &policy->fields[field];
    switch (row->kind) {
    case POLICY_SYMBOL:
        words_symbols(words, policy, field, (1ull << row->symbols) - 1);
        return;
    case POLICY_INT:
        words_add(words, row->low == INT64_MIN && row->high == INT64_MAX ? "is " : "");
        words_range(words, row->low, row->high);
        return;
    case POLICY_BOOL:
        words_add(words, "is true or false");
        return;
    case POLICY_MAP:
        words_add(words, "is a map");
        return;
    default:
        words_add(words, "has %lld..%lld bytes of %s", (long long)row->low, (long long)row->high,
                  row->kind == POLICY_TEXT ? "text" : "bytes");
    }
}

static void add_fault(struct words *words, const struct policy *policy,
                      const struct message *message) {
    if (message->fault == MESSAGE_ENCODING) {
        words_add(words, "the message is not deterministic CBOR of maps with numbers as keys");
        return;
    }
    if (message->fault == MESSAGE_KEY) {
        words_add(words, "a key that the message does not have");
        if (message->field != POLICY_NONE) {
            words_add(words, ", in '");
            add_name(words, policy, message->field);
            words_add(words, "'");
        }
        return;
    }
    words_add(words, "'");
    add_name(words, policy, message->field);
    words_add(words, "' ");
    if (message->fault == MESSAGE_MODULE_FIELD) {
        words_add(words, "is filled by the module alone");
    } else if (message->fault == MESSAGE_MISSING) {
        words_add(words, "is missing");
    } else {
        add_type(words, policy, message->field);
        words_add(words, "; the message has %s",
                  message->fault == MESSAGE_TYPE ? "another type" : "another value");
    }
}

/* The line, by its place in the text. */
static void add_line(struct words *words, const struct policy *policy, uint32_t rule) {
    words_add(words, "line %u (", policy->rules[rule].line);
    words_rule(words, policy, rule);
    words_add(words, ")");
}

void words_refusal(struct words *words, const struct policy *policy, const struct message *message,
                   const struct policy_answer *answer) {
    static const char *const texts[] = {
        [WHY_NOTHING] = "allowed by ",
        [WHY_SUSPENDED] = "the key is suspended by the alarm of ",
        [WHY_DENIED] = "denied by ",
        [WHY_LIMIT] = "the quota is used up: ",
        [WHY_THROTTLED] = "the alarm is on: ",
        [WHY_NO_RULE] = "no line allows it; the closest is ",
        [WHY_EXCEPTION] = "excepted from ",
        [WHY_RATE] = "too often for ",
        [WHY_APPROVAL] = "approvals are missing for ",
        [WHY_COUNTER] = "the counter has come to its end",
    };
    if (answer->why == WHY_SHAPE) {
        add_fault(words, policy, message);
        return;
    }
    if (answer->rule == POLICY_NONE) {
        words_add(words, "%s",
                  answer->why == WHY_NO_RULE ? "no line allows anything" : texts[answer->why]);
        return;
    }
    words_add(words, "%s", texts[answer->why]);
    add_line(words, policy, answer->rule);
    if (answer->clause != POLICY_NONE && answer->why == WHY_NO_RULE) {
        words_add(words, "; this does not hold: ");
        words_clause(words, policy, &policy->clauses[answer->clause]);
    }
}
