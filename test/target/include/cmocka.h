/* SPDX-License-Identifier: Apache-2.0 */
/* As much of cmocka's interface as the project's tests use, for test programs on the chip, which
 * has no cmocka: the same sources run there. Answered in test/target/harness.c. */
#ifndef TEST_TARGET_CMOCKA_H
#define TEST_TARGET_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef void (*CMUnitTestFunction)(void **state);
typedef int (*CMFixtureFunction)(void **state);

struct CMUnitTest {
    const char *name;
    CMUnitTestFunction test_func;
    CMFixtureFunction setup_func;
    CMFixtureFunction teardown_func;
    void *initial_state;
};

#define cmocka_unit_test(f) {#f, f, NULL, NULL, NULL}
#define cmocka_unit_test_setup(f, setup) {#f, f, setup, NULL, NULL}
#define cmocka_unit_test_teardown(f, teardown) {#f, f, NULL, teardown, NULL}
#define cmocka_unit_test_setup_teardown(f, setup, teardown) {#f, f, setup, teardown, NULL}
#define cmocka_unit_test_prestate(f, state) {#f, f, NULL, NULL, state}

#define cmocka_run_group_tests(tests, setup, teardown) \
    harness_run(#tests, tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)
#define cmocka_run_group_tests_name(name, tests, setup, teardown) \
    harness_run(name, tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)

int harness_run(const char *name, const struct CMUnitTest *tests, size_t count,
                CMFixtureFunction setup, CMFixtureFunction teardown);

/* Runs the test of this name alone: no pattern, as cmocka takes. */
#define cmocka_set_test_filter(name) harness_only(name)
void harness_only(const char *name);

struct harness_place {
    const char *file;
    int line;
};
#define HARNESS_HERE ((struct harness_place){__FILE__, __LINE__})

_Noreturn void harness_fail(struct harness_place place, const char *format, ...);
_Noreturn void harness_skip(void);
void harness_number(struct harness_place place, uintmax_t a, uintmax_t b, int want_equal);
void harness_text(struct harness_place place, const char *a, const char *b, int want_equal);
void harness_bytes(struct harness_place place, const void *a, const void *b, size_t size);
void harness_unlike(struct harness_place place, const void *a, const void *b, size_t size);
void harness_range(struct harness_place place, uintmax_t value, uintmax_t from, uintmax_t to);
void harness_say(const char *format, ...);

/* As in cmocka: any integer or pointer, in the width of the largest. */
#define HARNESS_VALUE(x) ((uintmax_t)(x))
#define HARNESS_POINTER(x) ((uintmax_t)(uintptr_t)(x))

#define assert_true(x) ((x) ? (void)0 : harness_fail(HARNESS_HERE, "%s", #x))
#define assert_false(x) ((x) ? harness_fail(HARNESS_HERE, "not: %s", #x) : (void)0)
#define assert_null(x) assert_true((x) == NULL)
#define assert_non_null(x) assert_true((x) != NULL)
#define assert_ptr_equal(a, b) \
    harness_number(HARNESS_HERE, HARNESS_POINTER(a), HARNESS_POINTER(b), 1)
#define assert_int_equal(a, b) \
    harness_number(HARNESS_HERE, HARNESS_VALUE(a), HARNESS_VALUE(b), 1)
#define assert_int_not_equal(a, b) \
    harness_number(HARNESS_HERE, HARNESS_VALUE(a), HARNESS_VALUE(b), 0)
#define assert_string_equal(a, b) harness_text(HARNESS_HERE, a, b, 1)
#define assert_string_not_equal(a, b) harness_text(HARNESS_HERE, a, b, 0)
#define assert_memory_equal(a, b, size) harness_bytes(HARNESS_HERE, a, b, size)
#define assert_memory_not_equal(a, b, size) harness_unlike(HARNESS_HERE, a, b, size)
#define assert_in_range(x, from, to) harness_range(HARNESS_HERE, HARNESS_VALUE(x), from, to)
#define fail() harness_fail(HARNESS_HERE, "failed")
#define fail_msg(...) harness_fail(HARNESS_HERE, __VA_ARGS__)
#define skip() harness_skip()
#define print_message(...) harness_say(__VA_ARGS__)
#define print_error(...) harness_say(__VA_ARGS__)

#endif
