/* SPDX-License-Identifier: Apache-2.0 */
/* The module fails closed: without entropy (S11), with a self test that fails, with a
 * signature that does not verify (S7), and when a zeroization meets faults. */
#include "core/hsm.h"
#include "test/component/quick.h"
#include "test/component/world.h"

static struct world world;
static struct sim_memory *made;

static void enter(enum world_role role) {
    sim_recall(made);
    world_enter(&world, role);
}

static void expect(const struct command_row *row, enum status got, enum status wanted) {
    if (got != wanted) {
        fail_msg("%s: %s, expected %s", row->name, status_row(got)->name, status_row(wanted)->name);
    }
}

/* ---- entropy ---- */

/* Whether the command came so far as to draw for the nth time. */
static bool starve(const struct command_row *row, uint64_t nth) {
    union any_req request;
    union any_rep reply;
    enter(world_role_for(row));
    world_request(&world, row->command, &request);
    sim_fail((struct sim_failure){SIM_RANDOM, nth, UINT32_MAX, SIM_NO_EFFECT});
    enum status got = module_call(&world.module, row->command, &request, &reply);
    bool starved = sim_failed();
    sim_fail((struct sim_failure){0});
    expect(row, got, starved ? STATUS_NO_ENTROPY : STATUS_OK);
    if (starved && row->command != COMMAND_zeroize) {
        expect(row, world_call(&world, row->command, &reply), STATUS_OK);
    }
    world_leave(&world);
    return starved;
}

static void command_without_entropy_says_so_and_gives_nothing(void **state) {
    size_t count = 0;
    uint64_t starved = 0;
    (void)state;
    const struct command_row *rows = command_rows(&count);
    for (size_t i = 0; i < count; i++) {
        for (uint64_t nth = 1; starve(&rows[i], nth); nth++) {
            starved++;
        }
    }
    print_message("# entropy failed %llu times in %zu commands\n", (unsigned long long)starved,
                  count);
    assert_true(starved >= 20);
}

/* ---- self tests ---- */

static uint64_t refused;

/* What answers in the error state gives no output of cryptography; the rest does not answer. */
static void check_silence(void) {
    size_t count = 0;
    const struct command_row *rows = command_rows(&count);
    for (size_t i = 0; i < count; i++) {
        union any_rep reply;
        enum status wanted = rows[i].states == STATES_ALL ? STATUS_OK : STATUS_ERROR_STATE;
        expect(&rows[i], world_call(&world, rows[i].command, &reply), wanted);
        refused += wanted != STATUS_OK;
    }
}

static void self_test_that_fails_silences_the_module(void **state) {
    struct status_rep status;
    (void)state;
    refused = 0;
    assert_true(crypto_selftest_count() > 0);
    for (size_t i = 0; i < crypto_selftest_count(); i++) {
        enter(WORLD_USER);
        quick.corrupt = i + 1;
        assert_int_equal(call_self_test(&world.module, (struct self_test_req){}, NULL),
                         STATUS_ERROR_STATE);
        quick.corrupt = 0;
        assert_int_equal(call_self_test(&world.module, (struct self_test_req){}, NULL),
                         STATUS_ERROR_STATE);
        check_silence();
        world_leave(&world);

        quick.corrupt = i + 1;
        module_start(&world.module);
        quick.corrupt = 0;
        assert_int_equal(call_status(&world.module, (struct status_req){}, &status), STATUS_OK);
        assert_int_equal(status.state, STATE_ERROR);
        check_silence();
        world_leave(&world);
    }
    print_message("# self tests: %zu failed at work and at start, %llu commands refused\n",
                  crypto_selftest_count(), (unsigned long long)refused);
}

static void module_works_again_when_its_self_tests_pass(void **state) {
    union any_rep reply;
    (void)state;
    enter(WORLD_USER);
    quick.corrupt = 1;
    assert_int_equal(call_self_test(&world.module, (struct self_test_req){}, NULL),
                     STATUS_ERROR_STATE);
    quick.corrupt = 0;
    world_leave(&world);
    world_enter(&world, WORLD_USER);
    assert_int_equal(world_call(&world, COMMAND_sign, &reply), STATUS_OK);
    world_leave(&world);
}

/* ---- signatures ---- */

/* As the user of a token that verifies its signatures. */
static void enter_verifying(uint32_t options) {
    struct token_set_req set = {.profile = PROFILE_OF_TOKEN_STRICT, .options = options};
    enter(WORLD_SO);
    set.session = world.session;
    assert_int_equal(call_token_set(&world.module, set, NULL), STATUS_OK);
    world_leave(&world);
    world_enter(&world, WORLD_USER);
}

static uint64_t make_key(uint32_t algorithm) {
    struct key_generate_pair_rep pair;
    template_start(&world.first);
    if (algorithm == ALGORITHM_RSA_KEY_PAIR_GEN) {
        template_num(&world.first, ATTRIBUTE_MODULUS_BITS, 2048);
    }
    template_start(&world.second);
    struct key_generate_pair_req req = {.session = world.session,
                                        .mechanism = {.algorithm = algorithm},
                                        .public_attributes = template_of(&world.first),
                                        .private_attributes = template_of(&world.second)};
    assert_int_equal(call_key_generate_pair(&world.module, req, &pair), STATUS_OK);
    return pair.private_key;
}

static void expect_silence(enum status got) {
    quick.break_signatures = false;
    assert_int_equal(got, STATUS_ERROR_STATE);
    check_silence();
    world_leave(&world);
}

static void sign_broken(uint64_t key, struct mechanism mechanism) {
    struct sign_req req = {world.session, key, mechanism, bytes_of_text(world_text)};
    struct sign_rep good;
    assert_int_equal(call_sign(&world.module, req, &good), STATUS_OK);
    quick.break_signatures = true;
    expect_silence(call_sign(&world.module, req, NULL));
}

static void signature_that_does_not_verify_never_leaves(void **state) {
    (void)state;
    enter_verifying(OPTION_VERIFY_SIGNATURES);
    sign_broken(world.keys[0].signer,
                (struct mechanism){.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256});
    enter_verifying(OPTION_VERIFY_SIGNATURES);
    sign_broken(make_key(ALGORITHM_ED25519_KEY_PAIR_GEN),
                (struct mechanism){.algorithm = ALGORITHM_EDDSA});
    /* RSA is verified whatever the token says */
    enter_verifying(0);
    sign_broken(make_key(ALGORITHM_RSA_KEY_PAIR_GEN),
                (struct mechanism){.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA256});
}

static void signature_in_parts_that_does_not_verify_never_leaves(void **state) {
    union any_req request;
    union any_rep reply;
    (void)state;
    enter_verifying(OPTION_VERIFY_SIGNATURES);
    world_request(&world, COMMAND_stream_close, &request);
    quick.break_signatures = true;
    expect_silence(module_call(&world.module, COMMAND_stream_close, &request, &reply));
}

static void key_pair_of_which_the_halves_do_not_fit_is_never_kept(void **state) {
    union any_rep reply;
    (void)state;
    enter(WORLD_USER);
    quick.break_signatures = true;
    expect_silence(world_call(&world, COMMAND_key_generate_pair, &reply));
}

static void log_that_cannot_be_signed_stops_the_module(void **state) {
    union any_rep reply;
    enum status status = STATUS_OK;
    (void)state;
    enter(WORLD_USER);
    quick.break_signatures = true;
    expect_silence(world_call(&world, COMMAND_log_checkpoint, &reply));

    enter(WORLD_USER); /* a checkpoint after so many leaves */
    quick.break_signatures = true;
    for (int i = 0; i <= AUDIT_CHECKPOINT_LEAVES && status == STATUS_OK; i++) {
        status = world_call(&world, COMMAND_digest, &reply);
    }
    expect_silence(status);

    enter(WORLD_USER); /* and one by time */
    quick.break_signatures = true;
    sim_advance(120000);
    assert_true(hsm_tick(world.module.hsm));
    expect_silence(world_call(&world, COMMAND_digest, &reply));
}

/* ---- zeroization ---- */

static uint64_t zeroizations;

/* Whatever fails: from the moment the command was given no key is ever used again. */
static bool zeroize_with(struct sim_failure failure) {
    union any_rep reply;
    struct status_rep status;
    enter(WORLD_SO);
    sim_fail(failure);
    enum status got = world_call(&world, COMMAND_zeroize, &reply);
    bool failed = sim_failed();
    sim_fail((struct sim_failure){0});
    assert_true(got == STATUS_OK || (failed && got == STATUS_STORE_IO));
    assert_int_equal(world_call(&world, COMMAND_sign, &reply), STATUS_ZEROIZED);
    world_leave(&world);
    module_start(&world.module);
    assert_int_equal(call_status(&world.module, (struct status_req){}, &status), STATUS_OK);
    if (status.state != STATE_ZEROIZED && status.state != STATE_ERROR) {
        fail_msg("call %d failing at %llu: state %u after a zeroization", failure.call,
                 (unsigned long long)failure.nth, status.state);
    }
    assert_false(got == STATUS_OK && status.state != STATE_ZEROIZED);
    zeroizations++;
    world_leave(&world);
    return failed;
}

static void zeroization_destroys_what_it_can_whatever_fails(void **state) {
    static const enum sim_call calls[] = {
        SIM_FLASH_READ, SIM_FLASH_PROGRAM, SIM_FLASH_ERASE,       SIM_FLASH_SYNC,
        SIM_RANDOM,     SIM_ROOT_DESTROY,  SIM_COUNTER_INCREMENT, SIM_LOG_APPEND,
    };
    (void)state;
    for (size_t i = 0; i < COUNT(calls); i++) {
        for (uint64_t nth = 1; zeroize_with((struct sim_failure){calls[i], nth, 1, 0}); nth++) {
        }
    }
    print_message("# zeroized %llu times, each call failing in turn\n",
                  (unsigned long long)zeroizations);
}

/* ---- */

static int make_world(void **state) {
    (void)state;
    world_make(&world);
    made = sim_remember(NULL);
    return 0;
}

static int end_world(void **state) {
    (void)state;
    sim_forget(made);
    quick_end();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_without_entropy_says_so_and_gives_nothing),
        cmocka_unit_test(self_test_that_fails_silences_the_module),
        cmocka_unit_test(module_works_again_when_its_self_tests_pass),
        cmocka_unit_test(signature_that_does_not_verify_never_leaves),
        cmocka_unit_test(signature_in_parts_that_does_not_verify_never_leaves),
        cmocka_unit_test(key_pair_of_which_the_halves_do_not_fit_is_never_kept),
        cmocka_unit_test(log_that_cannot_be_signed_stops_the_module),
        cmocka_unit_test(zeroization_destroys_what_it_can_whatever_fails),
    };
    return cmocka_run_group_tests(tests, make_world, end_world);
}
