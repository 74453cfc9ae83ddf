/* SPDX-License-Identifier: Apache-2.0 */
/* each limit alone, at both of its sides, as a table and a clock decide it. */
#include "core/keys/usage.h"
#include "host/pkcs11/pkcs11_vendor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* ---- what a list of attributes says ---- */

struct said {
    uint32_t attribute, value;
};
static const struct {
    struct said said[4];
    enum status status;
} readings[] = {
    {{{0}}, STATUS_OK},
    {{{ATTRIBUTE_USES_MAX, 0}}, STATUS_ATTRIBUTE_VALUE_INVALID},
    {{{ATTRIBUTE_USES_MAX, 1}}, STATUS_OK},
    {{{ATTRIBUTE_USES_MAX, UINT32_MAX - 1}}, STATUS_OK},
    {{{ATTRIBUTE_USES_MAX, UINT32_MAX}}, STATUS_ATTRIBUTE_VALUE_INVALID},
    {{{ATTRIBUTE_RATE_USES, 1}, {ATTRIBUTE_RATE_MS, 1}}, STATUS_OK},
    {{{ATTRIBUTE_RATE_USES, 1000000}, {ATTRIBUTE_RATE_MS, 86400000}}, STATUS_OK},
    {{{ATTRIBUTE_RATE_USES, 1000001}, {ATTRIBUTE_RATE_MS, 1}}, STATUS_ATTRIBUTE_VALUE_INVALID},
    {{{ATTRIBUTE_RATE_USES, 1}, {ATTRIBUTE_RATE_MS, 86400001}}, STATUS_ATTRIBUTE_VALUE_INVALID},
    {{{ATTRIBUTE_RATE_USES, 1}}, STATUS_TEMPLATE_INCONSISTENT},
    {{{ATTRIBUTE_RATE_MS, 1}}, STATUS_TEMPLATE_INCONSISTENT},
    {{{ATTRIBUTE_RATE_BURST, 1}}, STATUS_TEMPLATE_INCONSISTENT},
    {{{ATTRIBUTE_HOURS_FROM, 0}, {ATTRIBUTE_HOURS_TO, 1439}}, STATUS_OK},
    {{{ATTRIBUTE_HOURS_FROM, 0}, {ATTRIBUTE_HOURS_TO, 1440}}, STATUS_ATTRIBUTE_VALUE_INVALID},
    {{{ATTRIBUTE_HOURS_FROM, 5}, {ATTRIBUTE_HOURS_TO, 5}}, STATUS_TEMPLATE_INCONSISTENT},
    {{{ATTRIBUTE_HOURS_TO, 5}}, STATUS_TEMPLATE_INCONSISTENT},
    {{{ATTRIBUTE_LOGIN_USES, 0}}, STATUS_ATTRIBUTE_VALUE_INVALID},
    {{{ATTRIBUTE_LEASE_USES, 5}}, STATUS_TEMPLATE_INCONSISTENT},
    {{{ATTRIBUTE_LEASE_SECONDS, 5}}, STATUS_TEMPLATE_INCONSISTENT},
};

static void numbers_are_checked_and_what_belongs_together_is_asked_for(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(readings); i++) {
        uint8_t list[128];
        struct span room = {list, sizeof(list)};
        struct limits limits;
        const char *why = NULL;
        size_t used = 0;
        for (const struct said *said = readings[i].said; said->attribute != 0; said++) {
            assert_int_equal(attributes_add_num(room, &used, said->attribute, said->value),
                             STATUS_OK);
        }
        enum status status = limits_read(bytes_of(list, used), &limits, &why);
        if (status != readings[i].status) {
            fail_msg("row %zu: %s", i, status_row(status)->name);
        }
        assert_true(status == STATUS_OK || why != NULL);
    }
}

static void number_of_another_size_is_refused(void **state) {
    uint8_t list[64];
    struct span room = {list, sizeof(list)};
    struct limits limits;
    const char *why = NULL;
    size_t used = 0;
    (void)state;
    assert_int_equal(attributes_add(room, &used, ATTRIBUTE_USES_MAX, bytes_of("abc", 3)),
                     STATUS_OK);
    assert_int_equal(limits_read(bytes_of(list, used), &limits, &why),
                     STATUS_ATTRIBUTE_VALUE_INVALID);
    assert_string_equal(why, "USES_MAX");
}

/* A lease that counted uses gets seconds too: they begin now, and not when the lease began. */
static void seconds_that_are_added_to_a_lease_begin_now(void **state) {
    struct limits limits = {.lease_uses = 5, .lease_key = bytes_of("k", 1)};
    struct usage usage = {.serial = 1};
    struct usage_left left;
    (void)state;
    usage_begin(&usage, &limits, 0);
    limits.lease_seconds = 10;
    usage_tighten(&usage, &limits, 60000);
    usage_left(&usage, 60000, &left);
    assert_true(left.lease_uses == 5 && left.lease_seconds <= 10);
    usage_left(&usage, 69000, &left);
    assert_true(left.lease_seconds <= 1);
}

/* However long it takes until the next use, the words say about how long. */
static void each_wait_for_the_rate_has_words(void **state) {
    static const uint32_t waits_ms[] = {500, 5000, 30000, 300000, 3000000, 80000000};
    (void)state;
    for (size_t i = 0; i < COUNT(waits_ms); i++) {
        const struct limits limits = {.rate_uses = 1, .rate_ms = waits_ms[i], .rate_burst = 1};
        const struct usage_moment moment = {.uptime_ms = 0};
        struct usage usage = {.serial = 1};
        struct usage_answer answer;
        usage_begin(&usage, &limits, 0);
        usage_decide(&usage, &moment, &answer);
        assert_true(usage_allows(&answer));
        usage_count(&usage, &moment);
        usage_decide(&usage, &moment, &answer);
        assert_false(usage_allows(&answer));
        assert_int_equal(answer.status, STATUS_KEY_RATE);
        assert_non_null(answer.why);
        assert_true(bytes_equal(bytes_of(answer.why, 5), bytes_of("RATE:", 5)));
    }
}

/* ---- stricter ---- */

static const struct {
    struct limits now, next;
    bool stricter;
} pairs[] = {
    {{.uses_max = 0}, {.uses_max = 5}, true},
    {{.uses_max = 5}, {.uses_max = 5}, true},
    {{.uses_max = 5}, {.uses_max = 4}, true},
    {{.uses_max = 5}, {.uses_max = 6}, false},
    {{.uses_max = 5}, {.uses_max = 0}, false},
    {{.login_uses = 5}, {.login_uses = 6}, false},
    {{.login_uses = 5}, {.login_uses = 1}, true},
    {{.rate_uses = 10, .rate_ms = 1000, .rate_burst = 10},
     {.rate_uses = 20, .rate_ms = 2000, .rate_burst = 10}, true},
    {{.rate_uses = 10, .rate_ms = 1000, .rate_burst = 10},
     {.rate_uses = 10, .rate_ms = 999, .rate_burst = 10}, false},
    {{.rate_uses = 10, .rate_ms = 1000, .rate_burst = 10},
     {.rate_uses = 9, .rate_ms = 1000, .rate_burst = 11}, false},
    {{.rate_uses = 10, .rate_ms = 1000, .rate_burst = 10}, {.rate_uses = 0}, false},
    {{.rate_uses = 1000000, .rate_ms = 1, .rate_burst = 1000000},
     {.rate_uses = 1, .rate_ms = 86400000, .rate_burst = 1}, true},
    {{.hours = 1, .hours_from = 360, .hours_to = 1320},
     {.hours = 1, .hours_from = 360, .hours_to = 1320}, true},
    {{.hours = 1, .hours_from = 360, .hours_to = 1320},
     {.hours = 1, .hours_from = 359, .hours_to = 1320}, false},
    {{.hours = 1, .hours_from = 360, .hours_to = 1320},
     {.hours = 1, .hours_from = 360, .hours_to = 1321}, false},
    {{.hours = 1, .hours_from = 1320, .hours_to = 360},
     {.hours = 1, .hours_from = 1380, .hours_to = 60}, true},
    {{.hours = 1, .hours_from = 1320, .hours_to = 360},
     {.hours = 1, .hours_from = 300, .hours_to = 1380}, false},
    {{.hours = 1, .hours_from = 360, .hours_to = 1320}, {.hours = 0}, false},
    {{.lease_uses = 5}, {.lease_uses = 6}, false},
    {{.lease_seconds = 5}, {.lease_seconds = 0}, false},
    {{.lease_key = {(const uint8_t *)"a", 1}}, {.lease_key = {(const uint8_t *)"b", 1}}, false},
    {{.lease_key = {(const uint8_t *)"a", 1}}, {.lease_key = {NULL, 0}}, false},
    {{.lease_key = {NULL, 0}}, {.lease_key = {(const uint8_t *)"b", 1}}, true},
};

static void only_what_allows_nothing_more_is_stricter(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        const char *why = NULL;
        bool is = limits_tighten(&pairs[i].now, &pairs[i].next, &why) == STATUS_OK;
        if (is != pairs[i].stricter) {
            fail_msg("pair %zu: %s", i, why != NULL ? why : "stricter");
        }
    }
}

/* Hours: against every minute of two windows, asked one by one. */
static bool open_at(const struct limits *limits, uint32_t minute) {
    struct usage usage;
    struct usage_answer answer;
    struct usage_moment moment = {0, 86400 + 60 * (uint64_t)minute, false};
    usage_begin(&usage, limits, 0);
    usage_decide(&usage, &moment, &answer);
    return usage_allows(&answer);
}

static void hours_are_stricter_exactly_where_no_minute_is_added(void **state) {
    uint32_t seed = 1;
    (void)state;
    for (int round = 0; round < 60; round++) {
        uint32_t number[4];
        for (int i = 0; i < 4; i++) {
            seed = seed * 1103515245u + 12345u;
            number[i] = (seed >> 8) % LIMIT_MINUTES_OF_DAY;
        }
        struct limits now = {.hours = 1, .hours_from = number[0], .hours_to = number[1]};
        struct limits next = {.hours = 1, .hours_from = number[2], .hours_to = number[3]};
        bool adds = false;
        for (uint32_t minute = 0; minute < LIMIT_MINUTES_OF_DAY; minute++) {
            adds = adds || (open_at(&next, minute) && !open_at(&now, minute));
        }
        const char *why = NULL;
        assert_int_equal(limits_tighten(&now, &next, &why) == STATUS_OK, !adds);
    }
}

/* ---- decisions ---- */

static enum status ask(const struct usage *usage, uint64_t uptime_ms, uint64_t time,
                       bool confirmed) {
    struct usage_moment moment = {uptime_ms, time, confirmed};
    struct usage_answer answer;
    usage_decide(usage, &moment, &answer);
    assert_int_equal(usage_allows(&answer), answer.status == STATUS_OK);
    assert_true(answer.status == STATUS_OK || answer.why != NULL);
    return answer.status;
}

static void hours_begin_and_end_at_their_minute(void **state) {
    struct usage usage;
    (void)state;
    struct limits day = {.hours = 1, .hours_from = 360, .hours_to = 1320};
    usage_begin(&usage, &day, 0);
    const uint64_t midnight = 20000ull * 86400;
    assert_int_equal(ask(&usage, 0, 0, false), STATUS_KEY_HOURS);
    assert_int_equal(ask(&usage, 0, midnight + 360 * 60 - 1, false), STATUS_KEY_HOURS);
    assert_int_equal(ask(&usage, 0, midnight + 360 * 60, false), STATUS_OK);
    assert_int_equal(ask(&usage, 0, midnight + 1320 * 60 - 1, false), STATUS_OK);
    assert_int_equal(ask(&usage, 0, midnight + 1320 * 60, false), STATUS_KEY_HOURS);
    struct limits night = {.hours = 1, .hours_from = 1320, .hours_to = 360};
    usage_begin(&usage, &night, 0);
    assert_int_equal(ask(&usage, 0, midnight + 360 * 60 - 1, false), STATUS_OK);
    assert_int_equal(ask(&usage, 0, midnight + 360 * 60, false), STATUS_KEY_HOURS);
    assert_int_equal(ask(&usage, 0, midnight + 1320 * 60, false), STATUS_OK);
}

/* Counts what is allowed in so many milliseconds, when it is asked for all the time. */
static uint32_t flood(const struct limits *limits, uint64_t milliseconds) {
    struct usage usage;
    uint32_t count = 0;
    usage_begin(&usage, limits, 1000);
    for (uint64_t ms = 0; ms <= milliseconds; ms++) {
        struct usage_moment moment = {1000 + ms, 0, false};
        while (ask(&usage, 1000 + ms, 0, false) == STATUS_OK) {
            usage_count(&usage, &moment);
            count++;
        }
    }
    return count;
}

static void a_flood_gets_the_burst_and_the_rate_and_no_more(void **state) {
    (void)state;
    struct limits slow = {.rate_uses = 20, .rate_ms = 1000, .rate_burst = 40};
    assert_int_equal(flood(&slow, 0), 40);
    assert_int_equal(flood(&slow, 49), 40);
    assert_int_equal(flood(&slow, 50), 41);
    assert_int_equal(flood(&slow, 10000), 240);
    struct limits odd = {.rate_uses = 7, .rate_ms = 3000, .rate_burst = 1};
    assert_int_equal(flood(&odd, 3002), 7); /* each at a whole millisecond: 429 apart */
    assert_int_equal(flood(&odd, 3003), 8);
    struct limits most = {.rate_uses = 1000000, .rate_ms = 86400000, .rate_burst = 1000000};
    struct usage usage;
    usage_begin(&usage, &most, 0);
    usage.credit = 0;
    assert_int_equal(ask(&usage, 86, 0, false), STATUS_KEY_RATE);
    assert_int_equal(ask(&usage, 87, 0, false), STATUS_OK);
    assert_int_equal(ask(&usage, UINT64_MAX / 2, 0, false), STATUS_OK);
}

static void marks_are_never_below_and_never_beyond_the_limit(void **state) {
    (void)state;
    for (uint32_t most = 1; most < 2000; most += most / 3 + 1) {
        struct limits limits = {.uses_max = most};
        struct usage usage, next;
        struct usage_moment moment = {0, 0, false};
        usage_begin(&usage, &limits, 0);
        for (uint32_t i = 0; i < most; i++) {
            assert_int_equal(ask(&usage, 0, 0, false), STATUS_OK);
            if (!usage_covered(&usage, 1, 0, &next)) {
                assert_true(next.used_mark > usage.used && next.used_mark <= most);
                assert_true(next.used_mark - usage.used <= 256);
                usage = next;
            }
            usage_count(&usage, &moment);
            assert_true(usage.used <= usage.used_mark);
        }
        assert_int_equal(ask(&usage, 0, 0, false), STATUS_KEY_SPENT);
    }
}

static void a_lease_ends_with_its_second(void **state) {
    static const uint8_t key[1] = {0};
    struct limits limits = {.lease_seconds = 100, .lease_key = {key, 1}};
    struct usage usage;
    (void)state;
    usage_begin(&usage, &limits, 5000);
    assert_int_equal(ask(&usage, 5000 + 99000, 0, false), STATUS_OK);
    assert_int_equal(ask(&usage, 5000 + 99001, 0, false), STATUS_KEY_SUSPENDED);
    struct usage_grant grant = {1, 0, 10};
    usage_renew(&usage, &grant, 5000 + 99001);
    assert_int_equal(ask(&usage, 5000 + 109000, 0, false), STATUS_OK);
    assert_int_equal(ask(&usage, 5000 + 109001, 0, false), STATUS_KEY_SUSPENDED);
    usage_resume(&usage, &limits, 0); /* the mark is where the renewal was */
    assert_int_equal(ask(&usage, 9000, 0, false), STATUS_OK);
    assert_int_equal(ask(&usage, 9001, 0, false), STATUS_KEY_SUSPENDED);
}

static void one_flipped_word_of_an_answer_is_no_yes(void **state) {
    struct limits limits = {.uses_max = 1};
    struct usage usage;
    struct usage_moment moment = {0, 0, false};
    struct usage_answer answer;
    (void)state;
    usage_begin(&usage, &limits, 0);
    usage.used = 1;
    usage_decide(&usage, &moment, &answer);
    assert_false(usage_allows(&answer));
    answer.verdict = USAGE_ALLOWED;
    assert_false(usage_allows(&answer));
    answer.mirror = ~(uint32_t)USAGE_ALLOWED;
    assert_false(usage_allows(&answer));
    answer.status = STATUS_OK;
    assert_true(usage_allows(&answer));
}

/* ---- the numbers that programs use ---- */

static void programs_and_module_name_limits_by_the_same_numbers(void **state) {
    (void)state;
    assert_int_equal(CKA_EDGEHSM_USES_MAX, ATTRIBUTE_USES_MAX);
    assert_int_equal(CKA_EDGEHSM_RATE_USES, ATTRIBUTE_RATE_USES);
    assert_int_equal(CKA_EDGEHSM_RATE_MS, ATTRIBUTE_RATE_MS);
    assert_int_equal(CKA_EDGEHSM_RATE_BURST, ATTRIBUTE_RATE_BURST);
    assert_int_equal(CKA_EDGEHSM_HOURS_FROM, ATTRIBUTE_HOURS_FROM);
    assert_int_equal(CKA_EDGEHSM_HOURS_TO, ATTRIBUTE_HOURS_TO);
    assert_int_equal(CKA_EDGEHSM_LOGIN_USES, ATTRIBUTE_LOGIN_USES);
    assert_int_equal(CKA_EDGEHSM_LEASE_USES, ATTRIBUTE_LEASE_USES);
    assert_int_equal(CKA_EDGEHSM_LEASE_SECONDS, ATTRIBUTE_LEASE_SECONDS);
    assert_int_equal(CKA_EDGEHSM_LEASE_KEY, ATTRIBUTE_LEASE_KEY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_checked_and_what_belongs_together_is_asked_for),
        cmocka_unit_test(number_of_another_size_is_refused),
        cmocka_unit_test(each_wait_for_the_rate_has_words),
        cmocka_unit_test(seconds_that_are_added_to_a_lease_begin_now),
        cmocka_unit_test(only_what_allows_nothing_more_is_stricter),
        cmocka_unit_test(hours_are_stricter_exactly_where_no_minute_is_added),
        cmocka_unit_test(hours_begin_and_end_at_their_minute),
        cmocka_unit_test(a_flood_gets_the_burst_and_the_rate_and_no_more),
        cmocka_unit_test(marks_are_never_below_and_never_beyond_the_limit),
        cmocka_unit_test(a_lease_ends_with_its_second),
        cmocka_unit_test(one_flipped_word_of_an_answer_is_no_yes),
        cmocka_unit_test(programs_and_module_name_limits_by_the_same_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
