/* SPDX-License-Identifier: Apache-2.0 */
/* for keys under a policy with alarms: messages are signed, an alarm suspends the
 * key, people resume it, the module ends in an orderly way, and the power is cut at every write.
 * Whatever is cut, no counter comes twice, a key whose suspension was told stays silent, and one
 * whose resumption was told works. */
#include "policy/statement.h"
#include "test/component/compiled.h"
#include "test/component/officer.h"
#include "test/component/quick.h"
#include "test/powerloss/story.h"

static struct module module;
static struct officer officers[2];
static uint32_t session;

static const char policy[] = "policy \"p\" version 1 key \"plc-7\"\n"
                             "message cbor { 1 op : one of \"set\" \"end\" \"bad\" }\n"
                             "allow op is \"set\"\nallow op is \"end\"\nlimit 48 per 1d\n"
                             "alarm refusals 2 per 1m then suspend except op is \"end\"\n"
                             "alarm gap 200 then log\nalarm newcomer then log\n";

/* What was promised. */
static struct promise {
    uint64_t counter; /* of the newest statement that was released */
    bool suspended, suspend_asked;
    bool resume_asked;
} model;

static void start(void) {
    story_start(&module);
    session = story_open(&module, USER_USER, USER_PIN);
}

static uint64_t find_key(void) {
    struct template template;
    uint64_t key = 0;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY);
    if (module_find(&module, session, &template, &key) != 1) {
        power_fail("the key is gone");
    }
    return key;
}

/* ---- before ---- */

static void give_roles(void) {
    static uint8_t room[ROLES_FILE_MAX];
    struct roles roles;
    session = story_open(&module, USER_SO, SO_PIN);
    for (uint32_t i = 0; i < COUNT(officers); i++) {
        officer_make(&officers[i], i, OFFICER_EDDSA);
    }
    officer_roles(officers, COUNT(officers), 1, 1, &roles);
    struct roles_set_req set = {session, officer_file(&roles, (struct span){room, sizeof(room)})};
    assert_int_equal(call_roles_set(&module, set, NULL), STATUS_APPROVAL_NEEDED);
    uint64_t number = officer_newest(&module, session);
    assert_int_equal(officer_give(&module, session, number, &officers[0]), STATUS_OK);
    assert_int_equal(call_roles_set(&module, set, NULL), STATUS_OK);
    assert_int_equal(call_logout(&module, (struct logout_req){session}, NULL), STATUS_OK);
}

static void make_key(void) {
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static struct template open_half, shut_half;
    const struct bytes form = compiled_policy(policy);
    template_start(&open_half);
    template_bytes(&open_half, ATTRIBUTE_EC_PARAMS, p256, sizeof(p256));
    template_start(&shut_half);
    template_bool(&shut_half, ATTRIBUTE_TOKEN, true);
    template_bytes(&shut_half, ATTRIBUTE_POLICY, form.data, form.size);
    struct key_generate_pair_req req = {module_user_session(&module),
                                        {.algorithm = ALGORITHM_EC_KEY_PAIR_GEN},
                                        template_of(&open_half),
                                        template_of(&shut_half)};
    assert_int_equal(call_key_generate_pair(&module, req, NULL), STATUS_OK);
}

static void prepare(void) {
    memset(&model, 0, sizeof(model));
    story_fresh(&module);
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    give_roles();
    make_key();
    module_stop(&module);
}

/* ---- what is done ---- */

static enum status sign(uint64_t key, const char *op) {
    uint8_t message[6] = {0xa1, 0x01, 0x63};
    struct sign_message_rep rep;
    struct statement_parts parts;
    struct statement statement;
    memcpy(message + 3, op, 3);
    const struct sign_message_req req = {session, key, bytes_of(message, sizeof(message))};
    enum status status = call_sign_message(&module, req, &rep);
    if (status == STATUS_OK) {
        story_expect(statement_read(rep.statement, &parts, &statement), STATUS_OK, "a statement");
        if (statement.facts.counter <= model.counter) {
            power_fail("counter %llu came after %llu",
                       (unsigned long long)statement.facts.counter,
                       (unsigned long long)model.counter);
        }
        model.counter = statement.facts.counter;
    }
    return status;
}

static void suspend(uint64_t key) {
    story_expect(sign(key, "bad"), STATUS_POLICY_DENIED, "what is not allowed");
    model.suspend_asked = true;
    story_expect(sign(key, "bad"), STATUS_POLICY_DENIED, "what is not allowed");
    model.suspended = true;
    story_expect(sign(key, "set"), STATUS_POLICY_SUSPENDED, "a message while suspended");
}

static void resume(uint64_t key) {
    const struct key_resume_req req = {session, key};
    story_expect(call_key_resume(&module, req, NULL), STATUS_APPROVAL_NEEDED,
                 "resuming unapproved");
    uint64_t number = officer_newest(&module, session);
    story_expect(officer_give(&module, session, number, &officers[1]), STATUS_OK, "approving");
    model.resume_asked = true;
    story_expect(call_key_resume(&module, req, NULL), STATUS_OK, "resuming");
    model.suspended = model.suspend_asked = model.resume_asked = false;
}

static void play_counters(void *unused) {
    (void)unused;
    for (int turn = 0; turn < 3; turn++) {
        start();
        for (int i = 0; i < 5; i++) {
            story_expect(sign(find_key(), "set"), STATUS_OK, "a message");
        }
        module_stop(&module); /* writes the exact counter */
    }
}

static void play_alarm(void *unused) {
    (void)unused;
    start();
    story_expect(sign(find_key(), "set"), STATUS_OK, "a message");
    suspend(find_key());
    story_expect(sign(find_key(), "end"), STATUS_OK, "what is excepted");
    module_stop(&module);
    start();
    story_expect(sign(find_key(), "set"), STATUS_POLICY_SUSPENDED, "a message after the restart");
    resume(find_key());
    story_expect(sign(find_key(), "set"), STATUS_OK, "a message after people agreed");
}

/* ---- what holds ---- */

static void recover(void *unused) {
    (void)unused;
    start();
    uint64_t key = find_key();
    enum status status = sign(key, "set");
    bool may_be = model.suspended || model.suspend_asked;
    bool must_be = model.suspended && !model.resume_asked;
    if (status == STATUS_OK ? must_be : status != STATUS_POLICY_SUSPENDED || !may_be) {
        power_fail("a message: %s", status_row(status)->name);
    }
    model.suspended = model.suspend_asked = status != STATUS_OK;
    model.resume_asked = false;
    story_expect(sign(key, "end"), STATUS_OK, "what is excepted");
}

static void run(const char *name, void (*play)(void *)) {
    const struct power_story story = {name, prepare, play, recover, &model, sizeof(model)};
    story_run(&story, 16);
}

static void no_counter_comes_twice(void **state) {
    (void)state;
    run("counters", play_counters);
}

static void a_suspended_key_stays_so_until_people_agree(void **state) {
    (void)state;
    run("alarm", play_alarm);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_counter_comes_twice),
        cmocka_unit_test(a_suspended_key_stays_so_until_people_agree),
    };
    int failed = cmocka_run_group_tests_name("alarm power loss", tests, NULL, NULL);
    quick_end();
    return failed;
}
