/* SPDX-License-Identifier: Apache-2.0 */
/* The grid of messages: its axes and their cuts. */
#include "host/cli/policy_space.h"

/* ---- axes ---- */

static bool same_axis(const struct space_axis *a, const struct space_axis *b) {
    return a->kind == b->kind && bytes_equal(a->name, b->name) && bytes_equal(a->other, b->other) &&
           a->from == b->from && a->from_any == b->from_any && a->field_kind == b->field_kind;
}

static struct space_axis axis_of_clause(const struct policy *policy,
                                        const struct policy_clause *clause) {
    struct space_axis axis = {.kind = SPACE_FIELD};
    if (clause->kind == CLAUSE_HOURS_IN || clause->kind == CLAUSE_HOURS_OUT) {
        axis.kind = SPACE_HOURS;
        return axis;
    }
    axis.name = policy->fields[clause->field].name;
    axis.field_kind = policy->fields[clause->field].kind;
    if (clause->other != POLICY_NONE) {
        axis.other = policy->fields[clause->other].name;
    }
    if (clause->kind == CLAUSE_STEP) {
        axis.kind = SPACE_STEP;
        axis.from = clause->low;
        axis.from_any = clause->from_any;
    } else if (clause->kind == CLAUSE_DIFFERENCE_IN || clause->kind == CLAUSE_DIFFERENCE_OUT) {
        axis.kind = SPACE_DIFFERENCE;
    }
    return axis;
}

/* The number of an axis; a new one is added. SPACE_AXES_MAX: there is no room. */
static uint32_t find_axis(struct space *space, const struct space_axis *axis) {
    uint32_t i = 0;
    while (i < space->count && !same_axis(&space->axes[i], axis)) {
        i++;
    }
    if (i == space->count && i < SPACE_AXES_MAX) {
        space->axes[space->count++] = *axis;
    }
    return i;
}

/* ---- cuts: while an axis is laid, `low` holds where its cells begin, in order ---- */

static bool cut(struct space_axis *axis, int64_t at) {
    uint32_t place = 0;
    while (place < axis->count && axis->low[place] < at) {
        place++;
    }
    if (place < axis->count && axis->low[place] == at) {
        return true;
    }
    if (axis->count == SPACE_CELLS_MAX - 1) {
        return false;
    }
    for (uint32_t i = axis->count++; i > place; i--) {
        axis->low[i] = axis->low[i - 1];
    }
    axis->low[place] = at;
    return true;
}

/* Before low and behind high. */
static bool cut_range(struct space_axis *axis, int64_t low, int64_t high) {
    return (low == INT64_MIN || cut(axis, low)) && (high == INT64_MAX || cut(axis, high + 1));
}

static bool add_symbol(struct space_axis *axis, struct bytes symbol) {
    for (uint32_t i = 0; i < axis->count; i++) {
        if (bytes_equal(axis->symbols[i], symbol)) {
            return true;
        }
    }
    if (axis->count == SPACE_CELLS_MAX - 1) {
        return false;
    }
    axis->low[axis->count] = axis->high[axis->count] = axis->count;
    axis->symbols[axis->count++] = symbol;
    return true;
}

static bool is_text(const struct space_axis *axis) {
    return axis->kind == SPACE_FIELD && axis->field_kind == POLICY_SYMBOL;
}

/* What the shape of a field cuts. */
static bool cut_field(const struct policy *policy, const struct policy_field *field,
                      struct space_axis *axis) {
    bool room = true;
    if (field->kind == POLICY_SYMBOL) {
        for (uint32_t i = 0; i < field->symbols; i++) {
            room = room && add_symbol(axis, policy->symbols[field->first_symbol + i]);
        }
        return room;
    }
    if (field->kind == POLICY_BOOL) {
        return cut(axis, 0) && cut(axis, 1);
    }
    return field->kind == POLICY_MAP ? cut(axis, 0) : cut_range(axis, field->low, field->high);
}

static bool cut_clause(const struct policy_clause *clause, struct space_axis *axis) {
    switch (clause->kind) {
    case CLAUSE_STEP:
        return clause->high == INT64_MAX || cut(axis, clause->high + 1);
    case CLAUSE_HOURS_IN:
    case CLAUSE_HOURS_OUT:
        return cut(axis, clause->low) && (clause->high == 24 * 60 || cut(axis, clause->high));
    case CLAUSE_IN:
    case CLAUSE_OUT:
    case CLAUSE_DIFFERENCE_IN:
    case CLAUSE_DIFFERENCE_OUT:
        return cut_range(axis, clause->low, clause->high);
    default:
        return true;
    }
}

/* Cells end where the next begins; "absent" is behind them. */
static void close_axis(struct space_axis *axis) {
    int64_t last = axis->kind == SPACE_HOURS                                      ? 24 * 60 - 1
                   : axis->kind == SPACE_FIELD && axis->field_kind == POLICY_BOOL ? 1
                   : axis->kind == SPACE_FIELD && axis->field_kind == POLICY_MAP  ? 0
                                                                                  : INT64_MAX;
    for (uint32_t i = 0; i < axis->count && !is_text(axis); i++) {
        axis->high[i] = i + 1 < axis->count ? axis->low[i + 1] - 1 : last;
    }
    axis->count++;
}

static bool open_axis(struct space_axis *axis) {
    bool numbers = axis->kind == SPACE_DIFFERENCE ||
                   (axis->kind == SPACE_FIELD && axis->field_kind == POLICY_INT);
    return is_text(axis) || cut(axis, numbers ? INT64_MIN : 0);
}

/* ---- laying ---- */

/* Whether two policies take the same of a field; NULL: it is not there. */
static bool same_shape(const struct policy *a, const struct policy_field *x, const struct policy *b,
                       const struct policy_field *y) {
    if (x == NULL || y == NULL || x->kind != y->kind || x->optional != y->optional ||
        x->symbols != y->symbols || x->low != y->low || x->high != y->high) {
        return false;
    }
    for (uint32_t i = 0; i < x->symbols; i++) {
        if (!bytes_equal(a->symbols[x->first_symbol + i], b->symbols[y->first_symbol + i])) {
            return false;
        }
    }
    return true;
}

static const struct policy_field *find_field(const struct policy *policy, struct bytes name) {
    for (uint32_t i = 0; i < policy->field_count; i++) {
        if (bytes_equal(policy->fields[i].name, name)) {
            return &policy->fields[i];
        }
    }
    return NULL;
}

/* Whether a field needs an axis of its own: a condition is on it, or the policies differ in it. */
static bool matters(const struct space *space, uint32_t which, uint32_t field) {
    const struct policy *policy = space->policies[which], *other = space->policies[!which];
    const struct policy_field *row = &policy->fields[field];
    if (policy_kind_is_module(row->kind)) {
        return false;
    }
    for (uint32_t i = 0; i < policy->clause_count; i++) {
        if (policy->clauses[i].field == field || policy->clauses[i].other == field) {
            return true;
        }
    }
    for (uint32_t i = field + 1; row->kind == POLICY_MAP && i < policy->field_count; i++) {
        if (policy->fields[i].parent == field && matters(space, which, i)) {
            return true;
        }
    }
    if (other == NULL) {
        return false;
    }
    const struct policy_field *twin = find_field(other, row->name);
    for (uint32_t i = 0; i < other->clause_count && twin != NULL; i++) {
        uint32_t at = (uint32_t)(twin - other->fields);
        if (other->clauses[i].field == at || other->clauses[i].other == at) {
            return true;
        }
    }
    return !same_shape(policy, row, other, twin);
}

static bool lay_fields(struct space *space, uint32_t which) {
    const struct policy *policy = space->policies[which];
    for (uint32_t i = 0; i < policy->field_count; i++) {
        struct space_axis axis = {.kind = SPACE_FIELD,
                                  .name = policy->fields[i].name,
                                  .field_kind = policy->fields[i].kind};
        space->field_axis[which][i] = SPACE_AXES_MAX;
        if (!matters(space, which, i)) {
            continue;
        }
        uint32_t at = find_axis(space, &axis);
        if (at == SPACE_AXES_MAX || !open_axis(&space->axes[at]) ||
            !cut_field(policy, &policy->fields[i], &space->axes[at])) {
            return false;
        }
        space->field_axis[which][i] = (uint8_t)at;
    }
    return true;
}

static bool lay_clauses(struct space *space, uint32_t which) {
    const struct policy *policy = space->policies[which];
    for (uint32_t i = 0; i < policy->clause_count; i++) {
        struct space_axis axis = axis_of_clause(policy, &policy->clauses[i]);
        uint32_t at = find_axis(space, &axis);
        if (at == SPACE_AXES_MAX || !open_axis(&space->axes[at]) ||
            !cut_clause(&policy->clauses[i], &space->axes[at])) {
            return false;
        }
        space->clause_axis[which][i] = (uint8_t)at;
    }
    return true;
}

enum status space_lay(struct space *space, const struct policy *one, const struct policy *two) {
    memset(space, 0, sizeof(*space));
    space->policies[0] = one;
    space->policies[1] = two;
    for (uint32_t which = 0; which < 2 && space->policies[which] != NULL; which++) {
        if (!lay_fields(space, which) || !lay_clauses(space, which)) {
            return STATUS_TOO_LARGE;
        }
    }
    space->size = 1;
    for (uint32_t i = 0; i < space->count; i++) {
        close_axis(&space->axes[i]);
        space->size *= space->axes[i].count;
        if (space->size > SPACE_SIZE_MAX) {
            return STATUS_TOO_LARGE;
        }
    }
    return STATUS_OK;
}
