/* SPDX-License-Identifier: Apache-2.0 */
/* What lets a key do more, and waits for people: another policy, looser limits, and uses that only
 * wait. */
#include "core/command/module.h"
#include "policy/statement.h"
#include "test/component/officer.h"
#include "test/component/quick.h"

enum { OFFICERS = 5, NEEDED = 3, ALL = 7 };

static struct module module;
static struct officer officers[OFFICERS];
static uint8_t file_room[ROLES_FILE_MAX];
static uint32_t session;

static void log_in(enum user user) {
    struct login_req login = {session, user, bytes_of_text(user == USER_SO ? SO_PIN : USER_PIN)};
    assert_int_equal(call_login(&module, login, NULL), STATUS_OK);
}

static void approve(uint64_t number, uint32_t who) {
    for (uint32_t i = 0; i < OFFICERS; i++) {
        if ((who >> i & 1) != 0) {
            assert_int_equal(officer_give(&module, session, number, &officers[i]), STATUS_OK);
        }
    }
}

static uint64_t wait_for(enum status status) {
    assert_int_equal(status, STATUS_APPROVAL_NEEDED);
    return officer_newest(&module, session);
}

static void set_officers(void) {
    struct roles roles;
    officer_roles(officers, OFFICERS, NEEDED, 1, &roles);
    struct roles_set_req set = {
        session, officer_file(&roles, (struct span){file_room, sizeof(file_room)})};
    assert_int_equal(call_logout(&module, (struct logout_req){session}, NULL), STATUS_OK);
    log_in(USER_SO);
    approve(wait_for(call_roles_set(&module, set, NULL)), ALL);
    assert_int_equal(call_roles_set(&module, set, NULL), STATUS_OK);
    assert_int_equal(call_logout(&module, (struct logout_req){session}, NULL), STATUS_OK);
    log_in(USER_USER);
}

static uint32_t count_bits(uint32_t set) {
    uint32_t count = 0;
    for (; set != 0; set &= set - 1) {
        count++;
    }
    return count;
}

/* ---- a key under a policy: numbers up to `high`, `quota` of them in an hour (0: any) ---- */

static uint8_t form_room[POLICY_SIZE_MAX];
static uint64_t bound;

static struct bytes form_of(uint32_t version, int64_t high, uint32_t quota) {
    static struct policy policy;
    struct span out = {form_room, sizeof(form_room)};
    policy = (struct policy){.name = bytes_of_text("valve"),
                             .key = bytes_of_text("k"),
                             .version = version,
                             .field_count = 1,
                             .rule_count = quota > 0 ? 2 : 1,
                             .limit = quota > 0 ? 1 : POLICY_NONE};
    policy.fields[0] = (struct policy_field){.name = bytes_of_text("open"),
                                             .high = high,
                                             .key = 1,
                                             .kind = POLICY_INT,
                                             .parent = POLICY_NONE};
    policy.rules[0] =
        (struct policy_rule){.effect = POLICY_ALLOW, .line = 1, .bucket = POLICY_NONE};
    policy.rules[1] = (struct policy_rule){.effect = POLICY_LIMIT,
                                           .line = 2,
                                           .bucket = POLICY_NONE,
                                           .rate = {3600000, quota, quota}};
    assert_int_equal(form_write(&policy, &out), STATUS_OK);
    return bytes_of_span(out);
}

static void make_bound(struct bytes form) {
    static const uint8_t ed25519[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
    static struct template open, shut;
    struct key_generate_pair_rep rep;
    template_start(&open);
    template_bytes(&open, ATTRIBUTE_EC_PARAMS, ed25519, sizeof(ed25519));
    template_start(&shut);
    template_bool(&shut, ATTRIBUTE_TOKEN, true);
    template_text(&shut, ATTRIBUTE_LABEL, "valve-7");
    template_bytes(&shut, ATTRIBUTE_POLICY, form.data, form.size);
    const struct key_generate_pair_req make = {.session = session,
                                               .mechanism = {.algorithm =
                                                                 ALGORITHM_ED25519_KEY_PAIR_GEN},
                                               .public_attributes = template_of(&open),
                                               .private_attributes = template_of(&shut)};
    assert_int_equal(call_key_generate_pair(&module, make, &rep), STATUS_OK);
    bound = rep.private_key;
}

static enum status exchange(struct bytes form) {
    static struct template template;
    template_start(&template);
    template_bytes(&template, ATTRIBUTE_POLICY, form.data, form.size);
    struct object_set_req set = {session, bound, template_of(&template)};
    return call_object_set(&module, set, NULL);
}

/* Signs a number; fills what the statement says of counter and version. */
static enum status sign_number(uint8_t number, struct statement *statement) {
    uint8_t message[] = {0xa1, 0x01, 0x18, number};
    struct sign_message_req sign = {session, bound, bytes_of(message, sizeof(message))};
    struct sign_message_rep rep;
    struct statement_parts parts;
    struct statement unused;
    TRY(call_sign_message(&module, sign, &rep));
    return statement_read(rep.statement, &parts, statement != NULL ? statement : &unused);
}

static void find_bound(void) {
    struct template find;
    template_start(&find);
    template_num(&find, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY);
    assert_int_equal(module_find(&module, session, &find, &bound), 1);
}

static void restart(bool orderly) {
    orderly ? module_stop(&module) : module_drop(&module);
    module_start(&module);
    session = module_user_session(&module);
}

static int begin(void **state) {
    (void)state;
    sim_reset(NULL, true);
    module_start(&module);
    for (uint32_t i = 0; i < OFFICERS; i++) {
        officer_make(&officers[i], i, (enum officer_kind)(i % 3));
    }
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    session = module_user_session(&module);
    return 0;
}

static int end(void **state) {
    (void)state;
    module_stop(&module);
    return 0;
}

/* ---- another policy ---- */

static void policy_stays_where_nobody_can_approve(void **state) {
    (void)state;
    make_bound(form_of(1, 100, 0));
    assert_int_equal(exchange(form_of(2, 200, 0)), STATUS_ATTRIBUTE_READ_ONLY);
    assert_int_equal(sign_number(150, NULL), STATUS_MESSAGE_INVALID);
}

static void approved_policy_holds_at_once_and_the_counter_goes_on(void **state) {
    struct statement before, after;
    (void)state;
    set_officers();
    make_bound(form_of(1, 100, 0));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(sign_number(50, &before), STATUS_OK);
    }
    assert_int_equal(sign_number(150, NULL), STATUS_MESSAGE_INVALID);
    approve(wait_for(exchange(form_of(2, 200, 0))), ALL);
    assert_int_equal(sign_number(150, NULL), STATUS_MESSAGE_INVALID);
    assert_int_equal(exchange(form_of(2, 200, 0)), STATUS_OK);
    assert_int_equal(sign_number(150, &after), STATUS_OK);
    assert_int_equal(before.version, 1);
    assert_int_equal(after.version, 2);
    assert_int_equal(before.facts.counter, 3);
    assert_int_equal(after.facts.counter, 4);
    restart(false); /* behind what was reserved, whatever was cut */
    find_bound();
    assert_int_equal(sign_number(150, &before), STATUS_OK);
    assert_int_equal(before.version, 2);
    assert_true(before.facts.counter > after.facts.counter &&
                before.facts.counter <= after.facts.counter + 256);
}

/* A call that looked at the policy before does not go by it any more. */
static void every_way_to_the_key_sees_the_new_policy(void **state) {
    struct call *other = aligned_alloc(64, (call_size() + 63) / 64 * 64);
    (void)state;
    assert_non_null(other);
    memset(other, 0, call_size());
    set_officers();
    make_bound(form_of(1, 200, 0));
    struct call *own = module.call;
    module.call = other;
    assert_int_equal(sign_number(150, NULL), STATUS_OK);
    module.call = own;
    approve(wait_for(exchange(form_of(2, 100, 0))), ALL);
    assert_int_equal(exchange(form_of(2, 100, 0)), STATUS_OK);
    module.call = other;
    assert_int_equal(sign_number(150, NULL), STATUS_MESSAGE_INVALID);
    module.call = own;
    free(other);
}

static void every_subset_below_the_threshold_is_refused(void **state) {
    uint32_t version = 1;
    (void)state;
    set_officers();
    make_bound(form_of(version, 100, 0));
    for (uint32_t who = 0; who < 1u << OFFICERS; who++) {
        uint64_t number = wait_for(exchange(form_of(version + 1, 100, 0)));
        bool enough = count_bits(who) >= NEEDED;
        approve(number, who);
        assert_int_equal(exchange(form_of(version + 1, 100, 0)),
                         enough ? STATUS_OK : STATUS_APPROVAL_NEEDED);
        version += enough ? 1 : 0;
        sim_advance(3600000); /* what waits is void, for the next round */
    }
    assert_int_equal(version, 1 + 16);
}

static void another_policy_or_key_than_was_approved_waits_again(void **state) {
    (void)state;
    set_officers();
    make_bound(form_of(1, 100, 0));
    uint64_t first = bound;
    approve(wait_for(exchange(form_of(2, 150, 0))), ALL);
    assert_int_equal(exchange(form_of(2, 151, 0)), STATUS_APPROVAL_NEEDED);
    make_bound(form_of(1, 100, 0));
    assert_int_equal(exchange(form_of(2, 150, 0)), STATUS_APPROVAL_NEEDED);
    bound = first;
    assert_int_equal(exchange(form_of(2, 150, 0)), STATUS_OK);
    assert_int_equal(exchange(form_of(2, 150, 0)), STATUS_VERSION_OLD); /* not above itself */
    assert_int_equal(exchange(form_of(1, 100, 0)), STATUS_VERSION_OLD); /* never back */
}

static void approval_dies_with_the_hour_and_with_a_restart(void **state) {
    (void)state;
    set_officers();
    make_bound(form_of(1, 100, 0));
    approve(wait_for(exchange(form_of(2, 150, 0))), ALL);
    sim_advance(3600000);
    uint64_t number = wait_for(exchange(form_of(2, 150, 0)));
    approve(number, ALL);
    restart(true);
    find_bound();
    assert_int_equal(officer_give(&module, session, number, &officers[0]),
                     STATUS_APPROVAL_UNKNOWN);
    assert_int_equal(exchange(form_of(2, 150, 0)), STATUS_APPROVAL_NEEDED);
}

static void yes_to_one_policy_is_no_yes_to_the_next_request(void **state) {
    static uint8_t request[APPROVAL_REQUEST_MAX], room[APPROVAL_MAX];
    struct approval_get_rep get;
    (void)state;
    set_officers();
    make_bound(form_of(1, 100, 0));
    uint64_t number = wait_for(exchange(form_of(2, 150, 0)));
    assert_int_equal(call_approval_get(&module, (struct approval_get_req){session, number}, &get),
                     STATUS_OK);
    bytes_copy(request, get.request);
    struct bytes yes = officer_approve(&officers[0], bytes_of(request, get.request.size),
                                       (struct span){room, sizeof(room)});
    sim_advance(3600000); /* the same policy, another nonce */
    number = wait_for(exchange(form_of(2, 150, 0)));
    struct approval_give_req give = {session, number, yes};
    assert_int_equal(call_approval_give(&module, give, NULL), STATUS_SIGNATURE_INVALID);
}

static void what_is_no_policy_for_this_key_is_refused_before_anybody_is_asked(void **state) {
    static struct template template;
    (void)state;
    set_officers();
    make_bound(form_of(1, 100, 0));
    struct bytes form = form_of(2, 150, 0);
    assert_int_equal(exchange(bytes_of(form.data, form.size - 1)), STATUS_POLICY_INVALID);
    assert_int_equal(exchange(bytes_of(NULL, 0)), STATUS_POLICY_INVALID);
    template_start(&template);
    template_text(&template, ATTRIBUTE_LABEL, "two things at once");
    template_bytes(&template, ATTRIBUTE_POLICY, form.data, form.size);
    struct object_set_req set = {session, bound, template_of(&template)};
    assert_int_equal(call_object_set(&module, set, NULL), STATUS_TEMPLATE_INCONSISTENT);
    uint64_t key = 0, open = 0;
    assert_int_equal(module_make_pair(&module, session, "plain", true, &open, &key), STATUS_OK);
    uint64_t kept = bound;
    bound = key; /* a key without a policy is not given one */
    assert_int_equal(exchange(form), STATUS_ATTRIBUTE_READ_ONLY);
    bound = kept;
    assert_int_equal(officer_newest(&module, session), 0);
}

static void request_says_what_takes_the_place_of_what(void **state) {
    struct approval_get_rep get;
    struct request request;
    uint8_t hash[HASH_SIZE_MAX];
    (void)state;
    set_officers();
    make_bound(form_of(1, 100, 0));
    struct bytes form = form_of(1, 100, 0);
    assert_int_equal(crypto_hash(HASH_SHA256, &form, 1, hash), STATUS_OK);
    uint64_t number = wait_for(exchange(form_of(2, 150, 0)));
    assert_int_equal(call_approval_get(&module, (struct approval_get_req){session, number}, &get),
                     STATUS_OK);
    assert_int_equal(request_read(get.request, &request), STATUS_OK);
    assert_int_equal(request.class, APPROVAL_POLICY);
    assert_true(bytes_equal(request.items[0].value, bytes_of_text("valve-7")));
    assert_true(bytes_equal(request.items[2].value, bytes_of_text("valve")));
    assert_true(bytes_equal(request.items[3].value, form_of(2, 150, 0)));
    assert_true(bytes_equal(request.items[4].value, bytes_of(hash, 32)));
}

/* What was used of the old quota counts for the new one, over a restart too. */
static void quota_that_was_used_stays_used(void **state) {
    uint32_t more = 0;
    (void)state;
    set_officers();
    make_bound(form_of(1, 100, 20));
    for (int i = 0; i < 15; i++) {
        assert_int_equal(sign_number(50, NULL), STATUS_OK);
    }
    approve(wait_for(exchange(form_of(2, 100, 40))), ALL);
    assert_int_equal(exchange(form_of(2, 100, 40)), STATUS_OK);
    for (; sign_number(50, NULL) == STATUS_OK && more < 10; more++) {
    }
    assert_int_equal(more, 10);
    restart(false);
    find_bound();
    for (; sign_number(50, NULL) == STATUS_OK; more++) {
    }
    assert_true(more <= 25 && more >= 25 - 3); /* 40 / 16 is reserved ahead */
    assert_int_equal(sign_number(50, NULL), STATUS_POLICY_TOO_OFTEN);
}

/* Of a policy without a quota nothing was used. */
static void first_quota_begins_unused(void **state) {
    uint32_t more = 0;
    (void)state;
    set_officers();
    make_bound(form_of(1, 100, 0));
    for (int i = 0; i < 30; i++) {
        assert_int_equal(sign_number(50, NULL), STATUS_OK);
    }
    approve(wait_for(exchange(form_of(2, 100, 20))), ALL);
    assert_int_equal(exchange(form_of(2, 100, 20)), STATUS_OK);
    for (; sign_number(50, NULL) == STATUS_OK; more++) {
    }
    assert_int_equal(more, 20);
}

/* ---- looser limits ---- */

static uint64_t limited;

static void make_limited(uint32_t uses) {
    struct template template;
    struct key_generate_rep rep;
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_bool(&template, ATTRIBUTE_SIGN, true);
    template_bool(&template, ATTRIBUTE_TOKEN, true);
    template_text(&template, ATTRIBUTE_LABEL, "meter");
    template_num(&template, ATTRIBUTE_USES_MAX, uses);
    struct key_generate_req make = {session, {.algorithm = ALGORITHM_GENERIC_KEY_GEN},
                                    template_of(&template)};
    assert_int_equal(call_key_generate(&module, make, &rep), STATUS_OK);
    limited = rep.key;
}

static enum status set_uses(uint32_t uses) {
    struct template template;
    template_start(&template);
    template_num(&template, ATTRIBUTE_USES_MAX, uses);
    struct object_set_req set = {session, limited, template_of(&template)};
    return call_object_set(&module, set, NULL);
}

static uint32_t use_up(void) {
    struct sign_req sign = {session,
                            limited,
                            {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256},
                            bytes_of_text("words")};
    uint32_t uses = 0;
    while (call_sign(&module, sign, NULL) == STATUS_OK) {
        uses++;
    }
    return uses;
}

static void limits_get_tighter_alone_and_looser_with_people(void **state) {
    (void)state;
    make_limited(10);
    assert_int_equal(set_uses(11), STATUS_ATTRIBUTE_READ_ONLY); /* nobody can approve it */
    assert_string_equal(module.call->why, "USES_MAX only goes down");
    set_officers();
    make_limited(10);
    assert_int_equal(set_uses(5), STATUS_OK);
    assert_int_equal(use_up(), 5);
    uint64_t number = wait_for(set_uses(8));
    approve(number, 3);
    assert_int_equal(set_uses(8), STATUS_APPROVAL_NEEDED);
    approve(number, 4);
    assert_int_equal(set_uses(9), STATUS_APPROVAL_NEEDED); /* another number */
    assert_int_equal(set_uses(8), STATUS_OK);
    assert_int_equal(use_up(), 3); /* what was used stays used */
    assert_int_equal(set_uses(9), STATUS_APPROVAL_NEEDED); /* used up */
}

static void every_subset_below_the_threshold_loosens_nothing(void **state) {
    uint32_t uses = 10;
    (void)state;
    set_officers();
    make_limited(uses);
    for (uint32_t who = 0; who < 1u << OFFICERS; who++) {
        approve(wait_for(set_uses(uses + 1)), who);
        bool enough = count_bits(who) >= NEEDED;
        assert_int_equal(set_uses(uses + 1), enough ? STATUS_OK : STATUS_APPROVAL_NEEDED);
        uses += enough ? 1 : 0;
        sim_advance(3600000);
    }
    assert_int_equal(use_up(), 10 + 16);
}

static void request_says_what_gets_looser(void **state) {
    struct approval_get_rep get;
    struct request request;
    struct template template;
    (void)state;
    set_officers();
    make_limited(10);
    template_start(&template);
    template_num(&template, ATTRIBUTE_USES_MAX, 4000000000u);
    template_num(&template, ATTRIBUTE_HOURS_FROM, 360);
    template_num(&template, ATTRIBUTE_HOURS_TO, 1320);
    struct object_set_req set = {session, limited, template_of(&template)};
    uint64_t number = wait_for(call_object_set(&module, set, NULL));
    assert_int_equal(call_approval_get(&module, (struct approval_get_req){session, number}, &get),
                     STATUS_OK);
    assert_int_equal(request_read(get.request, &request), STATUS_OK);
    static const char words[] = "loosen limits, USES_MAX from 10 to 4000000000, HOURS_FROM from "
                                "none to 360, HOURS_TO from none to 1320, of the key 'meter' ('";
    assert_int_equal(request.class, APPROVAL_LIMITS);
    assert_true(request.text.size > sizeof(words));
    assert_memory_equal(request.text.data + strlen("On token 'test': "), words, sizeof(words) - 1);
}

/* ---- what only waits ---- */

static void use_that_waits_for_people_is_not_counted(void **state) {
    static const uint32_t leaves[] = {ATTRIBUTE_ENCRYPT, ATTRIBUTE_EXTRACTABLE, 0xffffffff};
    struct template template;
    struct key_generate_rep kek;
    uint64_t key = 0;
    (void)state;
    set_officers();
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_bool(&template, ATTRIBUTE_WRAP, true);
    template_bool(&template, ATTRIBUTE_UNWRAP, true);
    template_num(&template, ATTRIBUTE_USES_MAX, 2);
    struct key_generate_req make = {session, {.algorithm = ALGORITHM_AES_KEY_GEN},
                                    template_of(&template)};
    assert_int_equal(call_key_generate(&module, make, &kek), STATUS_OK);
    assert_int_equal(module_make_aes(&module, session, leaves, &key), STATUS_OK);
    struct key_wrap_req wrap = {session, {.algorithm = ALGORITHM_AES_KWP}, kek.key, key};
    for (int i = 0; i < 2; i++) {
        uint64_t number = wait_for(call_key_wrap(&module, wrap, NULL));
        for (int again = 0; again < 5; again++) {
            assert_int_equal(call_key_wrap(&module, wrap, NULL), STATUS_APPROVAL_NEEDED);
        }
        approve(number, ALL);
        assert_int_equal(call_key_wrap(&module, wrap, NULL), STATUS_OK);
    }
    assert_int_equal(call_key_wrap(&module, wrap, NULL), STATUS_KEY_SPENT); /* nobody is asked */
    assert_int_equal(officer_newest(&module, session), 0);
}

static void key_with_a_policy_is_not_copied(void **state) {
    struct template template;
    (void)state;
    module_stop(&module);
    sim_reset(NULL, true);
    module_start(&module);
    module_make_token(&module, PROFILE_OF_TOKEN_COMPATIBLE);
    session = module_user_session(&module);
    make_bound(form_of(1, 100, 0));
    template_start(&template);
    struct object_copy_req copy = {session, bound, template_of(&template)};
    assert_int_equal(call_object_copy(&module, copy, NULL), STATUS_ACTION_PROHIBITED);
}

/* ---- */

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(policy_stays_where_nobody_can_approve),
        STORY(approved_policy_holds_at_once_and_the_counter_goes_on),
        STORY(every_way_to_the_key_sees_the_new_policy),
        STORY(every_subset_below_the_threshold_is_refused),
        STORY(another_policy_or_key_than_was_approved_waits_again),
        STORY(approval_dies_with_the_hour_and_with_a_restart),
        STORY(yes_to_one_policy_is_no_yes_to_the_next_request),
        STORY(what_is_no_policy_for_this_key_is_refused_before_anybody_is_asked),
        STORY(request_says_what_takes_the_place_of_what),
        STORY(quota_that_was_used_stays_used),
        STORY(first_quota_begins_unused),
        STORY(limits_get_tighter_alone_and_looser_with_people),
        STORY(every_subset_below_the_threshold_loosens_nothing),
        STORY(request_says_what_gets_looser),
        STORY(use_that_waits_for_people_is_not_counted),
        STORY(key_with_a_policy_is_not_copied),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failed;
}
