/* SPDX-License-Identifier: Apache-2.0 */
/* The time, as somebody tells it, and the clock that goes on from there: only what the one writer
 * writes is read, and each bound holds to the millisecond. */
#include "core/keys/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const uint8_t device[TOLD_TIME_DEVICE_SIZE] = {1, 2, 3};
static const uint8_t nonce[TOLD_TIME_NONCE_SIZE] = {4, 5, 6};
static const uint8_t signature[COSE_SIGNATURE_SIZE] = {7};

static struct told_time told_at(uint64_t seconds) {
    return (struct told_time){bytes_of(device, sizeof(device)), bytes_of(nonce, sizeof(nonce)),
                              seconds};
}

/* ---- the form ---- */

static void payload_is_the_documented_map(void **state) {
    static const uint8_t expected[] = {
        0xa3, 0x01, 0x50, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,    0x02,
        0x50, 4,    5,    6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0x1a, 0x6b,
        0x08, 0x1f, 0x40,
    };
    uint8_t room[TOLD_TIME_PAYLOAD_MAX];
    struct span out = {room, sizeof(room)};
    const struct told_time told = told_at(0x6b081f40);
    (void)state;
    assert_int_equal(told_time_write(&told, &out), STATUS_OK);
    assert_int_equal(out.size, sizeof(expected));
    assert_memory_equal(room, expected, sizeof(expected));
}

static struct bytes whole(const char *type, bool detached, uint64_t seconds, struct span out) {
    uint8_t head_room[COSE_HEADER_MAX], room[TOLD_TIME_PAYLOAD_MAX];
    struct span head = {head_room, sizeof(head_room)}, payload = {room, sizeof(room)};
    const struct told_time told = told_at(seconds);
    assert_int_equal(cose_header(COSE_ES256, bytes_of(device, COSE_KEY_ID_SIZE), type, &head),
                     STATUS_OK);
    assert_int_equal(told_time_write(&told, &payload), STATUS_OK);
    const struct bytes body = bytes_of_span(payload);
    assert_int_equal(cose_write(bytes_of_span(head), detached ? NULL : &body,
                                bytes_of(signature, sizeof(signature)), &out),
                     STATUS_OK);
    return bytes_of_span(out);
}

static void time_is_opened_to_what_was_written(void **state) {
    uint8_t room[TOLD_TIME_MAX];
    struct cose cose;
    struct told_time told;
    (void)state;
    struct bytes time = whole(TOLD_TIME_TYPE, false, 5, (struct span){room, sizeof(room)});
    assert_int_equal(told_time_open(time, &cose, &told), STATUS_OK);
    assert_int_equal(cose.algorithm, COSE_ES256);
    assert_true(bytes_equal(cose.key_id, bytes_of(device, COSE_KEY_ID_SIZE)));
    assert_true(bytes_equal(cose.signature, bytes_of(signature, sizeof(signature))));
    assert_true(bytes_equal(told.device, bytes_of(device, sizeof(device))));
    assert_true(bytes_equal(told.nonce, bytes_of(nonce, sizeof(nonce))));
    assert_int_equal(told.seconds, 5);
    for (size_t size = 0; size < time.size; size++) {
        assert_int_equal(told_time_open(bytes_of(room, size), &cose, &told), STATUS_DATA_INVALID);
    }
}

static void another_type_no_payload_and_no_time_are_refused(void **state) {
    static const struct {
        const char *type;
        bool detached;
        uint64_t seconds;
    } rows[] = {{"application/hsm-approval+cbor", false, 5},
                {"", false, 5},
                {TOLD_TIME_TYPE "x", false, 5},
                {TOLD_TIME_TYPE, true, 5},
                {TOLD_TIME_TYPE, false, 0},
                {TOLD_TIME_TYPE, false, TOLD_TIME_SECONDS_MAX + 1ull}};
    uint8_t room[TOLD_TIME_MAX];
    struct cose cose;
    struct told_time told;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bytes time = whole(rows[i].type, rows[i].detached, rows[i].seconds,
                                  (struct span){room, sizeof(room)});
        assert_int_equal(told_time_open(time, &cose, &told), STATUS_DATA_INVALID);
    }
}

/* ---- the clock ---- */

static void clock_that_nobody_set_says_nothing(void **state) {
    struct token_time time = {.seconds = 0};
    const struct told_time told = told_at(1000);
    const char *why = NULL;
    (void)state;
    assert_int_equal(time_trusted(&time, 0), 0);
    assert_int_equal(time_trusted(&time, UINT64_MAX), 0);
    assert_int_equal(time_take(&time, &told, 0, &why), STATUS_TIME_REFUSED);
    assert_non_null(why);
}

static void question_lives_a_minute_to_the_millisecond(void **state) {
    static const struct {
        uint64_t asked, told;
        enum status status;
    } rows[] = {{0, 0, STATUS_OK},
                {0, 59999, STATUS_OK},
                {0, 60000, STATUS_TIME_REFUSED},
                {7, 60006, STATUS_OK},
                {7, 60007, STATUS_TIME_REFUSED}};
    const struct told_time told = told_at(1000);
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct token_time time = {.seconds = 0};
        const char *why = NULL;
        time_ask(&time, nonce, rows[i].asked);
        assert_int_equal(time_take(&time, &told, rows[i].told, &why), rows[i].status);
        assert_int_equal(time_trusted(&time, rows[i].told),
                         rows[i].status == STATUS_OK ? 1000 : 0);
    }
}

static void time_goes_on_for_seven_days_to_the_millisecond(void **state) {
    const uint64_t day_ms = 24ull * 3600 * 1000;
    const struct token_time time = {.seconds = 1000, .told_ms = 500};
    (void)state;
    assert_int_equal(time_trusted(&time, 500), 1000);
    assert_int_equal(time_trusted(&time, 1499), 1000);
    assert_int_equal(time_trusted(&time, 1500), 1001);
    assert_int_equal(time_trusted(&time, 499 + 7 * day_ms), 1000 + 7 * 86400 - 1);
    assert_int_equal(time_trusted(&time, 500 + 7 * day_ms), 0);
    assert_int_equal(time_left_ms(&time, 499 + 7 * day_ms), 1);
    assert_int_equal(time_left_ms(&time, 500 + 7 * day_ms), 0);
}

static void clock_goes_back_by_a_minute_and_no_further(void **state) {
    static const struct {
        uint64_t seconds;
        enum status status;
    } rows[] = {
        {1039, STATUS_TIME_REFUSED}, {1040, STATUS_OK}, {1100, STATUS_OK}, {9999, STATUS_OK}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct token_time time = {.seconds = 1000, .told_ms = 0};
        const struct told_time told = told_at(rows[i].seconds);
        const char *why = NULL;
        time_ask(&time, nonce, 100000);
        assert_int_equal(time_take(&time, &told, 100000, &why), rows[i].status);
        assert_int_equal(time_trusted(&time, 100000),
                         rows[i].status == STATUS_OK ? rows[i].seconds : 1100);
        assert_int_equal(time_take(&time, &told, 100000, &why), STATUS_TIME_REFUSED);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload_is_the_documented_map),
        cmocka_unit_test(time_is_opened_to_what_was_written),
        cmocka_unit_test(another_type_no_payload_and_no_time_are_refused),
        cmocka_unit_test(clock_that_nobody_set_says_nothing),
        cmocka_unit_test(question_lives_a_minute_to_the_millisecond),
        cmocka_unit_test(time_goes_on_for_seven_days_to_the_millisecond),
        cmocka_unit_test(clock_goes_back_by_a_minute_and_no_further),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
