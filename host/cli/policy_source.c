/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a policy's text, and the shape of its messages. */
#include "host/cli/policy_source.h"

#include <stdio.h>

/* ---- small pieces ---- */

static enum status take_text(struct policy_source *source, size_t max, const char *what,
                             struct bytes *text) {
    struct token token;
    TRY(token_take_kind(&source->reader, TOKEN_STRING, what, &token));
    if (token.text.size == 0 || token.text.size > max) {
        return token_fault(&source->reader, &token, "%s must have 1 to %u bytes", what,
                           (unsigned)max);
    }
    *text = token.text;
    return STATUS_OK;
}

enum status policy_source_duration(struct policy_source *source, uint64_t *ms) {
    static const struct {
        const char *unit;
        uint64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    struct token at = source->reader.now;
    int64_t number = 0;
    TRY(token_take_number(&source->reader, 1, 1000000000, "a duration, such as 10s,", &number));
    for (size_t i = 0; i < COUNT(units); i++) {
        bool taken = false;
        TRY(token_maybe(&source->reader, units[i].unit, &taken));
        if (taken && (uint64_t)number > POLICY_PERIOD_MS_MAX / units[i].ms) {
            return token_fault(&source->reader, &at, "a duration may be 366 days at most");
        }
        if (taken) {
            *ms = (uint64_t)number * units[i].ms;
            return STATUS_OK;
        }
    }
    return token_expected(&source->reader, "the unit of the duration: ms, s, m, h or d");
}

enum status policy_source_field(struct policy_source *source, uint8_t *field) {
    struct policy *policy = &source->policy;
    struct token token;
    TRY(token_take_kind(&source->reader, TOKEN_WORD, "the name of a field", &token));
    for (uint32_t i = 0; i < policy->field_count; i++) {
        if (!bytes_equal(policy->fields[i].name, token.text)) {
            continue;
        }
        if (policy_kind_is_module(policy->fields[i].kind)) {
            return token_fault(&source->reader, &token,
                               "the module fills '%.*s' itself: no condition can be put on it",
                               (int)token.text.size, (const char *)token.text.data);
        }
        *field = (uint8_t)i;
        return STATUS_OK;
    }
    return token_fault(&source->reader, &token, "the message has no field '%.*s'",
                       (int)token.text.size, (const char *)token.text.data);
}

/* ---- types ---- */

static enum status read_symbols(struct policy_source *source, struct policy_field *field) {
    struct policy *policy = &source->policy;
    field->kind = POLICY_SYMBOL;
    field->first_symbol = policy->symbol_count;
    TRY(token_take(&source->reader, "of"));
    do {
        struct token at = source->reader.now;
        struct bytes symbol;
        TRY(take_text(source, POLICY_TEXT_MAX, "a text in quotes", &symbol));
        for (uint32_t i = 0; i < field->symbols; i++) {
            if (bytes_equal(policy->symbols[field->first_symbol + i], symbol)) {
                return token_fault(&source->reader, &at, "this text is there already");
            }
        }
        if (field->symbols == POLICY_SYMBOLS_OF_FIELD ||
            policy->symbol_count == POLICY_SYMBOLS_MAX) {
            return token_fault(&source->reader, &at,
                               "too many texts: %d of one field, %d of all together",
                               POLICY_SYMBOLS_OF_FIELD, POLICY_SYMBOLS_MAX);
        }
        policy->symbols[policy->symbol_count++] = symbol;
        field->symbols++;
    } while (source->reader.now.kind == TOKEN_STRING);
    return STATUS_OK;
}

/* One number, or LOW..HIGH. */
static enum status read_range(struct policy_source *source, int64_t max, bool may_be_one,
                              struct policy_field *field) {
    struct token at = source->reader.now;
    bool more = false;
    int64_t least = may_be_one ? 0 : INT64_MIN;
    TRY(token_take_number(&source->reader, least, max, may_be_one ? "a size" : "a number",
                          &field->low));
    field->high = field->low;
    TRY(token_maybe(&source->reader, "..", &more));
    if (more) {
        TRY(token_take_number(&source->reader, least, max, may_be_one ? "a size" : "a number",
                              &field->high));
    } else if (!may_be_one) {
        return token_expected(&source->reader, "'..' and the largest number");
    }
    if (field->low > field->high) {
        return token_fault(&source->reader, &at, "the range is empty: %lld is above %lld",
                           (long long)field->low, (long long)field->high);
    }
    return STATUS_OK;
}

static enum status read_module_kind(struct policy_source *source, struct policy_field *field) {
    static const char *const names[] = {"counter", "time", "boot", "uptime"};
    for (size_t i = 0; i < COUNT(names); i++) {
        bool taken = false;
        TRY(token_maybe(&source->reader, names[i], &taken));
        if (taken) {
            field->kind = (uint8_t)(POLICY_COUNTER + i);
            return STATUS_OK;
        }
    }
    return token_expected(&source->reader, "counter, time, boot or uptime");
}

static enum status read_type(struct policy_source *source, struct policy_field *field) {
    struct token_reader *reader = &source->reader;
    bool taken = false;
    if (reader->now.kind == TOKEN_NUMBER) {
        field->kind = POLICY_INT;
        return read_range(source, INT64_MAX, false, field);
    }
    TRY(token_maybe(reader, "one", &taken));
    if (taken) {
        return read_symbols(source, field);
    }
    TRY(token_maybe(reader, "module", &taken));
    if (taken) {
        return read_module_kind(source, field);
    }
    TRY(token_maybe(reader, "int", &taken));
    if (taken) {
        field->kind = POLICY_INT;
        field->low = INT64_MIN;
        field->high = INT64_MAX;
        return STATUS_OK;
    }
    TRY(token_maybe(reader, "bool", &taken));
    if (taken) {
        field->kind = POLICY_BOOL;
        return STATUS_OK;
    }
    TRY(token_maybe(reader, "{", &taken));
    if (taken) {
        field->kind = POLICY_MAP;
        return STATUS_OK;
    }
    field->kind = token_is(reader, "bytes") ? POLICY_BYTES : POLICY_TEXT;
    if (!token_is(reader, "bytes") && !token_is(reader, "text")) {
        return token_expected(reader, "a type: one of \"...\", int, LOW..HIGH, bool, bytes SIZE, "
                                      "text SIZE, module ... or {");
    }
    TRY(token_next(reader));
    return read_range(source, POLICY_CONTENT_MAX, true, field);
}

/* ---- fields ---- */

/* The name with those of the maps around it in front: position.lat */
static enum status make_name(struct policy_source *source, const struct token *name,
                             struct policy_field *field) {
    struct bytes map = field->parent == POLICY_NONE ? bytes_of(NULL, 0)
                                                    : source->policy.fields[field->parent].name;
    char *room = source->names + source->names_used;
    int size = map.size > 0 ? snprintf(room, POLICY_NAME_MAX + 1, "%.*s.%.*s", (int)map.size,
                                       (const char *)map.data, (int)name->text.size,
                                       (const char *)name->text.data)
                            : snprintf(room, POLICY_NAME_MAX + 1, "%.*s", (int)name->text.size,
                                       (const char *)name->text.data);
    if (size > POLICY_NAME_MAX) {
        return token_fault(&source->reader, name, "the name is longer than %d bytes: %s",
                           POLICY_NAME_MAX, room);
    }
    field->name = bytes_of(room, (size_t)size);
    source->names_used += (size_t)size + 1;
    return STATUS_OK;
}

static enum status check_field(struct policy_source *source, const struct token *key,
                               const struct token *name, const struct policy_field *field) {
    static const char *const words[] = {"hours", "step", "always", "not", "and"};
    const struct policy *policy = &source->policy;
    for (size_t i = 0; i < COUNT(words); i++) {
        if (bytes_equal(name->text, bytes_of_text(words[i]))) {
            return token_fault(&source->reader, name, "'%s' is a word of the language", words[i]);
        }
    }
    for (uint32_t i = 0; i < policy->field_count; i++) {
        const struct policy_field *before = &policy->fields[i];
        if (bytes_equal(before->name, field->name)) {
            return token_fault(&source->reader, name, "there is a field '%.*s' already",
                               (int)field->name.size, (const char *)field->name.data);
        }
        if (before->parent == field->parent && before->key >= field->key) {
            return token_fault(&source->reader, key,
                               "keys must ascend, as they stand in the message: %u comes after %u",
                               field->key, before->key);
        }
    }
    return STATUS_OK;
}

static enum status read_field(struct policy_source *source, uint8_t parent, bool *opens) {
    struct token_reader *reader = &source->reader;
    struct policy *policy = &source->policy;
    struct policy_field field = {.parent = parent};
    struct token key, name;
    int64_t number = 0;
    TRY(token_maybe(reader, "?", &field.optional));
    key = reader->now;
    TRY(token_take_number(reader, 0, POLICY_KEY_MAX, "the key of a field", &number));
    field.key = (uint16_t)number;
    TRY(token_take_kind(reader, TOKEN_WORD, "the name of the field", &name));
    if (policy->field_count == POLICY_FIELDS_MAX) {
        return token_fault(reader, &name, "a message has %d fields at most", POLICY_FIELDS_MAX);
    }
    TRY(make_name(source, &name, &field));
    TRY(check_field(source, &key, &name, &field));
    TRY(token_take(reader, ":"));
    TRY(read_type(source, &field));
    if (field.optional && policy_kind_is_module(field.kind)) {
        return token_fault(reader, &key, "what the module fills in is always there: no '?'");
    }
    policy->fields[policy->field_count++] = field;
    *opens = field.kind == POLICY_MAP;
    return STATUS_OK;
}

/* Takes the fields up to the last "}"; maps inside of maps without recursion. */
static enum status read_fields(struct policy_source *source) {
    struct policy *policy = &source->policy;
    uint8_t parents[POLICY_DEPTH_MAX] = {POLICY_NONE};
    uint32_t depth = 1, fresh = true;
    while (depth > 0) {
        bool closes = false, opens = false;
        struct token at = source->reader.now;
        TRY(token_maybe(&source->reader, "}", &closes));
        if (closes && fresh) {
            return token_fault(&source->reader, &at, "expected a field: nothing is in this map");
        }
        if (closes) {
            depth--;
            continue;
        }
        TRY(read_field(source, parents[depth - 1], &opens));
        fresh = opens;
        if (opens && depth == POLICY_DEPTH_MAX) {
            return token_fault(&source->reader, &at, "maps may lie %d deep at most",
                               POLICY_DEPTH_MAX);
        }
        if (opens) {
            parents[depth++] = (uint8_t)(policy->field_count - 1);
        }
    }
    return STATUS_OK;
}

/* ---- the whole ---- */

static enum status read_head(struct policy_source *source) {
    struct token_reader *reader = &source->reader;
    struct policy *policy = &source->policy;
    int64_t version = 0;
    TRY(token_take(reader, "policy"));
    TRY(take_text(source, POLICY_TEXT_MAX, "the name of the policy in quotes", &policy->name));
    TRY(token_take(reader, "version"));
    TRY(token_take_number(reader, 0, UINT32_MAX, "the version", &version));
    policy->version = (uint32_t)version;
    TRY(token_take(reader, "key"));
    TRY(take_text(source, POLICY_TEXT_MAX, "the label of the key in quotes", &policy->key));
    TRY(token_take(reader, "message"));
    TRY(token_take(reader, "cbor"));
    return token_take(reader, "{");
}

enum status policy_source_read(struct policy_source *source, struct bytes text) {
    memset(source, 0, sizeof(*source));
    source->policy.limit = source->policy.spike = POLICY_NONE;
    TRY(token_start(&source->reader, text, &source->error));
    TRY(read_head(source));
    TRY(read_fields(source));
    do {
        TRY(policy_line_read(source));
    } while (source->reader.now.kind != TOKEN_END);
    return STATUS_OK;
}
