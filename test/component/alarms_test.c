/* SPDX-License-Identifier: Apache-2.0 */
/* What an alarm does to a key and how that ends; how alarms are numbered, kept and counted. */
#include "policy/statement.h"
#include "test/component/compiled.h"
#include "test/component/officer.h"
#include "test/component/quick.h"
#include "test/component/renewals.h"
#include "test/component/vigil.h"

static struct vigil vigil;
static uint32_t key;

static const char strict[] =
    "policy \"strict\" version 1 key \"plc-7\"\n"
    "message cbor { 1 op : one of \"set\" \"stop\" \"bad\" 2 n : module counter }\n"
    "allow op is \"set\"\nallow op is \"stop\"\n"
    "alarm refusals 3 per 1m then suspend and alert except op is \"stop\"\n"
    "alarm newcomer then log\nalarm idle 1h then alert\n";

static int begin(void **state) {
    (void)state;
    vigil_begin(&vigil);
    key = vigil_add_key(&vigil, strict);
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_OK);
    return 0;
}

static int end(void **state) {
    (void)state;
    vigil_end(&vigil);
    return 0;
}

static void suspend(void) {
    for (int i = 0; i < 3; i++) {
        assert_int_equal(vigil_sign(&vigil, 0, key, "bad"), STATUS_POLICY_DENIED);
    }
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_POLICY_SUSPENDED);
}

static enum status resume(void) {
    const struct key_resume_req req = {vigil.clients[0].session, vigil.clients[0].keys[key]};
    vigil.module.connection = vigil.clients[0].connection;
    return call_key_resume(&vigil.module, req, NULL);
}

/* ---- suspended ---- */

static void suspension_holds_over_cuts_and_restarts(void **state) {
    (void)state;
    suspend();
    for (int i = 0; i < 4; i++) {
        vigil_restart(&vigil, i % 2 == 0);
        assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_POLICY_SUSPENDED);
        assert_int_equal(vigil_sign(&vigil, 0, key, "stop"), STATUS_OK);
    }
}

static void suspended_key_is_told_of_once_in_a_burst(void **state) {
    struct alarm_list_rep rep;
    (void)state;
    suspend();
    for (int i = 0; i < 20; i++) {
        vigil_sign(&vigil, 0, key, "bad");
    }
    assert_int_equal(call_alarm_list(&vigil.module, (struct alarm_list_req){0}, &rep), STATUS_OK);
    assert_int_equal(load_u32(rep.kinds.data + 4 * ALARM_REFUSALS), 1);
    assert_true((rep.on & 1u << ALARM_REFUSALS) != 0);
    assert_true(rep.alerted == 1u << ALARM_REFUSALS);
}

static void usage_of_a_suspended_key_says_so(void **state) {
    struct key_usage_rep rep;
    const struct key_usage_req req = {vigil.clients[0].session, vigil.clients[0].keys[key]};
    (void)state;
    assert_int_equal(call_key_usage(&vigil.module, req, &rep), STATUS_OK);
    assert_int_equal(rep.state, STATUS_OK);
    suspend();
    assert_int_equal(call_key_usage(&vigil.module, req, &rep), STATUS_OK);
    assert_int_equal(rep.state, STATUS_POLICY_SUSPENDED);
}

/* The write fails when the alarm comes up: the key is stopped all the same, and the tick writes. */
static void what_the_store_does_not_take_now_it_takes_later(void **state) {
    (void)state;
    assert_int_equal(vigil_sign(&vigil, 0, key, "bad"), STATUS_POLICY_DENIED);
    assert_int_equal(vigil_sign(&vigil, 0, key, "bad"), STATUS_POLICY_DENIED);
    sim_fail((struct sim_failure){.call = SIM_FLASH_PROGRAM, .nth = 1, .times = 3});
    vigil_sign(&vigil, 0, key, "bad");
    assert_true(sim_failed());
    sim_fail((struct sim_failure){.nth = 0});
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_POLICY_SUSPENDED);
    vigil_wait(&vigil, 1000);
    vigil_restart(&vigil, true);
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_POLICY_SUSPENDED);
}

/* ---- resumed ---- */

static void without_a_roles_file_nobody_resumes(void **state) {
    (void)state;
    assert_int_equal(resume(), STATUS_OK); /* it is not suspended */
    suspend();
    assert_int_equal(resume(), STATUS_ACTION_PROHIBITED);
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_POLICY_SUSPENDED);
}

static struct officer officers[3];

static void set_roles(void) {
    static uint8_t room[ROLES_FILE_MAX];
    struct roles roles;
    uint32_t session = 0;
    const struct peer officer = {.uid = 0, .pid = 2};
    for (uint32_t i = 0; i < COUNT(officers); i++) {
        officer_make(&officers[i], i, OFFICER_EDDSA);
    }
    assert_int_equal(hsm_connect(vigil.module.hsm, &officer, &vigil.module.connection), STATUS_OK);
    session = module_session(&vigil.module);
    struct login_req login = {session, USER_SO, bytes_of_text(SO_PIN)};
    assert_int_equal(call_login(&vigil.module, login, NULL), STATUS_OK);
    officer_roles(officers, COUNT(officers), 2, 1, &roles);
    struct roles_set_req set = {session, officer_file(&roles, (struct span){room, sizeof(room)})};
    assert_int_equal(call_roles_set(&vigil.module, set, NULL), STATUS_APPROVAL_NEEDED);
    uint64_t number = officer_newest(&vigil.module, session);
    assert_int_equal(officer_give(&vigil.module, session, number, &officers[0]), STATUS_OK);
    assert_int_equal(officer_give(&vigil.module, session, number, &officers[1]), STATUS_OK);
    assert_int_equal(call_roles_set(&vigil.module, set, NULL), STATUS_OK);
}

static void enough_people_resume_a_key_and_it_stays_so(void **state) {
    (void)state;
    set_roles();
    suspend();
    uint32_t session = vigil.clients[0].session;
    assert_int_equal(resume(), STATUS_APPROVAL_NEEDED);
    uint64_t number = officer_newest(&vigil.module, session);
    assert_int_equal(officer_give(&vigil.module, session, number, &officers[0]), STATUS_OK);
    assert_int_equal(resume(), STATUS_APPROVAL_NEEDED);
    assert_int_equal(officer_give(&vigil.module, session, number, &officers[2]), STATUS_OK);
    assert_int_equal(resume(), STATUS_OK);
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_OK);
    vigil_restart(&vigil, true);
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_OK);
    vigil_wait(&vigil, 2 * VIGIL_MINUTE);
    suspend(); /* the next burst */
    assert_int_equal(resume(), STATUS_APPROVAL_NEEDED);
}

/* A key that was suspended in an earlier start and is not remembered in this one. */
static void a_key_is_resumed_before_its_first_message_too(void **state) {
    (void)state;
    set_roles();
    suspend();
    vigil_restart(&vigil, false);
    uint32_t session = vigil.clients[0].session;
    assert_int_equal(resume(), STATUS_APPROVAL_NEEDED);
    uint64_t number = officer_newest(&vigil.module, session);
    assert_int_equal(officer_give(&vigil.module, session, number, &officers[0]), STATUS_OK);
    assert_int_equal(officer_give(&vigil.module, session, number, &officers[1]), STATUS_OK);
    assert_int_equal(resume(), STATUS_OK);
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_OK);
}

static void a_renewal_of_the_lease_resumes(void **state) {
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static struct template open, shut;
    struct key_generate_pair_rep rep;
    struct lease lease = {.sequence = 1, .uses = 50};
    (void)state;
    const struct bytes owner = renewals_key(LEASE_KEY_ED25519, 7);
    const struct bytes form = compiled_policy(strict);
    template_start(&open);
    template_bool(&open, ATTRIBUTE_TOKEN, true);
    template_bytes(&open, ATTRIBUTE_EC_PARAMS, p256, sizeof(p256));
    template_start(&shut);
    template_bool(&shut, ATTRIBUTE_TOKEN, true);
    template_bytes(&shut, ATTRIBUTE_POLICY, form.data, form.size);
    template_num(&shut, ATTRIBUTE_LEASE_USES, 100);
    template_bytes(&shut, ATTRIBUTE_LEASE_KEY, owner.data, owner.size);
    uint32_t session = vigil.clients[0].session;
    const struct key_generate_pair_req make = {session,
                                               {.algorithm = ALGORITHM_EC_KEY_PAIR_GEN},
                                               template_of(&open),
                                               template_of(&shut)};
    assert_int_equal(call_key_generate_pair(&vigil.module, make, &rep), STATUS_OK);
    vigil.clients[0].keys[key] = rep.private_key;
    suspend();
    renewals_for(&vigil.module, session, rep.private_key, &lease);
    struct key_renew_req renew = {session, rep.private_key,
                                  renewals_sign(LEASE_KEY_ED25519, 7, &lease)};
    assert_int_equal(call_key_renew(&vigil.module, renew, NULL), STATUS_OK);
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_OK);
}

/* ---- what is kept ---- */

static void silence_is_kept_over_a_restart_and_told_once(void **state) {
    struct alarm alarm = {.kind = 0};
    (void)state;
    vigil_wait(&vigil, VIGIL_HOUR + 1000);
    vigil_restart(&vigil, true);
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_OK);
    assert_int_equal(vigil_look(&vigil, ALARM_IDLE, &alarm), 1);
    assert_string_equal(vigil_words(&alarm), "key plc-7: used after more than 1 h of silence");
    vigil_wait(&vigil, 1000);
    vigil_restart(&vigil, false);
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_OK);
    assert_int_equal(vigil_look(&vigil, 0, NULL), 0);
}

static void clients_are_known_over_a_restart(void **state) {
    struct alarm alarm = {.kind = 0};
    (void)state;
    uint32_t other = vigil_connect(&vigil, 1001);
    assert_int_equal(vigil_sign(&vigil, other, key, "set"), STATUS_OK);
    assert_int_equal(vigil_look(&vigil, ALARM_NEWCOMER, &alarm), 1);
    assert_string_equal(vigil_words(&alarm), "key plc-7: first use by user 1001");
    vigil_restart(&vigil, false);
    assert_int_equal(vigil_sign(&vigil, other, key, "set"), STATUS_OK);
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_OK);
    assert_int_equal(vigil_look(&vigil, 0, NULL), 0);
}

static uint64_t counter(void) {
    struct sign_message_rep rep;
    struct statement_parts parts;
    struct statement statement;
    static const uint8_t message[] = {0xa1, 0x01, 0x63, 's', 'e', 't'};
    const struct sign_message_req req = {vigil.clients[0].session, vigil.clients[0].keys[key],
                                         bytes_of(message, sizeof(message))};
    assert_int_equal(call_sign_message(&vigil.module, req, &rep), STATUS_OK);
    assert_int_equal(statement_read(rep.statement, &parts, &statement), STATUS_OK);
    return statement.facts.counter;
}

static void an_orderly_end_skips_no_number(void **state) {
    (void)state;
    uint64_t last = counter();
    for (int i = 0; i < 3; i++) {
        vigil_restart(&vigil, false);
        assert_true(counter() == ++last);
        assert_true(counter() == ++last);
    }
    vigil_restart(&vigil, true);
    assert_true(counter() > last + 100);
}

/* A store from before there were alarms. */
static void a_record_of_old_goes_on(void **state) {
    uint8_t raw[64];
    struct span out = {raw, sizeof(raw)};
    uint32_t cursor = 0;
    uint64_t id = 0;
    (void)state;
    uint64_t last = counter();
    struct store *store = &vigil.module.hsm->store;
    assert_int_equal(store_next(store, RECORD_GUARD, &cursor, &id), STATUS_OK);
    assert_int_equal(store_get(store, id, &out), STATUS_OK);
    assert_int_equal(store_put(store, id, bytes_of(raw, 12), STORE_BOUND), STATUS_OK);
    vigil_restart(&vigil, true);
    assert_true(counter() > last);
    assert_int_equal(vigil_look(&vigil, 0, NULL), 0);
}

/* ---- the list ---- */

/* More than the ring holds: the newest stay, numbers go on, and all are counted. */
static void the_list_holds_the_newest_and_counts_all(void **state) {
    enum { ROUNDS = ALARMS_MAX + 5 };
    struct alarm_list_rep rep;
    struct alarm alarm;
    (void)state;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        vigil_wait(&vigil, VIGIL_HOUR + 1000);
        assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_OK);
    }
    assert_int_equal(call_alarm_list(&vigil.module, (struct alarm_list_req){0}, &rep), STATUS_OK);
    assert_int_equal(rep.next, ROUNDS + 1);
    assert_int_equal(load_u32(rep.kinds.data + 4 * ALARM_IDLE), ROUNDS);
    for (uint32_t number = ROUNDS - ALARMS_MAX + 1; number <= ROUNDS; number++) {
        assert_int_equal(alarm_read(&rep.rows, &alarm), STATUS_OK);
        assert_int_equal(alarm.number, number);
        assert_int_equal(alarm.kind, ALARM_IDLE);
        assert_int_equal(alarm.actions, ACTION_ALERT);
        assert_true(alarm.object != 0 && alarm.uid == 1000 && alarm.uptime_ms != 0);
    }
    assert_int_equal(rep.rows.size, 0);
    assert_int_equal(call_alarm_list(&vigil.module, (struct alarm_list_req){ROUNDS}, &rep),
                     STATUS_OK);
    assert_int_equal(alarm_read(&rep.rows, &alarm), STATUS_OK);
    assert_int_equal(alarm.number, ROUNDS);
    assert_int_equal(call_alarm_list(&vigil.module, (struct alarm_list_req){UINT64_MAX}, &rep),
                     STATUS_OK);
    assert_int_equal(rep.rows.size, 0);
}

static void rows_that_are_cut_or_too_long_are_no_alarms(void **state) {
    uint8_t raw[ALARM_ROW_SIZE + ALARM_LABEL_MAX];
    struct alarm alarm = {.number = 7, .kind = ALARM_DOOR}, read;
    size_t used = 0;
    (void)state;
    alarm_set_label(&alarm, bytes_of_text("a name of more than twenty bytes"));
    assert_int_equal(alarm.label_size, ALARM_LABEL_MAX);
    assert_int_equal(alarm_write(&alarm, (struct span){raw, sizeof(raw) - 1}, &used),
                     STATUS_TOO_LARGE);
    assert_int_equal(used, 0);
    assert_int_equal(alarm_write(&alarm, (struct span){raw, sizeof(raw)}, &used), STATUS_OK);
    for (size_t size = 0; size <= used; size++) {
        struct bytes rows = {raw, size};
        assert_int_equal(alarm_read(&rows, &read), size == used ? STATUS_OK : STATUS_DATA_INVALID);
    }
    assert_memory_equal(&read, &alarm, sizeof(alarm));
    save_u32(raw + ALARM_ROW_SIZE - 4, ALARM_LABEL_MAX + 1);
    struct bytes rows = {raw, used};
    assert_int_equal(alarm_read(&rows, &read), STATUS_DATA_INVALID);
}

/* Every kind has words that fit, whatever its numbers are; and a kind not known has some too. */
static void words_of_any_numbers_fit(void **state) {
    static const uint32_t numbers[] = {0, 1, 59, 60, 61, 3600, 86400, UINT32_MAX};
    uint8_t room[ALARM_WORDS_MAX];
    (void)state;
    for (uint32_t kind = 0; kind <= 255; kind++) {
        for (size_t i = 0; i < COUNT(numbers); i++) {
            struct text text = text_in((struct span){room, sizeof(room)});
            struct alarm alarm = {.kind = (uint8_t)kind,
                                  .count = numbers[i],
                                  .usual = numbers[i],
                                  .uid = numbers[i],
                                  .period_s = numbers[i]};
            alarm_set_label(&alarm, bytes_of_text("a name of 20 bytes.."));
            alarm_words(&alarm, &text);
            assert_false(text.failed);
            assert_true(text.used > 0);
        }
    }
}

int main(void) {
#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        STORY(suspension_holds_over_cuts_and_restarts),
        STORY(suspended_key_is_told_of_once_in_a_burst),
        STORY(usage_of_a_suspended_key_says_so),
        STORY(what_the_store_does_not_take_now_it_takes_later),
        STORY(without_a_roles_file_nobody_resumes),
        STORY(enough_people_resume_a_key_and_it_stays_so),
        STORY(a_key_is_resumed_before_its_first_message_too),
        STORY(a_renewal_of_the_lease_resumes),
        STORY(silence_is_kept_over_a_restart_and_told_once),
        STORY(clients_are_known_over_a_restart),
        STORY(an_orderly_end_skips_no_number),
        STORY(a_record_of_old_goes_on),
        STORY(the_list_holds_the_newest_and_counts_all),
        STORY(rows_that_are_cut_or_too_long_are_no_alarms),
        STORY(words_of_any_numbers_fit),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failed;
}
