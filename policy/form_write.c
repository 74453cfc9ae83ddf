/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled form of a policy, written: the mirror of policy/form.c. */
#include "policy/form.h"

#include "proto/cbor.h"

static void put_list(struct cbor_writer *writer, uint64_t count) {
    cbor_put(writer, CBOR_ARRAY, count);
}

static void put_number(struct cbor_writer *writer, uint64_t value) {
    cbor_put(writer, CBOR_UINT, value);
}

static void put_field(struct cbor_writer *writer, const struct policy *policy,
                      const struct policy_field *field) {
    put_list(writer, 6);
    put_number(writer, field->parent);
    put_number(writer, field->key);
    cbor_put_text(writer, field->name);
    put_number(writer, field->kind);
    cbor_put_bool(writer, field->optional);
    if (field->kind == POLICY_SYMBOL) {
        put_list(writer, field->symbols);
        for (uint32_t i = 0; i < field->symbols; i++) {
            cbor_put_text(writer, policy->symbols[field->first_symbol + i]);
        }
    } else if (field->kind == POLICY_INT || field->kind == POLICY_BYTES ||
               field->kind == POLICY_TEXT) {
        put_list(writer, 2);
        cbor_put_int(writer, field->low);
        cbor_put_int(writer, field->high);
    } else {
        put_list(writer, 0);
    }
}

static void put_clause(struct cbor_writer *writer, const struct policy_clause *clause) {
    bool ranged = clause->kind == CLAUSE_IN || clause->kind == CLAUSE_OUT ||
                  clause->kind == CLAUSE_HOURS_IN || clause->kind == CLAUSE_HOURS_OUT;
    bool difference = clause->kind == CLAUSE_DIFFERENCE_IN || clause->kind == CLAUSE_DIFFERENCE_OUT;
    bool step = clause->kind == CLAUSE_STEP;
    bool mask = clause->kind == CLAUSE_ONE_OF;
    put_list(writer, step ? 6 : difference ? 5 : ranged ? 4 : mask ? 3 : 2);
    put_number(writer, clause->kind);
    put_number(writer, clause->field);
    if (step || difference) {
        put_number(writer, clause->other);
    }
    if (step) {
        cbor_put_int(writer, clause->high);
        cbor_put_bool(writer, clause->from_any);
        cbor_put_int(writer, clause->low);
    } else if (ranged || difference) {
        cbor_put_int(writer, clause->low);
        cbor_put_int(writer, clause->high);
    } else if (mask) {
        put_number(writer, (uint64_t)clause->low);
    }
}

static void put_groups(struct cbor_writer *writer, const struct policy *policy,
                       const struct policy_rule *rule) {
    put_list(writer, 1u + rule->groups);
    for (uint32_t group = 0; group <= rule->groups; group++) {
        const struct policy_clause *clauses = &policy->clauses[rule->first];
        uint32_t count = 0;
        for (uint32_t i = 0; i < rule->count; i++) {
            count += clauses[i].group == group;
        }
        put_list(writer, count);
        for (uint32_t i = 0; i < rule->count; i++) {
            if (clauses[i].group == group) {
                put_clause(writer, &clauses[i]);
            }
        }
    }
}

static void put_rate(struct cbor_writer *writer, const struct policy_rate *rate) {
    put_list(writer, rate->count == 0 ? 0 : 3);
    if (rate->count != 0) {
        put_number(writer, rate->count);
        put_number(writer, rate->period_ms);
        put_number(writer, rate->burst);
    }
}

static void put_rule(struct cbor_writer *writer, const struct policy *policy,
                     const struct policy_rule *rule) {
    put_list(writer, 6);
    put_number(writer, rule->effect);
    put_number(writer, rule->line);
    put_groups(writer, policy, rule);
    put_rate(writer, &rule->rate);
    put_list(writer, rule->needs == 0 ? 0 : 3);
    if (rule->needs != 0) {
        put_number(writer, rule->needs);
        put_number(writer, rule->roles);
        put_number(writer, rule->within_ms);
    }
    put_list(writer, rule->effect >= POLICY_SPIKE ? 3 : 0);
    if (rule->effect >= POLICY_SPIKE) {
        put_number(writer, rule->factor);
        put_number(writer, rule->actions);
        put_rate(writer, &rule->throttle);
    }
}

enum status form_write(const struct policy *policy, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_MAP, 7);
    put_number(&writer, 1);
    put_number(&writer, POLICY_FORMAT);
    put_number(&writer, 2);
    cbor_put_text(&writer, policy->name);
    put_number(&writer, 3);
    put_number(&writer, policy->version);
    put_number(&writer, 4);
    cbor_put_text(&writer, policy->key);
    put_number(&writer, 5);
    put_list(&writer, policy->field_count);
    for (uint32_t i = 0; i < policy->field_count; i++) {
        put_field(&writer, policy, &policy->fields[i]);
    }
    put_number(&writer, 6);
    put_list(&writer, policy->role_count);
    for (uint32_t i = 0; i < policy->role_count; i++) {
        cbor_put_text(&writer, policy->roles[i]);
    }
    put_number(&writer, 7);
    put_list(&writer, policy->rule_count);
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        put_rule(&writer, policy, &policy->rules[i]);
    }
    TRY(cbor_written(&writer, out));
    return out->size <= POLICY_SIZE_MAX ? STATUS_OK : STATUS_TOO_LARGE;
}
