/* SPDX-License-Identifier: Apache-2.0 */
/* Reviews of policies: what is said of lines that do nothing, and that nothing is newly allowed
 * without being told. */
#include "host/cli/policy_document.h"
#include "host/cli/policy_review.h"
#include "host/cli/policy_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static struct policy_document one, two;
static uint64_t seed = 362436069362436069ull;

static uint64_t next_number(uint64_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

static const char head[] =
    "policy \"p\" version 1\nkey \"k\"\n"
    "message cbor { 1 op : one of \"a\" \"b\" \"c\" ? 2 n : -20..20 3 m : 0..20 4 yes : bool }\n";

static void load(struct policy_document *document, const char *lines) {
    static char text[2][4096];
    char *room = text[document == &two];
    snprintf(room, sizeof(text[0]), "%s%s", head, lines);
    enum status status = policy_document_read(document, bytes_of_text(room));
    if (status != STATUS_OK) {
        print_message("# %u:%u %s\n%s", document->source.error.line, document->source.error.column,
                      document->source.error.text, room);
    }
    assert_int_equal(status, STATUS_OK);
}

/* All findings as one text, a line each. */
static char said[16384];
static unsigned looser;

static void take(void *context, const struct review_finding *finding) {
    static const char kinds[] = "WNnel";
    size_t used = strlen(said);
    (void)context;
    snprintf(said + used, sizeof(said) - used, "%c%u %s\n", kinds[finding->kind], finding->line,
             finding->words.text);
    looser += finding->kind >= REVIEW_NEW;
}

static const struct review review = {take, NULL};

static void expect_review(const char *lines, const char *expected) {
    said[0] = 0;
    load(&one, lines);
    assert_int_equal(review_policy(&one.policy, &review), STATUS_OK);
    assert_string_equal(said, expected);
}

static void expect_change(const char *from, const char *to, const char *expected) {
    said[0] = 0;
    load(&one, from);
    load(&two, to);
    two.policy.version = 2;
    assert_int_equal(review_change(&one.policy, &two.policy, &review), STATUS_OK);
    assert_string_equal(said, expected);
}

static void a_line_that_does_nothing_is_named(void **state) {
    (void)state;
    expect_review("allow op is \"a\" and n in 1..5", "");
    expect_review("allow op is \"a\" and n in 1..5\nallow n in 2..3 and op is \"a\"",
                  "W5 all that this line allows is allowed without it, by line 4\n");
    expect_review("allow op is \"a\" and m > 20\nallow op is \"b\"",
                  "W4 no message can meet this line: it does nothing\n");
    expect_review("allow op is \"a\"\ndeny op is \"b\"",
                  "W5 this line denies nothing that would be allowed without it\n");
    expect_review("allow op is \"a\"\nallow op is \"b\"\ndeny op is \"b\"",
                  "W5 all that this line allows is denied by line 6\n");
    expect_review("allow n < m and n in 5..6 and m in 0..5\nallow yes is true",
                  "W4 no message can meet this line: it does nothing\n");
    expect_review("allow always\ndeny n > 5",
                  "W5 this line also denies messages without a field that it looks at; where these "
                  "are meant to pass, add: FIELD present and ...\n");
    expect_review("allow always\ndeny n present and n > 5", "");
    expect_review("allow always\nlimit 5 per 1h",
                  "N5 what line 4 allows counts for this quota too; where it is for emergencies, "
                  "except it\n");
    expect_review("allow op is \"a\" and hours in 6:00..7:00\ndeny hours in 5:00..8:00",
                  "W4 all that this line allows is denied by line 5\n");
    expect_review("allow step(m) <= 5\nallow step(m) <= 7 and yes is true", "");
}

static void what_is_newly_allowed_is_told_in_words(void **state) {
    (void)state;
    expect_change("allow op is \"a\" and m <= 5", "allow op is \"a\" and m <= 5", "");
    expect_change("allow op is \"a\" and m <= 5", "allow op is \"a\" and m <= 4", "");
    expect_change("allow op is \"a\" and m <= 5", "allow op is \"a\" and m <= 9",
                  "n0 op is \"a\" and m in 6..9\n");
    expect_change("allow op is \"a\" and m <= 5", "allow op is one of \"a\" \"c\" and m <= 5",
                  "n0 op is \"c\" and m in 0..5\n");
    expect_change("allow op is \"a\"\ndeny m is 3", "allow op is \"a\"",
                  "n0 op is \"a\" and m is 3\n");
    expect_change("allow op is \"a\"\ndeny m is 3",
                  "allow op is \"a\"\ndeny m is 3 except yes is true",
                  "n0 op is \"a\" and m is 3 and yes is true\n");
    expect_change("allow op is \"a\" and n present", "allow op is \"a\"",
                  "n0 op is \"a\" and n absent\n");
    expect_change("allow op is \"a\" rate 2/1s", "allow op is \"a\" rate 1/1s", "");
    expect_change("allow op is \"a\" rate 2/1s", "allow op is \"a\" rate 3/1s", "e0 op is \"a\"\n");
    expect_change("allow op is \"a\" needs 2 of [x, y] within 1m",
                  "allow op is \"a\" needs 2 of [x] within 1m", "");
    expect_change("allow op is \"a\" needs 2 of [x, y] within 1m",
                  "allow op is \"a\" needs 2 of [x, z] within 1m", "e0 op is \"a\"\n");
    expect_change("allow step(m) <= 5", "allow step(m) <= 8", "n0 step(m) in 6..8\n");
    expect_change("allow n < m", "allow n <= m + 1", "n0 n in -20..20 and n - m in 0..1\n");
    expect_change("allow always\ndeny hours outside 06:00..22:00",
                  "allow always\ndeny hours outside 05:00..22:00", "n0 hours in 05:00..06:00\n");
    expect_change("allow always\nlimit 5 per 1h", "allow always\nlimit 6 per 1h",
                  "l5 limit 5 per 1h  becomes  limit 6 per 1h\n");
    expect_change("allow always\nlimit 5 per 1h", "allow always\nlimit 5 per 1h except yes is true",
                  "l5 limit 5 per 1h  becomes  limit 5 per 1h except yes is true\n");
    expect_change(
        "allow always\nspike normal 5 per 1h factor 2 then log and alert", "allow always",
        "l0 spike normal 5 per 1h factor 2 then log and alert  becomes  nothing: the line "
        "is gone\n");
}

/* ---- that nothing is left untold ---- */

static void make_line(struct words *words) {
    static const char *const ops[] = {"\"a\"", "\"b\"", "\"c\"", "\"a\" \"c\""};
    int low = (int)next_number(18), high = low + (int)next_number(6);
    words_add(words, "%s op is %s%s", next_number(3) == 0 ? "deny" : "allow",
              next_number(2) != 0 ? "one of " : "not one of ", ops[next_number(4)]);
    switch (next_number(7)) {
    case 0:
        words_add(words, " and n in %d..%d", low - 10, high - 10);
        break;
    case 1:
        words_add(words, " and m not in %d..%d", low, high);
        break;
    case 2:
        words_add(words, " and n <= m - %d", low);
        break;
    case 3:
        words_add(words, " and hours in %02d:00..%02d:30", low, high);
        break;
    case 4:
        words_add(words, " and n %s", next_number(2) != 0 ? "present" : "absent");
        break;
    default:
        break;
    }
    if (next_number(3) == 0) {
        words_add(words, " except yes is %s", next_number(2) != 0 ? "true" : "false");
    }
    words_add(words, "\n");
}

static bool ask(struct policy_document *document, struct bytes message, uint64_t time) {
    static struct policy_world world;
    struct message read;
    struct policy_answer answer;
    policy_world_start(&world, &document->policy);
    world.clock.time = time;
    policy_world_decide(&world, message, &read, &answer);
    return policy_allows(&answer);
}

static struct bytes any_message(uint8_t room[16]) {
    size_t used = 0;
    bool with = next_number(4) != 0;
    int n = (int)next_number(41) - 20;
    const uint8_t start[] = {(uint8_t)(with ? 0xa4 : 0xa3), 0x01, 0x61,
                             (uint8_t)('a' + next_number(3))};
    memcpy(room, start, sizeof(start));
    used = sizeof(start);
    if (with) {
        room[used++] = 0x02;
        room[used++] = (uint8_t)(n >= 0 ? n : 0x20 + (-1 - n));
    }
    room[used++] = 0x03;
    room[used++] = (uint8_t)next_number(21);
    room[used++] = 0x04;
    room[used++] = (uint8_t)(0xf4 + next_number(2));
    return bytes_of(room, used);
}

static void a_looser_alarm_is_told(void **state) {
    (void)state;
#define EITHER "allow always\n"
    expect_change(EITHER "alarm idle 1d then log", EITHER "alarm idle 1d then log and alert", "");
    expect_change(EITHER "alarm idle 1d then log", EITHER "alarm idle 25h then log",
                  "l5 alarm idle 1d then log  becomes  alarm idle 25h then log\n");
    expect_change(EITHER "alarm idle 1d then log and suspend", EITHER "alarm idle 1d then log",
                  "l5 alarm idle 1d then log and suspend  becomes  alarm idle 1d then log\n");
    expect_change(EITHER "alarm refusals 5 per 1m then log",
                  EITHER "alarm refusals 5 per 59s then log",
                  "l5 alarm refusals 5 per 1m then log  becomes  alarm refusals 5 per 59s then "
                  "log\n");
    expect_change(EITHER "alarm refusals 5 per 1m then log",
                  EITHER "alarm refusals 4 per 2m then log", "");
    expect_change(EITHER "alarm gap 9 then log", EITHER "alarm gap 10 then log",
                  "l5 alarm gap 9 then log  becomes  alarm gap 10 then log\n");
    expect_change(EITHER "alarm newcomer then log", EITHER "alarm gap 1 then log",
                  "l0 alarm newcomer then log  becomes  nothing: the line is gone\n");
    expect_change(EITHER "alarm hours outside 06:00..22:00 then log",
                  EITHER "alarm hours in 21:00..07:00 then log", "");
    expect_change(EITHER "alarm hours outside 06:00..22:00 then log",
                  EITHER "alarm hours outside 06:00..22:01 then log",
                  "l5 alarm hours outside 06:00..22:00 then log  becomes  alarm hours outside "
                  "06:00..22:01 then log\n");
    expect_change(EITHER "alarm newcomer then log",
                  EITHER "alarm newcomer then log except op is \"a\"",
                  "l5 alarm newcomer then log  becomes  alarm newcomer then log except op is "
                  "\"a\"\n");
#undef EITHER
}

static void an_alarm_that_can_stop_emergencies_is_noted(void **state) {
    (void)state;
    expect_review("allow op is \"a\"\nalarm idle 1d then alert", "");
    expect_review("allow op is \"a\"\nalarm idle 1d then suspend",
                  "N5 what line 4 allows counts for this alarm too; where it is for emergencies, "
                  "except it\n");
    expect_review("allow op is \"a\"\nalarm idle 1d then suspend except op is \"a\"", "");
}

static void nothing_is_newly_allowed_without_being_told(void **state) {
    (void)state;
    uint8_t room[16];
    unsigned silent = 0, told = 0, found = 0;
    for (unsigned i = 0; i < 1500; i++) {
        struct words from = {.used = 0}, to = {.used = 0};
        for (uint64_t lines = 1 + next_number(4); lines > 0; lines--) {
            struct words line = {.used = 0};
            make_line(&line);
            words_add(&from, "%s", line.text);
            if (next_number(4) != 0) { /* else it is dropped, or changed */
                words_add(&to, "%s", line.text);
            } else if (next_number(2) != 0) {
                make_line(&to);
            }
        }
        load(&one, from.text);
        load(&two, to.used != 0 ? to.text : "deny always");
        said[0] = 0;
        looser = 0;
        assert_int_equal(review_change(&one.policy, &two.policy, &review), STATUS_OK);
        bool any = false;
        for (unsigned k = 0; k < 400; k++) {
            struct bytes message = any_message(room);
            uint64_t time = next_number(4) == 0 ? 0 : 1795564800 + next_number(86400);
            any = any || (ask(&two, message, time) && !ask(&one, message, time));
        }
        assert_false(any && looser == 0);
        silent += looser == 0;
        told += looser != 0;
        found += any;
    }
    print_message("# %u changes told, of %u of which a message by chance was an example; %u had "
                  "nothing to tell\n",
                  told, found, silent);
    /* and most of what is told is real */
    assert_true(silent > 300 && found > 300 && found * 10 > told * 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_that_does_nothing_is_named),
        cmocka_unit_test(what_is_newly_allowed_is_told_in_words),
        cmocka_unit_test(a_looser_alarm_is_told),
        cmocka_unit_test(an_alarm_that_can_stop_emergencies_is_noted),
        cmocka_unit_test(nothing_is_newly_allowed_without_being_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
