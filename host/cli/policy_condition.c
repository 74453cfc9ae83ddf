/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions in a policy's text. */
#include "host/cli/policy_source.h"

static enum status add(struct policy_source *source, const struct token *at,
                       const struct policy_clause *clause) {
    struct policy *policy = &source->policy;
    if (policy->clause_count == POLICY_CLAUSES_MAX) {
        return token_fault(&source->reader, at, "a policy has %d conditions at most",
                           POLICY_CLAUSES_MAX);
    }
    policy->clauses[policy->clause_count++] = *clause;
    return STATUS_OK;
}

/* The field's name for a message about it. */
#define NAME_OF(source, at) \
    (int)(source)->policy.fields[at].name.size, (const char *)(source)->policy.fields[at].name.data

static enum status need_kind(struct policy_source *source, const struct token *at, uint32_t field,
                             enum policy_kind kind) {
    if (source->policy.fields[field].kind != kind) {
        return token_fault(
            &source->reader, at, "'%.*s' is %s: this condition is for %s", NAME_OF(source, field),
            source->policy.fields[field].kind == POLICY_INT ? "a number" : "not a number",
            kind == POLICY_INT ? "numbers" : "texts");
    }
    return STATUS_OK;
}

/* ---- hours ---- */

static enum status read_minute(struct policy_source *source, int64_t *minute) {
    int64_t hours = 0, minutes = 0;
    struct token at = source->reader.now;
    TRY(token_take_number(&source->reader, 0, 24, "a time of day, such as 06:00: its hour",
                          &hours));
    TRY(token_take(&source->reader, ":"));
    TRY(token_take_number(&source->reader, 0, 59, "the minute", &minutes));
    *minute = hours * 60 + minutes;
    return *minute <= 24 * 60 ? STATUS_OK
                              : token_fault(&source->reader, &at, "a day ends at 24:00");
}

static enum status read_hours(struct policy_source *source, struct policy_clause *clause) {
    struct token at = source->reader.now;
    bool outside = false;
    TRY(token_maybe(&source->reader, "outside", &outside));
    if (!outside && !token_is(&source->reader, "in")) {
        return token_expected(&source->reader, "'in' or 'outside'");
    }
    if (!outside) {
        TRY(token_next(&source->reader));
    }
    clause->kind = outside ? CLAUSE_HOURS_OUT : CLAUSE_HOURS_IN;
    clause->field = POLICY_NONE;
    TRY(read_minute(source, &clause->low));
    TRY(token_take(&source->reader, ".."));
    TRY(read_minute(source, &clause->high));
    if (clause->low == clause->high || clause->low == 24 * 60) {
        return token_fault(&source->reader, &at, "these hours are empty");
    }
    return STATUS_OK;
}

/* ---- step ---- */

static enum status read_from(struct policy_source *source, struct policy_clause *clause) {
    const struct policy_field *field = &source->policy.fields[clause->field];
    bool from = false;
    /* where nothing else is said: from zero, or the number next to it that the field can have */
    clause->low = field->low > 0 ? field->low : field->high < 0 ? field->high : 0;
    TRY(token_maybe(&source->reader, "from", &from));
    if (from) {
        TRY(token_maybe(&source->reader, "any", &clause->from_any));
        clause->low = 0;
    }
    return !from || clause->from_any ? STATUS_OK
                                     : token_take_number(&source->reader, INT64_MIN, INT64_MAX,
                                                         "where it starts", &clause->low);
}

/* Slots that the steps before take. */
static uint32_t slots_used(const struct policy *policy, uint32_t *clauses) {
    uint32_t used = 0;
    *clauses = 0;
    for (uint32_t i = 0; i < policy->clause_count; i++) {
        if (policy->clauses[i].kind == CLAUSE_STEP) {
            used += form_step_slots(policy, policy->clauses[i].other);
            ++*clauses;
        }
    }
    return used;
}

static enum status check_slots(struct policy_source *source, const struct token *at,
                               struct policy_clause *clause) {
    uint32_t clauses = 0;
    uint32_t used = slots_used(&source->policy, &clauses);
    uint32_t slots = form_step_slots(&source->policy, clause->other);
    if (slots == 0) {
        return token_fault(&source->reader, at,
                           "'%.*s' has too many values to remember one for each (%d at most)",
                           NAME_OF(source, clause->other), POLICY_STEPS_MAX);
    }
    if (used + slots > POLICY_STEPS_MAX || clauses == POLICY_STEP_CLAUSES_MAX) {
        return token_fault(&source->reader, at,
                           "all steps together remember %d values and are %d at most",
                           POLICY_STEPS_MAX, POLICY_STEP_CLAUSES_MAX);
    }
    clause->slot = (uint8_t)used;
    return STATUS_OK;
}

/* ( FIELD by FIELD from NUMBER ) <= NUMBER */
static enum status read_step(struct policy_source *source, struct policy_clause *clause) {
    struct token_reader *reader = &source->reader;
    struct token at = reader->now;
    bool by = false;
    clause->kind = CLAUSE_STEP;
    TRY(token_take(reader, "("));
    TRY(policy_source_field(source, &clause->field));
    TRY(need_kind(source, &at, clause->field, POLICY_INT));
    TRY(token_maybe(reader, "by", &by));
    if (by) {
        at = reader->now;
        TRY(policy_source_field(source, &clause->other));
    }
    TRY(check_slots(source, &at, clause));
    TRY(read_from(source, clause));
    TRY(token_take(reader, ")"));
    TRY(token_take(reader, "<="));
    return token_take_number(reader, 0, INT64_MAX, "the largest step", &clause->high);
}

/* ---- a field and a value ---- */

static enum status read_symbol(struct policy_source *source, struct policy_clause *clause) {
    const struct policy_field *field = &source->policy.fields[clause->field];
    struct token token;
    TRY(token_take_kind(&source->reader, TOKEN_STRING, "a text in quotes", &token));
    for (uint32_t i = 0; i < field->symbols; i++) {
        if (bytes_equal(source->policy.symbols[field->first_symbol + i], token.text)) {
            clause->low |= (int64_t)1 << i;
            return STATUS_OK;
        }
    }
    return token_fault(&source->reader, &token, "'%.*s' is never \"%.*s\"",
                       NAME_OF(source, clause->field), (int)token.text.size,
                       (const char *)token.text.data);
}

static enum status read_bool(struct policy_source *source, struct policy_clause *clause) {
    bool yes = token_is(&source->reader, "true");
    if (!yes && !token_is(&source->reader, "false")) {
        return token_expected(&source->reader, "true or false");
    }
    clause->low = yes ? 2 : 1;
    return token_next(&source->reader);
}

/* FIELD [+ or - NUMBER], against which the difference is in `clause` */
static enum status read_other(struct policy_source *source, struct policy_clause *clause,
                              int64_t *offset) {
    struct token_reader *reader = &source->reader;
    struct token at = reader->now;
    bool plus = false, minus = false;
    *offset = 0;
    TRY(policy_source_field(source, &clause->other));
    TRY(need_kind(source, &at, clause->other, POLICY_INT));
    TRY(token_maybe(reader, "+", &plus));
    if (!plus) {
        TRY(token_maybe(reader, "-", &minus));
    }
    if (plus || minus) {
        TRY(token_take_number(reader, 0, INT64_MAX, "a number", offset));
        *offset = minus ? -*offset : *offset;
    }
    return STATUS_OK;
}

/* After the sign: a number, or another field; the range that it means. */
static enum status read_bound(struct policy_source *source, const char *sign,
                              struct policy_clause *clause) {
    struct token at = source->reader.now;
    int64_t number = 0;
    clause->kind = CLAUSE_IN;
    if (at.kind == TOKEN_NUMBER) {
        TRY(token_take_number(&source->reader, INT64_MIN, INT64_MAX, "a number", &number));
    } else {
        clause->kind = CLAUSE_DIFFERENCE_IN;
        TRY(read_other(source, clause, &number));
    }
    bool up = sign[0] == '>', strict = sign[1] == 0;
    if (sign[0] == '=') {
        clause->low = clause->high = number;
        return STATUS_OK;
    }
    if (strict && number == (up ? INT64_MAX : INT64_MIN)) {
        return token_fault(&source->reader, &at, "no number is beyond this one");
    }
    clause->low = up ? number + strict : INT64_MIN;
    clause->high = up ? INT64_MAX : number - strict;
    return STATUS_OK;
}

static enum status read_is(struct policy_source *source, const struct token *at,
                           struct policy_clause *clause) {
    struct token_reader *reader = &source->reader;
    uint32_t kind = source->policy.fields[clause->field].kind;
    bool negated = false, list = false;
    TRY(token_maybe(reader, "not", &negated));
    if (kind == POLICY_INT) {
        TRY(read_bound(source, "=", clause));
        clause->kind = (uint8_t)(clause->kind + negated); /* each OUT follows its IN */
        return STATUS_OK;
    }
    clause->kind = CLAUSE_ONE_OF;
    if (kind == POLICY_BOOL) {
        TRY(read_bool(source, clause));
        clause->low ^= negated ? 3 : 0;
        return STATUS_OK;
    }
    TRY(need_kind(source, at, clause->field, POLICY_SYMBOL));
    TRY(token_maybe(reader, "one", &list));
    if (list) {
        TRY(token_take(reader, "of"));
    }
    do {
        TRY(read_symbol(source, clause));
    } while (list && reader->now.kind == TOKEN_STRING);
    uint64_t all = (1ull << source->policy.fields[clause->field].symbols) - 1;
    clause->low = negated ? (int64_t)(all & ~(uint64_t)clause->low) : clause->low;
    return STATUS_OK;
}

static enum status read_in(struct policy_source *source, const struct token *at,
                           struct policy_clause *clause) {
    struct token_reader *reader = &source->reader;
    TRY(need_kind(source, at, clause->field, POLICY_INT));
    struct token range = reader->now;
    TRY(token_take_number(reader, INT64_MIN, INT64_MAX, "the smallest number", &clause->low));
    TRY(token_take(reader, ".."));
    TRY(token_take_number(reader, INT64_MIN, INT64_MAX, "the largest number", &clause->high));
    return clause->low <= clause->high
               ? STATUS_OK
               : token_fault(reader, &range, "the range is empty: %lld is above %lld",
                             (long long)clause->low, (long long)clause->high);
}

static enum status read_presence(struct policy_source *source, const struct token *at,
                                 struct policy_clause *clause) {
    clause->kind = token_is(&source->reader, "present") ? CLAUSE_PRESENT : CLAUSE_ABSENT;
    if (!source->policy.fields[clause->field].optional) {
        return token_fault(&source->reader, at, "'%.*s' is always there: it has no '?'",
                           NAME_OF(source, clause->field));
    }
    return token_next(&source->reader);
}

static enum status read_about_field(struct policy_source *source, struct policy_clause *clause) {
    static const char *const signs[] = {"<=", ">=", "<", ">"};
    struct token_reader *reader = &source->reader;
    struct token at = reader->now;
    bool taken = false, negated = false;
    TRY(policy_source_field(source, &clause->field));
    TRY(token_maybe(reader, "is", &taken));
    if (taken) {
        return read_is(source, &at, clause);
    }
    for (size_t i = 0; i < COUNT(signs); i++) {
        TRY(token_maybe(reader, signs[i], &taken));
        if (taken) {
            TRY(need_kind(source, &at, clause->field, POLICY_INT));
            return read_bound(source, signs[i], clause);
        }
    }
    if (token_is(reader, "present") || token_is(reader, "absent")) {
        return read_presence(source, &at, clause);
    }
    TRY(token_maybe(reader, "not", &negated));
    TRY(token_maybe(reader, "in", &taken));
    if (!taken) {
        return token_expected(reader, "is, is not, in, not in, <=, <, >=, >, present or absent");
    }
    clause->kind = negated ? CLAUSE_OUT : CLAUSE_IN;
    return read_in(source, &at, clause);
}

enum status policy_source_hours(struct policy_source *source, uint32_t group) {
    struct policy_clause clause = {.group = (uint8_t)group, .other = POLICY_NONE};
    struct token at = source->reader.now;
    TRY(read_hours(source, &clause));
    return add(source, &at, &clause);
}

enum status policy_condition_read(struct policy_source *source, uint32_t group) {
    struct policy_clause clause = {.group = (uint8_t)group, .other = POLICY_NONE};
    struct token at = source->reader.now;
    bool taken = false;
    TRY(token_maybe(&source->reader, "hours", &taken));
    if (taken) {
        return policy_source_hours(source, group);
    }
    TRY(token_maybe(&source->reader, "step", &taken));
    if (taken) {
        const struct policy *policy = &source->policy;
        if (policy->rules[policy->rule_count].effect != POLICY_ALLOW || group != 0) {
            return token_fault(&source->reader, &at,
                               "step() stands among the conditions of an allow line only");
        }
        TRY(read_step(source, &clause));
        return add(source, &at, &clause);
    }
    TRY(read_about_field(source, &clause));
    return add(source, &at, &clause);
}
