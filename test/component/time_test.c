/* SPDX-License-Identifier: Apache-2.0 */
/* The time that a token trusts: who may tell it, what never counts as told, and what it lets
 * happen. */
#include "core/command/module.h"
#include "policy/statement.h"
#include "test/component/officer.h"
#include "test/component/quick.h"

/* 2026-11-26 12:00:00 UTC */
enum { NOON = 1795694400, HOUR = 3600, DAY = 86400 };

static struct module module;
static struct officer alice, bob, carol; /* alice and bob tell the time */
static uint32_t session;
static uint8_t file_room[ROLES_FILE_MAX];

static void log_in(enum user user) {
    struct login_req login = {session, user, bytes_of_text(user == USER_SO ? SO_PIN : USER_PIN)};
    assert_int_equal(call_login(&module, login, NULL), STATUS_OK);
}

static void log_out(void) {
    assert_int_equal(call_logout(&module, (struct logout_req){session}, NULL), STATUS_OK);
}

/* One officer decides about the file; `tellers` of the three tell the time. */
static struct bytes file_of(uint32_t version, uint32_t tellers, uint32_t threshold) {
    const struct officer people[] = {alice, bob, carol};
    struct roles roles;
    officer_roles(people, 3, 1, version, &roles);
    roles.roles[1] = (struct role){bytes_of_text(TOLD_TIME_ROLE), threshold, tellers};
    roles.role_count = tellers != 0 ? 2 : 1;
    return officer_file(&roles, (struct span){file_room, sizeof(file_room)});
}

static void set_roles(uint32_t version, uint32_t tellers, uint32_t threshold) {
    struct roles_set_req set = {session, file_of(version, tellers, threshold)};
    log_in(USER_SO);
    assert_int_equal(call_roles_set(&module, set, NULL), STATUS_APPROVAL_NEEDED);
    uint64_t number = officer_newest(&module, session);
    assert_int_equal(officer_give(&module, session, number, &carol), STATUS_OK);
    assert_int_equal(call_roles_set(&module, set, NULL), STATUS_OK);
    log_out();
}

static int begin(void **state) {
    (void)state;
    sim_reset(NULL, true);
    sim_set_clock(NOON); /* the host's clock, which is no reason for anything */
    module_start(&module);
    officer_make(&alice, 0, OFFICER_EDDSA);
    officer_make(&bob, 1, OFFICER_ES256);
    officer_make(&carol, 2, OFFICER_EDDSA);
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    session = module_session(&module);
    set_roles(1, 3, 1);
    return 0;
}

static int end(void **state) {
    (void)state;
    module_stop(&module);
    return 0;
}

/* ---- asking and telling ---- */

static uint8_t device[TOLD_TIME_DEVICE_SIZE], nonce[TOLD_TIME_NONCE_SIZE];
static uint8_t answer_room[TOLD_TIME_MAX];

static enum status ask(void) {
    struct hello_rep hello;
    struct time_ask_rep rep;
    assert_int_equal(call_hello(&module, (struct hello_req){PROTOCOL_VERSION}, &hello), STATUS_OK);
    bytes_copy(device, hello.device_id);
    TRY(call_time_ask(&module, (struct time_ask_req){session}, &rep));
    assert_int_equal(rep.nonce.size, sizeof(nonce));
    bytes_copy(nonce, rep.nonce);
    return STATUS_OK;
}

/* What this officer answers to the newest question. */
static struct bytes answer(const struct officer *teller, uint64_t seconds) {
    const struct told_time told = {bytes_of(device, sizeof(device)),
                                   bytes_of(nonce, sizeof(nonce)), seconds};
    return officer_tell(teller, &told, (struct span){answer_room, sizeof(answer_room)});
}

static enum status give(struct bytes time) {
    return call_time_set(&module, (struct time_set_req){session, time}, NULL);
}

static void refused(struct bytes time, const char *why) {
    assert_int_equal(give(time), STATUS_TIME_REFUSED);
    assert_string_equal(module.call->why, why);
}

static void tell(uint64_t seconds) {
    assert_int_equal(ask(), STATUS_OK);
    assert_int_equal(give(answer(&alice, seconds)), STATUS_OK);
}

static struct time_get_rep trusted(void) {
    struct time_get_rep rep;
    assert_int_equal(call_time_get(&module, (struct time_get_req){session}, &rep), STATUS_OK);
    return rep;
}

static void restart(void) {
    module_stop(&module);
    module_start(&module);
    session = module_session(&module);
}

/* ---- who ---- */

static void nothing_is_trusted_until_somebody_tells_it(void **state) {
    (void)state;
    assert_int_equal(trusted().seconds, 0);
    assert_int_equal(ask(), STATUS_OK);
    assert_int_equal(trusted().seconds, 0);
    assert_int_equal(give(answer(&bob, NOON)), STATUS_OK); /* ES256; one of them is enough */
    assert_int_equal(trusted().seconds, NOON);
    tell(NOON + 1); /* EdDSA */
    assert_int_equal(trusted().seconds, NOON + 1);
}

static void token_whose_roles_name_nobody_takes_no_time(void **state) {
    (void)state;
    set_roles(2, 0, 1);
    assert_int_equal(ask(), STATUS_TIME_NOBODY);
    assert_int_equal(give(answer(&alice, NOON)), STATUS_TIME_NOBODY);
    set_roles(3, 3, 2); /* the time is told by each alone */
    assert_int_equal(ask(), STATUS_TIME_NOBODY);
    struct session_close_req close = {session};
    assert_int_equal(call_session_close(&module, close, NULL), STATUS_OK);
    struct token_init_req again = {0, bytes_of_text(SO_PIN), bytes_of_text("no roles file")};
    assert_int_equal(call_token_init(&module, again, NULL), STATUS_OK);
    session = module_session(&module);
    assert_int_equal(ask(), STATUS_TIME_NOBODY);
}

static void officer_of_another_role_and_a_stranger_are_refused(void **state) {
    struct officer stranger;
    (void)state;
    officer_make(&stranger, 9, OFFICER_EDDSA);
    assert_int_equal(ask(), STATUS_OK);
    refused(answer(&carol, NOON), "whoever signed it is not in the role `time`");
    refused(answer(&stranger, NOON), "whoever signed it is not in the role `time`");
    officer_make(&stranger, 9, OFFICER_ES256);
    refused(answer(&stranger, NOON), "whoever signed it is not in the role `time`");
    assert_int_equal(trusted().seconds, 0);
    assert_int_equal(give(answer(&alice, NOON)), STATUS_OK); /* the question still waits */
}

static void answer_altered_in_any_bit_is_refused(void **state) {
    (void)state;
    for (int who = 0; who < 2; who++) {
        assert_int_equal(ask(), STATUS_OK);
        struct bytes time = answer(who == 0 ? &alice : &bob, NOON);
        for (size_t bit = 0; bit < 8 * time.size; bit++) {
            answer_room[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_not_equal(give(time), STATUS_OK);
            answer_room[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t size = 0; size < time.size; size++) {
            assert_int_not_equal(give(bytes_of(time.data, size)), STATUS_OK);
        }
        assert_int_equal(trusted().seconds, who == 0 ? 0 : NOON);
        assert_int_equal(give(time), STATUS_OK);
    }
}

static void approval_is_not_taken_for_a_time(void **state) {
    static uint8_t room[APPROVAL_MAX], payload[TOLD_TIME_PAYLOAD_MAX];
    struct span out = {payload, sizeof(payload)};
    (void)state;
    assert_int_equal(ask(), STATUS_OK);
    const struct told_time told = {bytes_of(device, sizeof(device)),
                                   bytes_of(nonce, sizeof(nonce)), NOON};
    assert_int_equal(told_time_write(&told, &out), STATUS_OK);
    refused(officer_approve(&alice, bytes_of_span(out), (struct span){room, sizeof(room)}),
            "it is not a signed time");
}

/* ---- when ---- */

static void answer_is_used_once(void **state) {
    (void)state;
    tell(NOON);
    sim_advance(1000);
    refused(answer(&alice, NOON), "it answers no question of the last 60 seconds");
    assert_int_equal(ask(), STATUS_OK);
    uint8_t newer[TOLD_TIME_NONCE_SIZE];
    memcpy(newer, nonce, sizeof(newer));
    assert_int_equal(ask(), STATUS_OK); /* the question before is void */
    memcpy(nonce, newer, sizeof(nonce));
    refused(answer(&alice, NOON), "it answers no question of the last 60 seconds");
    assert_int_equal(trusted().seconds, NOON + 1);
}

static void answer_comes_within_a_minute_or_not_at_all(void **state) {
    (void)state;
    assert_int_equal(ask(), STATUS_OK);
    sim_advance(59999);
    assert_int_equal(give(answer(&alice, NOON)), STATUS_OK);
    assert_int_equal(ask(), STATUS_OK);
    sim_advance(60000);
    refused(answer(&alice, NOON + 60), "it answers no question of the last 60 seconds");
}

static void answer_for_another_device_is_refused(void **state) {
    (void)state;
    assert_int_equal(ask(), STATUS_OK);
    device[0] ^= 1;
    refused(answer(&alice, NOON), "it is for another device");
    device[0] ^= 1;
    assert_int_equal(give(answer(&alice, NOON)), STATUS_OK);
}

static void numbers_that_are_no_time_are_refused(void **state) {
    static const uint64_t seconds[] = {0, TOLD_TIME_SECONDS_MAX + 1ull, UINT64_MAX};
    (void)state;
    assert_int_equal(ask(), STATUS_OK);
    for (size_t i = 0; i < COUNT(seconds); i++) {
        refused(answer(&alice, seconds[i]), "it is not a signed time");
    }
    assert_int_equal(give(answer(&alice, TOLD_TIME_SECONDS_MAX)), STATUS_OK);
}

static void time_goes_on_with_the_module_for_seven_days(void **state) {
    (void)state;
    tell(NOON);
    assert_int_equal(trusted().left_ms, 7ull * DAY * 1000);
    sim_advance(1500);
    assert_int_equal(trusted().seconds, NOON + 1);
    sim_set_clock(NOON + 10 * DAY); /* whatever the host says */
    sim_advance(7ull * DAY * 1000 - 1501);
    assert_int_equal(trusted().seconds, NOON + 7 * DAY - 1);
    assert_int_equal(trusted().left_ms, 1);
    sim_advance(1);
    assert_int_equal(trusted().seconds, 0);
    assert_int_equal(trusted().left_ms, 0);
    tell(NOON + 7 * DAY);
    assert_int_equal(trusted().seconds, NOON + 7 * DAY);
}

static void time_never_steps_back_by_more_than_a_minute(void **state) {
    (void)state;
    tell(NOON);
    sim_advance(100000);
    tell(NOON + 40);
    assert_int_equal(trusted().seconds, NOON + 40);
    assert_int_equal(ask(), STATUS_OK);
    refused(answer(&bob, NOON - 21),
            "it is more than a minute before what was told since the module started");
    refused(answer(&bob, NOON - 20), "it answers no question of the last 60 seconds");
    sim_advance(8ull * DAY * 1000); /* not even when the time is not known any more */
    assert_int_equal(ask(), STATUS_OK);
    refused(answer(&alice, NOON),
            "it is more than a minute before what was told since the module started");
    assert_int_equal(trusted().seconds, 0);
    tell(NOON + 9 * DAY);
    restart(); /* by then somebody trusted tells it anew */
    tell(NOON);
    assert_int_equal(trusted().seconds, NOON);
}

static void restart_forgets_the_time_and_the_question(void **state) {
    (void)state;
    tell(NOON);
    assert_int_equal(ask(), STATUS_OK);
    restart();
    assert_int_equal(trusted().seconds, 0);
    refused(answer(&alice, NOON), "it answers no question of the last 60 seconds");
    tell(NOON);
}

static void another_roles_file_forgets_the_time(void **state) {
    (void)state;
    tell(NOON);
    assert_int_equal(ask(), STATUS_OK);
    set_roles(2, 2, 1); /* alice tells the time no more */
    assert_int_equal(trusted().seconds, 0);
    refused(answer(&bob, NOON), "it answers no question of the last 60 seconds");
    assert_int_equal(ask(), STATUS_OK);
    refused(answer(&alice, NOON), "whoever signed it is not in the role `time`");
    assert_int_equal(give(answer(&bob, NOON)), STATUS_OK);
}

static void tokens_trust_each_for_itself(void **state) {
    struct token_init_req other = {1, bytes_of_text(SO_PIN), bytes_of_text("other")};
    struct session_open_rep open;
    struct time_get_rep rep;
    (void)state;
    tell(NOON);
    assert_int_equal(call_token_init(&module, other, NULL), STATUS_OK);
    assert_int_equal(call_session_open(&module, (struct session_open_req){1, 1}, &open),
                     STATUS_OK);
    assert_int_equal(call_time_get(&module, (struct time_get_req){open.session}, &rep), STATUS_OK);
    assert_int_equal(rep.seconds, 0);
    assert_int_equal(trusted().seconds, NOON);
}

static void token_made_anew_knows_no_time(void **state) {
    (void)state;
    tell(NOON);
    struct session_close_req close = {session};
    assert_int_equal(call_session_close(&module, close, NULL), STATUS_OK);
    struct token_init_req again = {0, bytes_of_text(SO_PIN), bytes_of_text("again")};
    assert_int_equal(call_token_init(&module, again, NULL), STATUS_OK);
    session = module_session(&module);
    assert_int_equal(trusted().seconds, 0);
}

/* ---- what it lets happen ---- */

static enum status use_by_day(uint64_t key) {
    struct sign_req sign = {session,
                            key,
                            {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256},
                            bytes_of_text("words")};
    return call_sign(&module, sign, NULL);
}

static void key_with_hours_works_in_its_hours(void **state) {
    struct template template;
    struct key_generate_rep rep;
    (void)state;
    log_in(USER_USER);
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_bool(&template, ATTRIBUTE_SIGN, true);
    template_num(&template, ATTRIBUTE_HOURS_FROM, 6 * 60);
    template_num(&template, ATTRIBUTE_HOURS_TO, 22 * 60);
    struct key_generate_req make = {session, {.algorithm = ALGORITHM_GENERIC_KEY_GEN},
                                    template_of(&template)};
    assert_int_equal(call_key_generate(&module, make, &rep), STATUS_OK);
    assert_int_equal(use_by_day(rep.key), STATUS_KEY_HOURS);
    tell(NOON + 10 * HOUR - 1); /* a second before 22:00 */
    assert_int_equal(use_by_day(rep.key), STATUS_OK);
    sim_advance(1000);
    assert_int_equal(use_by_day(rep.key), STATUS_KEY_HOURS);
    assert_string_equal(module.call->why, "HOURS: again from HOURS_FROM on");
    sim_advance(8ull * HOUR * 1000 - 1);
    assert_int_equal(use_by_day(rep.key), STATUS_KEY_HOURS);
    sim_advance(1);
    assert_int_equal(use_by_day(rep.key), STATUS_OK); /* 06:00 */
    sim_advance(7ull * DAY * 1000);
    assert_int_equal(use_by_day(rep.key), STATUS_KEY_HOURS);
    assert_string_equal(module.call->why, "HOURS: the module has no time that it trusts");
}

/* message cbor { 1 open : 0..100  2 at : module time }  allow always  deny hours outside 06..22 */
static struct bytes day_policy(struct span room) {
    static struct policy policy;
    policy = (struct policy){.name = bytes_of_text("day"),
                             .key = bytes_of_text("k"),
                             .version = 1,
                             .field_count = 2,
                             .rule_count = 2,
                             .clause_count = 1,
                             .limit = POLICY_NONE,
                             .spike = POLICY_NONE};
    policy.fields[0] = (struct policy_field){
        .name = bytes_of_text("open"), .high = 100, .key = 1, .kind = POLICY_INT, .parent = 255};
    policy.fields[1] = (struct policy_field){
        .name = bytes_of_text("at"), .key = 2, .kind = POLICY_TIME, .parent = POLICY_NONE};
    policy.rules[0] = (struct policy_rule){.effect = POLICY_ALLOW, .line = 1, .bucket = 255};
    policy.rules[1] =
        (struct policy_rule){.effect = POLICY_DENY, .line = 2, .count = 1, .bucket = 255};
    policy.clauses[0] = (struct policy_clause){.kind = CLAUSE_HOURS_OUT,
                                               .low = 360,
                                               .high = 1320,
                                               .field = POLICY_NONE,
                                               .other = POLICY_NONE};
    assert_int_equal(form_write(&policy, &room), STATUS_OK);
    return bytes_of_span(room);
}

static uint64_t make_bound_key(void) {
    static const uint8_t ed25519[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
    static uint8_t form[POLICY_SIZE_MAX];
    static struct template open, shut;
    struct key_generate_pair_rep rep;
    struct bytes policy = day_policy((struct span){form, sizeof(form)});
    template_start(&open);
    template_bytes(&open, ATTRIBUTE_EC_PARAMS, ed25519, sizeof(ed25519));
    template_start(&shut);
    template_bool(&shut, ATTRIBUTE_TOKEN, true);
    template_bytes(&shut, ATTRIBUTE_POLICY, policy.data, policy.size);
    const struct key_generate_pair_req make = {
        session, {.algorithm = ALGORITHM_ED25519_KEY_PAIR_GEN}, template_of(&open),
        template_of(&shut)};
    assert_int_equal(call_key_generate_pair(&module, make, &rep), STATUS_OK);
    return rep.private_key;
}

static enum status sign_five(uint64_t key, struct sign_message_rep *rep) {
    static const uint8_t message[] = {0xa1, 0x01, 0x05};
    struct sign_message_req sign = {session, key, bytes_of(message, sizeof(message))};
    return call_sign_message(&module, sign, rep);
}

static void policy_knows_the_time_and_the_statement_says_it(void **state) {
    static const uint8_t payload[] = {0xa2, 0x01, 0x05, 0x02, 0x1a, 0x6b, 0x08, 0x1f, 0x41};
    struct sign_message_rep rep;
    struct statement_parts parts;
    struct statement statement;
    (void)state;
    log_in(USER_USER);
    uint64_t key = make_bound_key();
    assert_int_equal(sign_five(key, NULL), STATUS_POLICY_DENIED);
    tell(NOON);
    sim_advance(1000);
    assert_int_equal(sign_five(key, &rep), STATUS_OK);
    assert_int_equal(statement_read(rep.statement, &parts, &statement), STATUS_OK);
    assert_int_equal(statement.facts.time, NOON + 1);
    assert_int_equal(statement.quality, QUALITY_TRUSTED);
    assert_int_equal(parts.payload.size, sizeof(payload));
    assert_memory_equal(parts.payload.data, payload, sizeof(payload));
    sim_advance(10ull * HOUR * 1000);
    assert_int_equal(sign_five(key, NULL), STATUS_POLICY_DENIED);
    sim_advance(8ull * HOUR * 1000);
    assert_int_equal(sign_five(key, NULL), STATUS_OK);
    restart();
    log_in(USER_USER);
    struct template find;
    template_start(&find);
    template_num(&find, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY);
    assert_int_equal(module_find(&module, session, &find, &key), 1);
    assert_int_equal(sign_five(key, NULL), STATUS_POLICY_DENIED);
}

/* ---- */

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(nothing_is_trusted_until_somebody_tells_it),
        STORY(token_whose_roles_name_nobody_takes_no_time),
        STORY(officer_of_another_role_and_a_stranger_are_refused),
        STORY(answer_altered_in_any_bit_is_refused),
        STORY(approval_is_not_taken_for_a_time),
        STORY(answer_is_used_once),
        STORY(answer_comes_within_a_minute_or_not_at_all),
        STORY(answer_for_another_device_is_refused),
        STORY(numbers_that_are_no_time_are_refused),
        STORY(time_goes_on_with_the_module_for_seven_days),
        STORY(time_never_steps_back_by_more_than_a_minute),
        STORY(restart_forgets_the_time_and_the_question),
        STORY(another_roles_file_forgets_the_time),
        STORY(tokens_trust_each_for_itself),
        STORY(token_made_anew_knows_no_time),
        STORY(key_with_hours_works_in_its_hours),
        STORY(policy_knows_the_time_and_the_statement_says_it),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failed;
}
