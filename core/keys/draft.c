/* SPDX-License-Identifier: Apache-2.0 */
/* The one way an object comes to be. */
#include "core/keys/draft.h"

#include "core/keys/parts.h"
#include "core/keys/template.h"

enum { UNAVAILABLE = 0xffffffffu, SERIAL_TEXT_SIZE = 14 };

/* ---- class and type ---- */

static enum status decide_class(struct draft *draft, const struct draft_origin *origin,
                                const char **why) {
    uint32_t class = attributes_num(draft->template, ATTRIBUTE_CLASS, UNAVAILABLE);
    *why = "CLASS";
    if (origin->any_class && class == UNAVAILABLE) {
        return STATUS_TEMPLATE_INCOMPLETE;
    }
    if (class != UNAVAILABLE && !origin->any_class && class != (uint32_t)origin->class) {
        return STATUS_TEMPLATE_INCONSISTENT;
    }
    draft->facts.class = origin->any_class ? (enum object_class) class : origin->class;
    if (class != UNAVAILABLE && origin->any_class && class > CLASS_SECRET_KEY) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    return STATUS_OK;
}

static enum status decide_type(struct draft *draft, const struct draft_origin *origin,
                               const char **why) {
    uint32_t type = attributes_num(draft->template, ATTRIBUTE_KEY_TYPE, KEY_NONE);
    draft->facts.type = KEY_NONE;
    if (!facts_is_key(&draft->facts)) {
        return STATUS_OK;
    }
    *why = "KEY_TYPE";
    if (origin->type == KEY_NONE && type == KEY_NONE) {
        return STATUS_TEMPLATE_INCOMPLETE;
    }
    if (origin->type != KEY_NONE && type != KEY_NONE && type != (uint32_t)origin->type) {
        return STATUS_TEMPLATE_INCONSISTENT;
    }
    draft->facts.type = origin->type != KEY_NONE ? origin->type : (enum key_type)type;
    return facts_type_fits(&draft->facts) ? STATUS_OK : STATUS_ATTRIBUTE_VALUE_INVALID;
}

/* ---- what is not said ---- */

static uint32_t default_usage(const struct facts *facts) {
    switch (facts->type) {
    case KEY_AES:
    case KEY_CHACHA20:
        return FACT_ENCRYPT | FACT_DECRYPT;
    case KEY_GENERIC:
        return FACT_SIGN | FACT_VERIFY;
    case KEY_X25519:
        return facts->class == CLASS_PRIVATE_KEY ? FACT_DERIVE : 0;
    default:
        return facts->class == CLASS_PRIVATE_KEY ? FACT_SIGN : FACT_VERIFY;
    }
}

/* The standard's default for secret keys is SENSITIVE false (PKCS#11 v3.2, 4.10); only the
 * compatible profile follows it. */
static uint32_t default_bits(const struct facts *facts, bool usage_given, bool sensitive) {
    uint32_t bits = FACT_MODIFIABLE | FACT_COPYABLE | FACT_DESTROYABLE;
    if (facts_is_secret(facts)) {
        bits |= FACT_PRIVATE;
    }
    if (facts->class == CLASS_PRIVATE_KEY || (facts->class == CLASS_SECRET_KEY && sensitive)) {
        bits |= FACT_SENSITIVE;
    }
    if (facts_is_key(facts) && !usage_given) {
        bits |= default_usage(facts);
    }
    return bits;
}

static void decide_bits(struct draft *draft, bool sensitive) {
    uint32_t said = 0;
    uint32_t values = 0;
    struct bytes rest = draft->template;
    struct attribute_entry entry;
    while (attributes_next(&rest, &entry) == STATUS_OK) {
        uint32_t bit = fact_of_attribute(entry.type);
        said |= bit;
        if (bit != 0 && entry.value.data[0] != 0) {
            values |= bit;
        }
        if (entry.type == ATTRIBUTE_ALLOWED_MECHANISMS && entry.value.size > 0) {
            values |= FACT_ALLOWED_MECHANISMS;
        }
        values |= entry.type == ATTRIBUTE_POLICY ? (uint32_t)FACT_POLICY : 0;
    }
    uint32_t defaults = default_bits(&draft->facts, (said & FACT_USAGE) != 0, sensitive);
    draft->facts.bits = values | (defaults & ~said);
}

/* ---- history, which only the module writes ---- */

static void decide_history(struct draft *draft, const struct draft_origin *origin) {
    struct facts *facts = &draft->facts;
    bool kept_inside = origin->creation == CREATION_GENERATE;
    bool always = kept_inside;
    bool never = kept_inside;
    if (origin->creation == CREATION_DERIVE) {
        always = facts_has(origin->parent, FACT_ALWAYS_SENSITIVE);
        never = facts_has(origin->parent, FACT_NEVER_EXTRACTABLE);
    }
    if (facts_is_key(facts) && kept_inside) {
        facts->bits |= FACT_LOCAL;
    }
    if (!facts_is_secret(facts)) {
        return;
    }
    if (always && facts_has(facts, FACT_SENSITIVE)) {
        facts->bits |= FACT_ALWAYS_SENSITIVE;
    }
    if (never && !facts_has(facts, FACT_EXTRACTABLE)) {
        facts->bits |= FACT_NEVER_EXTRACTABLE;
    }
}

/* ---- never weaker than what it comes from ---- */

static enum status check_parent(const struct draft *draft, const struct draft_origin *origin,
                                const char **why) {
    const struct facts *facts = &draft->facts;
    const struct facts *parent = origin->parent;
    if (parent == NULL || !facts_is_secret(facts)) {
        return STATUS_OK;
    }
    bool sensitive = false;
    bool inside = false;
    if (origin->creation == CREATION_UNWRAP) {
        sensitive = origin->strict || facts_wraps_sensitive(parent);
        inside = sensitive;
    } else if (origin->strict || parent->class == CLASS_SECRET_KEY) {
        sensitive = facts_has(parent, FACT_SENSITIVE);
        inside = !facts_has(parent, FACT_EXTRACTABLE);
    }
    if (sensitive && !facts_has(facts, FACT_SENSITIVE)) {
        *why = "the new key must be SENSITIVE like the one it comes from";
        return STATUS_TEMPLATE_INCONSISTENT;
    }
    if (inside && facts_has(facts, FACT_EXTRACTABLE)) {
        *why = "the new key must not be EXTRACTABLE";
        return STATUS_TEMPLATE_INCONSISTENT;
    }
    return STATUS_OK;
}

/* ---- limits: the template's own, and those of the key it is derived from ---- */

static enum status decide_limits(struct draft *draft, const struct draft_origin *origin,
                                 const char **why) {
    struct limits *limits = &draft->limits;
    TRY(limits_read(draft->template, limits, why));
    if (origin->limits != NULL) {
        limits_inherit(limits, origin->limits);
        TRY(limits_tighten(origin->limits, limits, why));
    }
    if (!limits_any(limits)) {
        return STATUS_OK;
    }
    draft->facts.bits |= FACT_LIMITED;
    if (limits->lease_key.size > sizeof(draft->lease_key)) {
        return STATUS_INTERNAL;
    }
    bytes_copy(draft->lease_key, limits->lease_key);
    limits->lease_key = bytes_of(draft->lease_key, limits->lease_key.size);
    return template_check_limits(limits, &draft->facts, why);
}

/* ---- what must be said ---- */

struct required {
    enum creation creation;
    enum object_class class;
    enum key_type type;
    enum attribute attributes[2];
};

static const struct required required[] = {
    {CREATION_IMPORT, CLASS_CERTIFICATE, KEY_NONE, {ATTRIBUTE_CERTIFICATE_TYPE, ATTRIBUTE_VALUE}},
    {CREATION_IMPORT, CLASS_SECRET_KEY, KEY_AES, {ATTRIBUTE_VALUE, ATTRIBUTE_VALUE}},
    {CREATION_IMPORT, CLASS_SECRET_KEY, KEY_CHACHA20, {ATTRIBUTE_VALUE, ATTRIBUTE_VALUE}},
    {CREATION_IMPORT, CLASS_SECRET_KEY, KEY_GENERIC, {ATTRIBUTE_VALUE, ATTRIBUTE_VALUE}},
    {CREATION_IMPORT, CLASS_PUBLIC_KEY, KEY_RSA, {ATTRIBUTE_MODULUS, ATTRIBUTE_PUBLIC_EXPONENT}},
    {CREATION_IMPORT, CLASS_PRIVATE_KEY, KEY_RSA, {ATTRIBUTE_MODULUS, ATTRIBUTE_PRIVATE_EXPONENT}},
    {CREATION_IMPORT, CLASS_PUBLIC_KEY, KEY_EC, {ATTRIBUTE_EC_PARAMS, ATTRIBUTE_EC_POINT}},
    {CREATION_IMPORT, CLASS_PRIVATE_KEY, KEY_EC, {ATTRIBUTE_EC_PARAMS, ATTRIBUTE_VALUE}},
    {CREATION_IMPORT, CLASS_PUBLIC_KEY, KEY_ED25519, {ATTRIBUTE_EC_PARAMS, ATTRIBUTE_EC_POINT}},
    {CREATION_IMPORT, CLASS_PRIVATE_KEY, KEY_ED25519, {ATTRIBUTE_EC_PARAMS, ATTRIBUTE_VALUE}},
    {CREATION_IMPORT, CLASS_PUBLIC_KEY, KEY_X25519, {ATTRIBUTE_EC_PARAMS, ATTRIBUTE_EC_POINT}},
    {CREATION_IMPORT, CLASS_PRIVATE_KEY, KEY_X25519, {ATTRIBUTE_EC_PARAMS, ATTRIBUTE_VALUE}},
    {CREATION_GENERATE, CLASS_SECRET_KEY, KEY_AES, {ATTRIBUTE_VALUE_LEN, ATTRIBUTE_VALUE_LEN}},
    {CREATION_GENERATE, CLASS_SECRET_KEY, KEY_GENERIC, {ATTRIBUTE_VALUE_LEN, ATTRIBUTE_VALUE_LEN}},
    {CREATION_GENERATE,
     CLASS_PUBLIC_KEY,
     KEY_RSA,
     {ATTRIBUTE_MODULUS_BITS, ATTRIBUTE_MODULUS_BITS}},
    {CREATION_GENERATE, CLASS_PUBLIC_KEY, KEY_EC, {ATTRIBUTE_EC_PARAMS, ATTRIBUTE_EC_PARAMS}},
};

static enum status check_required(const struct draft *draft, enum creation creation,
                                  const char **why) {
    struct bytes value;
    for (size_t i = 0; i < COUNT(required); i++) {
        const struct required *row = &required[i];
        if (row->creation != creation || row->class != draft->facts.class ||
            row->type != draft->facts.type) {
            continue;
        }
        for (size_t k = 0; k < COUNT(row->attributes); k++) {
            if (attributes_find(draft->template, row->attributes[k], &value) != STATUS_OK) {
                *why = attribute_row(row->attributes[k])->name;
                return STATUS_TEMPLATE_INCOMPLETE;
            }
        }
    }
    return STATUS_OK;
}

enum status draft_begin(struct draft *draft, const struct draft_origin *origin,
                        struct bytes template, const char **why) {
    *draft = (struct draft){.template = template, .mechanism = UNAVAILABLE};
    TRY(template_check(template, why));
    TRY(decide_class(draft, origin, why));
    TRY(decide_type(draft, origin, why));
    TRY(template_check_creation(template, draft->facts.class, origin->creation, origin->so, why));
    TRY(check_required(draft, origin->creation, why));
    if (origin->creation == CREATION_GENERATE) {
        draft->mechanism = origin->mechanism;
    }
    bool inherits = origin->parent != NULL && facts_has(origin->parent, FACT_SENSITIVE);
    decide_bits(draft, origin->strict || inherits);
    decide_history(draft, origin);
    TRY(check_parent(draft, origin, why));
    TRY(decide_limits(draft, origin, why));
    if (facts_is_key(&draft->facts)) {
        TRY(conflicts_check(&draft->facts, origin->creation, origin->strict, why));
    }
    *why = NULL;
    uint8_t serial[8];
    TRY(crypto_random(serial, sizeof(serial)));
    draft->serial = (load_u64(serial) & 0x00ffffffffffffffu) | 1;
    return STATUS_OK;
}

enum status draft_import(const struct draft *draft, struct key_parts *parts, struct span *room) {
    parts_of_attributes(parts, &draft->facts, draft->template);
    uint32_t size = attributes_num(draft->template, ATTRIBUTE_VALUE_LEN, UNAVAILABLE);
    if (size != UNAVAILABLE && size != parts->value.size) {
        return STATUS_TEMPLATE_INCONSISTENT;
    }
    return crypto_key_complete(parts, room);
}

/* ---- writing it out ---- */

static void serial_text(uint64_t serial, uint8_t out[SERIAL_TEXT_SIZE]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SERIAL_TEXT_SIZE; i++) {
        out[i] = (uint8_t)digits[(serial >> (4 * (SERIAL_TEXT_SIZE - 1 - i))) & 0xf];
    }
}

static bool is_material(const struct draft *draft, const struct attribute_row *row) {
    return facts_is_key(&draft->facts) && (row->set == SET_VALUE || row->set == SET_GENERATE ||
                                           row->attribute == ATTRIBUTE_PUBLIC_KEY_INFO);
}

static enum status finish_row(const struct draft *draft, const struct attribute_row *row,
                              const struct key_parts *parts, struct span room, size_t *used) {
    const struct facts *facts = &draft->facts;
    uint8_t text[SERIAL_TEXT_SIZE];
    struct bytes value;
    uint32_t bit = fact_of_attribute(row->attribute);
    if (bit != 0) {
        return attributes_add_bool(room, used, row->attribute, facts_has(facts, bit));
    }
    if (limits_name(row->attribute)) {
        return limits_add(&draft->limits, row->attribute, room, used);
    }
    if (is_material(draft, row)) {
        return parts_add(parts, row->attribute, room, used);
    }
    switch (row->attribute) {
    case ATTRIBUTE_CLASS:
        return attributes_add_num(room, used, row->attribute, facts->class);
    case ATTRIBUTE_KEY_TYPE:
        return attributes_add_num(room, used, row->attribute, facts->type);
    case ATTRIBUTE_KEY_GEN_MECHANISM:
        return attributes_add_num(room, used, row->attribute, draft->mechanism);
    case ATTRIBUTE_UNIQUE_ID:
        serial_text(draft->serial, text);
        return attributes_add(room, used, row->attribute, bytes_of(text, sizeof(text)));
    default:
        break;
    }
    if (attributes_find(draft->template, row->attribute, &value) != STATUS_OK) {
        return STATUS_OK;
    }
    return attributes_add(room, used, row->attribute, value);
}

enum status draft_finish(struct draft *draft, const struct key_parts *parts, struct span room) {
    size_t count = 0;
    size_t used = 0;
    const struct attribute_row *rows = attribute_rows(&count);
    if (parts == NULL && facts_is_key(&draft->facts)) {
        return STATUS_INTERNAL;
    }
    for (size_t i = 0; i < count; i++) {
        if ((rows[i].classes & (1u << draft->facts.class)) != 0) {
            TRY(finish_row(draft, &rows[i], parts, room, &used));
        }
    }
    draft->attributes = bytes_of(room.data, used);
    return STATUS_OK;
}

void draft_write_serial(const struct draft *draft, uint8_t *attributes) {
    struct bytes id;
    if (attributes_find(draft->attributes, ATTRIBUTE_UNIQUE_ID, &id) == STATUS_OK &&
        id.size == SERIAL_TEXT_SIZE) {
        serial_text(draft->serial, attributes + (id.data - draft->attributes.data));
    }
}
