/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the tests of one program and tells how each ended. */
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { ENDED = 1, SKIPPED = 2, FAILED = 3 };

static jmp_buf out_of_test;
static const char *only;
static const char *running = "before the first test";

void harness_say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
}

void harness_fail(struct harness_place place, const char *format, ...) {
    va_list arguments;
    printf("      %s:%d: ", place.file, place.line);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    longjmp(out_of_test, FAILED);
}

void harness_skip(void) {
    longjmp(out_of_test, SKIPPED);
}

void harness_number(struct harness_place place, uintmax_t a, uintmax_t b, int want_equal) {
    if ((a == b) != (want_equal != 0)) {
        harness_fail(place, "0x%lx%08lx and 0x%lx%08lx", (unsigned long)(a >> 32),
                     (unsigned long)a, (unsigned long)(b >> 32), (unsigned long)b);
    }
}

void harness_text(struct harness_place place, const char *a, const char *b, int want_equal) {
    if ((strcmp(a, b) == 0) != (want_equal != 0)) {
        harness_fail(place, "\"%s\" and \"%s\"", a, b);
    }
}

static bool same(const uint8_t *a, const uint8_t *b, size_t size, size_t *at) {
    for (*at = 0; *at < size; (*at)++) {
        if (a[*at] != b[*at]) {
            return false;
        }
    }
    return true;
}

void harness_bytes(struct harness_place place, const void *a, const void *b, size_t size) {
    size_t at;
    if (!same(a, b, size, &at)) {
        harness_fail(place, "bytes differ, the first is number %u of %u", (unsigned)at,
                     (unsigned)size);
    }
}

void harness_unlike(struct harness_place place, const void *a, const void *b, size_t size) {
    size_t at;
    if (same(a, b, size, &at)) {
        harness_fail(place, "%u bytes are the same", (unsigned)size);
    }
}

void harness_range(struct harness_place place, uintmax_t value, uintmax_t from, uintmax_t to) {
    if (value < from || value > to) {
        harness_fail(place, "%lu is not in %lu to %lu", (unsigned long)value, (unsigned long)from,
                     (unsigned long)to);
    }
}

/* Of a test or a group; NULL: there is nothing to do. */
static int run_fixture(CMFixtureFunction function, void **state, const char *what) {
    int end = setjmp(out_of_test);
    if (end == 0 && function != NULL && function(state) != 0) {
        printf("      it could not be %s\n", what);
        end = FAILED;
    }
    return end == 0 ? ENDED : end;
}

static int run_body(const struct CMUnitTest *test, void **state) {
    int end = setjmp(out_of_test);
    if (end == 0) {
        test->test_func(state);
        end = ENDED;
    }
    return end;
}

static int run_one(const struct CMUnitTest *test, void *group_state) {
    void *state = test->initial_state != NULL ? test->initial_state : group_state;
    running = test->name;
    int end = run_fixture(test->setup_func, &state, "set up");
    if (end == ENDED) {
        end = run_body(test, &state);
        int torn = run_fixture(test->teardown_func, &state, "torn down");
        end = torn == ENDED ? end : torn;
    }
    return end;
}

void harness_only(const char *name) {
    only = name;
}

int harness_run(const char *name, const struct CMUnitTest *tests, size_t count,
                CMFixtureFunction setup, CMFixtureFunction teardown) {
    static const char *const words[] = {[ENDED] = "ok   ", [SKIPPED] = "skip ", [FAILED] = "FAIL "};
    void *state = NULL;
    unsigned counts[4] = {0};
    (void)name;
    if (run_fixture(setup, &state, "set up") != ENDED) {
        printf("FAIL  the group of tests could not be set up\n0 passed, 1 failed, 0 skipped\n");
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        if (only != NULL && strcmp(only, tests[i].name) != 0) {
            continue;
        }
        int end = run_one(&tests[i], state);
        counts[end]++;
        printf("%s %s\n", words[end], tests[i].name);
    }
    if (run_fixture(teardown, &state, "torn down") != ENDED) {
        printf("FAIL  the group of tests could not be torn down\n");
        counts[FAILED]++;
    }
    printf("%u passed, %u failed, %u skipped\n", counts[ENDED], counts[FAILED], counts[SKIPPED]);
    return counts[FAILED] > 0;
}

_Noreturn void harness_crash(const char *why);
void harness_crash(const char *why) {
    printf("FAIL  %s: %s\n", running, why);
    fflush(stdout);
    exit(1);
}
