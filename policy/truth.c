/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions, each by itself and together. */
#include "policy/truth.h"

static enum truth truth_if(bool holds) {
    return holds ? TRUTH_YES : TRUTH_NO;
}

static const struct message_value *value_of(const struct policy_question *question,
                                            uint32_t field) {
    return &question->message->values[field];
}

static bool within(int64_t number, const struct policy_clause *clause) {
    return number >= clause->low && number <= clause->high;
}

static enum truth truth_of_difference(const struct policy_question *question,
                                      const struct policy_clause *clause) {
    const struct message_value *a = value_of(question, clause->field);
    const struct message_value *b = value_of(question, clause->other);
    int64_t difference = 0;
    if (!a->present || !b->present || __builtin_sub_overflow(a->number, b->number, &difference)) {
        return TRUTH_UNKNOWN;
    }
    return truth_if(within(difference, clause) == (clause->kind == CLAUSE_DIFFERENCE_IN));
}

bool truth_step_slot(const struct policy_question *question, const struct policy_clause *clause,
                     uint32_t *slot) {
    if (!value_of(question, clause->field)->present) {
        return false;
    }
    *slot = clause->slot;
    if (clause->other == POLICY_NONE) {
        return true;
    }
    const struct policy_field *field = &question->policy->fields[clause->other];
    const struct message_value *by = value_of(question, clause->other);
    uint64_t low = field->kind == POLICY_INT ? (uint64_t)field->low : 0;
    uint64_t offset = (uint64_t)by->number - low;
    if (!by->present || offset >= form_step_slots(question->policy, clause->other)) {
        return false;
    }
    *slot += (uint32_t)offset;
    return *slot < POLICY_STEPS_MAX;
}

static enum truth truth_of_step(const struct policy_question *question,
                                const struct policy_clause *clause) {
    uint32_t slot = 0;
    int64_t step = 0;
    if (!truth_step_slot(question, clause, &slot)) {
        return TRUTH_UNKNOWN;
    }
    bool known = (question->steps->known >> slot & 1) != 0;
    if (!known && clause->from_any) {
        return TRUTH_YES;
    }
    int64_t last = known ? question->steps->last[slot] : clause->low;
    if (__builtin_sub_overflow(value_of(question, clause->field)->number, last, &step) ||
        step == INT64_MIN) {
        return TRUTH_UNKNOWN;
    }
    return truth_if((step < 0 ? -step : step) <= clause->high);
}

static enum truth truth_of_hours(const struct policy_question *question,
                                 const struct policy_clause *clause) {
    if (question->clock.time == 0) {
        return TRUTH_UNKNOWN;
    }
    int64_t minute = (int64_t)(question->clock.time / 60 % (24 * 60));
    bool in = clause->low < clause->high ? minute >= clause->low && minute < clause->high
                                         : minute >= clause->low || minute < clause->high;
    return truth_if(in == (clause->kind == CLAUSE_HOURS_IN));
}

static enum truth truth_of_value(const struct policy_clause *clause,
                                 const struct message_value *value) {
    if (!value->present) {
        return TRUTH_UNKNOWN;
    }
    switch (clause->kind) {
    case CLAUSE_IN:
        return truth_if(within(value->number, clause));
    case CLAUSE_OUT:
        return truth_if(!within(value->number, clause));
    case CLAUSE_ONE_OF:
        return truth_if(((uint64_t)clause->low >> value->number & 1) != 0);
    default:
        return TRUTH_UNKNOWN;
    }
}

enum truth truth_of(const struct policy_question *question, const struct policy_clause *clause) {
    switch (clause->kind) {
    case CLAUSE_DIFFERENCE_IN:
    case CLAUSE_DIFFERENCE_OUT:
        return truth_of_difference(question, clause);
    case CLAUSE_STEP:
        return truth_of_step(question, clause);
    case CLAUSE_HOURS_IN:
    case CLAUSE_HOURS_OUT:
        return truth_of_hours(question, clause);
    case CLAUSE_PRESENT:
        return truth_if(value_of(question, clause->field)->present);
    case CLAUSE_ABSENT:
        return truth_if(!value_of(question, clause->field)->present);
    default:
        return truth_of_value(clause, value_of(question, clause->field));
    }
}

/* One clearly false is enough for no; one unknown spoils a yes. */
static enum truth truth_of_group(const struct policy_question *question,
                                 const struct policy_rule *rule, uint32_t group) {
    enum truth all = TRUTH_YES;
    for (uint32_t i = rule->first; i < rule->first + (uint32_t)rule->count; i++) {
        const struct policy_clause *clause = &question->policy->clauses[i];
        enum truth one = clause->group == group ? truth_of(question, clause) : TRUTH_YES;
        all = all == TRUTH_NO || one == TRUTH_NO             ? TRUTH_NO
              : all == TRUTH_UNKNOWN || one == TRUTH_UNKNOWN ? TRUTH_UNKNOWN
                                                             : TRUTH_YES;
    }
    return all;
}

enum truth truth_of_conditions(const struct policy_question *question,
                               const struct policy_rule *rule) {
    return truth_of_group(question, rule, 0);
}

enum truth truth_of_exceptions(const struct policy_question *question,
                               const struct policy_rule *rule) {
    enum truth any = TRUTH_NO;
    for (uint32_t group = 1; group <= rule->groups; group++) {
        enum truth one = truth_of_group(question, rule, group);
        any = any == TRUTH_YES || one == TRUTH_YES           ? TRUTH_YES
              : any == TRUTH_UNKNOWN || one == TRUTH_UNKNOWN ? TRUTH_UNKNOWN
                                                             : TRUTH_NO;
    }
    return any;
}

uint32_t truth_first(const struct policy_question *question, const struct policy_rule *rule) {
    for (uint32_t i = rule->first; i < rule->first + (uint32_t)rule->count; i++) {
        const struct policy_clause *clause = &question->policy->clauses[i];
        if (clause->group == 0 && truth_of(question, clause) == TRUTH_UNKNOWN) {
            return i;
        }
    }
    return rule->count > 0 ? rule->first : (uint32_t)POLICY_NONE;
}
