/* SPDX-License-Identifier: Apache-2.0 */
/* What the archive and the store tell the log and makes no sense: entries too short to be any,
 * entries that cannot be read, a released frontier, records of a wrong size or version. None is
 * taken over, and the log goes on or says that the store is damaged. */
#include "core/audit/archive.h"
#include "port/sim/state.h"
#include "test/unit/log_module.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static uint64_t end_of_archive(void) {
    uint64_t first = 0, next = 0;
    port_log_range(&first, &next);
    return next;
}

/* ---- entries ---- */

static void entry_too_short_to_be_one_is_dropped_and_told(void **state) {
    uint8_t entry[ENTRY_KIND_SIZE + LOG_MARK_SIZE + ENTRY_TAG_SIZE] = {LOG_LEAF};
    (void)state;
    for (size_t size = 0; size < sizeof(entry); size++) {
        log_module_say_often(2);
        uint64_t leaves = audit_size(&log_audit), lost = log_audit.lost;
        log_module_kill();
        assert_int_equal(port_log_append(bytes_of(entry, size)), STATUS_OK);
        assert_int_equal(log_module_start(), STATUS_OK);
        assert_true(log_audit.lost == lost + 1);
        assert_true(audit_size(&log_audit) == leaves + 1); /* and one that tells of it */
    }
    assert_true(log_module_verify_all().ok);
}

/* Of an entry that the archive cannot read, those behind it are dropped too. */
static void entry_that_cannot_be_read_ends_what_is_taken_over(void **state) {
    (void)state;
    log_module_say_often(5);
    uint64_t next = end_of_archive();
    log_module_kill();
    sim.stored.log[next - 3].size = LOG_ENTRY_MAX + 1;
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_true(log_audit.lost == 3 && audit_size(&log_audit) == 2 + 1);
    assert_true(log_module_verify_all().ok);
}

static void unreadable_entry_is_shown_as_such(void **state) {
    uint8_t room[4000];
    (void)state;
    log_module_say_often(3);
    uint64_t next = end_of_archive();
    for (int kind = 0; kind < 2; kind++) {
        struct audit_page page;
        struct span out = {room, sizeof(room)};
        sim.stored.log[next - 2].size = kind == 0 ? LOG_ENTRY_MAX + 1 : 19;
        assert_int_equal(audit_read(next - 2, &page, &out), STATUS_OK);
        assert_true(page.first == next - 2 && page.next == next);
        assert_int_equal(load_u32(room), 0); /* no bytes, */
        assert_int_equal(load_u32(room + 4), LOG_UNREADABLE);
        assert_int_equal(load_u32(room + 12), LOG_LEAF); /* and the one behind it */
    }
}

static void page_too_small_for_an_entry_is_empty(void **state) {
    uint8_t room[4000];
    struct audit_page page;
    struct span out = {room, 20};
    (void)state;
    log_module_say_often(3);
    assert_int_equal(audit_read(1, &page, &out), STATUS_OK);
    assert_true(page.first == 1 && page.next == 1 && out.size == 0);
    out.size = sizeof(room);
    assert_int_equal(audit_read(UINT64_MAX, &page, &out), STATUS_OK);
    assert_true(page.first == end_of_archive() && page.next == page.first && out.size == 0);
}

static void entries_released_before_the_frontier_are_missing(void **state) {
    (void)state;
    log_module_say_often(6);
    uint64_t next = end_of_archive();
    log_module_kill();
    assert_int_equal(port_log_release(next), STATUS_OK);
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_true(log_audit.lost >= 6);
    log_module_say_often(2);
    assert_true(log_module_find_leaf(1, &(struct log_leaf){0}, (uint8_t[LOG_ENTRY_MAX]){0}));
}

static void failing_reads_at_the_start_are_told(void **state) {
    (void)state;
    log_module_say_often(4);
    log_module_kill();
    struct sim_memory *memory = sim_remember(NULL);
    for (uint64_t nth = 1; nth <= 4; nth++) {
        sim_recall(memory);
        sim_fail((struct sim_failure){.call = SIM_LOG_READ, .nth = nth});
        assert_int_equal(log_module_start(), STATUS_STORE_IO);
        assert_false(log_audit.started);
        sim_fail((struct sim_failure){0});
        assert_int_equal(log_module_start(), STATUS_OK);
        assert_true(audit_size(&log_audit) == 4 && log_audit.lost == 0);
        assert_true(log_module_verify_all().ok);
    }
    sim_forget(memory);
}

/* Every call fails while a log with a gap begins again: nothing that counts is lost by it. */
static void every_failing_call_while_a_gap_is_told_can_be_tried_again(void **state) {
    uint8_t foreign[40] = {LOG_LEAF};
    (void)state;
    log_module_say_often(4);
    log_module_kill();
    assert_int_equal(port_log_append(bytes_of(foreign, sizeof(foreign))), STATUS_OK);
    struct sim_memory *memory = sim_remember(NULL);
    bool came = true;
    for (uint64_t nth = 1; came; nth++) {
        sim_recall(memory);
        sim_fail((struct sim_failure){.call = SIM_ANY, .nth = nth});
        enum status status = log_module_start();
        came = sim_failed();
        sim_fail((struct sim_failure){0});
        assert_true(status == STATUS_OK || status == STATUS_STORE_IO ||
                    status == STATUS_NO_ENTROPY);
        assert_int_equal(log_module_start(), STATUS_OK);
        assert_true(log_audit.lost >= 1 && audit_size(&log_audit) >= 4);
        assert_true(log_module_verify_all().ok);
    }
    sim_forget(memory);
}

/* ---- records of the store ---- */

static void put(uint64_t number, struct bytes value) {
    assert_int_equal(store_put(&log_store, record_id(RECORD_LOG, number), value, STORE_LAST),
                     STATUS_OK);
}

static void expect_damaged(void) {
    assert_int_equal(port_flash_sync(), STATUS_OK);
    assert_int_equal(log_module_start(), STATUS_STORE_DAMAGED);
    assert_false(log_audit.started);
}

static void frontier_of_a_wrong_size_or_version_is_damage(void **state) {
    uint8_t frontier[512] = {0};
    struct span found = {frontier, sizeof(frontier)};
    (void)state;
    log_module_say_often(3);
    log_module_stop();
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_int_equal(store_get(&log_store, record_id(RECORD_LOG, 0), &found), STATUS_OK);
    struct sim_memory *memory = sim_remember(NULL);
    const size_t sizes[] = {0, 40, found.size - 1, found.size + 32};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        put(0, bytes_of(frontier, sizes[i]));
        expect_damaged();
        sim_recall(memory);
        assert_int_equal(log_module_start(), STATUS_OK);
    }
    frontier[0] ^= 2;
    put(0, bytes_of_span(found));
    expect_damaged();
    sim_forget(memory);
}

static void log_key_of_a_wrong_size_or_shape_is_damage(void **state) {
    uint8_t pair[2 * LOG_KEY_SIZE + 1];
    struct span found = {pair, sizeof(pair)};
    (void)state;
    assert_int_equal(store_get(&log_store, record_id(RECORD_LOG, 1), &found), STATUS_OK);
    assert_int_equal(found.size, 2 * LOG_KEY_SIZE);
    put(1, bytes_of(pair, 2 * LOG_KEY_SIZE - 1));
    expect_damaged();
    bool wiped = false;
    assert_int_equal(store_mount(&log_store, &wiped), STATUS_OK);
    memset(pair + LOG_KEY_SIZE, 0xff, LOG_KEY_SIZE); /* a public half that is no point */
    put(1, bytes_of_span(found));
    assert_int_equal(port_flash_sync(), STATUS_OK);
    assert_int_not_equal(log_module_start(), STATUS_OK);
    assert_false(log_audit.started);
}

/* A tree of so many leaves that its frontier takes two entries. */
static void long_frontier_takes_two_entries(void **state) {
    enum { LEAVES = 0xffff, HASHES = 16 };
    size_t size = 0;
    (void)state;
    log_audit.tree.size = LEAVES;
    uint64_t next = end_of_archive();
    assert_int_equal(audit_checkpoint(&log_audit, REASON_TIME, bytes_of(NULL, 0), NULL, NULL),
                     STATUS_OK);
    assert_true(end_of_archive() == next + 3);
    const size_t hashes[] = {LOG_FRONTIER_HASHES, HASHES - LOG_FRONTIER_HASHES};
    for (uint64_t i = 0; i < 2; i++) {
        const uint8_t *entry = sim_log_entry(next + 1 + i, &size);
        assert_int_equal(load_u32(entry), LOG_FRONTIER);
        assert_true(load_u64(entry + ENTRY_KIND_SIZE) == LEAVES);
        assert_int_equal(size, ENTRY_KIND_SIZE + 8 + hashes[i] * LOG_HASH_SIZE + ENTRY_TAG_SIZE);
    }
    for (uint64_t nth = 1; nth <= 3; nth++) {
        sim_fail((struct sim_failure){.call = SIM_LOG_APPEND, .nth = nth});
        assert_int_equal(
            audit_checkpoint(&log_audit, REASON_TIME, bytes_of(NULL, 0), NULL, NULL),
            STATUS_STORE_IO);
    }
}

/* ---- questions ---- */

static void nonce_that_is_too_long_is_refused(void **state) {
    uint8_t nonce[LOG_NONCE_MAX + 1] = {0}, cose_bytes[LOG_COSE_MAX], note_bytes[LOG_NOTE_MAX];
    (void)state;
    struct span cose = {cose_bytes, sizeof(cose_bytes)}, note = {note_bytes, sizeof(note_bytes)};
    struct bytes long_one = bytes_of(nonce, sizeof(nonce));
    assert_int_equal(audit_checkpoint(&log_audit, REASON_DEMAND, long_one, &cose, &note),
                     STATUS_DATA_LENGTH);
    long_one.size--;
    assert_int_equal(audit_checkpoint(&log_audit, REASON_DEMAND, long_one, &cose, &note),
                     STATUS_OK);
}

static void record_says_all_there_is_to_say(void **state) {
    static const uint8_t hash[HASH_SIZE_MAX] = {7}, detail[AUDIT_DETAIL_MAX + 9] = {8};
    uint8_t room[LOG_ENTRY_MAX];
    struct log_leaf leaf;
    (void)state;
    sim_set_clock(0);
    const struct audit_record record = {.event = COMMAND_sign,
                                        .rule = 12,
                                        .payload_hash = bytes_of(hash, sizeof(hash)),
                                        .detail = bytes_of(detail, sizeof(detail)),
                                        .status = STATUS_KEY_INVALID};
    uint64_t number = audit_size(&log_audit);
    assert_int_equal(audit_append(&log_audit, &record), STATUS_OK);
    assert_true(log_module_find_leaf(number, &leaf, room));
    assert_int_equal(leaf.detail.size, AUDIT_DETAIL_MAX);
    assert_true(leaf.time == 0 && leaf.status == STATUS_KEY_INVALID);
    assert_true(log_module_verify_all().ok);
}

int main(void) {
#define STORY(name) \
    cmocka_unit_test_setup_teardown(name, log_module_set_up, log_module_tear_down)
    const struct CMUnitTest tests[] = {
        STORY(entry_too_short_to_be_one_is_dropped_and_told),
        STORY(entry_that_cannot_be_read_ends_what_is_taken_over),
        STORY(unreadable_entry_is_shown_as_such),
        STORY(page_too_small_for_an_entry_is_empty),
        STORY(entries_released_before_the_frontier_are_missing),
        STORY(failing_reads_at_the_start_are_told),
        STORY(every_failing_call_while_a_gap_is_told_can_be_tried_again),
        STORY(frontier_of_a_wrong_size_or_version_is_damage),
        STORY(log_key_of_a_wrong_size_or_shape_is_damage),
        STORY(long_frontier_takes_two_entries),
        STORY(nonce_that_is_too_long_is_refused),
        STORY(record_says_all_there_is_to_say),
    };
    if (crypto_start() != STATUS_OK) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_stop();
    return failed;
}
