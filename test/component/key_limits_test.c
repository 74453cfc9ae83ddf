/* SPDX-License-Identifier: Apache-2.0 */
/* limits on a key through the whole module: both sides of each limit, every way to use a
 * key, restarts, derived keys, changes, and what is refused. */
#include "core/command/module.h"
#include "test/component/quick.h"
#include "test/component/limited.h"

/* ---- number of uses ---- */

static void a_key_is_used_exactly_as_often_as_its_limit_says(void **state) {
    static const uint32_t counts[] = {1, 2, 15, 16, 17, 31, 32, 33, 300};
    (void)state;
    for (size_t i = 0; i < COUNT(counts); i++) {
        uint64_t key = limited_make(LIMITS({ATTRIBUTE_USES_MAX, counts[i]}));
        assert_int_equal(limited_usage_of(key).uses_left, counts[i]);
        assert_int_equal(limited_uses_until(key, STATUS_KEY_SPENT), counts[i]);
        assert_int_equal(limited_usage_of(key).uses_left, 0);
        assert_int_equal(limited_usage_of(key).state, STATUS_KEY_SPENT);
        assert_int_equal(call_object_destroy(&limited.module,
                                             (struct object_destroy_req){limited.session, key},
                                             NULL),
                         STATUS_OK);
    }
}

static void an_orderly_restart_costs_nothing_and_gives_nothing(void **state) {
    (void)state;
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_USES_MAX, 1000}));
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(limited_use(key), STATUS_OK);
        assert_int_equal(limited_use(key), STATUS_OK);
        key = limited_restart(true);
    }
    assert_int_equal(limited_usage_of(key).uses_left, 980);
    assert_int_equal(limited_uses_until(key, STATUS_KEY_SPENT), 980);
}

static void a_power_cut_costs_what_was_reserved_and_gives_nothing(void **state) {
    (void)state;
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_USES_MAX, 320}));
    assert_int_equal(limited_use(key), STATUS_OK);
    key = limited_restart(false);
    assert_int_equal(limited_usage_of(key).uses_left, 300); /* a sixteenth */
    uint32_t done = 1;
    while (limited_use(key) == STATUS_OK) {
        done++;
        key = limited_restart(false);
    }
    assert_true(done > 16 && done < 320);
    assert_int_equal(limited_use(key), STATUS_KEY_SPENT);
}

static void a_mark_is_in_the_store_before_a_use_above_it(void **state) {
    (void)state;
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_USES_MAX, 100}));
    sim_fail((struct sim_failure){.call = SIM_FLASH_SYNC, .nth = 1});
    assert_int_equal(limited_use(key), STATUS_STORE_IO);
    sim_fail((struct sim_failure){.call = SIM_ANY});
    assert_int_equal(limited_usage_of(key).used, 0);
}

/* ---- rate ---- */

static void a_bucket_gives_its_burst_and_then_its_rate(void **state) {
    (void)state;
    uint64_t key = limited_make(
        LIMITS({ATTRIBUTE_RATE_USES, 2}, {ATTRIBUTE_RATE_MS, 1000}, {ATTRIBUTE_RATE_BURST, 5}));
    assert_int_equal(limited_uses_until(key, STATUS_KEY_RATE), 5);
    sim_advance(499);
    assert_int_equal(limited_use(key), STATUS_KEY_RATE);
    assert_int_equal(limited_usage_of(key).wait_ms, 1);
    sim_advance(1);
    assert_int_equal(limited_use(key), STATUS_OK);
    assert_int_equal(limited_use(key), STATUS_KEY_RATE);
    sim_advance(3600 * 1000);
    assert_int_equal(limited_usage_of(key).rate_left, 5);
    assert_int_equal(limited_uses_until(key, STATUS_KEY_RATE), 5);
    assert_string_equal(limited.module.call->why, "RATE: again within a second");
}

static void a_restart_empties_the_bucket(void **state) {
    (void)state;
    uint64_t key = limited_make(
        LIMITS({ATTRIBUTE_RATE_USES, 1}, {ATTRIBUTE_RATE_MS, 1000}, {ATTRIBUTE_RATE_BURST, 3}));
    key = limited_restart(true);
    assert_int_equal(limited_use(key), STATUS_KEY_RATE);
    sim_advance(1000);
    assert_int_equal(limited_uses_until(key, STATUS_KEY_RATE), 1);
}

/* ---- hours and logins ---- */

static void hours_without_a_trusted_time_are_refused(void **state) {
    (void)state;
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_HOURS_FROM, 0}, {ATTRIBUTE_HOURS_TO, 1439}));
    sim_set_clock(1793000000);
    assert_int_equal(limited_use(key), STATUS_KEY_HOURS);
    assert_string_equal(limited.module.call->why, "HOURS: the module has no time that it trusts");
}

static void the_pin_is_wanted_after_so_many_uses(void **state) {
    (void)state;
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_LOGIN_USES, 3}));
    struct login_req confirm = {limited.session, USER_CONTEXT, bytes_of_text(USER_PIN)};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(limited_uses_until(key, STATUS_CONFIRM_LOGIN), 3);
        assert_int_equal(limited_usage_of(key).login_left, 0);
        assert_int_equal(call_login(&limited.module, confirm, NULL), STATUS_OK);
    }
    key = limited_restart(true);
    assert_int_equal(limited_use(key), STATUS_CONFIRM_LOGIN);
    struct key_check_rep check;
    struct key_check_req ask = {limited.session, F_SIGN, key, limited_hmac};
    assert_int_equal(call_key_check(&limited.module, ask, &check), STATUS_OK);
    assert_int_equal(check.confirm_login, 1);
}

/* ---- every way to use a key counts ---- */

static void every_way_to_use_a_key_counts(void **state) {
    (void)state;
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_USES_MAX, 100}));
    uint8_t tag[32];
    struct sign_rep rep;
    struct sign_req sign = {limited.session, key, limited_hmac, bytes_of_text("words")};
    assert_int_equal(call_sign(&limited.module, sign, &rep), STATUS_OK);
    memcpy(tag, rep.signature.data, sizeof(tag));
    struct verify_req verify = {limited.session, key, limited_hmac, bytes_of_text("words"),
                                bytes_of(tag, 32)};
    assert_int_equal(call_verify(&limited.module, verify, NULL), STATUS_OK);
    assert_int_equal(limited_usage_of(key).used, 2);
    tag[0] ^= 1; /* what fails was a use all the same */
    assert_int_equal(call_verify(&limited.module, verify, NULL), STATUS_SIGNATURE_INVALID);
    assert_int_equal(limited_usage_of(key).used, 3);
    struct stream_open_req open = {limited.session, F_SIGN, key, limited_hmac};
    assert_int_equal(call_stream_open(&limited.module, open, NULL), STATUS_OK);
    struct stream_update_req update = {limited.session, F_SIGN, bytes_of_text("words")};
    assert_int_equal(call_stream_update(&limited.module, update, NULL), STATUS_OK);
    struct stream_close_req close = {.session = limited.session, .function = F_SIGN};
    assert_int_equal(call_stream_close(&limited.module, close, NULL), STATUS_OK);
    assert_int_equal(limited_usage_of(key).used, 4);
    struct key_check_req check = {limited.session, F_SIGN, key, limited_hmac};
    assert_int_equal(call_key_check(&limited.module, check, NULL), STATUS_OK);
    assert_int_equal(limited_usage_of(key).used, 4);
}

static uint64_t make_aes(enum attribute first, enum attribute second) {
    struct template template;
    struct key_generate_rep rep;
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_bool(&template, first, true);
    template_bool(&template, second, true);
    template_num(&template, ATTRIBUTE_USES_MAX, 2);
    struct key_generate_req req = {
        limited.session, {.algorithm = ALGORITHM_AES_KEY_GEN}, template_of(&template)};
    assert_int_equal(call_key_generate(&limited.module, req, &rep), STATUS_OK);
    return rep.key;
}

static void ciphers_and_wrapping_count(void **state) {
    (void)state;
    static const uint32_t plain_usage[] = {ATTRIBUTE_ENCRYPT, ATTRIBUTE_EXTRACTABLE, 0xffffffffu};
    uint8_t sealed[64], wrapped[64];
    struct encrypt_rep out;
    struct key_wrap_rep blob;
    uint64_t target = 0, cipher = make_aes(ATTRIBUTE_ENCRYPT, ATTRIBUTE_DECRYPT);
    const struct mechanism cbc = {
        .algorithm = ALGORITHM_AES_CTR, .counter_bits = 32, .iv = bytes_of("0123456789abcdef", 16)};
    struct encrypt_req encrypt = {limited.session, cipher, cbc, bytes_of_text("words")};
    assert_int_equal(call_encrypt(&limited.module, encrypt, &out), STATUS_OK);
    memcpy(sealed, out.data.data, out.data.size);
    struct decrypt_req decrypt = {limited.session, cipher, cbc, bytes_of(sealed, out.data.size)};
    assert_int_equal(call_decrypt(&limited.module, decrypt, NULL), STATUS_OK);
    assert_int_equal(call_decrypt(&limited.module, decrypt, NULL), STATUS_KEY_SPENT);
    uint64_t kek = make_aes(ATTRIBUTE_WRAP, ATTRIBUTE_UNWRAP);
    assert_int_equal(module_make_aes(&limited.module, limited.session, plain_usage, &target),
                     STATUS_OK);
    struct key_wrap_req wrap = {limited.session, {.algorithm = ALGORITHM_AES_KWP}, kek, target};
    assert_int_equal(call_key_wrap(&limited.module, wrap, &blob), STATUS_OK);
    memcpy(wrapped, blob.wrapped.data, blob.wrapped.size);
    struct template template;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    template_num(&template, ATTRIBUTE_KEY_TYPE, KEY_AES);
    struct key_unwrap_req unwrap = {.session = limited.session,
                                    .mechanism = wrap.mechanism,
                                    .unwrapping_key = kek,
                                    .wrapped = bytes_of(wrapped, blob.wrapped.size),
                                    .attributes = template_of(&template)};
    assert_int_equal(call_key_unwrap(&limited.module, unwrap, NULL), STATUS_OK);
    assert_int_equal(call_key_unwrap(&limited.module, unwrap, NULL), STATUS_KEY_SPENT);
}

/* ---- derived keys ---- */

static uint64_t make_base(void) {
    struct template template;
    struct key_generate_rep rep;
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_bool(&template, ATTRIBUTE_DERIVE, true);
    limited_add_limits(&template, LIMITS({ATTRIBUTE_USES_MAX, 10}, {ATTRIBUTE_LEASE_USES, 4},
                                         {ATTRIBUTE_LEASE_KEY, LEASE_KEY_P256}));
    struct key_generate_req req = {
        limited.session, {.algorithm = ALGORITHM_GENERIC_KEY_GEN}, template_of(&template)};
    assert_int_equal(call_key_generate(&limited.module, req, &rep), STATUS_OK);
    return rep.key;
}

static enum status derive(uint64_t base, uint32_t uses, uint64_t *key) {
    struct template template;
    struct key_derive_rep rep;
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_num(&template, ATTRIBUTE_KEY_TYPE, KEY_GENERIC);
    template_bool(&template, ATTRIBUTE_SIGN, true);
    if (uses != 0) {
        template_num(&template, ATTRIBUTE_USES_MAX, uses);
    }
    struct key_derive_req req = {.session = limited.session,
                                 .mechanism = {.algorithm = ALGORITHM_HKDF,
                                               .hash = HASH_SHA256,
                                               .steps = HKDF_EXTRACT | HKDF_EXPAND},
                                 .base_key = base,
                                 .attributes = template_of(&template)};
    TRY(call_key_derive(&limited.module, req, &rep));
    *key = rep.key;
    return STATUS_OK;
}

static void a_derived_key_has_the_limits_of_its_base_or_stricter_ones(void **state) {
    (void)state;
    uint64_t key = 0, base = make_base();
    assert_int_equal(derive(base, 0, &key), STATUS_OK);
    assert_int_equal(limited_usage_of(key).uses_left, 10);
    assert_int_equal(limited_uses_until(key, STATUS_KEY_SUSPENDED), 4);
    assert_int_equal(derive(base, 3, &key), STATUS_OK);
    assert_int_equal(limited_uses_until(key, STATUS_KEY_SPENT), 3);
    assert_int_equal(derive(base, 11, &key), STATUS_ATTRIBUTE_READ_ONLY);
    assert_int_equal(limited_usage_of(base).used, 2); /* what was refused is no use */
    assert_int_equal(derive(base, 0, &key), STATUS_OK);
    assert_int_equal(derive(base, 0, &key), STATUS_OK);
    assert_int_equal(derive(base, 0, &key), STATUS_KEY_SUSPENDED);
}

/* ---- changes ---- */

static void limits_are_tightened_and_never_loosened(void **state) {
    (void)state;
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_USES_MAX, 100}));
    assert_int_equal(limited_use(key), STATUS_OK);
    assert_int_equal(limited_set(key, LIMITS({ATTRIBUTE_USES_MAX, 101})),
                     STATUS_ATTRIBUTE_READ_ONLY);
    assert_string_equal(limited.module.call->why, "USES_MAX only goes down");
    assert_int_equal(limited_set(key, LIMITS({ATTRIBUTE_USES_MAX, 100})), STATUS_OK);
    assert_int_equal(limited_set(key, LIMITS({ATTRIBUTE_USES_MAX, 50})), STATUS_OK);
    assert_int_equal(limited_usage_of(key).uses_left, 49);
    assert_int_equal(limited_set(key, LIMITS({ATTRIBUTE_RATE_USES, 7})),
                     STATUS_TEMPLATE_INCONSISTENT);
    assert_int_equal(
        limited_set(key, LIMITS({ATTRIBUTE_LEASE_USES, 7}, {ATTRIBUTE_LEASE_KEY, LEASE_KEY_P256})),
        STATUS_OK);
    assert_int_equal(limited_set(key, LIMITS({ATTRIBUTE_LEASE_KEY, LEASE_KEY_ED25519})),
                     STATUS_ATTRIBUTE_READ_ONLY);
    assert_int_equal(limited_usage_of(key).lease_uses_left, 7);
    key = limited_restart(true);
    assert_int_equal(limited_usage_of(key).lease_uses_left, 7);
    assert_int_equal(limited_usage_of(key).uses_left, 49);
    assert_int_equal(limited_uses_until(key, STATUS_KEY_SUSPENDED), 7);
}

static void a_key_without_limits_can_get_them(void **state) {
    (void)state;
    uint64_t key = 0;
    assert_int_equal(limited_make_with(LIMITS({ATTRIBUTE_CLASS, 0}), true, &key), STATUS_OK);
    assert_int_equal(limited_usage_of(key).uses_left, UINT64_MAX);
    assert_int_equal(limited_set(key, LIMITS({ATTRIBUTE_RATE_USES, 3}, {ATTRIBUTE_RATE_MS, 1000})),
                     STATUS_OK);
    sim_advance(60 * 1000);
    assert_int_equal(limited_uses_until(key, STATUS_KEY_RATE), 3);
    assert_int_equal(limited_set(key, LIMITS({ATTRIBUTE_USES_MAX, 5})), STATUS_OK);
    sim_advance(1000);
    assert_int_equal(limited_use(key), STATUS_OK);
    key = limited_restart(true);
    sim_advance(60 * 1000);
    assert_int_equal(limited_usage_of(key).uses_left, 4);
}

static void limits_that_make_no_sense_are_refused(void **state) {
    (void)state;
    uint64_t key = 0;
    assert_int_equal(limited_make_with(LIMITS({ATTRIBUTE_USES_MAX, 0}), true, &key),
                     STATUS_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(limited_make_with(LIMITS({ATTRIBUTE_RATE_USES, 1}), true, &key),
                     STATUS_TEMPLATE_INCONSISTENT);
    assert_int_equal(limited_make_with(LIMITS({ATTRIBUTE_RATE_BURST, 1}), true, &key),
                     STATUS_TEMPLATE_INCONSISTENT);
    assert_int_equal(limited_make_with(LIMITS({ATTRIBUTE_HOURS_FROM, 1}), true, &key),
                     STATUS_TEMPLATE_INCONSISTENT);
    assert_int_equal(limited_make_with(LIMITS({ATTRIBUTE_LEASE_USES, 1}), true, &key),
                     STATUS_TEMPLATE_INCONSISTENT);
    assert_int_equal(limited_make_with(LIMITS({ATTRIBUTE_LEASE_KEY, LEASE_KEY_P256}), true, &key),
                     STATUS_TEMPLATE_INCONSISTENT);
}

/* Nobody counts what is done with a copy. */
static void a_key_with_limits_stays_inside_and_alone(void **state) {
    (void)state;
    struct template template;
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_bool(&template, ATTRIBUTE_EXTRACTABLE, true);
    template_num(&template, ATTRIBUTE_USES_MAX, 5);
    struct key_generate_req req = {
        limited.session, {.algorithm = ALGORITHM_AES_KEY_GEN}, template_of(&template)};
    assert_int_equal(call_key_generate(&limited.module, req, NULL), STATUS_TEMPLATE_INCONSISTENT);
    module_stop(&limited.module);
    sim_reset(NULL, true);
    module_start(&limited.module);
    module_make_token(&limited.module, PROFILE_OF_TOKEN_COMPATIBLE);
    limited.session = module_user_session(&limited.module);
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_USES_MAX, 5}));
    template_start(&template);
    struct object_copy_req copy = {limited.session, key, template_of(&template)};
    assert_int_equal(call_object_copy(&limited.module, copy, NULL), STATUS_ACTION_PROHIBITED);
}

/* ---- the table and the store ---- */

static void more_keys_with_limits_than_fit_are_refused(void **state) {
    (void)state;
    uint64_t keys[LIMITED_KEYS_MAX + 1];
    for (uint32_t i = 0; i < LIMITED_KEYS_MAX; i++) {
        assert_int_equal(limited_make_with(LIMITS({ATTRIBUTE_USES_MAX, 5}), i % 2 == 0, &keys[i]),
                         STATUS_OK);
    }
    assert_int_equal(
        limited_make_with(LIMITS({ATTRIBUTE_USES_MAX, 5}), true, &keys[LIMITED_KEYS_MAX]),
        STATUS_LIMITED_COUNT);
    struct object_destroy_req destroy = {limited.session, keys[3]};
    assert_int_equal(call_object_destroy(&limited.module, destroy, NULL), STATUS_OK);
    assert_int_equal(limited_make_with(LIMITS({ATTRIBUTE_USES_MAX, 5}), true, &keys[3]), STATUS_OK);
}

static uint32_t usage_records(void) {
    uint32_t cursor = 0, count = 0;
    uint64_t id = 0;
    while (store_next(&limited.module.hsm->store, RECORD_USAGE, &cursor, &id) == STATUS_OK) {
        count++;
    }
    return count;
}

static void the_record_goes_with_its_key(void **state) {
    (void)state;
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_USES_MAX, 5}));
    uint64_t kept = limited_make(LIMITS({ATTRIBUTE_USES_MAX, 5}));
    assert_int_equal(limited_use(key), STATUS_OK);
    assert_int_equal(limited_use(kept), STATUS_OK);
    assert_int_equal(usage_records(), 2);
    struct object_destroy_req destroy = {limited.session, key};
    assert_int_equal(call_object_destroy(&limited.module, destroy, NULL), STATUS_OK);
    assert_int_equal(usage_records(), 1);
    assert_int_equal(
        call_session_close(&limited.module, (struct session_close_req){limited.session}, NULL),
        STATUS_OK);
    struct token_init_req init = {0, bytes_of_text(SO_PIN), bytes_of_text("again")};
    assert_int_equal(call_token_init(&limited.module, init, NULL), STATUS_OK);
    assert_int_equal(usage_records(), 0);
    assert_int_equal(limited.module.hsm->objects.usages.count, 0);
}

/* ---- many at once ---- */

enum { IN_FLIGHT = 6, FRAME_MAX = FRAME_HEADER_SIZE + FRAME_BODY_MAX };

/* One request in flight. */
struct flight {
    struct call *call;
    uint8_t request[512], reply[FRAME_MAX];
};
static struct flight flights[IN_FLIGHT];

static void take_off(struct flight *flight, uint64_t key) {
    struct sign_req req = {limited.session, key, limited_hmac, bytes_of_text("words")};
    const struct command_row *row = command_row(COMMAND_sign);
    struct span body = {flight->request + FRAME_HEADER_SIZE, 512 - FRAME_HEADER_SIZE};
    size_t used = 0;
    assert_int_equal(codec_write(row->request, &req, body, &used), STATUS_OK);
    frame_write_header(flight->request, COMMAND_sign, used);
    flight->call = aligned_alloc(64, (call_size() + 63) / 64 * 64);
    memset(flight->call, 0, call_size());
    hsm_check(limited.module.hsm, flight->call, limited.module.connection,
              bytes_of(flight->request, FRAME_HEADER_SIZE + used),
              (struct span){flight->reply, sizeof(flight->reply)});
}

static enum status land(struct flight *flight) {
    struct frame frame;
    hsm_compute(flight->call);
    struct bytes raw = hsm_commit(limited.module.hsm, flight->call);
    assert_int_equal(frame_read(raw, &frame), STATUS_OK);
    free(flight->call);
    return (enum status)frame.code;
}

/* All pass the check before the first one is computed; still no more are done than may be. */
static void calls_that_overlap_at_the_limit_do_not_pass_it(void **state) {
    (void)state;
    for (uint32_t uses = 1; uses < IN_FLIGHT; uses++) {
        uint64_t key = 0;
        assert_int_equal(limited_make_with(LIMITS({ATTRIBUTE_USES_MAX, uses}), true, &key),
                         STATUS_OK);
        uint32_t done = 0;
        for (int i = 0; i < IN_FLIGHT; i++) {
            take_off(&flights[i], key);
        }
        assert_int_equal(limited_usage_of(key).uses_left, 0);
        for (int i = IN_FLIGHT - 1; i >= 0; i--) {
            enum status status = land(&flights[i]);
            assert_true(status == STATUS_OK || status == STATUS_KEY_SPENT);
            done += status == STATUS_OK ? 1 : 0;
        }
        assert_int_equal(done, uses);
    }
}

static void key_that_goes_while_it_is_used_leaves_nothing_behind(void **state) {
    (void)state;
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_USES_MAX, 5}));
    take_off(&flights[0], key);
    struct object_destroy_req destroy = {limited.session, key};
    assert_int_equal(call_object_destroy(&limited.module, destroy, NULL), STATUS_OK);
    uint64_t other = limited_make(LIMITS({ATTRIBUTE_USES_MAX, 5}));
    assert_int_equal(land(&flights[0]), STATUS_OK); /* it was admitted while the key was there */
    assert_int_equal(limited_usage_of(other).used, 0);
    assert_int_equal(limited.module.hsm->objects.usages.count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(a_key_is_used_exactly_as_often_as_its_limit_says),
        STORY(an_orderly_restart_costs_nothing_and_gives_nothing),
        STORY(a_power_cut_costs_what_was_reserved_and_gives_nothing),
        STORY(a_mark_is_in_the_store_before_a_use_above_it),
        STORY(a_bucket_gives_its_burst_and_then_its_rate),
        STORY(a_restart_empties_the_bucket),
        STORY(hours_without_a_trusted_time_are_refused),
        STORY(the_pin_is_wanted_after_so_many_uses),
        STORY(every_way_to_use_a_key_counts),
        STORY(ciphers_and_wrapping_count),
        STORY(a_derived_key_has_the_limits_of_its_base_or_stricter_ones),
        STORY(limits_are_tightened_and_never_loosened),
        STORY(a_key_without_limits_can_get_them),
        STORY(limits_that_make_no_sense_are_refused),
        STORY(a_key_with_limits_stays_inside_and_alone),
        STORY(more_keys_with_limits_than_fit_are_refused),
        STORY(the_record_goes_with_its_key),
        STORY(calls_that_overlap_at_the_limit_do_not_pass_it),
        STORY(key_that_goes_while_it_is_used_leaves_nothing_behind),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failed;
}
