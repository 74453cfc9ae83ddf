/* SPDX-License-Identifier: Apache-2.0 */
/* every combination of twelve attributes on every creation path, against an oracle that
 * states the rules in another way than the core does. */
#include "core/keys/draft.h"
#include "test/component/renewals.h"

/* The twelve: nine that a caller chooses, three of history that only the module writes. */
static const struct {
    const char *name;
    uint32_t attribute;
} twelve[] = {
    {"SENSITIVE", ATTRIBUTE_SENSITIVE},
    {"EXTRACTABLE", ATTRIBUTE_EXTRACTABLE},
    {"ENCRYPT", ATTRIBUTE_ENCRYPT},
    {"DECRYPT", ATTRIBUTE_DECRYPT},
    {"SIGN", ATTRIBUTE_SIGN},
    {"VERIFY", ATTRIBUTE_VERIFY},
    {"WRAP", ATTRIBUTE_WRAP},
    {"UNWRAP", ATTRIBUTE_UNWRAP},
    {"DERIVE", ATTRIBUTE_DERIVE},
    {"LOCAL", ATTRIBUTE_LOCAL},
    {"ALWAYS_SENSITIVE", ATTRIBUTE_ALWAYS_SENSITIVE},
    {"NEVER_EXTRACTABLE", ATTRIBUTE_NEVER_EXTRACTABLE},
};

struct path {
    const char *name;
    enum creation creation;
    enum object_class class;
    enum key_type type;
    bool parent_sensitive; /* unwrap and derive: what the parent is */
};

static const struct path paths[] = {
    {"C_CreateObject", CREATION_IMPORT, CLASS_SECRET_KEY, KEY_AES, false},
    {"C_GenerateKey", CREATION_GENERATE, CLASS_SECRET_KEY, KEY_AES, false},
    {"C_GenerateKeyPair public", CREATION_GENERATE, CLASS_PUBLIC_KEY, KEY_RSA, false},
    {"C_GenerateKeyPair private", CREATION_GENERATE, CLASS_PRIVATE_KEY, KEY_RSA, false},
    {"C_UnwrapKey", CREATION_UNWRAP, CLASS_SECRET_KEY, KEY_AES, true},
    {"C_DeriveKey", CREATION_DERIVE, CLASS_SECRET_KEY, KEY_AES, true},
};

/* ---- the oracle: names, in words ---- */

static bool given(uint32_t combination, const char *name) {
    for (size_t i = 0; i < COUNT(twelve); i++) {
        if (strcmp(twelve[i].name, name) == 0) {
            return (combination & 1u << i) != 0;
        }
    }
    abort();
}

/* "A B": they exclude each other. "A !B": A wants B. */
static const char *const secret_rules[] = {
    "WRAP DECRYPT",   "UNWRAP ENCRYPT", "WRAP ENCRYPT",   "UNWRAP DECRYPT",  "WRAP SIGN",
    "WRAP VERIFY",    "UNWRAP SIGN",    "WRAP DERIVE",    "UNWRAP DERIVE",   "ENCRYPT SIGN",
    "ENCRYPT VERIFY", "DECRYPT SIGN",   "DECRYPT VERIFY", "WRAP !SENSITIVE",
};
static const char *const public_rules[] = {"WRAP ENCRYPT", "ENCRYPT VERIFY", "WRAP VERIFY"};
static const char *const private_rules[] = {"UNWRAP DECRYPT", "DECRYPT SIGN", "UNWRAP SIGN"};

static bool breaks(uint32_t combination, const char *const *rules, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char first[32];
        char second[32];
        assert_int_equal(sscanf(rules[i], "%31s %31s", first, second), 2);
        bool wants = second[0] == '!';
        if (given(combination, first) && given(combination, second + (wants ? 1 : 0)) != wants) {
            return true;
        }
    }
    return false;
}

static bool breaks_strict(const struct path *path, uint32_t combination) {
    bool bare = !given(combination, "SENSITIVE") && !given(combination, "EXTRACTABLE");
    if (path->class == CLASS_PUBLIC_KEY) {
        return breaks(combination, public_rules, COUNT(public_rules));
    }
    if (path->class == CLASS_PRIVATE_KEY) {
        return bare || breaks(combination, private_rules, COUNT(private_rules));
    }
    if (path->creation != CREATION_GENERATE && given(combination, "WRAP")) {
        return true;
    }
    return bare || breaks(combination, secret_rules, COUNT(secret_rules));
}

static bool weaker_than_parent(const struct path *path, bool strict, uint32_t combination) {
    bool weaker = !given(combination, "SENSITIVE") || given(combination, "EXTRACTABLE");
    if (path->creation == CREATION_UNWRAP) {
        return weaker; /* the parent wraps sensitive keys, so whatever it wrapped is one */
    }
    (void)strict;
    return path->creation == CREATION_DERIVE && path->parent_sensitive && weaker;
}

static enum status oracle(const struct path *path, bool strict, uint32_t combination) {
    if (given(combination, "LOCAL") || given(combination, "ALWAYS_SENSITIVE") ||
        given(combination, "NEVER_EXTRACTABLE")) {
        return STATUS_ATTRIBUTE_READ_ONLY;
    }
    if (weaker_than_parent(path, strict, combination) ||
        (strict && breaks_strict(path, combination))) {
        return STATUS_TEMPLATE_INCONSISTENT;
    }
    return STATUS_OK;
}

/* ---- the comparison ---- */

static bool applies(const struct path *path, uint32_t attribute) {
    return (attribute_row(attribute)->classes & 1u << path->class) != 0;
}

static void write_template(struct template *template, const struct path *path,
                           uint32_t combination) {
    static const uint8_t value[32] = {1};
    template_start(template);
    for (size_t i = 0; i < COUNT(twelve); i++) {
        bool history = i >= 9;
        bool on = (combination & 1u << i) != 0;
        if (applies(path, twelve[i].attribute) && (on || !history)) {
            template_bool(template, (enum attribute)twelve[i].attribute, on);
        }
    }
    template_num(template, ATTRIBUTE_CLASS, path->class);
    template_num(template, ATTRIBUTE_KEY_TYPE, path->type);
    if (path->creation == CREATION_IMPORT) {
        template_bytes(template, ATTRIBUTE_VALUE, value, sizeof(value));
    } else if (path->class == CLASS_SECRET_KEY) {
        template_num(template, ATTRIBUTE_VALUE_LEN, 32);
    } else if (path->class == CLASS_PUBLIC_KEY) {
        template_num(template, ATTRIBUTE_MODULUS_BITS, 2048);
    }
}

/* What a template says of attributes that its class does not have cannot be asked. */
static bool sayable(const struct path *path, uint32_t combination) {
    for (size_t i = 0; i < COUNT(twelve); i++) {
        if ((combination & 1u << i) != 0 && !applies(path, twelve[i].attribute)) {
            return false;
        }
    }
    return true;
}

static void check_path(const struct path *path, bool strict) {
    static const struct facts parent = {CLASS_SECRET_KEY, KEY_AES,
                                        FACT_WRAP | FACT_UNWRAP | FACT_LOCAL | FACT_SENSITIVE |
                                            FACT_ALWAYS_SENSITIVE | FACT_NEVER_EXTRACTABLE};
    bool comes_from_parent = path->creation == CREATION_UNWRAP || path->creation == CREATION_DERIVE;
    uint32_t checked = 0;
    for (uint32_t combination = 0; combination < 1u << COUNT(twelve); combination++) {
        struct template template;
        struct draft draft;
        const char *why = NULL;
        struct draft_origin origin = {.creation = path->creation,
                                      .strict = strict,
                                      .class = path->class,
                                      .type = path->type,
                                      .parent = comes_from_parent ? &parent : NULL};
        if (!sayable(path, combination)) {
            continue;
        }
        write_template(&template, path, combination);
        enum status expected = oracle(path, strict, combination);
        enum status is = draft_begin(&draft, &origin, template_of(&template), &why);
        if (is != expected) {
            fail_msg("%s, %s, combination %03x: %d instead of %d (%s)", path->name,
                     strict ? "strict" : "compatible", combination, (int)is, (int)expected,
                     why != NULL ? why : "");
        }
        checked++;
    }
    print_message("# %s, %s: %u templates as the oracle says\n", path->name,
                  strict ? "strict" : "compatible", checked);
}

static void every_template_on_every_path_is_as_the_oracle_says_strict(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        check_path(&paths[i], true);
    }
}

static void every_template_on_every_path_is_as_the_oracle_says_compatible(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        check_path(&paths[i], false);
    }
}

/* ---- limits: every set of them on every path, extractable or not ---- */

static const uint32_t ten[] = {ATTRIBUTE_USES_MAX,   ATTRIBUTE_RATE_USES,  ATTRIBUTE_RATE_MS,
                               ATTRIBUTE_RATE_BURST, ATTRIBUTE_HOURS_FROM, ATTRIBUTE_HOURS_TO,
                               ATTRIBUTE_LOGIN_USES, ATTRIBUTE_LEASE_USES, ATTRIBUTE_LEASE_SECONDS,
                               ATTRIBUTE_LEASE_KEY};

static bool has(uint32_t set, const char *name) {
    for (size_t i = 0; i < COUNT(ten); i++) {
        if (strcmp(attribute_row(ten[i])->name, name) == 0) {
            return (set & 1u << i) != 0;
        }
    }
    abort();
}

/* "A B": where A is, B must be. */
static const char *const needs[] = {
    "RATE_USES RATE_MS",   "RATE_MS RATE_USES",    "RATE_BURST RATE_USES",   "HOURS_FROM HOURS_TO",
    "HOURS_TO HOURS_FROM", "LEASE_USES LEASE_KEY", "LEASE_SECONDS LEASE_KEY"};

static enum status limits_oracle(const struct path *path, uint32_t set, bool extractable,
                                 bool inherits) {
    if (path->class == CLASS_PUBLIC_KEY && set != 0) {
        return STATUS_TEMPLATE_INCONSISTENT;
    }
    for (size_t i = 0; i < COUNT(needs); i++) {
        char first[32], second[32];
        assert_int_equal(sscanf(needs[i], "%31s %31s", first, second), 2);
        if (has(set, first) && !has(set, second)) {
            return STATUS_TEMPLATE_INCONSISTENT;
        }
    }
    if (has(set, "LEASE_KEY") && !has(set, "LEASE_USES") && !has(set, "LEASE_SECONDS")) {
        return STATUS_TEMPLATE_INCONSISTENT;
    }
    bool looser = inherits && path->class != CLASS_PUBLIC_KEY && has(set, "USES_MAX");
    if (looser) {
        return STATUS_ATTRIBUTE_READ_ONLY; /* the base key allows fewer */
    }
    return (set != 0 || inherits) && extractable ? STATUS_TEMPLATE_INCONSISTENT : STATUS_OK;
}

static void add_limit(struct template *template, uint32_t attribute) {
    struct bytes key = renewals_key(LEASE_KEY_ED25519, 3);
    if (attribute == ATTRIBUTE_LEASE_KEY) {
        template_bytes(template, ATTRIBUTE_LEASE_KEY, key.data, key.size);
    } else {
        template_num(template, (enum attribute)attribute, 100 + attribute % 16);
    }
}

static void check_limits(const struct path *path, uint32_t set, bool extractable) {
    static const struct facts parent = {CLASS_SECRET_KEY, KEY_AES, FACT_DERIVE | FACT_EXTRACTABLE};
    static const struct limits base = {.uses_max = 5};
    bool derives = path->creation == CREATION_DERIVE;
    struct template template;
    struct draft draft;
    const char *why = NULL;
    struct draft_origin origin = {.creation = path->creation,
                                  .class = path->class,
                                  .type = path->type,
                                  .parent = derives ? &parent : NULL,
                                  .limits = derives ? &base : NULL};
    write_template(&template, path, extractable ? 3 : 1); /* SENSITIVE, EXTRACTABLE */
    for (size_t i = 0; i < COUNT(ten); i++) {
        if ((set & 1u << i) != 0) {
            add_limit(&template, ten[i]);
        }
    }
    enum status expected = limits_oracle(path, set, extractable, derives);
    enum status is = draft_begin(&draft, &origin, template_of(&template), &why);
    if (is != expected) {
        fail_msg("%s, limits %03x%s: %s instead of %s (%s)", path->name, set,
                 extractable ? ", extractable" : "", status_row(is)->name,
                 status_row(expected)->name, why != NULL ? why : "");
    }
    assert_true(is != STATUS_OK || facts_has(&draft.facts, FACT_LIMITED) == (set != 0 || derives));
}

static void every_set_of_limits_on_every_path_is_as_the_oracle_says(void **state) {
    uint32_t checked = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        for (uint32_t set = 0; set < 1u << COUNT(ten); set++) {
            check_limits(&paths[i], set, false);
            checked++;
            if (paths[i].class != CLASS_PUBLIC_KEY) {
                check_limits(&paths[i], set, true);
                checked++;
            }
        }
    }
    print_message("# %u templates with limits as the oracle says\n", checked);
}

static void history_is_what_happened(void **state) {
    struct draft draft;
    struct template template;
    const char *why = NULL;
    (void)state;
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    struct draft_origin made = {
        .creation = CREATION_GENERATE, .strict = true, .class = CLASS_SECRET_KEY, .type = KEY_AES};
    assert_int_equal(draft_begin(&draft, &made, template_of(&template), &why), STATUS_OK);
    assert_true(facts_has(&draft.facts, FACT_LOCAL | FACT_SENSITIVE | FACT_ALWAYS_SENSITIVE |
                                            FACT_NEVER_EXTRACTABLE));
    static const uint8_t value[32] = {1};
    template_start(&template);
    template_bytes(&template, ATTRIBUTE_VALUE, value, sizeof(value));
    made.creation = CREATION_IMPORT;
    assert_int_equal(draft_begin(&draft, &made, template_of(&template), &why), STATUS_OK);
    assert_int_equal(
        draft.facts.bits & (FACT_LOCAL | FACT_ALWAYS_SENSITIVE | FACT_NEVER_EXTRACTABLE), 0);
}

static void only_the_security_officer_makes_a_key_trusted(void **state) {
    static const uint8_t value[32] = {1};
    struct draft draft;
    struct template template;
    const char *why = NULL;
    (void)state;
    template_start(&template);
    template_bytes(&template, ATTRIBUTE_VALUE, value, sizeof(value));
    template_bool(&template, ATTRIBUTE_WRAP, true);
    template_bool(&template, ATTRIBUTE_TRUSTED, true);
    struct draft_origin origin = {
        .creation = CREATION_IMPORT, .strict = true, .class = CLASS_SECRET_KEY, .type = KEY_AES};
    assert_int_equal(draft_begin(&draft, &origin, template_of(&template), &why),
                     STATUS_ATTRIBUTE_READ_ONLY);
    origin.so = true;
    assert_int_equal(draft_begin(&draft, &origin, template_of(&template), &why), STATUS_OK);
}

static int start_crypto(void **state) {
    (void)state;
    sim_reset(NULL, false);
    return crypto_start() == STATUS_OK ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_template_on_every_path_is_as_the_oracle_says_strict),
        cmocka_unit_test(every_template_on_every_path_is_as_the_oracle_says_compatible),
        cmocka_unit_test(every_set_of_limits_on_every_path_is_as_the_oracle_says),
        cmocka_unit_test(history_is_what_happened),
        cmocka_unit_test(only_the_security_officer_makes_a_key_trusted),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
