/* SPDX-License-Identifier: Apache-2.0 */
/* The grid of messages: going through its cells, and what a policy says in each. */
#include "host/cli/policy_space.h"

#include "policy/truth.h"

static bool is_absent(const struct space *space, uint32_t axis) {
    return space->at[axis] + 1u == space->axes[axis].count;
}

/* The axis of a field by its name; SPACE_AXES_MAX: it has none. */
static uint32_t axis_of_field(const struct space *space, struct bytes name) {
    for (uint32_t i = 0; i < space->count; i++) {
        if (space->axes[i].kind == SPACE_FIELD && bytes_equal(space->axes[i].name, name)) {
            return i;
        }
    }
    return SPACE_AXES_MAX;
}

/* Whether a - b, in numbers without an end, is at most that. */
static bool is_at_most(int64_t a, int64_t b, int64_t most) {
    int64_t difference = 0;
    return __builtin_sub_overflow(a, b, &difference) ? a < b : difference <= most;
}

static bool is_at_least(int64_t a, int64_t b, int64_t least) {
    int64_t difference = 0;
    return __builtin_sub_overflow(a, b, &difference) ? a > b : difference >= least;
}

/* Whether the difference of two fields can lie where its axis says, given where these are. */
static bool difference_possible(const struct space *space, const struct space_axis *axis,
                                uint32_t cell) {
    uint32_t a = axis_of_field(space, axis->name), b = axis_of_field(space, axis->other);
    bool absent = is_absent(space, a) || is_absent(space, b);
    bool unknown = cell + 1 == axis->count;
    if (absent) {
        return unknown;
    }
    const int64_t a_low = space->axes[a].low[space->at[a]];
    const int64_t a_high = space->axes[a].high[space->at[a]];
    const int64_t b_low = space->axes[b].low[space->at[b]];
    const int64_t b_high = space->axes[b].high[space->at[b]];
    if (unknown) {
        return !is_at_least(a_low, b_high, INT64_MIN) || !is_at_most(a_high, b_low, INT64_MAX);
    }
    return is_at_most(a_low, b_high, axis->high[cell]) &&
           is_at_least(a_high, b_low, axis->low[cell]);
}

/* What is in a map is there only with the map. */
static bool place_possible(const struct space *space, const struct space_axis *axis,
                           uint32_t cell) {
    size_t dot = axis->name.size;
    while (dot > 0 && axis->name.data[dot - 1] != '.') {
        dot--;
    }
    if (dot == 0 || cell + 1 == axis->count) {
        return true;
    }
    uint32_t map = axis_of_field(space, bytes_of(axis->name.data, dot - 1));
    return map == SPACE_AXES_MAX || !is_absent(space, map);
}

static bool is_possible(const struct space *space) {
    for (uint32_t i = 0; i < space->count; i++) {
        const struct space_axis *axis = &space->axes[i];
        uint32_t cell = space->at[i];
        if (axis->kind == SPACE_FIELD && !place_possible(space, axis, cell)) {
            return false;
        }
        if (axis->kind == SPACE_DIFFERENCE && !difference_possible(space, axis, cell)) {
            return false;
        }
        if (axis->kind == SPACE_STEP) {
            uint32_t field = axis_of_field(space, axis->name);
            if (is_absent(space, field) && cell + 1 != axis->count) {
                return false;
            }
        }
    }
    return true;
}

static bool step_on(struct space *space) {
    for (uint32_t i = space->count; i > 0; i--) {
        if (++space->at[i - 1] < space->axes[i - 1].count) {
            return true;
        }
        space->at[i - 1] = 0;
    }
    return false;
}

bool space_next(struct space *space) {
    while (step_on(space)) {
        if (is_possible(space)) {
            return true;
        }
    }
    return false;
}

bool space_first(struct space *space) {
    memset(space->at, 0, sizeof(space->at));
    return is_possible(space) || space_next(space);
}

/* ---- what a policy says ---- */

/* Which of a field's texts the cell is; -1: none. */
static int symbol_at(const struct policy *policy, const struct policy_field *field,
                     const struct space_axis *axis, uint32_t cell) {
    for (uint32_t i = 0; i < field->symbols; i++) {
        if (bytes_equal(policy->symbols[field->first_symbol + i], axis->symbols[cell])) {
            return (int)i;
        }
    }
    return -1;
}

static bool field_fits(const struct space *space, const struct policy *policy,
                       const struct policy_field *field, uint32_t axis) {
    const struct space_axis *row = &space->axes[axis];
    uint32_t cell = space->at[axis];
    if (is_absent(space, axis)) {
        uint32_t map = field->parent == POLICY_NONE
                           ? (uint32_t)SPACE_AXES_MAX
                           : axis_of_field(space, policy->fields[field->parent].name);
        return field->optional || (map != SPACE_AXES_MAX && is_absent(space, map));
    }
    switch (field->kind) {
    case POLICY_SYMBOL:
        return symbol_at(policy, field, row, cell) >= 0;
    case POLICY_INT:
    case POLICY_BYTES:
    case POLICY_TEXT:
        return row->low[cell] >= field->low && row->high[cell] <= field->high;
    default:
        return true;
    }
}

/* Every field that has an axis fits, and no field is there that the policy does not know. */
static bool shape_fits(const struct space *space, uint32_t which) {
    const struct policy *policy = space->policies[which];
    bool known[SPACE_AXES_MAX] = {false};
    for (uint32_t i = 0; i < policy->field_count; i++) {
        uint32_t axis = space->field_axis[which][i];
        if (axis == SPACE_AXES_MAX) {
            continue;
        }
        known[axis] = true;
        if (!field_fits(space, policy, &policy->fields[i], axis)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < space->count; i++) {
        if (space->axes[i].kind == SPACE_FIELD && !known[i] && !is_absent(space, i)) {
            return false;
        }
    }
    return true;
}

static enum truth truth_if(bool holds) {
    return holds ? TRUTH_YES : TRUTH_NO;
}

static enum truth truth_in_cell(const struct space *space, uint32_t which, uint32_t at) {
    const struct policy *policy = space->policies[which];
    const struct policy_clause *clause = &policy->clauses[at];
    uint32_t axis = space->clause_axis[which][at], cell = space->at[axis];
    const struct space_axis *row = &space->axes[axis];
    bool absent = is_absent(space, axis);
    if (clause->kind == CLAUSE_PRESENT || clause->kind == CLAUSE_ABSENT) {
        return truth_if(absent == (clause->kind == CLAUSE_ABSENT));
    }
    if (absent) {
        return TRUTH_UNKNOWN;
    }
    bool in = row->low[cell] >= clause->low && row->high[cell] <= clause->high;
    switch (clause->kind) {
    case CLAUSE_STEP:
        return truth_if(row->high[cell] <= clause->high);
    case CLAUSE_HOURS_IN:
    case CLAUSE_HOURS_OUT:
        in = clause->low < clause->high
                 ? row->low[cell] >= clause->low && row->high[cell] < clause->high
                 : row->low[cell] >= clause->low || row->high[cell] < clause->high;
        return truth_if(in == (clause->kind == CLAUSE_HOURS_IN));
    case CLAUSE_ONE_OF: {
        const struct policy_field *field = &policy->fields[clause->field];
        int value = field->kind == POLICY_SYMBOL ? symbol_at(policy, field, row, cell)
                                                 : (int)row->low[cell];
        return truth_if(value >= 0 && ((uint64_t)clause->low >> value & 1) != 0);
    }
    default:
        return truth_if(in == (clause->kind == CLAUSE_IN || clause->kind == CLAUSE_DIFFERENCE_IN));
    }
}

static enum truth both(enum truth a, enum truth b) {
    return a == TRUTH_NO || b == TRUTH_NO             ? TRUTH_NO
           : a == TRUTH_UNKNOWN || b == TRUTH_UNKNOWN ? TRUTH_UNKNOWN
                                                      : TRUTH_YES;
}

/* All of one group together; *vague: a field that is absent spoils it. */
static enum truth truth_of_group(const struct space *space, uint32_t which, uint32_t rule,
                                 uint32_t group, bool *vague) {
    const struct policy_rule *row = &space->policies[which]->rules[rule];
    enum truth all = TRUTH_YES;
    for (uint32_t i = row->first; i < row->first + (uint32_t)row->count; i++) {
        if (space->policies[which]->clauses[i].group == group) {
            enum truth one = truth_in_cell(space, which, i);
            *vague = *vague || (one == TRUTH_UNKNOWN &&
                                space->axes[space->clause_axis[which][i]].kind == SPACE_FIELD);
            all = both(all, one);
        }
    }
    return all;
}

static enum truth truth_of_any_exception(const struct space *space, uint32_t which, uint32_t rule) {
    enum truth any = TRUTH_NO;
    bool vague = false;
    for (uint32_t group = 1; group <= space->policies[which]->rules[rule].groups; group++) {
        enum truth one = truth_of_group(space, which, rule, group, &vague);
        any = any == TRUTH_YES || one == TRUTH_YES           ? TRUTH_YES
              : any == TRUTH_UNKNOWN || one == TRUTH_UNKNOWN ? TRUTH_UNKNOWN
                                                             : TRUTH_NO;
    }
    return any;
}

void space_ask(const struct space *space, uint32_t which, struct space_answer *answer) {
    const struct policy *policy = space->policies[which];
    *answer = (struct space_answer){.shape = shape_fits(space, which)};
    for (uint32_t i = 0; i < policy->rule_count && answer->shape; i++) {
        bool vague = false;
        uint32_t bit = 1u << i, effect = policy->rules[i].effect;
        enum truth holds = truth_of_group(space, which, i, 0, &vague);
        enum truth excepted = truth_of_any_exception(space, which, i);
        bool stands = holds != TRUTH_NO && excepted != TRUTH_YES;
        answer->about |= holds == TRUTH_YES ? bit : 0;
        if (effect == POLICY_ALLOW) {
            answer->allows |= holds == TRUTH_YES && excepted == TRUTH_NO ? bit : 0;
        } else if (effect == POLICY_DENY) {
            answer->denies |= stands ? bit : 0;
            answer->vague |= stands && holds == TRUTH_UNKNOWN && vague ? bit : 0;
        } else {
            answer->counts |= stands ? bit : 0;
        }
    }
}
