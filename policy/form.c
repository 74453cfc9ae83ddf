/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled form of a policy, read. What is read is checked at once: nothing here is trusted,
 * because it may come from a host that is not. */
#include "policy/form.h"

#include "proto/cbor.h"

/* Map keys of the form. */
enum { FORM_FORMAT = 1, FORM_NAME, FORM_VERSION, FORM_KEY, FORM_FIELDS, FORM_ROLES, FORM_RULES };

#define NEED(condition)                 \
    do {                                \
        if (!(condition)) {             \
            return STATUS_DATA_INVALID; \
        }                               \
    } while (0)

/* ---- small pieces ---- */

static enum status read_number(struct cbor_reader *reader, uint32_t max, uint32_t *value) {
    uint64_t number = 0;
    TRY(cbor_get_uint(reader, max, &number));
    *value = (uint32_t)number;
    return STATUS_OK;
}

static enum status read_small(struct cbor_reader *reader, uint32_t max, uint8_t *value) {
    uint32_t number = 0;
    TRY(read_number(reader, max, &number));
    *value = (uint8_t)number;
    return STATUS_OK;
}

/* Text for people: no control characters. */
static enum status read_text(struct cbor_reader *reader, size_t max, struct bytes *text) {
    TRY(cbor_get_text(reader, text));
    NEED(text->size > 0 && text->size <= max);
    for (size_t i = 0; i < text->size; i++) {
        NEED(text->data[i] >= 0x20 && text->data[i] != 0x7f);
    }
    return STATUS_OK;
}

static enum status read_list(struct cbor_reader *reader, uint64_t max, uint64_t *count) {
    TRY(cbor_get(reader, CBOR_ARRAY, count));
    NEED(*count <= max);
    return STATUS_OK;
}

/* A list of exactly `count` items. */
static enum status read_exactly(struct cbor_reader *reader, uint64_t count) {
    uint64_t found = 0;
    TRY(cbor_get(reader, CBOR_ARRAY, &found));
    NEED(found == count);
    return STATUS_OK;
}

static enum status read_key(struct cbor_reader *reader, uint64_t key) {
    uint64_t found = 0;
    TRY(cbor_get_uint(reader, FORM_RULES, &found));
    NEED(found == key);
    return STATUS_OK;
}

/* ---- fields ---- */

static enum status read_symbols(struct cbor_reader *reader, struct policy *policy,
                                struct policy_field *field) {
    uint64_t count = 0;
    TRY(read_list(reader, POLICY_SYMBOLS_OF_FIELD, &count));
    NEED(count > 0 && policy->symbol_count + count <= POLICY_SYMBOLS_MAX);
    field->first_symbol = policy->symbol_count;
    field->symbols = (uint8_t)count;
    for (uint64_t i = 0; i < count; i++) {
        struct bytes *symbol = &policy->symbols[policy->symbol_count];
        TRY(read_text(reader, POLICY_TEXT_MAX, symbol));
        for (uint32_t k = field->first_symbol; k < policy->symbol_count; k++) {
            NEED(!bytes_equal(policy->symbols[k], *symbol));
        }
        policy->symbol_count++;
    }
    return STATUS_OK;
}

/* What follows the kind in a field's list. */
static enum status read_kind(struct cbor_reader *reader, struct policy *policy,
                             struct policy_field *field) {
    switch (field->kind) {
    case POLICY_SYMBOL:
        return read_symbols(reader, policy, field);
    case POLICY_INT:
    case POLICY_BYTES:
    case POLICY_TEXT:
        TRY(read_exactly(reader, 2));
        TRY(cbor_get_int(reader, &field->low));
        TRY(cbor_get_int(reader, &field->high));
        NEED(field->low <= field->high);
        NEED(field->kind == POLICY_INT || (field->low >= 0 && field->high <= POLICY_CONTENT_MAX));
        return STATUS_OK;
    default:
        return read_exactly(reader, 0);
    }
}

/* Whether the map `parent` is still open after the last field read; fills the depth inside it. */
static bool parent_open(const struct policy *policy, uint32_t parent, uint32_t *depth) {
    uint32_t at = policy->field_count == 0 ? POLICY_NONE : policy->field_count - 1u;
    if (at != POLICY_NONE && policy->fields[at].kind != POLICY_MAP) {
        at = policy->fields[at].parent;
    }
    while (at != parent) {
        if (at == POLICY_NONE) {
            return false;
        }
        at = policy->fields[at].parent;
    }
    *depth = 1;
    for (; at != POLICY_NONE; at = policy->fields[at].parent) {
        ++*depth;
    }
    return true;
}

/* Order, depth, and names and keys used once. */
static enum status check_place(const struct policy *policy, const struct policy_field *field) {
    uint32_t depth = 0;
    NEED(parent_open(policy, field->parent, &depth) && depth <= POLICY_DEPTH_MAX);
    NEED(field->kind != POLICY_MAP || depth < POLICY_DEPTH_MAX);
    for (uint32_t i = 0; i < policy->field_count; i++) {
        const struct policy_field *before = &policy->fields[i];
        NEED(!bytes_equal(before->name, field->name));
        NEED(before->parent != field->parent || before->key < field->key);
    }
    /* a map with nothing in it would be a field without a meaning */
    if (policy->field_count > 0 && policy->fields[policy->field_count - 1].kind == POLICY_MAP) {
        NEED(field->parent == policy->field_count - 1);
    }
    return STATUS_OK;
}

static enum status read_field(struct cbor_reader *reader, struct policy *policy) {
    struct policy_field *field = &policy->fields[policy->field_count];
    uint32_t key = 0;
    TRY(read_exactly(reader, 6));
    TRY(read_small(reader, POLICY_NONE, &field->parent));
    TRY(read_number(reader, POLICY_KEY_MAX, &key));
    field->key = (uint16_t)key;
    TRY(read_text(reader, POLICY_NAME_MAX, &field->name));
    TRY(read_small(reader, POLICY_UPTIME, &field->kind));
    TRY(cbor_get_bool(reader, &field->optional));
    NEED(!field->optional || !policy_kind_is_module(field->kind));
    TRY(check_place(policy, field));
    TRY(read_kind(reader, policy, field));
    policy->field_count++;
    return STATUS_OK;
}

static enum status read_fields(struct cbor_reader *reader, struct policy *policy) {
    uint64_t count = 0;
    TRY(read_list(reader, POLICY_FIELDS_MAX, &count));
    NEED(count > 0);
    for (uint64_t i = 0; i < count; i++) {
        TRY(read_field(reader, policy));
    }
    NEED(policy->fields[count - 1].kind != POLICY_MAP);
    return STATUS_OK;
}

/* ---- clauses ---- */

uint32_t form_step_slots(const struct policy *policy, uint32_t by) {
    if (by == POLICY_NONE) {
        return 1;
    }
    const struct policy_field *field = &policy->fields[by];
    if (field->kind == POLICY_SYMBOL) {
        return field->symbols;
    }
    if (field->kind != POLICY_INT) {
        return field->kind == POLICY_BOOL ? 2 : 0;
    }
    uint64_t width = (uint64_t)field->high - (uint64_t)field->low;
    return width < POLICY_STEPS_MAX ? (uint32_t)width + 1 : 0;
}

static bool is_int(const struct policy *policy, uint32_t field) {
    return field < policy->field_count && policy->fields[field].kind == POLICY_INT;
}

static enum status read_step(struct cbor_reader *reader, struct policy *policy,
                             struct policy_clause *clause) {
    TRY(read_small(reader, POLICY_NONE, &clause->other));
    TRY(cbor_get_int(reader, &clause->high));
    TRY(cbor_get_bool(reader, &clause->from_any));
    TRY(cbor_get_int(reader, &clause->low));
    NEED(is_int(policy, clause->field) && clause->high >= 0);
    NEED(clause->other == POLICY_NONE || clause->other < policy->field_count);
    NEED(!clause->from_any || clause->low == 0);
    uint32_t slots = form_step_slots(policy, clause->other);
    NEED(slots > 0 && policy->step_count + slots <= POLICY_STEPS_MAX);
    clause->slot = policy->step_count;
    policy->step_count = (uint8_t)(policy->step_count + slots);
    return STATUS_OK;
}

static enum status read_mask(struct cbor_reader *reader, const struct policy *policy,
                             struct policy_clause *clause) {
    const struct policy_field *field = &policy->fields[clause->field];
    uint32_t values = field->kind == POLICY_SYMBOL ? field->symbols : 2;
    uint64_t mask = 0;
    NEED(field->kind == POLICY_SYMBOL || field->kind == POLICY_BOOL);
    TRY(cbor_get_uint(reader, (1ull << values) - 1, &mask));
    clause->low = (int64_t)mask;
    return STATUS_OK;
}

static enum status read_range(struct cbor_reader *reader, struct policy_clause *clause) {
    TRY(cbor_get_int(reader, &clause->low));
    TRY(cbor_get_int(reader, &clause->high));
    return STATUS_OK;
}

static enum status read_hours(struct cbor_reader *reader, struct policy_clause *clause) {
    TRY(read_range(reader, clause));
    NEED(clause->field == POLICY_NONE && clause->low != clause->high);
    NEED(clause->low >= 0 && clause->low < 24 * 60 && clause->high >= 0 && clause->high <= 24 * 60);
    return STATUS_OK;
}

/* Items of a clause's list. */
static uint64_t clause_items(uint32_t kind) {
    static const uint8_t items[] = {4, 4, 3, 5, 5, 6, 4, 4, 2, 2};
    return items[kind];
}

static enum status read_clause_rest(struct cbor_reader *reader, struct policy *policy,
                                    struct policy_clause *clause) {
    if (clause->kind == CLAUSE_HOURS_IN || clause->kind == CLAUSE_HOURS_OUT) {
        return read_hours(reader, clause);
    }
    NEED(clause->field < policy->field_count);
    uint32_t kind = policy->fields[clause->field].kind;
    NEED(!policy_kind_is_module(kind));
    switch (clause->kind) {
    case CLAUSE_IN:
    case CLAUSE_OUT:
        NEED(is_int(policy, clause->field));
        TRY(read_range(reader, clause));
        NEED(clause->low <= clause->high);
        return STATUS_OK;
    case CLAUSE_ONE_OF:
        return read_mask(reader, policy, clause);
    case CLAUSE_DIFFERENCE_IN:
    case CLAUSE_DIFFERENCE_OUT:
        TRY(read_small(reader, POLICY_NONE, &clause->other));
        NEED(is_int(policy, clause->field) && is_int(policy, clause->other));
        TRY(read_range(reader, clause));
        NEED(clause->low <= clause->high);
        return STATUS_OK;
    case CLAUSE_STEP:
        return read_step(reader, policy, clause);
    default:
        NEED(policy->fields[clause->field].optional);
        return STATUS_OK;
    }
}

static enum status read_clause(struct cbor_reader *reader, struct policy *policy, uint32_t group) {
    NEED(policy->clause_count < POLICY_CLAUSES_MAX);
    struct policy_clause *clause = &policy->clauses[policy->clause_count];
    uint64_t items = 0;
    clause->other = POLICY_NONE;
    clause->group = (uint8_t)group;
    TRY(cbor_get(reader, CBOR_ARRAY, &items));
    TRY(read_small(reader, CLAUSE_ABSENT, &clause->kind));
    NEED(items == clause_items(clause->kind));
    TRY(read_small(reader, POLICY_NONE, &clause->field));
    TRY(read_clause_rest(reader, policy, clause));
    policy->clause_count++;
    return STATUS_OK;
}

/* ---- rules ---- */

static enum status read_groups(struct cbor_reader *reader, struct policy *policy,
                               struct policy_rule *rule) {
    uint64_t groups = 0, clauses = 0;
    TRY(read_list(reader, POLICY_GROUPS_MAX, &groups));
    NEED(groups > 0);
    rule->first = policy->clause_count;
    for (uint64_t group = 0; group < groups; group++) {
        TRY(read_list(reader, POLICY_CLAUSES_MAX, &clauses));
        NEED(clauses > 0 || group == 0); /* an empty exception would be one for everything */
        for (uint64_t i = 0; i < clauses; i++) {
            TRY(read_clause(reader, policy, (uint32_t)group));
        }
    }
    rule->count = (uint8_t)(policy->clause_count - rule->first);
    rule->groups = (uint8_t)(groups - 1);
    return STATUS_OK;
}

/* A rate: [] or [count, period in ms, burst]. */
static enum status read_rate(struct cbor_reader *reader, struct policy_rate *rate) {
    uint64_t items = 0;
    TRY(read_list(reader, 3, &items));
    *rate = (struct policy_rate){0};
    if (items == 0) {
        return STATUS_OK;
    }
    NEED(items == 3);
    TRY(read_number(reader, POLICY_COUNT_MAX, &rate->count));
    TRY(cbor_get_uint(reader, POLICY_PERIOD_MS_MAX, &rate->period_ms));
    TRY(read_number(reader, POLICY_COUNT_MAX, &rate->burst));
    NEED(rate->count > 0 && rate->period_ms > 0 && rate->burst > 0);
    /* a full bucket takes a year to fill at most: nothing overflows then */
    NEED(rate->burst * rate->period_ms <= POLICY_PERIOD_MS_MAX * rate->count);
    return STATUS_OK;
}

/* Approvals: [] or [how many, set of roles, how long they count in ms]. */
static enum status read_needs(struct cbor_reader *reader, const struct policy *policy,
                              struct policy_rule *rule) {
    uint64_t items = 0;
    TRY(read_list(reader, 3, &items));
    if (items == 0) {
        return STATUS_OK;
    }
    NEED(items == 3);
    TRY(read_small(reader, POLICY_ROLES_MAX, &rule->needs));
    TRY(read_small(reader, (1u << policy->role_count) - 1, &rule->roles));
    TRY(cbor_get_uint(reader, POLICY_PERIOD_MS_MAX, &rule->within_ms));
    NEED(rule->needs > 0 && rule->roles != 0 && rule->within_ms > 0);
    return STATUS_OK;
}

/* An alarm: [] or [factor or kind, set of actions, rate of the throttle]. */
static enum status read_alarm(struct cbor_reader *reader, struct policy_rule *rule) {
    uint64_t items = 0;
    TRY(read_list(reader, 3, &items));
    if (items == 0) {
        return STATUS_OK;
    }
    NEED(items == 3);
    TRY(read_small(reader, 10, &rule->factor));
    TRY(read_small(reader, 15, &rule->actions));
    TRY(read_rate(reader, &rule->throttle));
    NEED(rule->factor >= 2 && rule->actions != 0); /* kinds of exact rules begin there too */
    NEED(((rule->actions & ACTION_THROTTLE) != 0) == (rule->throttle.count != 0));
    return STATUS_OK;
}

/* step() stands among the conditions of an allow line only: nowhere else is it clear what
 * "last" means. */
static bool steps_placed(const struct policy *policy, const struct policy_rule *rule) {
    for (uint32_t i = rule->first; i < rule->first + (uint32_t)rule->count; i++) {
        const struct policy_clause *clause = &policy->clauses[i];
        if (clause->kind == CLAUSE_STEP && (rule->effect != POLICY_ALLOW || clause->group != 0)) {
            return false;
        }
    }
    return true;
}

/* The numbers of an exact rule: what its kind has, in whole seconds, and no other. */
static bool alarm_has_numbers(const struct policy_rule *rule) {
    const struct policy_rate *rate = &rule->rate;
    uint32_t most = rule->factor == ALARM_IDLE       ? 1
                    : rule->factor == ALARM_REFUSALS ? POLICY_REFUSALS_MAX
                    : rule->factor == ALARM_GAP      ? POLICY_GAP_MAX
                                                     : 0;
    bool timed = rule->factor == ALARM_IDLE || rule->factor == ALARM_REFUSALS;
    return (rate->count != 0) == (most != 0) && rate->count <= most && rate->burst == rate->count &&
           (timed ? rate->period_ms >= 1000 : rate->period_ms <= 1);
}

/* HOURS has one condition, of hours; the others have exceptions only. */
static enum status check_alarm(struct policy *policy, const struct policy_rule *rule) {
    const struct policy_clause *clauses = &policy->clauses[rule->first];
    uint32_t conditions = 0;
    while (conditions < rule->count && clauses[conditions].group == 0) {
        conditions++;
    }
    bool hours = conditions == 1 && (clauses[0].kind == CLAUSE_HOURS_IN ||
                                     clauses[0].kind == CLAUSE_HOURS_OUT);
    NEED(rule->factor < ALARM_OF_KEYS && policy->alarms[rule->factor] == 0);
    NEED(rule->factor == ALARM_HOURS ? hours : conditions == 0);
    NEED(alarm_has_numbers(rule));
    NEED(form_alarm_ends(rule->factor) || (rule->actions & ACTION_THROTTLE) == 0);
    policy->alarms[rule->factor] = (uint8_t)(policy->rule_count + 1);
    return STATUS_OK;
}

/* What an effect must have, and must not. */
static enum status check_rule(struct policy *policy, struct policy_rule *rule) {
    bool rated = rule->rate.count != 0;
    bool conditions = rule->count > 0 && policy->clauses[rule->first].group == 0;
    bool once = rule->effect == POLICY_LIMIT || rule->effect == POLICY_SPIKE;
    uint8_t *place = rule->effect == POLICY_LIMIT ? &policy->limit : &policy->spike;
    rule->bucket = POLICY_NONE;
    NEED(steps_placed(policy, rule));
    NEED((rule->factor != 0) == (rule->effect >= POLICY_SPIKE));
    if (rule->effect == POLICY_ALARM) {
        return rule->needs == 0 ? check_alarm(policy, rule) : STATUS_DATA_INVALID;
    }
    NEED(rule->needs == 0 || rule->effect == POLICY_ALLOW);
    NEED(rated ? rule->effect != POLICY_DENY : !once);
    NEED(!once || !conditions);
    if (rule->effect == POLICY_ALLOW && rated) {
        NEED(policy->rate_count < POLICY_RATES_MAX);
        rule->bucket = policy->rate_count++;
    }
    if (once) {
        NEED(*place == POLICY_NONE);
        *place = policy->rule_count;
    }
    return STATUS_OK;
}

static enum status read_rule(struct cbor_reader *reader, struct policy *policy) {
    struct policy_rule *rule = &policy->rules[policy->rule_count];
    TRY(read_exactly(reader, 6));
    TRY(read_small(reader, POLICY_ALARM, &rule->effect));
    TRY(read_number(reader, 65535, &rule->line));
    TRY(read_groups(reader, policy, rule));
    TRY(read_rate(reader, &rule->rate));
    TRY(read_needs(reader, policy, rule));
    TRY(read_alarm(reader, rule));
    TRY(check_rule(policy, rule));
    policy->rule_count++;
    return STATUS_OK;
}

static enum status read_rules(struct cbor_reader *reader, struct policy *policy) {
    uint64_t count = 0;
    uint32_t steps = 0;
    TRY(read_list(reader, POLICY_RULES_MAX, &count));
    NEED(count > 0);
    for (uint64_t i = 0; i < count; i++) {
        TRY(read_rule(reader, policy));
    }
    for (uint32_t i = 0; i < policy->clause_count; i++) {
        steps += policy->clauses[i].kind == CLAUSE_STEP;
    }
    NEED(steps <= POLICY_STEP_CLAUSES_MAX);
    return STATUS_OK;
}

/* ---- the whole ---- */

static enum status read_roles(struct cbor_reader *reader, struct policy *policy) {
    uint64_t count = 0;
    TRY(read_list(reader, POLICY_ROLES_MAX, &count));
    for (uint64_t i = 0; i < count; i++) {
        TRY(read_text(reader, POLICY_NAME_MAX, &policy->roles[i]));
        for (uint64_t k = 0; k < i; k++) {
            NEED(!bytes_equal(policy->roles[k], policy->roles[i]));
        }
        policy->role_count++;
    }
    return STATUS_OK;
}

static enum status read_head(struct cbor_reader *reader, struct policy *policy) {
    uint64_t pairs = 0, format = 0;
    TRY(cbor_get(reader, CBOR_MAP, &pairs));
    NEED(pairs == FORM_RULES);
    TRY(read_key(reader, FORM_FORMAT));
    TRY(cbor_get_uint(reader, POLICY_FORMAT, &format));
    NEED(format == POLICY_FORMAT);
    TRY(read_key(reader, FORM_NAME));
    TRY(read_text(reader, POLICY_TEXT_MAX, &policy->name));
    TRY(read_key(reader, FORM_VERSION));
    TRY(read_number(reader, UINT32_MAX, &policy->version));
    TRY(read_key(reader, FORM_KEY));
    return read_text(reader, POLICY_TEXT_MAX, &policy->key);
}

enum status form_read(struct bytes form, struct policy *policy) {
    struct cbor_reader reader;
    NEED(form.size <= POLICY_SIZE_MAX);
    memset(policy, 0, sizeof(*policy));
    policy->limit = policy->spike = POLICY_NONE;
    cbor_read(&reader, form);
    TRY(read_head(&reader, policy));
    TRY(read_key(&reader, FORM_FIELDS));
    TRY(read_fields(&reader, policy));
    TRY(read_key(&reader, FORM_ROLES));
    TRY(read_roles(&reader, policy));
    TRY(read_key(&reader, FORM_RULES));
    TRY(read_rules(&reader, policy));
    return cbor_close(&reader);
}

uint32_t form_bound(const struct policy *policy) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < policy->field_count; i++) {
        sum +=
            1 + policy->fields[i].symbols; /* found in the shape, and compared with each symbol */
    }
    /* each key of a message is looked for among the fields */
    sum += (uint32_t)policy->field_count * policy->field_count;
    return sum + policy->clause_count + 2u * policy->rule_count;
}
