/* SPDX-License-Identifier: Apache-2.0 */
/* leases through the whole module: their ends, renewals right and wrong, suspension. */
#include "core/command/module.h"
#include "test/component/quick.h"
#include "test/component/limited.h"

static void check_lease(enum lease_key_form form) {
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_LEASE_USES, 5}, {ATTRIBUTE_LEASE_SECONDS, 100},
                                       {ATTRIBUTE_LEASE_KEY, (uint32_t)form}));
    assert_int_equal(limited_uses_until(key, STATUS_KEY_SUSPENDED), 5);
    assert_int_equal(
        limited_renew(key, form, 7, (struct lease){.sequence = 1, .uses = 3, .seconds = 50}),
        STATUS_OK);
    assert_int_equal(limited_usage_of(key).lease_uses_left, 3);
    assert_int_equal(limited_usage_of(key).lease_seconds_left, 50);
    sim_advance(49 * 1000);
    assert_int_equal(limited_use(key), STATUS_OK);
    sim_advance(1000);
    assert_int_equal(limited_use(key), STATUS_KEY_SUSPENDED);
    assert_string_equal(limited.module.call->why, "LEASE_SECONDS are over");
    assert_int_equal(
        limited_renew(key, form, 7, (struct lease){.sequence = 2, .uses = 5, .seconds = 100}),
        STATUS_OK);
    key = limited_restart(true);
    assert_int_equal(limited_usage_of(key).sequence, 2);
    assert_int_equal(limited_uses_until(key, STATUS_KEY_SUSPENDED), 5);
}

static void a_lease_ends_by_uses_and_by_time_and_is_renewed_p256(void **state) {
    (void)state;
    check_lease(LEASE_KEY_P256);
}

static void a_lease_ends_by_uses_and_by_time_and_is_renewed_ed25519(void **state) {
    (void)state;
    check_lease(LEASE_KEY_ED25519);
}

static void only_the_right_renewal_counts(void **state) {
    (void)state;
    const enum lease_key_form form = LEASE_KEY_P256;
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_LEASE_USES, 5}, {ATTRIBUTE_LEASE_KEY, form}));
    struct lease good = {.sequence = 4, .uses = 5};
    struct lease bad = good;
    assert_int_equal(limited_renew(key, form, 7, good), STATUS_OK);
    assert_int_equal(limited_renew(key, form, 7, good), STATUS_RENEWAL_REFUSED); /* again */
    bad.sequence = 3;
    assert_int_equal(limited_renew(key, form, 7, bad), STATUS_RENEWAL_REFUSED);
    bad.sequence = 5;
    assert_int_equal(limited_renew(key, form, 8, bad), STATUS_RENEWAL_REFUSED); /* another key */
    assert_int_equal(limited_renew(key, LEASE_KEY_ED25519, 7, bad), STATUS_RENEWAL_REFUSED);
    bad.uses = 6;
    assert_int_equal(limited_renew(key, form, 7, bad), STATUS_RENEWAL_REFUSED);
    bad.uses = 0;
    assert_int_equal(limited_renew(key, form, 7, bad), STATUS_RENEWAL_REFUSED);
    bad.uses = 5;
    bad.seconds = 1;
    assert_int_equal(limited_renew(key, form, 7, bad), STATUS_RENEWAL_REFUSED);
    bad.seconds = 0;
    assert_int_equal(limited_renew(key, form, 7, bad), STATUS_OK);
    assert_int_equal(limited_usage_of(key).sequence, 5);
}

static void a_renewal_for_elsewhere_or_altered_does_not_count(void **state) {
    (void)state;
    const enum lease_key_form form = LEASE_KEY_ED25519;
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_LEASE_USES, 5}, {ATTRIBUTE_LEASE_KEY, form}));
    struct lease lease = {.sequence = 1, .uses = 5};
    uint8_t other[LEASE_DEVICE_SIZE] = {1}, altered[LEASE_COSE_MAX];
    renewals_for(&limited.module, limited.session, key, &lease);
    struct lease elsewhere = lease;
    elsewhere.device = bytes_of(other, sizeof(other));
    struct key_renew_req req = {limited.session, key, renewals_sign(form, 7, &elsewhere)};
    assert_int_equal(call_key_renew(&limited.module, req, NULL), STATUS_RENEWAL_REFUSED);
    elsewhere = lease;
    elsewhere.unique_id = bytes_of_text("0123456789abcdef");
    req.renewal = renewals_sign(form, 7, &elsewhere);
    assert_int_equal(call_key_renew(&limited.module, req, NULL), STATUS_RENEWAL_REFUSED);
    struct bytes good = renewals_sign(form, 7, &lease);
    for (size_t bit = 0; bit < 8 * good.size; bit++) {
        bytes_copy(altered, good);
        altered[bit / 8] ^= (uint8_t)(1u << bit % 8);
        req.renewal = bytes_of(altered, good.size);
        assert_int_equal(call_key_renew(&limited.module, req, NULL), STATUS_RENEWAL_REFUSED);
    }
    for (size_t size = 0; size < good.size; size++) {
        req.renewal = bytes_of(good.data, size);
        assert_int_equal(call_key_renew(&limited.module, req, NULL), STATUS_RENEWAL_REFUSED);
    }
    req.renewal = good;
    assert_int_equal(call_key_renew(&limited.module, req, NULL), STATUS_OK);
}

static void a_suspended_key_stays_silent_until_it_is_renewed(void **state) {
    (void)state;
    const enum lease_key_form form = LEASE_KEY_P256;
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_LEASE_USES, 5}, {ATTRIBUTE_LEASE_KEY, form}));
    struct key_suspend_req req = {limited.session, key};
    assert_int_equal(call_key_suspend(&limited.module, req, NULL), STATUS_OK);
    assert_int_equal(limited_use(key), STATUS_KEY_SUSPENDED);
    key = limited_restart(false);
    assert_int_equal(limited_use(key), STATUS_KEY_SUSPENDED);
    assert_int_equal(limited_renew(key, form, 7, (struct lease){.sequence = 1, .uses = 2}),
                     STATUS_OK);
    assert_int_equal(limited_uses_until(key, STATUS_KEY_SUSPENDED), 2);
    uint64_t plain = limited_make(LIMITS({ATTRIBUTE_USES_MAX, 5}));
    req = (struct key_suspend_req){limited.session, plain};
    assert_int_equal(call_key_suspend(&limited.module, req, NULL), STATUS_ACTION_PROHIBITED);
}

static void time_of_a_lease_goes_on_over_restarts(void **state) {
    (void)state;
    uint64_t key = limited_make(
        LIMITS({ATTRIBUTE_LEASE_SECONDS, 1600}, {ATTRIBUTE_LEASE_KEY, LEASE_KEY_P256}));
    for (int i = 0; i < 8; i++) {
        uint64_t before = limited_usage_of(key).lease_seconds_left;
        assert_false(hsm_tick(limited.module.hsm));
        sim_advance(20 * 1000);
        assert_false(hsm_tick(limited.module.hsm));
        key = limited_restart(false);
        assert_true(limited_usage_of(key).lease_seconds_left + 20 <= before);
    }
    sim_advance(1600 * 1000);
    assert_int_equal(limited_use(key), STATUS_KEY_SUSPENDED);
}

static void an_operation_in_parts_ends_with_the_limit_of_its_key(void **state) {
    (void)state;
    uint64_t key =
        limited_make(LIMITS({ATTRIBUTE_LEASE_SECONDS, 100}, {ATTRIBUTE_LEASE_KEY, LEASE_KEY_P256}));
    struct stream_open_req open = {limited.session, F_SIGN, key, limited_hmac};
    struct stream_update_req update = {limited.session, F_SIGN, bytes_of_text("words")};
    struct stream_close_req close = {.session = limited.session, .function = F_SIGN};
    assert_int_equal(call_stream_open(&limited.module, open, NULL), STATUS_OK);
    sim_advance(100 * 1000);
    assert_int_equal(call_stream_update(&limited.module, update, NULL), STATUS_KEY_SUSPENDED);
    assert_int_equal(call_stream_close(&limited.module, close, NULL), STATUS_OPERATION_NOT_STARTED);
    uint64_t other = limited_make(LIMITS({ATTRIBUTE_USES_MAX, 5}));
    open.key = other;
    assert_int_equal(call_stream_open(&limited.module, open, NULL), STATUS_OK);
    struct object_destroy_req destroy = {limited.session, other};
    assert_int_equal(call_object_destroy(&limited.module, destroy, NULL), STATUS_OK);
    assert_int_equal(call_stream_close(&limited.module, close, NULL), STATUS_KEY_INVALID);
}

/* ---- whatever call of the platform fails ---- */

static const struct sim_failure none = {.call = SIM_ANY};

/* Does one thing with the n-th call failing; false once n is beyond its last call. */
static bool fail_once(uint64_t nth, enum sim_effect effect, enum status (*act)(uint64_t),
                      uint64_t key, enum status *status) {
    sim_fail((struct sim_failure){.call = SIM_ANY, .nth = nth, .effect = effect});
    *status = act(key);
    bool failed = sim_failed();
    sim_fail(none);
    return failed;
}

static uint64_t next_sequence;

static struct key_renew_req prepared;

/* Nothing may fail while it is made. */
static void prepare(uint64_t key) {
    struct lease lease = {.sequence = ++next_sequence, .uses = 5000};
    renewals_for(&limited.module, limited.session, key, &lease);
    prepared =
        (struct key_renew_req){limited.session, key, renewals_sign(LEASE_KEY_ED25519, 7, &lease)};
}

static enum status renew_once(uint64_t key) {
    (void)key;
    return call_key_renew(&limited.module, prepared, NULL);
}

static enum status suspend_once(uint64_t key) {
    return call_key_suspend(&limited.module, (struct key_suspend_req){limited.session, key}, NULL);
}

static void no_failure_forgets_a_use_that_was_released(void **state) {
    (void)state;
    uint64_t key = limited_make(LIMITS({ATTRIBUTE_USES_MAX, 100000}));
    uint32_t released = 0, failures = 0;
    for (int effect = SIM_NO_EFFECT; effect <= SIM_FULL_EFFECT; effect++) {
        enum status status = STATUS_INTERNAL;
        bool failed = true;
        for (uint64_t nth = 1; failed; nth++) {
            key = limited_restart(false); /* the next use moves the mark */
            failed = fail_once(nth, (enum sim_effect)effect, limited_use, key, &status);
            released += status == STATUS_OK ? 1 : 0;
            failures += failed ? 1 : 0;
            key = limited_restart(false);
            assert_true(limited_usage_of(key).used >= released);
        }
        assert_int_equal(status, STATUS_OK);
    }
    print_message("# a use failed in %u ways\n", failures);
    assert_true(failures >= 9);
}

static void no_failure_ends_a_suspension_or_repeats_a_renewal(void **state) {
    (void)state;
    uint64_t key = limited_make(
        LIMITS({ATTRIBUTE_LEASE_USES, 5000}, {ATTRIBUTE_LEASE_KEY, LEASE_KEY_ED25519}));
    next_sequence = 0;
    for (int effect = SIM_NO_EFFECT; effect <= SIM_FULL_EFFECT; effect++) {
        enum status status = STATUS_INTERNAL;
        bool failed = true;
        for (uint64_t nth = 1; failed; nth++) {
            assert_int_equal(suspend_once(key), STATUS_OK);
            prepare(key);
            failed = fail_once(nth, (enum sim_effect)effect, renew_once, key, &status);
            key = limited_restart(false);
            struct key_usage_rep usage = limited_usage_of(key);
            bool renewed = usage.sequence == next_sequence;
            assert_true(renewed || status != STATUS_OK);
            assert_int_equal(usage.state, renewed ? STATUS_OK : STATUS_KEY_SUSPENDED);
            failed = fail_once(nth, (enum sim_effect)effect, suspend_once, key, &status) || failed;
            key = limited_restart(false);
            assert_true(status != STATUS_OK || limited_usage_of(key).state == STATUS_KEY_SUSPENDED);
            prepare(key);
            assert_int_equal(renew_once(key), STATUS_OK);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(a_lease_ends_by_uses_and_by_time_and_is_renewed_p256),
        STORY(a_lease_ends_by_uses_and_by_time_and_is_renewed_ed25519),
        STORY(only_the_right_renewal_counts),
        STORY(a_renewal_for_elsewhere_or_altered_does_not_count),
        STORY(a_suspended_key_stays_silent_until_it_is_renewed),
        STORY(time_of_a_lease_goes_on_over_restarts),
        STORY(an_operation_in_parts_ends_with_the_limit_of_its_key),
        STORY(no_failure_forgets_a_use_that_was_released),
        STORY(no_failure_ends_a_suspension_or_repeats_a_renewal),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failed;
}
