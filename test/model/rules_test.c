/* SPDX-License-Identifier: Apache-2.0 */
/* no sequence of commands makes the value of a sensitive key known. And the search can find
 * one: with a rule of the core taken away (the linker's --wrap) it does. RULES_DEPTH (6) and
 * RULES_STATES may be set. */
#include "test/component/quick.h"
#include "test/model/search.h"

#include "core/keys/draft.h"
#include "core/keys/template.h"
#include "proto/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- the rules that can be taken away ---- */

enum rule {
    RULE_HIDE = 1 << 0,         /* facts_hide */
    RULE_WRAPPING_KEY = 1 << 1, /* facts_wraps_sensitive */
    RULE_CONFLICTS = 1 << 2,    /* conflicts_check */
    RULE_CHANGE = 1 << 3,       /* template_check_change */
    RULE_COPY = 1 << 4,         /* template_check_copy */
    RULE_CREATION = 1 << 5,     /* template_check_creation: what only the officer sets */
    RULE_PARENT = 1 << 6,       /* draft_begin: never weaker than what it comes from */
};
static uint32_t missing;

bool __real_facts_hide(const struct facts *facts, uint32_t attribute);
bool __wrap_facts_hide(const struct facts *facts, uint32_t attribute);
bool __real_facts_wraps_sensitive(const struct facts *facts);
bool __wrap_facts_wraps_sensitive(const struct facts *facts);
enum status __real_conflicts_check(const struct facts *facts, enum creation creation, bool strict,
                                   const char **why);
enum status __wrap_conflicts_check(const struct facts *facts, enum creation creation, bool strict,
                                   const char **why);
enum status __real_template_check_change(struct bytes template, const struct facts *facts,
                                         const char **why);
enum status __wrap_template_check_change(struct bytes template, const struct facts *facts,
                                         const char **why);
enum status __real_template_check_copy(struct bytes template, const struct facts *facts,
                                       const char **why);
enum status __wrap_template_check_copy(struct bytes template, const struct facts *facts,
                                       const char **why);
enum status __real_template_check_creation(struct bytes template, enum object_class class,
                                           enum creation creation, bool so, const char **why);
enum status __wrap_template_check_creation(struct bytes template, enum object_class class,
                                           enum creation creation, bool so, const char **why);
enum status __real_draft_begin(struct draft *draft, const struct draft_origin *origin,
                               struct bytes template, const char **why);
enum status __wrap_draft_begin(struct draft *draft, const struct draft_origin *origin,
                               struct bytes template, const char **why);

bool __wrap_facts_hide(const struct facts *facts, uint32_t attribute) {
    return (missing & RULE_HIDE) == 0 && __real_facts_hide(facts, attribute);
}

bool __wrap_facts_wraps_sensitive(const struct facts *facts) {
    return (missing & RULE_WRAPPING_KEY) != 0 || __real_facts_wraps_sensitive(facts);
}

enum status __wrap_conflicts_check(const struct facts *facts, enum creation creation, bool strict,
                                   const char **why) {
    return (missing & RULE_CONFLICTS) != 0 ? STATUS_OK
                                           : __real_conflicts_check(facts, creation, strict, why);
}

enum status __wrap_template_check_change(struct bytes template, const struct facts *facts,
                                         const char **why) {
    return (missing & RULE_CHANGE) != 0 ? STATUS_OK
                                        : __real_template_check_change(template, facts, why);
}

enum status __wrap_template_check_copy(struct bytes template, const struct facts *facts,
                                       const char **why) {
    return (missing & RULE_COPY) != 0 ? STATUS_OK
                                      : __real_template_check_copy(template, facts, why);
}

enum status __wrap_template_check_creation(struct bytes template, enum object_class class,
                                           enum creation creation, bool so, const char **why) {
    return __real_template_check_creation(template, class, creation,
                                          so || (missing & RULE_CREATION) != 0, why);
}

enum status __wrap_draft_begin(struct draft *draft, const struct draft_origin *origin,
                               struct bytes template, const char **why) {
    struct draft_origin orphan = *origin;
    if ((missing & RULE_PARENT) != 0 && origin->creation == CREATION_UNWRAP) {
        orphan.parent = NULL;
    }
    return __real_draft_begin(draft, &orphan, template, why);
}

/* ---- the searches ---- */

enum { DEPTH = 6, STATES = 2500000 };

static int number_of(const char *name, int otherwise) {
    const char *value = getenv(name);
    return value != NULL ? atoi(value) : otherwise;
}

static void expect_none(const char *name, uint32_t profile) {
    struct search_result result;
    int depth = number_of("RULES_DEPTH", DEPTH);
    missing = 0;
    search_run((struct search_start){profile, TRUSTED_WRAPS}, depth,
               (uint64_t)number_of("RULES_STATES", STATES), &result);
    printf("# %s: %llu states, %llu commands done, depth %d searched to its end, %d kinds of keys, "
           "%llu questions to the module\n",
           name, (unsigned long long)result.states, (unsigned long long)result.transitions,
           result.depth, result.kinds, (unsigned long long)result.asked);
    if (result.attacked) {
        fail_msg("%s: %s", name, result.trace);
    }
    assert_true(result.depth >= depth);
}

static void no_commands_make_a_secret_known_under_strict(void **state) {
    (void)state;
    expect_none("strict", PROFILE_OF_TOKEN_STRICT);
}

static void no_commands_make_a_secret_known_under_compatible(void **state) {
    (void)state;
    expect_none("compatible", PROFILE_OF_TOKEN_COMPATIBLE);
}

/* Where the officer was careless, compatible lets him; the secrets are safe all the same. */
static void no_careless_officer_makes_a_secret_known(void **state) {
    enum { SHALLOW = 4 };
    (void)state;
    for (uint32_t trusted = TRUSTED_DECRYPTS; trusted <= TRUSTED_ENCRYPTS; trusted++) {
        struct search_result result;
        const struct search_start start = {PROFILE_OF_TOKEN_COMPATIBLE, (enum trusted)trusted};
        search_run(start, SHALLOW, STATES, &result);
        printf("# compatible, a TRUSTED key that also %s: %llu states, depth %d\n",
               trusted == TRUSTED_DECRYPTS ? "decrypts" : "encrypts",
               (unsigned long long)result.states, result.depth);
        if (result.attacked) {
            fail_msg("%s", result.trace);
        }
        assert_int_equal(result.depth, SHALLOW);
    }
}

static void expect_attack(const char *name, uint32_t profile, uint32_t rules) {
    struct search_result result;
    missing = rules;
    search_run((struct search_start){profile, TRUSTED_WRAPS}, DEPTH, STATES, &result);
    missing = 0;
    printf("# without %s: %s\n", name, result.attacked ? result.trace : "no attack");
    assert_true(result.attacked);
}

static void without_hiding_values_are_read(void **state) {
    (void)state;
    expect_attack("facts_hide, strict", PROFILE_OF_TOKEN_STRICT, RULE_HIDE);
}

static void without_the_rule_for_changes_a_key_becomes_readable(void **state) {
    (void)state;
    expect_attack("template_check_change, strict", PROFILE_OF_TOKEN_STRICT, RULE_CHANGE);
}

static void without_the_rule_for_copies_a_copy_is_readable(void **state) {
    (void)state;
    expect_attack("template_check_copy, compatible", PROFILE_OF_TOKEN_COMPATIBLE, RULE_COPY);
}

static void without_the_rule_for_wrapping_keys_a_wrapped_key_is_decrypted(void **state) {
    (void)state;
    expect_attack("facts_wraps_sensitive, compatible", PROFILE_OF_TOKEN_COMPATIBLE,
                  RULE_WRAPPING_KEY);
}

static void without_the_officer_a_known_key_becomes_trusted(void **state) {
    (void)state;
    expect_attack("who may set TRUSTED, strict", PROFILE_OF_TOKEN_STRICT, RULE_CREATION);
}

static void without_the_rule_for_parents_an_unwrapped_key_is_readable(void **state) {
    (void)state;
    expect_attack("never weaker than the parent, strict", PROFILE_OF_TOKEN_STRICT, RULE_PARENT);
}

static void without_conflicts_and_wrapping_keys_strict_falls_too(void **state) {
    (void)state;
    expect_attack("conflicts_check and facts_wraps_sensitive, strict", PROFILE_OF_TOKEN_STRICT,
                  RULE_CONFLICTS | RULE_WRAPPING_KEY);
}

static int end(void **state) {
    (void)state;
    quick_end();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_hiding_values_are_read),
        cmocka_unit_test(without_the_rule_for_changes_a_key_becomes_readable),
        cmocka_unit_test(without_the_rule_for_copies_a_copy_is_readable),
        cmocka_unit_test(without_the_rule_for_wrapping_keys_a_wrapped_key_is_decrypted),
        cmocka_unit_test(without_the_officer_a_known_key_becomes_trusted),
        cmocka_unit_test(without_the_rule_for_parents_an_unwrapped_key_is_readable),
        cmocka_unit_test(without_conflicts_and_wrapping_keys_strict_falls_too),
        cmocka_unit_test(no_careless_officer_makes_a_secret_known),
        cmocka_unit_test(no_commands_make_a_secret_known_under_strict),
        cmocka_unit_test(no_commands_make_a_secret_known_under_compatible),
    };
    return cmocka_run_group_tests_name("rules", tests, NULL, end);
}
