/* SPDX-License-Identifier: Apache-2.0 */
/* Another policy and looser limits under power loss: a key signs, its policy is exchanged, it signs
 * on, and so again; a limit is loosened and used up. The power is cut at every write. Whatever is
 * cut, the policy is the old or the new one and never goes back, the counter of its statements
 * never comes twice, nothing is loosened that was not approved, and no more is used than the limit
 * says. */
#include "policy/statement.h"
#include "test/component/officer.h"
#include "test/component/quick.h"
#include "test/powerloss/story.h"

static struct module module;
static struct officer officers[2];
static uint8_t file_room[ROLES_FILE_MAX], form_room[POLICY_SIZE_MAX];
static uint32_t session;
static uint64_t bound, limited;

enum { VERSIONS = 4, SIGNATURES = 3, USES = 2, USES_MORE = 4 };

/* What was promised. */
static struct promise {
    uint32_t version, asked;    /* of the policy: acknowledged, and asked for */
    uint64_t counter;           /* of the newest statement that left */
    uint32_t used;              /* uses of the limited key that were acknowledged */
    uint32_t uses, uses_asked;  /* its limit */
} model;

static uint64_t find(uint32_t class) {
    struct template template;
    uint64_t handle = 0;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, class);
    if (module_find(&module, session, &template, &handle) != 1) {
        power_fail("a key is gone");
    }
    return handle;
}

static void start(void) {
    story_start(&module);
    session = story_open(&module, USER_USER, USER_PIN);
    bound = find(CLASS_PRIVATE_KEY);
    limited = find(CLASS_SECRET_KEY);
}

/* ---- the token before all that ---- */

static struct bytes form_of(uint32_t version) {
    static struct policy policy;
    struct span out = {form_room, sizeof(form_room)};
    policy = (struct policy){.name = bytes_of_text("p"),
                             .key = bytes_of_text("k"),
                             .version = version,
                             .field_count = 1,
                             .rule_count = 1,
                             .limit = POLICY_NONE};
    policy.fields[0] = (struct policy_field){
        .name = bytes_of_text("n"), .high = 100, .key = 1, .kind = POLICY_INT, .parent = 255};
    policy.rules[0] =
        (struct policy_rule){.effect = POLICY_ALLOW, .line = 1, .bucket = POLICY_NONE};
    story_expect(form_write(&policy, &out), STATUS_OK, "the policy");
    return bytes_of_span(out);
}

static void make_keys(void) {
    static const uint8_t ed25519[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
    static struct template open, shut;
    struct bytes form = form_of(1);
    template_start(&open);
    template_bytes(&open, ATTRIBUTE_EC_PARAMS, ed25519, sizeof(ed25519));
    template_start(&shut);
    template_bool(&shut, ATTRIBUTE_TOKEN, true);
    template_bytes(&shut, ATTRIBUTE_POLICY, form.data, form.size);
    const struct key_generate_pair_req pair = {.session = session,
                                               .mechanism = {.algorithm =
                                                                 ALGORITHM_ED25519_KEY_PAIR_GEN},
                                               .public_attributes = template_of(&open),
                                               .private_attributes = template_of(&shut)};
    story_expect(call_key_generate_pair(&module, pair, NULL), STATUS_OK, "the key under a policy");
    template_start(&shut);
    template_num(&shut, ATTRIBUTE_VALUE_LEN, 32);
    template_bool(&shut, ATTRIBUTE_SIGN, true);
    template_bool(&shut, ATTRIBUTE_TOKEN, true);
    template_num(&shut, ATTRIBUTE_USES_MAX, USES);
    const struct key_generate_req make = {session, {.algorithm = ALGORITHM_GENERIC_KEY_GEN},
                                          template_of(&shut)};
    story_expect(call_key_generate(&module, make, NULL), STATUS_OK, "the key with a limit");
}

static void approve(void) {
    uint64_t number = officer_newest(&module, session);
    for (uint32_t i = 0; i < COUNT(officers); i++) {
        story_expect(officer_give(&module, session, number, &officers[i]), STATUS_OK, "approving");
    }
}

static void set_officers(void) {
    struct roles roles;
    officer_roles(officers, COUNT(officers), COUNT(officers), 1, &roles);
    struct login_req login = {session, USER_SO, bytes_of_text(SO_PIN)};
    struct roles_set_req set = {
        session, officer_file(&roles, (struct span){file_room, sizeof(file_room)})};
    story_expect(call_login(&module, login, NULL), STATUS_OK, "the officer's login");
    story_expect(call_roles_set(&module, set, NULL), STATUS_APPROVAL_NEEDED, "roles unapproved");
    approve();
    story_expect(call_roles_set(&module, set, NULL), STATUS_OK, "roles approved");
}

static void prepare(void) {
    model = (struct promise){.version = 1, .asked = 1, .uses = USES, .uses_asked = USES};
    story_fresh(&module);
    for (uint32_t i = 0; i < COUNT(officers); i++) {
        officer_make(&officers[i], i, OFFICER_EDDSA);
    }
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    session = module_session(&module);
    set_officers();
    struct session_close_req close = {session};
    story_expect(call_session_close(&module, close, NULL), STATUS_OK, "close");
    session = story_open(&module, USER_USER, USER_PIN);
    make_keys();
    module_stop(&module);
}

/* ---- what is done ---- */

/* Signs, and looks at what the statement says of policy and counter. */
static void sign(void) {
    static const uint8_t message[] = {0xa1, 0x01, 0x05};
    struct sign_message_rep rep;
    struct statement_parts parts;
    struct statement statement;
    struct sign_message_req req = {session, bound, bytes_of(message, sizeof(message))};
    story_expect(call_sign_message(&module, req, &rep), STATUS_OK, "sign_message");
    story_expect(statement_read(rep.statement, &parts, &statement), STATUS_OK, "the statement");
    if (statement.facts.counter <= model.counter) {
        power_fail("counter %llu after %llu", (unsigned long long)statement.facts.counter,
                   (unsigned long long)model.counter);
    }
    if (statement.version != model.version && statement.version != model.asked) {
        power_fail("signed under version %u, where %u was acknowledged and %u asked for",
                   statement.version, model.version, model.asked);
    }
    model.counter = statement.facts.counter;
    model.version = model.asked = statement.version;
}

static enum status set(uint64_t key, enum attribute attribute, struct bytes value) {
    static struct template template;
    template_start(&template);
    template_bytes(&template, attribute, value.data, value.size);
    return call_object_set(&module, (struct object_set_req){session, key, template_of(&template)},
                           NULL);
}

static void exchange(uint32_t version) {
    story_expect(set(bound, ATTRIBUTE_POLICY, form_of(version)), STATUS_APPROVAL_NEEDED,
           "policy unapproved");
    approve();
    model.asked = version;
    story_expect(set(bound, ATTRIBUTE_POLICY, form_of(version)), STATUS_OK, "policy approved");
    model.version = version;
}

static enum status set_uses(uint32_t uses) {
    uint8_t raw[4];
    save_u32(raw, uses);
    return set(limited, ATTRIBUTE_USES_MAX, bytes_of(raw, sizeof(raw)));
}

static void use_up(void) {
    struct sign_req req = {session,
                           limited,
                           {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256},
                           bytes_of_text("words")};
    enum status status = STATUS_OK;
    while ((status = call_sign(&module, req, NULL)) == STATUS_OK) {
        model.used++;
        if (model.used > model.uses_asked) {
            power_fail("%u uses, where the limit is %u", model.used, model.uses_asked);
        }
    }
    story_expect(status, STATUS_KEY_SPENT, "a use beyond the limit");
}

static void loosen(uint32_t uses) {
    story_expect(set_uses(uses), STATUS_APPROVAL_NEEDED, "limit unapproved");
    approve();
    model.uses_asked = uses;
    story_expect(set_uses(uses), STATUS_OK, "limit approved");
    model.uses = uses;
}

static void play(void *unused) {
    (void)unused;
    start();
    for (uint32_t version = 2; version <= VERSIONS; version++) {
        for (int i = 0; i < SIGNATURES; i++) {
            sign();
        }
        exchange(version);
    }
    sign();
    use_up();
    loosen(USES_MORE);
    use_up();
}

/* ---- what must hold ---- */

static uint32_t uses_now(void) {
    uint8_t type[4];
    struct object_get_rep rep;
    save_u32(type, ATTRIBUTE_USES_MAX);
    struct object_get_req get = {session, limited, bytes_of(type, sizeof(type))};
    story_expect(call_object_get(&module, get, &rep), STATUS_OK, "object_get");
    return attributes_num(rep.attributes, ATTRIBUTE_USES_MAX, 0);
}

static void recover(void *unused) {
    (void)unused;
    start();
    sign();
    uint32_t uses = uses_now();
    if (uses != model.uses && uses != model.uses_asked) {
        power_fail("a limit of %u, where %u was acknowledged and %u asked for", uses, model.uses,
                   model.uses_asked);
    }
    model.uses = model.uses_asked = uses;
    use_up();
    story_expect(set_uses(uses + 1), STATUS_APPROVAL_NEEDED, "loosening after the cut");
    exchange(model.version + 1);
    sign();
}

static void key_does_what_was_approved_and_no_more_whenever_the_power_is_cut(void **state) {
    const struct power_story story = {"exchange", prepare, play, recover, &model, sizeof(model)};
    (void)state;
    story_run(&story, 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_does_what_was_approved_and_no_more_whenever_the_power_is_cut),
    };
    int failed = cmocka_run_group_tests_name("exchange power loss", tests, NULL, NULL);
    quick_end();
    return failed;
}
