/* SPDX-License-Identifier: Apache-2.0 */
/* Approval by several people: what needs it, who counts, and what never does. */
#define _GNU_SOURCE
#include "core/command/module.h"
#include "test/component/officer.h"
#include "test/component/quick.h"

enum { OFFICERS = 5, NEEDED = 3 };

static struct module module;
static struct officer officers[OFFICERS + 1]; /* the last one is in no roles file */
static uint8_t file_room[ROLES_FILE_MAX];
static uint32_t session;

static struct bytes file_of(uint32_t count, uint32_t threshold, uint32_t version) {
    struct roles roles;
    officer_roles(officers, count, threshold, version, &roles);
    return officer_file(&roles, (struct span){file_room, sizeof(file_room)});
}

static void log_in(enum user user) {
    struct login_req login = {session, user,
                              bytes_of_text(user == USER_SO ? SO_PIN : USER_PIN)};
    assert_int_equal(call_login(&module, login, NULL), STATUS_OK);
}

static void log_out(void) {
    assert_int_equal(call_logout(&module, (struct logout_req){session}, NULL), STATUS_OK);
}

static enum status set_roles(uint32_t count, uint32_t threshold, uint32_t version) {
    return call_roles_set(&module,
                          (struct roles_set_req){session, file_of(count, threshold, version)},
                          NULL);
}

static uint64_t wait_for(enum status status) {
    assert_int_equal(status, STATUS_APPROVAL_NEEDED);
    uint64_t number = officer_newest(&module, session);
    assert_true(number != 0);
    return number;
}

static void approve(uint64_t number, uint32_t who) {
    for (uint32_t i = 0; i <= OFFICERS; i++) {
        if ((who >> i & 1) != 0) {
            assert_int_equal(officer_give(&module, session, number, &officers[i]), STATUS_OK);
        }
    }
}

static void begin_token(void) {
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    session = module_session(&module);
}

/* Five officers, three of whom must agree. */
static void begin_with_officers(void) {
    begin_token();
    log_in(USER_SO);
    approve(wait_for(set_roles(OFFICERS, NEEDED, 1)), 7);
    assert_int_equal(set_roles(OFFICERS, NEEDED, 1), STATUS_OK);
}

/* Whatever it is: turn on the compatible profile. */
static enum status loosen(void) {
    struct token_set_req set = {.session = session, .profile = PROFILE_OF_TOKEN_COMPATIBLE};
    return call_token_set(&module, set, NULL);
}

static enum status tighten(void) {
    struct token_set_req set = {.session = session, .profile = PROFILE_OF_TOKEN_STRICT,
                                .options = OPTION_VERIFY_SIGNATURES};
    return call_token_set(&module, set, NULL);
}

static uint32_t count_bits(uint32_t set) {
    uint32_t count = 0;
    for (; set != 0; set &= set - 1) {
        count++;
    }
    return count;
}

/* ---- stories ---- */

static void without_a_roles_file_nothing_needs_approval(void **state) {
    (void)state;
    begin_token();
    log_in(USER_SO);
    assert_int_equal(loosen(), STATUS_OK);
}

static void first_roles_file_takes_the_security_officer_and_its_own_threshold(void **state) {
    struct roles_get_rep rep;
    (void)state;
    begin_token();
    assert_int_equal(set_roles(3, 2, 1), STATUS_ROLE_REFUSED);
    log_in(USER_SO);
    uint64_t number = wait_for(set_roles(3, 2, 1));
    approve(number, 1);
    assert_int_equal(set_roles(3, 2, 1), STATUS_APPROVAL_NEEDED);
    approve(number, 2);
    assert_int_equal(set_roles(3, 2, 1), STATUS_OK);
    assert_int_equal(call_roles_get(&module, (struct roles_get_req){session}, &rep), STATUS_OK);
    assert_true(bytes_equal(rep.roles, file_of(3, 2, 1)));
}

static void every_subset_of_five_below_three_is_refused(void **state) {
    (void)state;
    begin_with_officers();
    for (uint32_t who = 0; who < 1u << OFFICERS; who++) {
        assert_int_equal(tighten(), STATUS_OK);
        uint64_t number = wait_for(loosen());
        approve(number, who);
        assert_int_equal(loosen(), count_bits(who) >= NEEDED ? STATUS_OK : STATUS_APPROVAL_NEEDED);
        sim_advance(3600000); /* what waits is void, for the next round */
    }
}

static void one_person_counts_once_however_often(void **state) {
    (void)state;
    begin_with_officers();
    uint64_t number = wait_for(loosen());
    for (int i = 0; i < 5; i++) {
        approve(number, 1 | 2);
    }
    assert_int_equal(loosen(), STATUS_APPROVAL_NEEDED);
    approve(number, 4);
    assert_int_equal(loosen(), STATUS_OK);
}

static void approval_is_used_up_by_what_it_was_for(void **state) {
    (void)state;
    begin_with_officers();
    uint64_t number = wait_for(loosen());
    approve(number, 7);
    assert_int_equal(loosen(), STATUS_OK);
    assert_int_equal(tighten(), STATUS_OK);
    uint64_t next = wait_for(loosen());
    assert_true(next != number);
    assert_int_equal(officer_give(&module, session, number, &officers[0]),
                     STATUS_APPROVAL_UNKNOWN);
}

static struct approval_give_req replay; /* of a request that is no more */
static uint8_t replay_room[APPROVAL_MAX];

static void keep_approval(uint64_t number, const struct officer *officer) {
    static uint8_t kept[APPROVAL_REQUEST_MAX];
    struct approval_get_rep get;
    assert_int_equal(
        call_approval_get(&module, (struct approval_get_req){session, number}, &get), STATUS_OK);
    bytes_copy(kept, get.request);
    replay = (struct approval_give_req){
        session, number,
        officer_approve(officer, bytes_of(kept, get.request.size),
                        (struct span){replay_room, sizeof(replay_room)})};
}

static void approval_of_one_request_is_nothing_to_another(void **state) {
    (void)state;
    begin_with_officers();
    keep_approval(wait_for(loosen()), &officers[0]);
    sim_advance(3600000);
    replay.number = wait_for(loosen()); /* the same command, another nonce */
    assert_int_equal(call_approval_give(&module, replay, NULL), STATUS_SIGNATURE_INVALID);
}

static void restart_makes_every_request_void(void **state) {
    (void)state;
    begin_with_officers();
    uint64_t number = wait_for(loosen());
    approve(number, 7);
    module_stop(&module);
    module_start(&module);
    session = module_session(&module);
    log_in(USER_SO);
    assert_int_equal(officer_give(&module, session, number, &officers[0]),
                     STATUS_APPROVAL_UNKNOWN);
    assert_int_equal(loosen(), STATUS_APPROVAL_NEEDED);
}

static void request_dies_after_an_hour(void **state) {
    (void)state;
    begin_with_officers();
    uint64_t number = wait_for(loosen());
    approve(number, 7);
    sim_advance(3600000);
    assert_int_equal(loosen(), STATUS_APPROVAL_NEEDED);
    assert_true(officer_newest(&module, session) != number);
}

static void approval_made_for_another_device_is_refused(void **state) {
    struct approval_get_rep get;
    static uint8_t altered[APPROVAL_REQUEST_MAX], room[APPROVAL_MAX];
    struct request request;
    uint8_t device[16] = {1, 2, 3};
    (void)state;
    begin_with_officers();
    uint64_t number = wait_for(loosen());
    assert_int_equal(
        call_approval_get(&module, (struct approval_get_req){session, number}, &get), STATUS_OK);
    assert_int_equal(request_read(get.request, &request), STATUS_OK);
    request.device = bytes_of(device, sizeof(device));
    struct span out = {altered, sizeof(altered)};
    assert_int_equal(request_write(&request, &out), STATUS_OK);
    struct approval_give_req give = {
        session, number,
        officer_approve(&officers[0], bytes_of_span(out), (struct span){room, sizeof(room)})};
    assert_int_equal(call_approval_give(&module, give, NULL), STATUS_SIGNATURE_INVALID);
}

static void stranger_and_altered_approvals_are_refused(void **state) {
    (void)state;
    begin_with_officers();
    uint64_t number = wait_for(loosen());
    assert_int_equal(officer_give(&module, session, number, &officers[OFFICERS]),
                     STATUS_APPROVER_UNKNOWN);
    for (uint32_t who = 0; who < 3; who++) { /* each kind of key */
        keep_approval(number, &officers[who]);
        for (size_t bit = 0; bit < 8 * replay.approval.size; bit++) {
            replay_room[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_not_equal(call_approval_give(&module, replay, NULL), STATUS_OK);
            replay_room[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        assert_int_equal(call_approval_give(&module, replay, NULL), STATUS_OK);
    }
    assert_int_equal(loosen(), STATUS_OK);
}

static void next_roles_file_takes_the_old_and_the_new_threshold(void **state) {
    struct roles roles;
    (void)state;
    begin_with_officers();
    assert_int_equal(set_roles(OFFICERS, NEEDED, 1), STATUS_VERSION_OLD);
    /* officers 3, 4 and a new one; two of whom must agree */
    officer_roles(officers + 3, 3, 2, 2, &roles);
    struct roles_set_req set = {
        session, officer_file(&roles, (struct span){file_room, sizeof(file_room)})};
    uint64_t number = wait_for(call_roles_set(&module, set, NULL));
    approve(number, 7); /* three of the old ones, none of the new */
    assert_int_equal(call_roles_set(&module, set, NULL), STATUS_APPROVAL_NEEDED);
    approve(number, 1u << OFFICERS | 1u << 3);
    assert_int_equal(call_roles_set(&module, set, NULL), STATUS_OK);
    number = wait_for(loosen());
    assert_int_equal(officer_give(&module, session, number, &officers[0]),
                     STATUS_APPROVER_UNKNOWN);
    approve(number, 1u << OFFICERS | 1u << 4);
    assert_int_equal(loosen(), STATUS_OK);
}

static void same_key_in_two_roles_counts_once_in_each(void **state) {
    struct roles roles;
    (void)state;
    begin_token();
    log_in(USER_SO);
    officer_roles(officers, 3, 1, 1, &roles);
    roles.roles[1] = (struct role){bytes_of_text("wrappers"), 2, 3};
    roles.role_count = 2;
    roles.needed[APPROVAL_TOKEN] = 1;
    struct roles_set_req set = {
        session, officer_file(&roles, (struct span){file_room, sizeof(file_room)})};
    approve(wait_for(call_roles_set(&module, set, NULL)), 1);
    assert_int_equal(call_roles_set(&module, set, NULL), STATUS_OK);
    uint64_t number = wait_for(loosen());
    approve(number, 1 | 4); /* the third is an officer, but no wrapper */
    assert_int_equal(loosen(), STATUS_APPROVAL_NEEDED);
    approve(number, 2);
    assert_int_equal(loosen(), STATUS_OK);
}

/* ---- what needs it ---- */

static void replacing_the_user_pin_needs_approval(void **state) {
    struct pin_init_req pin = {0, bytes_of_text("another-pin")};
    (void)state;
    begin_with_officers();
    pin.session = session;
    approve(wait_for(call_pin_init(&module, pin, NULL)), 7);
    assert_int_equal(call_pin_init(&module, pin, NULL), STATUS_OK);
}

static void trusted_key_needs_approval_of_exactly_its_template(void **state) {
    struct template template;
    struct key_generate_rep rep;
    (void)state;
    begin_with_officers();
    template_start(&template);
    template_text(&template, ATTRIBUTE_LABEL, "kek");
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_bool(&template, ATTRIBUTE_TOKEN, true);
    template_bool(&template, ATTRIBUTE_PRIVATE, false);
    template_bool(&template, ATTRIBUTE_TRUSTED, true);
    template_bool(&template, ATTRIBUTE_WRAP, true);
    struct key_generate_req make = {session, {.algorithm = ALGORITHM_AES_KEY_GEN},
                                    template_of(&template)};
    approve(wait_for(call_key_generate(&module, make, &rep)), 7);
    template_bool(&template, ATTRIBUTE_UNWRAP, true); /* a little more than was approved */
    make.attributes = template_of(&template);
    assert_int_equal(call_key_generate(&module, make, &rep), STATUS_APPROVAL_NEEDED);
    template.used -= 8 + 1;
    make.attributes = template_of(&template);
    assert_int_equal(call_key_generate(&module, make, &rep), STATUS_OK);
}

static void key_that_is_not_destroyable_goes_with_approval(void **state) {
    struct template template;
    struct object_create_rep rep;
    (void)state;
    begin_with_officers();
    log_out();
    log_in(USER_USER);
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_DATA);
    template_text(&template, ATTRIBUTE_LABEL, "root");
    template_bool(&template, ATTRIBUTE_TOKEN, true);
    template_bool(&template, ATTRIBUTE_DESTROYABLE, false);
    struct object_create_req make = {session, template_of(&template)};
    assert_int_equal(call_object_create(&module, make, &rep), STATUS_OK);
    struct object_destroy_req destroy = {session, rep.object};
    approve(wait_for(call_object_destroy(&module, destroy, NULL)), 7);
    assert_int_equal(call_object_destroy(&module, destroy, NULL), STATUS_OK);
}

static void giving_a_key_out_needs_approval_each_time(void **state) {
    static const uint32_t wraps[] = {ATTRIBUTE_WRAP, ATTRIBUTE_UNWRAP, 0xffffffff};
    static const uint32_t leaves[] = {ATTRIBUTE_ENCRYPT, ATTRIBUTE_EXTRACTABLE, 0xffffffff};
    uint64_t kek = 0, key = 0;
    struct key_wrap_rep rep;
    struct approval_get_rep get;
    struct request request;
    (void)state;
    begin_with_officers();
    log_out();
    log_in(USER_USER);
    assert_int_equal(module_make_aes(&module, session, wraps, &kek), STATUS_OK);
    assert_int_equal(module_make_aes(&module, session, leaves, &key), STATUS_OK);
    struct key_wrap_req wrap = {session, {.algorithm = ALGORITHM_AES_KWP}, kek, key};
    uint64_t number = wait_for(call_key_wrap(&module, wrap, &rep));
    assert_int_equal(
        call_approval_get(&module, (struct approval_get_req){session, number}, &get), STATUS_OK);
    assert_int_equal(request_read(get.request, &request), STATUS_OK);
    assert_int_equal(request.class, APPROVAL_WRAP);
    assert_true(bytes_equal(request.items[4].value, bytes_of_text("AES_KWP")));
    approve(number, 7);
    assert_int_equal(call_key_wrap(&module, wrap, &rep), STATUS_OK);
    assert_int_equal(call_key_wrap(&module, wrap, &rep), STATUS_APPROVAL_NEEDED);
}

/* "officers" may let a number from 0 to 100 be signed: two of them, within ten minutes. */
static struct bytes policy_with_approval(struct span room) {
    static struct policy policy;
    policy = (struct policy){.name = bytes_of_text("valve"),
                             .key = bytes_of_text("k"),
                             .version = 1,
                             .field_count = 1,
                             .role_count = 1,
                             .rule_count = 1,
                             .limit = POLICY_NONE,
                             .spike = POLICY_NONE};
    policy.fields[0] = (struct policy_field){.name = bytes_of_text("open"),
                                             .high = 100,
                                             .key = 1,
                                             .kind = POLICY_INT,
                                             .parent = POLICY_NONE};
    policy.roles[0] = bytes_of_text("officers");
    policy.rules[0] = (struct policy_rule){.effect = POLICY_ALLOW,
                                           .within_ms = 600000,
                                           .line = 1,
                                           .bucket = POLICY_NONE,
                                           .needs = 2,
                                           .roles = 1};
    assert_int_equal(form_write(&policy, &room), STATUS_OK);
    return bytes_of_span(room);
}

static uint64_t make_bound_key(void) {
    static const uint8_t ed25519[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
    static uint8_t form[POLICY_SIZE_MAX];
    static struct template open, shut;
    struct key_generate_pair_rep rep;
    struct bytes policy = policy_with_approval((struct span){form, sizeof(form)});
    template_start(&open);
    template_bool(&open, ATTRIBUTE_TOKEN, true);
    template_bytes(&open, ATTRIBUTE_EC_PARAMS, ed25519, sizeof(ed25519));
    template_start(&shut);
    template_bool(&shut, ATTRIBUTE_TOKEN, true);
    template_text(&shut, ATTRIBUTE_LABEL, "valve-7");
    template_bytes(&shut, ATTRIBUTE_POLICY, policy.data, policy.size);
    const struct key_generate_pair_req req = {
        .session = session,
        .mechanism = {.algorithm = ALGORITHM_ED25519_KEY_PAIR_GEN},
        .public_attributes = template_of(&open),
        .private_attributes = template_of(&shut)};
    assert_int_equal(call_key_generate_pair(&module, req, &rep), STATUS_OK);
    return rep.private_key;
}

static enum status sign_number(uint64_t key, uint8_t number) {
    uint8_t message[] = {0xa1, 0x01, 0x18, number}; /* {1: number}, from 24 on */
    struct sign_message_rep rep;
    return call_sign_message(
        &module, (struct sign_message_req){session, key, bytes_of(message, sizeof(message))},
        &rep);
}

static void message_that_a_policy_wants_approved_waits_for_those_people(void **state) {
    (void)state;
    begin_token();
    log_in(USER_USER);
    uint64_t key = make_bound_key();
    assert_int_equal(sign_number(key, 50), STATUS_POLICY_APPROVAL); /* nobody could approve it */
    log_out();
    log_in(USER_SO);
    approve(wait_for(set_roles(OFFICERS, NEEDED, 1)), 7);
    assert_int_equal(set_roles(OFFICERS, NEEDED, 1), STATUS_OK);
    log_out();
    log_in(USER_USER);
    struct template template;
    template_start(&template);
    template_text(&template, ATTRIBUTE_LABEL, "valve-7");
    assert_int_equal(module_find(&module, session, &template, &key), 1);
    uint64_t number = wait_for(sign_number(key, 50));
    struct approval_get_rep get;
    struct request request;
    assert_int_equal(
        call_approval_get(&module, (struct approval_get_req){session, number}, &get), STATUS_OK);
    assert_int_equal(request_read(get.request, &request), STATUS_OK);
    assert_non_null(memmem(request.text.data, request.text.size, "{1: 50}", 7));
    approve(number, 1);
    assert_int_equal(sign_number(key, 50), STATUS_APPROVAL_NEEDED);
    approve(number, 2);
    assert_int_equal(sign_number(key, 51), STATUS_APPROVAL_NEEDED); /* another message */
    assert_int_equal(sign_number(key, 50), STATUS_OK);
    assert_int_equal(sign_number(key, 50), STATUS_APPROVAL_NEEDED); /* used up */
    assert_int_equal(sign_number(key, 101), STATUS_MESSAGE_INVALID); /* whoever approves it */
    number = officer_newest(&module, session);
    approve(number, 3);
    sim_advance(600000); /* too late */
    assert_int_equal(sign_number(key, 50), STATUS_APPROVAL_NEEDED);
}

static void message_that_nobody_can_approve_says_so(void **state) {
    (void)state;
    begin_token();
    log_in(USER_SO);
    approve(wait_for(set_roles(1, 1, 1)), 1); /* one officer, where the policy wants two */
    assert_int_equal(set_roles(1, 1, 1), STATUS_OK);
    log_out();
    log_in(USER_USER);
    assert_int_equal(sign_number(make_bound_key(), 50), STATUS_POLICY_APPROVAL);
}

static void text_of_a_request_follows_from_its_parameters(void **state) {
    struct approval_get_rep get;
    struct request request;
    uint8_t text[REQUEST_TEXT_MAX];
    struct span words = {text, sizeof(text)};
    (void)state;
    begin_with_officers();
    uint64_t number = wait_for(loosen());
    assert_int_equal(
        call_approval_get(&module, (struct approval_get_req){session, number}, &get), STATUS_OK);
    assert_int_equal(request_read(get.request, &request), STATUS_OK);
    assert_int_equal(request_text(&request, &words), STATUS_OK);
    assert_true(bytes_equal(request.text, bytes_of_span(words)));
    assert_non_null(strstr((char *)text, "compatible profile"));
}

/* Every read of the store fails once while a yes is given: it can be given again. */
static void yes_that_meets_a_fault_can_be_given_again(void **state) {
    bool came = true;
    (void)state;
    begin_with_officers();
    for (uint64_t nth = 1; came; nth++) {
        struct approval_give_rep rep = {0};
        keep_approval(wait_for(loosen()), &officers[0]);
        sim_fail((struct sim_failure){SIM_FLASH_READ, nth, 1, SIM_NO_EFFECT});
        enum status status = call_approval_give(&module, replay, &rep);
        came = sim_failed();
        sim_fail((struct sim_failure){0});
        assert_int_equal(status, came ? STATUS_STORE_IO : STATUS_OK);
        assert_int_equal(call_approval_give(&module, replay, &rep), STATUS_OK);
        assert_int_equal(rep.given, 1);
        sim_advance(3600000);
    }
}

static void token_made_anew_has_nothing_waiting(void **state) {
    (void)state;
    begin_with_officers();
    approve(wait_for(loosen()), 1);
    struct session_close_req close = {session};
    assert_int_equal(call_session_close(&module, close, NULL), STATUS_OK);
    struct token_init_req again = {0, bytes_of_text(SO_PIN), bytes_of_text("again")};
    assert_int_equal(call_token_init(&module, again, NULL), STATUS_OK);
    session = module_session(&module);
    assert_int_equal(officer_newest(&module, session), 0);
    log_in(USER_SO);
    assert_int_equal(loosen(), STATUS_OK); /* nor roles */
}

static void requests_that_nobody_answers_make_room(void **state) {
    (void)state;
    begin_with_officers();
    uint64_t first = wait_for(loosen());
    for (uint32_t i = 0; i < REQUESTS_MAX + 1; i++) { /* other subjects */
        struct token_set_req set = {.session = session,
                                    .profile = PROFILE_OF_TOKEN_COMPATIBLE,
                                    .options = i % 2 == 0 ? OPTION_DURABLE_LOG : 0};
        uint8_t peers[8] = {0};
        save_u32(peers, PEER_UID);
        save_u32(peers + 4, 100 + i);
        set.access = ACCESS_PEERS;
        set.peers = bytes_of(peers, sizeof(peers));
        sim_advance(1);
        assert_int_equal(call_token_set(&module, set, NULL), STATUS_APPROVAL_NEEDED);
    }
    assert_int_equal(officer_give(&module, session, first, &officers[0]),
                     STATUS_APPROVAL_UNKNOWN);
}

/* ---- */

static int begin(void **state) {
    (void)state;
    sim_reset(NULL, true);
    module_start(&module);
    for (uint32_t i = 0; i <= OFFICERS; i++) {
        officer_make(&officers[i], i, (enum officer_kind)(i % 3));
    }
    return 0;
}

static int end(void **state) {
    (void)state;
    module_stop(&module);
    return 0;
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(without_a_roles_file_nothing_needs_approval),
        STORY(first_roles_file_takes_the_security_officer_and_its_own_threshold),
        STORY(every_subset_of_five_below_three_is_refused),
        STORY(one_person_counts_once_however_often),
        STORY(approval_is_used_up_by_what_it_was_for),
        STORY(approval_of_one_request_is_nothing_to_another),
        STORY(restart_makes_every_request_void),
        STORY(request_dies_after_an_hour),
        STORY(approval_made_for_another_device_is_refused),
        STORY(stranger_and_altered_approvals_are_refused),
        STORY(next_roles_file_takes_the_old_and_the_new_threshold),
        STORY(same_key_in_two_roles_counts_once_in_each),
        STORY(replacing_the_user_pin_needs_approval),
        STORY(trusted_key_needs_approval_of_exactly_its_template),
        STORY(key_that_is_not_destroyable_goes_with_approval),
        STORY(giving_a_key_out_needs_approval_each_time),
        STORY(message_that_a_policy_wants_approved_waits_for_those_people),
        STORY(message_that_nobody_can_approve_says_so),
        STORY(text_of_a_request_follows_from_its_parameters),
        STORY(token_made_anew_has_nothing_waiting),
        STORY(requests_that_nobody_answers_make_room),
        STORY(yes_that_meets_a_fault_can_be_given_again),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failed;
}
