/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of single attributes in a caller's template. */
#include "core/keys/template.h"

#include "base/limits.h"
#include "core/keys/renewal.h"

static bool is_date(struct bytes value) {
    if (value.size != 0 && value.size != 8) {
        return false;
    }
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return false;
        }
    }
    return true;
}

static bool value_fits(const struct attribute_row *row, struct bytes value) {
    switch (row->kind) {
    case KIND_BOOL:
        return value.size == 1 && value.data[0] <= 1;
    case KIND_NUM:
        return value.size == 4;
    case KIND_DATE:
        return is_date(value);
    case KIND_LIST:
        return value.size % 4 == 0;
    default:
        return true;
    }
}

enum status template_check(struct bytes template, const char **why) {
    struct attribute_entry entry;
    size_t count = 0;
    enum status status = attributes_next(&template, &entry);
    for (; status == STATUS_OK; status = attributes_next(&template, &entry)) {
        const struct attribute_row *row = attribute_row(entry.type);
        if (row == NULL) {
            return STATUS_ATTRIBUTE_TYPE_INVALID;
        }
        *why = row->name;
        if (!value_fits(row, entry.value)) {
            return STATUS_ATTRIBUTE_VALUE_INVALID;
        }
        struct bytes again;
        if (++count > ATTRIBUTES_MAX ||
            attributes_find(template, entry.type, &again) != STATUS_NOT_FOUND) {
            return STATUS_TEMPLATE_INCONSISTENT;
        }
    }
    *why = NULL;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static bool creation_may_set(const struct attribute_row *row, struct bytes value,
                             enum creation creation, bool so) {
    bool false_anyway = row->kind == KIND_BOOL && value.data[0] == 0;
    switch (row->set) {
    case SET_CALLER:
        return true;
    case SET_VALUE:
        return creation == CREATION_IMPORT;
    case SET_GENERATE:
        return creation == CREATION_IMPORT || creation == CREATION_GENERATE ||
               row->attribute == ATTRIBUTE_VALUE_LEN;
    case SET_SO:
        return so || false_anyway;
    default:
        return false;
    }
}

enum status template_check_creation(struct bytes template, enum object_class class,
                                    enum creation creation, bool so, const char **why) {
    struct attribute_entry entry;
    while (attributes_next(&template, &entry) == STATUS_OK) {
        const struct attribute_row *row = attribute_row(entry.type);
        *why = row->name;
        if ((row->classes & (1u << class)) == 0) {
            return STATUS_TEMPLATE_INCONSISTENT;
        }
        if (!creation_may_set(row, entry.value, creation, so)) {
            return STATUS_ATTRIBUTE_READ_ONLY;
        }
    }
    *why = NULL;
    return STATUS_OK;
}

static bool change_allowed(const struct attribute_row *row, struct bytes value,
                           const struct facts *facts) {
    bool now = facts_has(facts, fact_of_attribute(row->attribute));
    bool next = row->kind == KIND_BOOL && value.data[0] != 0;
    switch (row->change) {
    case CHANGE_FREE:
    case CHANGE_STRICTER: /* compared by template_apply */
        return true;
    case CHANGE_UP:
        return next || now == next;
    case CHANGE_DOWN:
        return !next || now == next;
    case CHANGE_APPROVED: /* people are asked by do_object_set */
        return facts_has(facts, FACT_POLICY);
    default:
        return false;
    }
}

enum status template_check_change(struct bytes template, const struct facts *facts,
                                  const char **why) {
    struct attribute_entry entry;
    if (!facts_has(facts, FACT_MODIFIABLE)) {
        *why = "MODIFIABLE is false";
        return STATUS_ACTION_PROHIBITED;
    }
    while (attributes_next(&template, &entry) == STATUS_OK) {
        const struct attribute_row *row = attribute_row(entry.type);
        *why = row->name;
        if ((row->classes & (1u << facts->class)) == 0) {
            return STATUS_ATTRIBUTE_TYPE_INVALID;
        }
        if (!change_allowed(row, entry.value, facts)) {
            return STATUS_ATTRIBUTE_READ_ONLY;
        }
    }
    *why = NULL;
    return STATUS_OK;
}

static bool copy_may_choose(const struct attribute_row *row, struct bytes value,
                            const struct facts *facts) {
    switch (row->attribute) {
    case ATTRIBUTE_TOKEN:
    case ATTRIBUTE_MODIFIABLE:
    case ATTRIBUTE_DESTROYABLE:
        return true;
    case ATTRIBUTE_PRIVATE:
        return value.data[0] != 0 || !facts_has(facts, FACT_PRIVATE);
    default:
        return row->change != CHANGE_APPROVED && change_allowed(row, value, facts);
    }
}

enum status template_check_copy(struct bytes template, const struct facts *facts,
                                const char **why) {
    struct attribute_entry entry;
    while (attributes_next(&template, &entry) == STATUS_OK) {
        const struct attribute_row *row = attribute_row(entry.type);
        *why = row->name;
        if ((row->classes & (1u << facts->class)) == 0) {
            return STATUS_ATTRIBUTE_TYPE_INVALID;
        }
        if (!copy_may_choose(row, entry.value, facts)) {
            return STATUS_ATTRIBUTE_READ_ONLY;
        }
    }
    *why = NULL;
    return STATUS_OK;
}

/* Only keys that stay inside have limits: nobody counts what is done with a copy. */
enum status template_check_limits(const struct limits *limits, const struct facts *facts,
                                  const char **why) {
    if (!limits_any(limits)) {
        return STATUS_OK;
    }
    if (facts_has(facts, FACT_EXTRACTABLE)) {
        *why = "a key with limits must not be EXTRACTABLE";
        return STATUS_TEMPLATE_INCONSISTENT;
    }
    *why = "LEASE_KEY";
    TRY(renewal_key_check(limits->lease_key));
    *why = NULL;
    return STATUS_OK;
}

static enum status compare_limits(struct bytes before, struct bytes after, const char **why) {
    struct limits now, next;
    struct facts facts;
    facts_read(&facts, after);
    TRY(limits_read(before, &now, why));
    TRY(limits_read(after, &next, why));
    TRY(limits_tighten(&now, &next, why));
    return template_check_limits(&next, &facts, why);
}

enum status template_apply(struct bytes attributes, struct bytes template, struct span to,
                           size_t *used, const char **why) {
    struct attribute_entry entry;
    struct bytes value;
    struct bytes rest = attributes;
    *used = 0;
    while (attributes_next(&rest, &entry) == STATUS_OK) {
        if (attributes_find(template, entry.type, &value) != STATUS_OK) {
            value = entry.value;
        }
        TRY(attributes_add(to, used, entry.type, value));
    }
    while (attributes_next(&template, &entry) == STATUS_OK) {
        if (attributes_find(attributes, entry.type, &value) == STATUS_NOT_FOUND) {
            TRY(attributes_add(to, used, entry.type, entry.value));
        }
    }
    return compare_limits(attributes, bytes_of(to.data, *used), why);
}
