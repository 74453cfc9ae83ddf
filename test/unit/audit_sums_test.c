/* SPDX-License-Identifier: Apache-2.0 */
/* Uses of keys that share a leaf: how many become one, when their leaf is made, that it always has
 * room, and what is said after a power cut. */
#include "test/unit/log_module.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { EACH = 10 };
static const uint64_t KEY = 0x1a2b3c4d5e6f7081;

static bool wrote;

static struct audit_record use_of(uint64_t key, uint64_t session) {
    return (struct audit_record){.event = COMMAND_sign,
                                 .session = session,
                                 .object = key,
                                 .has_uid = true,
                                 .uid = 1000,
                                 .role = ROLE_USER,
                                 .class = AUDIT_ROUTINE};
}

/* As the gate does it: a slot first. */
static enum status give(struct audit_record record, uint32_t each) {
    if (!audit_hold(&log_audit, record.class)) {
        return STATUS_LOG_FULL;
    }
    record.held = true;
    return audit_use(&log_audit, &record, each, &wrote);
}

static void use(uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(give(use_of(KEY, 5), EACH), STATUS_OK);
    }
}

static struct log_leaf leaf_at(uint64_t sequence) {
    static uint8_t room[LOG_ENTRY_MAX];
    struct log_leaf leaf;
    assert_true(log_module_find_leaf(sequence, &leaf, room));
    return leaf;
}

/* ---- one leaf for many ---- */

static void ten_uses_become_one_leaf(void **state) {
    (void)state;
    use(EACH - 1);
    assert_true(audit_size(&log_audit) == 0);
    sim_advance(500);
    use(1);
    assert_true(audit_size(&log_audit) == 1);
    struct log_leaf leaf = leaf_at(0);
    assert_true(leaf.count == EACH && leaf.first == 1 && leaf.last == EACH);
    assert_true(leaf.event == COMMAND_sign && leaf.uid == 1000 && leaf.role == ROLE_USER);
    assert_true(leaf.session == 5 && leaf.result == 0 && leaf.object.size == 8);
    assert_true(leaf.uptime_ms >= leaf.since_ms + 500);
    use(EACH);
    leaf = leaf_at(1);
    assert_true(leaf.count == EACH && leaf.first == EACH + 1 && leaf.last == 2 * EACH);
    assert_true(log_module_verify_all().ok);
}

static void one_alone_is_a_leaf_as_ever(void **state) {
    (void)state;
    use(1);
    assert_int_equal(audit_flush(&log_audit, 0), STATUS_OK);
    struct log_leaf leaf = leaf_at(0);
    assert_int_equal(leaf.count, 1);
    assert_true((leaf.has >> LEAF_COUNT & 1) == 0 && (leaf.has >> LEAF_FIRST & 1) == 0);
    struct audit_record record = use_of(KEY, 5);
    assert_int_equal(give(record, 1), STATUS_OK); /* each by itself */
    assert_true(audit_size(&log_audit) == 2 && (leaf_at(1).has >> LEAF_SINCE_MS & 1) == 0);
}

/* Whatever differs between two uses but their number makes two leaves. */
static void only_what_is_alike_shares_a_leaf(void **state) {
    (void)state;
    struct audit_record others[7];
    for (size_t i = 0; i < COUNT(others); i++) {
        others[i] = use_of(KEY, 5);
    }
    others[1].event = COMMAND_verify;
    others[2].session = 6;
    others[3].object++;
    others[4].uid = 1001;
    others[5].role = ROLE_SESSION;
    others[6].rule = 2;
    for (size_t i = 0; i < 3 * COUNT(others); i++) {
        assert_int_equal(give(others[i % COUNT(others)], EACH), STATUS_OK);
    }
    assert_int_equal(audit_flush(&log_audit, 0), STATUS_OK);
    uint64_t uses = 0;
    for (uint64_t i = 0; i < audit_size(&log_audit); i++) {
        struct log_leaf leaf = leaf_at(i);
        assert_true(leaf.count <= 3);
        uses += leaf.count;
    }
    assert_int_equal(uses, 3 * COUNT(others));
    assert_true(log_audit.held == 0 && log_audit.running == 0);
}

static void statements_are_numbered_by_their_counters(void **state) {
    static const uint64_t counters[] = {41, 43, 42, 45, 44};
    uint8_t hash[32] = {7};
    (void)state;
    for (size_t i = 0; i < COUNT(counters); i++) {
        struct audit_record record = use_of(KEY, 5);
        record.event = COMMAND_sign_message;
        record.counter = counters[i];
        hash[31] = (uint8_t)i;
        record.payload_hash = bytes_of(hash, sizeof(hash));
        assert_int_equal(give(record, COUNT(counters)), STATUS_OK);
    }
    struct log_leaf leaf = leaf_at(0);
    assert_true(leaf.count == 5 && leaf.first == 41 && leaf.last == 45);
    assert_true(leaf.payload_hash.size == 32 && leaf.payload_hash.data[31] == 4);
}

/* More that run than there are places: the oldest gets its leaf, and nothing is lost. */
static void every_use_is_told_however_many_keys_there_are(void **state) {
    (void)state;
    uint64_t seed = 7, uses = 0, told[40] = {0}, given[40] = {0};
    for (uint32_t i = 0; i < 4000; i++) {
        uint64_t key = sim_chance(&seed) % COUNT(given);
        key = sim_chance(&seed) % 4 != 0 ? key % 2 : key; /* two are used often */
        assert_int_equal(give(use_of(1 + key, 1 + key % 3), 1 + (uint32_t)EACH), STATUS_OK);
        given[key]++;
        sim_advance(sim_chance(&seed) % 3);
    }
    assert_int_equal(audit_flush(&log_audit, 0), STATUS_OK);
    assert_true(audit_size(&log_audit) < 4000);
    for (uint64_t i = 0; i < audit_size(&log_audit); i++) {
        struct log_leaf leaf = leaf_at(i);
        uses += leaf.count;
        told[leaf.object.data[7] - 1] += leaf.count;
    }
    assert_int_equal(uses, 4000);
    assert_memory_equal(told, given, sizeof(told));
    assert_true(log_audit.held == 0 && log_module_verify_all().ok);
}

/* ---- when ---- */

static void a_minute_is_the_longest_that_a_use_waits(void **state) {
    bool wants_sync = false;
    (void)state;
    use(3);
    sim_advance(59000);
    assert_int_equal(audit_tick(&log_audit, &wants_sync), STATUS_OK);
    assert_true(audit_size(&log_audit) == 0 && !wants_sync);
    sim_advance(2000);
    assert_int_equal(audit_tick(&log_audit, &wants_sync), STATUS_OK);
    assert_true(audit_size(&log_audit) == 1 && wants_sync);
    assert_true(leaf_at(0).count == 3 && log_audit.stored_size == 1);
}

static void a_head_on_demand_has_all_uses(void **state) {
    (void)state;
    use(4);
    assert_int_equal(
        audit_checkpoint(&log_audit, REASON_DEMAND, bytes_of_text("nonce"), NULL, NULL), STATUS_OK);
    assert_true(audit_size(&log_audit) == 1 && leaf_at(0).count == 4);
}

static void an_orderly_end_tells_all_and_the_next_start_nothing(void **state) {
    (void)state;
    use(4);
    log_module_stop();
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_true(audit_size(&log_audit) == 1 && leaf_at(0).count == 4);
    log_module_stop();
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_true(audit_size(&log_audit) == 1);
}

static void the_end_of_a_session_tells_its_uses_alone(void **state) {
    (void)state;
    use(4);
    assert_int_equal(give(use_of(KEY, 6), EACH), STATUS_OK);
    assert_int_equal(audit_flush(&log_audit, 5), STATUS_OK);
    assert_true(audit_size(&log_audit) == 1 && leaf_at(0).session == 5);
    assert_int_equal(log_audit.running, 1);
}

/* What changes something stands behind the uses before it, and what is refused waits for none. */
static void management_stands_behind_the_uses_before_it(void **state) {
    struct audit_record change = {.event = COMMAND_token_set, .class = AUDIT_MUST};
    (void)state;
    use(4);
    change.status = STATUS_ROLE_REFUSED;
    assert_int_equal(audit_append(&log_audit, &change), STATUS_OK);
    assert_true(audit_size(&log_audit) == 1 && leaf_at(0).event == COMMAND_token_set);
    change.status = STATUS_OK;
    assert_int_equal(audit_append(&log_audit, &change), STATUS_OK);
    assert_true(audit_size(&log_audit) == 3 && leaf_at(1).count == 4);
    assert_true(leaf_at(2).event == COMMAND_token_set);
}

/* ---- room ---- */

static void a_running_sum_keeps_its_room_in_a_full_log(void **state) {
    (void)state;
    sim_set_log_capacity(60);
    assert_true(audit_space(&log_audit) > 0);
    use(2);
    while (audit_has_room(&log_audit, AUDIT_ROUTINE)) {
        const struct audit_record other = use_of(KEY + 1, 5);
        assert_int_equal(audit_append(&log_audit, &other), STATUS_OK);
    }
    assert_int_equal(give(use_of(KEY, 5), EACH), STATUS_LOG_FULL); /* before it does anything */
    uint64_t size = audit_size(&log_audit);
    const struct audit_record login = {.event = COMMAND_login, .class = AUDIT_RESERVED};
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(audit_append(&log_audit, &login),
                         STATUS_OK); /* the reserve, and no more */
    }
    assert_int_equal(audit_flush(&log_audit, 0), STATUS_OK);
    assert_true(audit_size(&log_audit) == size + AUDIT_RESERVED_SLOTS + 1);
    struct log_leaf leaf = leaf_at(size + AUDIT_RESERVED_SLOTS);
    assert_true(leaf.count == 2 && leaf.event == COMMAND_sign);
    assert_true(leaf.suppressed == 100 - AUDIT_RESERVED_SLOTS);
    assert_true(audit_space(&log_audit) == 0 && log_module_verify_all().ok);
}

static void what_the_archive_refuses_is_counted_use_by_use(void **state) {
    (void)state;
    use(7);
    sim_fail((struct sim_failure){.call = SIM_LOG_APPEND, .nth = 1});
    assert_int_equal(audit_flush(&log_audit, 0), STATUS_OK);
    assert_true(sim_failed());
    assert_true(log_audit.suppressed == 7 && log_audit.running == 0 && log_audit.held == 0);
    log_module_say_often(1);
    assert_true(leaf_at(0).suppressed == 7);
}

/* ---- power cuts ---- */

static void a_start_after_a_kill_says_that_uses_may_be_missing(void **state) {
    char expected[100];
    (void)state;
    use(EACH + 3);
    assert_true(wrote == false); /* the mark was set by the first one */
    log_module_kill();
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_true(audit_size(&log_audit) == 2);
    assert_true(leaf_at(0).count == EACH);
    struct log_leaf leaf = leaf_at(1);
    assert_true(leaf.event == EVENT_uses_lost);
    snprintf(expected, sizeof(expected),
             "up to %u uses of keys since the last checkpoint may be "
             "missing",
             (unsigned)(AUDIT_SUMS_MAX * (EACH - 1)));
    assert_true(bytes_equal(leaf.detail, bytes_of_text(expected)));
    log_module_kill(); /* nothing ran since: nothing is said */
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_true(audit_size(&log_audit) == 2);
    assert_true(log_module_verify_all().ok);
}

static void the_mark_is_set_once_and_raised_when_more_may_run(void **state) {
    (void)state;
    assert_int_equal(give(use_of(KEY, 5), 5), STATUS_OK);
    assert_true(wrote);
    assert_int_equal(give(use_of(KEY + 1, 5), 5), STATUS_OK);
    assert_false(wrote);
    assert_int_equal(give(use_of(KEY + 1, 5), 50), STATUS_OK);
    assert_true(wrote);
    assert_int_equal(give(use_of(KEY + 1, 5), 5), STATUS_OK);
    assert_false(wrote);
    assert_int_equal(log_audit.marked, 50);
}

static void a_mark_that_cannot_be_set_gives_each_use_its_leaf(void **state) {
    (void)state;
    sim_fail((struct sim_failure){.call = SIM_FLASH_PROGRAM, .nth = 1});
    assert_int_equal(give(use_of(KEY, 5), EACH), STATUS_OK);
    assert_true(sim_failed());
    assert_true(audit_size(&log_audit) == 1 && log_audit.running == 0 && log_audit.held == 0);
}

static uint64_t given;

static void use_often(void *with) {
    (void)with;
    for (uint32_t i = 0; i < 3 * EACH + 4; i++) {
        assert_int_equal(give(use_of(KEY, 5), EACH), STATUS_OK);
        assert_int_equal(wrote ? port_flash_sync() : STATUS_OK, STATUS_OK);
        given++;
    }
}

static void count_uses(uint64_t *told, uint64_t *said) {
    *told = *said = 0;
    for (uint64_t i = 0; i < audit_size(&log_audit); i++) {
        struct log_leaf leaf = leaf_at(i);
        *told += leaf.event == COMMAND_sign ? leaf.count : 0;
        *said += leaf.event == EVENT_uses_lost;
    }
}

/* Wherever it is cut: what was answered and is not in the log was running, and that is said. */
static void a_power_cut_loses_at_most_what_was_running(void **state) {
    (void)state;
    log_module_stop();
    struct sim_memory *memory = sim_remember(NULL);
    enum sim_end ended = SIM_CUT;
    for (uint64_t cut = 1; ended == SIM_CUT; cut++) {
        uint64_t told = 0, said = 0;
        sim_recall(memory);
        assert_int_equal(log_module_start(), STATUS_OK);
        given = 0;
        sim_cut(cut, (struct sim_tear){.bytes = (uint32_t)cut % 3 * 8});
        ended = sim_run(use_often, NULL);
        sim_cut(0, (struct sim_tear){0});
        assert_int_equal(log_module_start(), STATUS_OK);
        count_uses(&told, &said);
        assert_true(told + EACH > given && told <= given + 1 && said <= 1);
        assert_true(told >= given || said == 1);
        assert_true(log_module_verify_all().ok);
        assert_true(ended != SIM_DONE || (given == 3 * EACH + 4 && told == 3 * EACH));
        log_module_stop();
    }
    sim_forget(memory);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, log_module_set_up, log_module_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(ten_uses_become_one_leaf),
        TEST(one_alone_is_a_leaf_as_ever),
        TEST(only_what_is_alike_shares_a_leaf),
        TEST(statements_are_numbered_by_their_counters),
        TEST(every_use_is_told_however_many_keys_there_are),
        TEST(a_minute_is_the_longest_that_a_use_waits),
        TEST(a_head_on_demand_has_all_uses),
        TEST(an_orderly_end_tells_all_and_the_next_start_nothing),
        TEST(the_end_of_a_session_tells_its_uses_alone),
        TEST(management_stands_behind_the_uses_before_it),
        TEST(a_running_sum_keeps_its_room_in_a_full_log),
        TEST(what_the_archive_refuses_is_counted_use_by_use),
        TEST(a_start_after_a_kill_says_that_uses_may_be_missing),
        TEST(the_mark_is_set_once_and_raised_when_more_may_run),
        TEST(a_mark_that_cannot_be_set_gives_each_use_its_leaf),
        TEST(a_power_cut_loses_at_most_what_was_running),
    };
    if (crypto_start() != STATUS_OK) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_stop();
    return failed;
}
