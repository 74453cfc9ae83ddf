/* SPDX-License-Identifier: Apache-2.0 */
/* The log inside the module: it goes on after every kind of end, takes over nothing that it did not
 * write, never locks anybody out, and all that it gives out verifies. */
#include "test/unit/log_module.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- going on ---- */

static void log_of_a_fresh_module_verifies_from_leaf_0(void **state) {
    (void)state;
    log_module_say_often(600); /* more than two checkpoints by count */
    struct log_result result = log_module_verify_all();
    assert_true(result.ok);
    assert_true(result.end_proved);
    assert_true(result.first == 0 && result.size == 600 && result.signed_size == 600);
    assert_true(result.unproved == 0 && result.lost == 0);
    assert_int_equal(result.checkpoints, 1 + 600 / AUDIT_CHECKPOINT_LEAVES);
}

static void log_goes_on_after_an_orderly_restart(void **state) {
    (void)state;
    struct log_identity before, after;
    log_module_identity(&before);
    log_module_say_often(10);
    log_module_stop();
    assert_int_equal(log_module_start(), STATUS_OK);
    log_module_identity(&after);
    assert_string_equal(before.origin, after.origin);
    assert_memory_equal(before.key, after.key, LOG_KEY_SIZE);
    log_module_say_often(10);
    struct log_result result = log_module_verify_all();
    assert_true(result.ok && result.size == 20 && result.lost == 0);
}

static void log_goes_on_after_the_process_was_killed(void **state) {
    (void)state;
    for (uint32_t round = 1; round <= 20; round++) {
        log_module_say_often(37);
        log_module_kill();
        assert_int_equal(log_module_start(), STATUS_OK);
        struct log_result result = log_module_verify_all();
        assert_true(result.ok && result.size == 37 * round && result.lost == 0);
    }
}

static void leaf_holds_what_the_record_says(void **state) {
    (void)state;
    uint8_t room[LOG_ENTRY_MAX];
    struct log_leaf leaf;
    sim_advance(77);
    const struct audit_record record = {.event = COMMAND_login,
                                        .session = 0x0123456789abcdef,
                                        .object = 0x00000000000000ff,
                                        .status = STATUS_PIN_INCORRECT,
                                        .has_uid = true,
                                        .uid = 0,
                                        .role = ROLE_SESSION,
                                        .rule = 3,
                                        .payload_hash = bytes_of_text("0123456789abcdef"),
                                        .detail = bytes_of_text("a\nb")};
    assert_int_equal(audit_append(&log_audit, &record), STATUS_OK);
    assert_true(log_module_find_leaf(0, &leaf, room));
    assert_true(leaf.boot == 1 && leaf.uptime_ms >= 77 && leaf.time >= 1795000000);
    assert_true(leaf.event == COMMAND_login && leaf.session == 0x0123456789abcdef);
    assert_memory_equal(leaf.object.data, "\0\0\0\0\0\0\0\xff", 8);
    assert_true(leaf.result == 0xa0 && leaf.status == STATUS_PIN_INCORRECT && leaf.rule == 3);
    assert_true((leaf.has >> LEAF_UID & 1) == 1 && leaf.uid == 0 && leaf.role == ROLE_SESSION);
    assert_memory_equal(leaf.payload_hash.data, "0123456789abcdef", 16);
    assert_memory_equal(leaf.detail.data, "a\nb", 3);
}

static void largest_leaf_fits_into_an_entry(void **state) {
    (void)state;
    static uint8_t many[1000];
    memset(many, 0xff, sizeof(many));
    sim_set_clock(UINT64_MAX / 2);
    log_audit.suppressed = UINT64_MAX;
    log_audit.suppressed_refused = UINT64_MAX;
    const struct audit_record record = {.event = UINT32_MAX,
                                        .session = UINT64_MAX,
                                        .object = UINT64_MAX,
                                        .status = STATUS_OPERATION_ACTIVE,
                                        .has_uid = true,
                                        .uid = UINT32_MAX,
                                        .role = UINT32_MAX,
                                        .rule = UINT64_MAX,
                                        .payload_hash = bytes_of(many, HASH_SIZE_MAX),
                                        .detail = bytes_of(many, sizeof(many))};
    uint8_t room[LOG_ENTRY_MAX];
    struct log_leaf leaf;
    assert_int_equal(audit_append(&log_audit, &record), STATUS_OK);
    assert_true(log_module_find_leaf(0, &leaf, room));
    assert_int_equal(leaf.detail.size, AUDIT_DETAIL_MAX);
    assert_true(log_module_verify_all().ok);
}

/* ---- the archive is not trusted ---- */

static void entry_altered_after_the_frontier_is_not_taken_over(void **state) {
    (void)state;
    log_module_say_often(8);
    log_module_kill();
    struct sim_memory *memory = sim_remember(NULL);
    uint64_t first = 0, next = 0;
    port_log_range(&first, &next);
    size_t tried = 0;
    for (uint64_t index = next - 8; index < next; index++) {
        size_t size = 0;
        assert_non_null(sim_log_entry(index, &size));
        for (size_t bit = 0; bit < 8 * size; bit++) {
            sim_recall(memory);
            sim_log_entry(index, &size)[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(log_module_start(), STATUS_OK);
            /* the leaves before it, and the leaf that tells */
            assert_true(audit_size(&log_audit) == index - (next - 8) + 1);
            assert_true(log_audit.lost == next - index);
            tried++;
        }
        struct log_result result = log_module_verify_all();
        assert_true(result.ok && result.lost == next - index);
        log_module_kill();
    }
    assert_true(tried > 8 * 8 * 50);
    sim_forget(memory);
}

/* Whoever forges a leaf can make a mark that fits, but no tag. */
static void leaf_forged_with_a_mark_that_fits_is_not_taken_over(void **state) {
    (void)state;
    log_module_say_often(3);
    log_module_kill();
    struct sim_memory *memory = sim_remember(NULL);
    uint64_t first = 0, next = 0;
    size_t size = 0;
    port_log_range(&first, &next);
    assert_non_null(sim_log_entry(next - 2, &size));
    for (size_t at = 4 + LOG_MARK_SIZE; at < size - 16; at++) {
        static const uint8_t prefix[1] = {0};
        uint8_t hash[LOG_HASH_SIZE];
        sim_recall(memory);
        uint8_t *entry = sim_log_entry(next - 2, &size);
        entry[at] ^= 1;
        const struct bytes parts[] = {bytes_of(prefix, 1),
                                      bytes_of(entry + 4 + LOG_MARK_SIZE, size - 36)};
        assert_int_equal(crypto_hash(HASH_SHA256, parts, COUNT(parts), hash), STATUS_OK);
        memcpy(entry + 4, hash, 8);
        assert_int_equal(log_module_start(), STATUS_OK);
        assert_true(log_audit.lost == 2 && audit_size(&log_audit) == 2);
    }
    sim_forget(memory);
}

static void checkpoint_altered_after_the_frontier_is_not_taken_over(void **state) {
    (void)state;
    log_module_say_often(AUDIT_CHECKPOINT_LEAVES + 1);
    log_module_kill();
    struct sim_memory *memory = sim_remember(NULL);
    uint64_t first = 0, next = 0;
    size_t size = 0;
    port_log_range(&first, &next);
    for (uint64_t back = 2; back <= 3; back++) { /* frontier, checkpoint */
        assert_non_null(sim_log_entry(next - back, &size));
        for (size_t at = 0; at < size; at++) {
            sim_recall(memory);
            sim_log_entry(next - back, &size)[at] ^= 1;
            assert_int_equal(log_module_start(), STATUS_OK);
            assert_true(log_audit.lost == back);
        }
    }
    sim_forget(memory);
}

static void entries_swapped_or_taken_out_are_not_taken_over(void **state) {
    (void)state;
    log_module_say_often(4);
    log_module_kill();
    uint64_t first = 0, next = 0;
    uint8_t copy[LOG_ENTRY_MAX];
    size_t one = 0, two = 0;
    port_log_range(&first, &next);
    uint8_t *a = sim_log_entry(next - 3, &one), *b = sim_log_entry(next - 2, &two);
    assert_int_equal(one, two);
    memcpy(copy, a, one);
    memcpy(a, b, one);
    memcpy(b, copy, one);
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_true(audit_size(&log_audit) == 1 + 1 && log_audit.lost == 3);
    assert_true(log_module_verify_all().ok);
}

static void leaf_log_gap_tells_what_was_lost(void **state) {
    (void)state;
    uint8_t room[LOG_ENTRY_MAX];
    struct log_leaf leaf;
    log_module_say_often(4);
    log_module_kill();
    uint64_t first = 0, next = 0;
    size_t size = 0;
    port_log_range(&first, &next);
    sim_log_entry(next - 2, &size)[20] ^= 1;
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_true(log_module_find_leaf(2, &leaf, room));
    assert_int_equal(leaf.event, EVENT_log_gap);
    static const char expected[] =
        "0 entries missing, 2 not the module's own; goes on with leaf 2";
    assert_int_equal(leaf.detail.size, sizeof(expected) - 1);
    assert_memory_equal(leaf.detail.data, expected, sizeof(expected) - 1);
}

/* G1: for every k, the last k entries are taken out while the module is off. */
static void archive_cut_off_below_the_frontier_is_noticed_and_numbers_go_on(void **state) {
    (void)state;
    log_module_say_often(20);
    log_module_stop();
    struct sim_memory *memory = sim_remember(NULL);
    uint64_t first = 0, next = 0;
    port_log_range(&first, &next);
    for (uint64_t k = 1; k <= next; k++) {
        struct log_identity identity;
        struct log_finding finding;
        sim_recall(memory);
        assert_int_equal(port_log_truncate(next - k), STATUS_OK);
        assert_int_equal(log_module_start(), STATUS_OK);
        assert_true(audit_size(&log_audit) == 21 && log_audit.lost == k);
        log_module_say_often(5);
        log_module_identity(&identity);
        struct log_export export = log_module_export(0, true);
        struct log_result result = log_module_verify(export, &identity, &finding);
        free(export.data);
        assert_true(result.size == 26 && result.end_proved && result.lost == k);
        /* entries 0: checkpoint; 1 to 20: leaves; then checkpoint and frontier */
        uint64_t leaves_lost = k <= 2 ? 0 : k - 2 > 20 ? 20 : k - 2;
        if (leaves_lost > 0) {
            assert_int_equal(finding.fault, LOG_FAULT_MISSING);
            assert_true(finding.first == 20 - leaves_lost && finding.last == 19);
        }
        log_module_kill();
    }
    sim_forget(memory);
}

static void archive_of_an_earlier_life_is_dropped_and_told(void **state) {
    (void)state;
    uint8_t room[LOG_ENTRY_MAX];
    struct log_leaf leaf;
    log_module_say_often(5);
    assert_int_equal(store_zeroize(&log_store), STATUS_OK);
    struct audit_page page;
    struct span out = {room, sizeof(room)};
    assert_int_equal(audit_read(0, &page, &out), STATUS_OK); /* can still be exported */
    assert_true(page.next > 0);
    log_module_kill();
    bool wiped = false;
    uint8_t root[ROOT_KEY_SIZE];
    assert_int_equal(store_mount(&log_store, &wiped), STATUS_ZEROIZED);
    assert_int_equal(port_root_read(root, true), STATUS_OK);
    memset(&log_store, 0, sizeof(log_store));
    assert_int_equal(store_format(&log_store), STATUS_OK);
    assert_int_equal(audit_start(&log_audit, &log_store, 1), STATUS_OK);
    assert_true(log_module_find_leaf(0, &leaf, room));
    assert_int_equal(leaf.event, EVENT_log_gap);
    assert_true(log_module_verify_all().ok);
}

static void log_of_a_zeroized_module_ends_with_a_signature_and_without_a_key(void **state) {
    (void)state;
    static const uint8_t nothing[sizeof(struct audit)];
    struct log_identity identity;
    log_module_say_often(5);
    log_module_identity(&identity);
    assert_int_equal(store_zeroize(&log_store), STATUS_OK);
    const struct audit_record zeroize = {.event = COMMAND_zeroize, .class = AUDIT_RESERVED};
    assert_int_equal(audit_append(&log_audit, &zeroize), STATUS_OK);
    assert_int_not_equal(audit_stop(&log_audit), STATUS_OK); /* there is no store any more */
    assert_memory_equal(&log_audit, nothing, sizeof(nothing));
    struct log_export export = log_module_export(0, false);
    struct log_file file;
    struct log_verifier verifier;
    struct log_result result;
    log_verify_start(&verifier, &identity, NULL, NULL);
    assert_int_equal(log_file_open(bytes_of(export.data, export.size), &file), STATUS_OK);
    log_verify_file(&verifier, &file);
    log_verify_end(&verifier, &result);
    assert_true(result.ok && result.size == 6 && result.signed_size == 6);
    free(export.data);
}

/* ---- the running key ---- */

static void running_key_of_an_entry_is_gone_after_it(void **state) {
    (void)state;
    uint8_t old[32];
    for (uint32_t i = 0; i < 50; i++) {
        memcpy(old, log_audit.entry_key, sizeof(old));
        log_module_say_often(1);
        const uint8_t *memory = (const uint8_t *)&log_audit;
        for (size_t at = 0; at + sizeof(old) <= sizeof(log_audit); at++) {
            assert_false(memcmp(memory + at, old, sizeof(old)) == 0);
        }
    }
}

static void old_branch_of_the_log_is_not_taken_over_after_a_restart(void **state) {
    (void)state;
    log_module_say_often(3);
    log_module_kill();
    struct sim_memory *memory = sim_remember(NULL);
    uint64_t first = 0, next = 0;
    uint8_t old[LOG_ENTRY_MAX];
    size_t size = 0;
    port_log_range(&first, &next);
    memcpy(old, sim_log_entry(next - 1, &size), sizeof(old));
    size_t old_size = size;
    assert_int_equal(port_log_truncate(next - 1), STATUS_OK); /* the host hides the last entry */
    assert_int_equal(log_module_start(), STATUS_OK);          /* two leaves, and a checkpoint */
    log_module_kill();
    assert_int_equal(port_log_truncate(next - 1), STATUS_OK); /* and puts it back */
    assert_int_equal(port_log_append(bytes_of(old, old_size)), STATUS_OK);
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_true(log_audit.lost > 0);
    sim_forget(memory);
}

int main(void) {
#define STORY(name)                                                                                \
    cmocka_unit_test_setup_teardown(name, log_module_set_up, log_module_tear_down)
    const struct CMUnitTest tests[] = {
        STORY(log_of_a_fresh_module_verifies_from_leaf_0),
        STORY(log_goes_on_after_an_orderly_restart),
        STORY(log_goes_on_after_the_process_was_killed),
        STORY(leaf_holds_what_the_record_says),
        STORY(largest_leaf_fits_into_an_entry),
        STORY(entry_altered_after_the_frontier_is_not_taken_over),
        STORY(leaf_forged_with_a_mark_that_fits_is_not_taken_over),
        STORY(checkpoint_altered_after_the_frontier_is_not_taken_over),
        STORY(entries_swapped_or_taken_out_are_not_taken_over),
        STORY(leaf_log_gap_tells_what_was_lost),
        STORY(archive_cut_off_below_the_frontier_is_noticed_and_numbers_go_on),
        STORY(archive_of_an_earlier_life_is_dropped_and_told),
        STORY(log_of_a_zeroized_module_ends_with_a_signature_and_without_a_key),
        STORY(running_key_of_an_entry_is_gone_after_it),
        STORY(old_branch_of_the_log_is_not_taken_over_after_a_restart),
    };
    if (crypto_start() != STATUS_OK) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_stop();
    return failed;
}
