/* SPDX-License-Identifier: Apache-2.0 */
/* The self tests of crypto/, and that each of them can fail. */
#include "test/unit/crypto_fixture.h"

#include <string.h>

static void every_known_answer_is_right(void **state) {
    (void)state;
    assert_true(crypto_selftest_count() >= 50);
    for (size_t i = 0; i < crypto_selftest_count(); i++) {
        if (crypto_selftest_run(i, false) != STATUS_OK) {
            fail_msg("%s", crypto_selftest_name(i));
        }
    }
}

static void every_known_answer_test_can_fail(void **state) {
    (void)state;
    for (size_t i = 0; i < crypto_selftest_count(); i++) {
        if (crypto_selftest_run(i, true) != STATUS_ERROR_STATE) {
            fail_msg("%s", crypto_selftest_name(i));
        }
    }
}

static void every_test_has_its_own_name(void **state) {
    (void)state;
    for (size_t i = 0; i < crypto_selftest_count(); i++) {
        assert_true(strlen(crypto_selftest_name(i)) > 0);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(crypto_selftest_name(i), crypto_selftest_name(j));
        }
    }
}

static void a_test_that_does_not_exist_fails(void **state) {
    (void)state;
    assert_status(crypto_selftest_run(crypto_selftest_count(), false), ERROR_STATE);
    assert_string_equal(crypto_selftest_name(crypto_selftest_count()), "");
}

static void tests_that_draw_fail_without_entropy(void **state) {
    (void)state;
    size_t failed = 0;
    entropy_left = 0;
    for (size_t i = 0; i < crypto_selftest_count(); i++) {
        failed += crypto_selftest_run(i, false) == STATUS_ERROR_STATE;
    }
    entropy_left = -1;
    assert_true(failed >= 4); /* ECDSA on three curves and PSS at least */
}

static void library_starts_again_after_it_stopped(void **state) {
    (void)state;
    crypto_stop();
    assert_ok(crypto_start());
    assert_ok(crypto_selftest_run(0, false));
}

static void library_does_not_start_without_entropy(void **state) {
    (void)state;
    crypto_stop();
    entropy_left = 0;
    assert_status(crypto_start(), NO_ENTROPY);
    entropy_left = -1;
    assert_ok(crypto_start());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_known_answer_is_right),
        cmocka_unit_test(every_known_answer_test_can_fail),
        cmocka_unit_test(every_test_has_its_own_name),
        cmocka_unit_test(a_test_that_does_not_exist_fails),
        cmocka_unit_test(tests_that_draw_fail_without_entropy),
        cmocka_unit_test(library_starts_again_after_it_stopped),
        cmocka_unit_test(library_does_not_start_without_entropy),
    };
    return cmocka_run_group_tests_name("crypto_selftest", tests, crypto_setup, crypto_teardown);
}
