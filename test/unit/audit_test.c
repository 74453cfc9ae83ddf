/* SPDX-License-Identifier: Apache-2.0 */
/* The log inside the module: it goes on after every kind of end, takes over nothing that it did not
 * write, never locks anybody out, and all that it gives out verifies. */
#include "test/unit/log_module.h"

#include "base/wipe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static int set_up(void **state) {
    (void)state;
    log_module_reset();
    assert_int_equal(log_module_start(), STATUS_OK);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    log_module_kill();
    return 0;
}

/* For calls whose result does not matter here. */
static void may_fail(enum status status) {
    (void)status;
}

static void say(uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(log_module_say("hello"), STATUS_OK);
    }
}

/* Verifies all that is in the archive against a fresh head. */
static struct log_result verify_all(void) {
    struct log_identity identity;
    struct log_finding first;
    log_module_identity(&identity);
    struct log_export export = log_module_export(0, true);
    struct log_result result = log_module_verify(export, &identity, &first);
    free(export.data);
    return result;
}

/* Takes the n-th leaf out of the archive's pages (counting those there). */
static bool find_leaf(uint64_t sequence, struct log_leaf *leaf, uint8_t room[LOG_ENTRY_MAX]) {
    struct log_identity identity;
    log_module_identity(&identity);
    struct log_export export = log_module_export(0, false);
    struct log_file file;
    struct log_entry entry;
    bool found = false;
    assert_int_equal(log_file_open(bytes_of(export.data, export.size), &file), STATUS_OK);
    while (!found && log_entry_next(&file.entries, &entry) == STATUS_OK) {
        if (entry.kind == LOG_LEAF) {
            bytes_copy(room, entry.bytes);
            assert_int_equal(log_leaf_read(bytes_of(room, entry.bytes.size), leaf), STATUS_OK);
            found = leaf->sequence == sequence;
        }
    }
    free(export.data);
    return found;
}

/* ---- going on ---- */

static void log_of_a_fresh_module_verifies_from_leaf_0(void **state) {
    (void)state;
    say(600); /* more than two checkpoints by count */
    struct log_result result = verify_all();
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
    say(10);
    log_module_stop();
    assert_int_equal(log_module_start(), STATUS_OK);
    log_module_identity(&after);
    assert_string_equal(before.origin, after.origin);
    assert_memory_equal(before.key, after.key, LOG_KEY_SIZE);
    say(10);
    struct log_result result = verify_all();
    assert_true(result.ok && result.size == 20 && result.lost == 0);
}

static void log_goes_on_after_the_process_was_killed(void **state) {
    (void)state;
    for (uint32_t round = 1; round <= 20; round++) {
        say(37);
        log_module_kill();
        assert_int_equal(log_module_start(), STATUS_OK);
        struct log_result result = verify_all();
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
    assert_true(find_leaf(0, &leaf, room));
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
    assert_true(find_leaf(0, &leaf, room));
    assert_int_equal(leaf.detail.size, AUDIT_DETAIL_MAX);
    assert_true(verify_all().ok);
}

/* ---- the archive is not trusted ---- */

static void entry_altered_after_the_frontier_is_not_taken_over(void **state) {
    (void)state;
    say(8);
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
        struct log_result result = verify_all();
        assert_true(result.ok && result.lost == next - index);
        log_module_kill();
    }
    assert_true(tried > 8 * 8 * 50);
    sim_forget(memory);
}

static void entries_swapped_or_taken_out_are_not_taken_over(void **state) {
    (void)state;
    say(4);
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
    assert_true(verify_all().ok);
}

static void leaf_log_gap_tells_what_was_lost(void **state) {
    (void)state;
    uint8_t room[LOG_ENTRY_MAX];
    struct log_leaf leaf;
    say(4);
    log_module_kill();
    uint64_t first = 0, next = 0;
    size_t size = 0;
    port_log_range(&first, &next);
    sim_log_entry(next - 2, &size)[20] ^= 1;
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_true(find_leaf(2, &leaf, room));
    assert_int_equal(leaf.event, EVENT_log_gap);
    static const char expected[] =
        "0 entries missing, 2 not the module's own; goes on with leaf 2";
    assert_int_equal(leaf.detail.size, sizeof(expected) - 1);
    assert_memory_equal(leaf.detail.data, expected, sizeof(expected) - 1);
}

/* G1: for every k, the last k entries are taken out while the module is off. */
static void archive_cut_off_below_the_frontier_is_noticed_and_numbers_go_on(void **state) {
    (void)state;
    say(20);
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
        say(5);
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
    say(5);
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
    assert_true(find_leaf(0, &leaf, room));
    assert_int_equal(leaf.event, EVENT_log_gap);
    assert_true(verify_all().ok);
}

/* ---- the running key ---- */

static void running_key_of_an_entry_is_gone_after_it(void **state) {
    (void)state;
    uint8_t old[32];
    for (uint32_t i = 0; i < 50; i++) {
        memcpy(old, log_audit.entry_key, sizeof(old));
        say(1);
        const uint8_t *memory = (const uint8_t *)&log_audit;
        for (size_t at = 0; at + sizeof(old) <= sizeof(log_audit); at++) {
            assert_false(memcmp(memory + at, old, sizeof(old)) == 0);
        }
    }
}

static void old_branch_of_the_log_is_not_taken_over_after_a_restart(void **state) {
    (void)state;
    say(3);
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

/* ---- room ---- */

static void full_log_refuses_work_but_locks_nobody_out(void **state) {
    (void)state;
    uint8_t room[LOG_ENTRY_MAX];
    struct log_leaf leaf;
    sim_set_log_capacity(60);
    assert_true(audit_space(&log_audit) > 0);
    uint32_t said = 0;
    while (audit_has_room(&log_audit, AUDIT_ROUTINE)) {
        say(1);
        said++;
    }
    assert_true(audit_space(&log_audit) == AUDIT_RESERVED_SLOTS);
    assert_false(audit_has_room(&log_audit, AUDIT_MUST));
    assert_false(audit_hold(&log_audit, AUDIT_MUST));
    const struct audit_record login = {.event = COMMAND_login,
                                       .status = STATUS_PIN_INCORRECT,
                                       .class = AUDIT_RESERVED};
    const struct audit_record read = {.event = COMMAND_log_read, .class = AUDIT_RESERVED};
    for (uint32_t i = 0; i < 500; i++) {
        assert_true(audit_has_room(&log_audit, AUDIT_RESERVED));
        assert_int_equal(audit_append(&log_audit, i % 2 == 0 ? &login : &read), STATUS_OK);
    }
    assert_true(audit_size(&log_audit) == said + AUDIT_RESERVED_SLOTS);
    assert_int_equal(log_module_say("no"), STATUS_LOG_FULL);
    assert_true(verify_all().ok); /* it can be read and signed */
    assert_int_equal(audit_release(&log_audit, 40), STATUS_OK);
    assert_true(audit_has_room(&log_audit, AUDIT_MUST));
    say(1);
    assert_true(find_leaf(said + AUDIT_RESERVED_SLOTS, &leaf, room));
    assert_true(leaf.suppressed == 500 - AUDIT_RESERVED_SLOTS);
    assert_true(leaf.suppressed_refused == (500 - AUDIT_RESERVED_SLOTS) / 2);
    say(1);
    assert_true(find_leaf(said + AUDIT_RESERVED_SLOTS + 1, &leaf, room));
    assert_true(leaf.suppressed == 0);
}

static void full_log_survives_restarts(void **state) {
    (void)state;
    sim_set_log_capacity(40);
    assert_true(audit_space(&log_audit) > 0);
    for (uint32_t i = 0; i < 40; i++) {
        const struct audit_record boot = {.event = EVENT_boot, .class = AUDIT_RESERVED};
        assert_int_equal(audit_append(&log_audit, &boot), STATUS_OK);
        if (i % 2 == 0) {
            log_module_stop();
        }
        assert_int_equal(log_module_start(), STATUS_OK);
    }
    assert_true(verify_all().ok);
    assert_int_equal(audit_release(&log_audit, 30), STATUS_OK);
    assert_true(audit_has_room(&log_audit, AUDIT_MUST));
}

static void slot_that_is_held_cannot_be_taken_by_others(void **state) {
    (void)state;
    sim_set_log_capacity(20 + AUDIT_RESERVED_SLOTS);
    uint64_t space = audit_space(&log_audit) - AUDIT_RESERVED_SLOTS;
    for (uint64_t i = 0; i < space; i++) {
        assert_true(audit_hold(&log_audit, AUDIT_MUST));
    }
    assert_false(audit_hold(&log_audit, AUDIT_ROUTINE));
    assert_true(audit_hold(&log_audit, AUDIT_RESERVED));
    const struct audit_record read = {.event = COMMAND_log_read, .class = AUDIT_RESERVED};
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(audit_append(&log_audit, &read), STATUS_OK);
    }
    const struct audit_record held = {.event = COMMAND_sign, .class = AUDIT_MUST, .held = true};
    for (uint64_t i = 0; i + 1 < space; i++) {
        assert_int_equal(audit_append(&log_audit, &held), STATUS_OK);
    }
    audit_drop(&log_audit, AUDIT_MUST);
    audit_drop(&log_audit, AUDIT_RESERVED);
    assert_int_equal(log_audit.held, 0);
    assert_true(audit_space(&log_audit) == 1);
    assert_true(verify_all().ok);
}

/* ---- failures ---- */

static void append_that_fails_adds_nothing(void **state) {
    (void)state;
    for (uint32_t i = 1; i <= 40; i++) {
        sim_fail((struct sim_failure){.call = SIM_LOG_APPEND, .nth = 1});
        assert_int_equal(log_module_say("lost"), STATUS_STORE_IO);
        assert_true(audit_size(&log_audit) == i - 1);
        say(1);
    }
    assert_true(verify_all().ok);
    log_module_kill();
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_true(verify_all().ok && audit_size(&log_audit) == 40);
}

static void every_failing_call_leaves_a_log_that_verifies(void **state) {
    (void)state;
    for (uint64_t nth = 1;; nth++) {
        log_module_reset();
        assert_int_equal(log_module_start(), STATUS_OK);
        uint64_t said = 0;
        bool sync = false;
        sim_fail((struct sim_failure){.call = SIM_ANY, .nth = nth});
        for (uint32_t i = 0; i < AUDIT_CHECKPOINT_LEAVES + 10; i++) {
            said += log_module_say("x") == STATUS_OK;
        }
        sim_advance(61000);
        may_fail(audit_tick(&log_audit, &sync));
        may_fail(audit_release(&log_audit, 3));
        may_fail(audit_stop(&log_audit));
        bool failed = sim_failed();
        sim_fail((struct sim_failure){.call = SIM_ANY, .nth = 0});
        assert_int_equal(log_module_start(), STATUS_OK);
        assert_true(audit_size(&log_audit) == said && log_audit.lost == 0);
        struct log_result result = verify_all();
        assert_true(result.ok && result.size == said);
        if (!failed) {
            assert_true(nth > AUDIT_CHECKPOINT_LEAVES);
            return;
        }
    }
}

static void stored_frontier_waits_for_the_archive(void **state) {
    (void)state;
    bool sync = false;
    say(3);
    sim_advance(61000);
    sim_fail((struct sim_failure){.call = SIM_LOG_SYNC, .nth = 1});
    assert_int_equal(audit_tick(&log_audit, &sync), STATUS_STORE_IO);
    assert_true(log_audit.stored_size == 0);
    uint8_t cose_bytes[LOG_COSE_MAX], note_bytes[LOG_NOTE_MAX];
    struct span cose = {cose_bytes, sizeof(cose_bytes)}, note = {note_bytes, sizeof(note_bytes)};
    sim_fail((struct sim_failure){.call = SIM_LOG_SYNC, .nth = 1});
    assert_int_equal(
        audit_checkpoint(&log_audit, REASON_DEMAND, bytes_of(NULL, 0), &cose, &note),
        STATUS_STORE_IO);
}

static void checkpoint_comes_after_a_minute_and_only_when_leaves_were_added(void **state) {
    (void)state;
    bool sync = true;
    uint64_t entries = log_audit.entries;
    sim_advance(61000);
    assert_int_equal(audit_tick(&log_audit, &sync), STATUS_OK);
    assert_false(sync);
    assert_true(log_audit.entries == entries);
    say(1);
    assert_int_equal(audit_tick(&log_audit, &sync), STATUS_OK);
    assert_true(sync && log_audit.entries == entries + 3); /* leaf, checkpoint, frontier */
    say(1);
    assert_int_equal(audit_tick(&log_audit, &sync), STATUS_OK);
    assert_false(sync);
    sim_advance(61000);
    assert_int_equal(audit_tick(&log_audit, &sync), STATUS_OK);
    assert_true(sync);
    assert_true(verify_all().ok);
}

/* ---- power cuts ---- */

struct cut_story {
    uint32_t said, durable; /* leaves in the log; leaves known durable */
};

static void lead_story(void *with) {
    struct cut_story *story = with;
    bool sync = false;
    if (log_module_start() != STATUS_OK) {
        return;
    }
    for (uint32_t i = 0; i < 12; i++) {
        if (log_module_say("x") != STATUS_OK) {
            return;
        }
        story->said++;
        if (i == 4 || i == 9) {
            sim_advance(61000);
            if (audit_tick(&log_audit, &sync) != STATUS_OK) {
                return;
            }
            story->durable = story->said;
        }
    }
    if (audit_stop(&log_audit) == STATUS_OK) {
        story->durable = story->said;
    }
    may_fail(port_flash_sync());
}

static void power_cut_at_every_write_loses_no_durable_leaf(void **state) {
    (void)state;
    log_module_kill();
    uint64_t cuts = 0;
    for (uint64_t n = 1;; n++) {
        struct cut_story story = {0, 0};
        log_module_reset();
        sim_lose_unsynced(n);
        sim_cut(n, (struct sim_tear){.bytes = (uint32_t)(n % 3) * 7});
        enum sim_end end = sim_run(lead_story, &story);
        sim_cut(0, (struct sim_tear){.bytes = 0});
        sim_lose_unsynced(0);
        assert_int_equal(log_module_start(), STATUS_OK);
        struct log_result result = verify_all();
        assert_true(result.ok);
        assert_true(result.size >= story.durable && result.size <= story.said + 2);
        log_module_kill();
        if (end == SIM_DONE) {
            break;
        }
        cuts++;
    }
    assert_true(cuts > 20);
}

/* ---- the log is the list of what was done ---- */

static uint32_t next_random(uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

struct model_row {
    uint32_t event;
    uint32_t status;
    uint64_t session;
};

static void check_model(const struct model_row *model, size_t count) {
    struct log_export export = log_module_export(0, false);
    struct log_file file;
    struct log_entry entry;
    size_t seen = 0;
    assert_int_equal(log_file_open(bytes_of(export.data, export.size), &file), STATUS_OK);
    while (log_entry_next(&file.entries, &entry) == STATUS_OK) {
        struct log_leaf leaf;
        if (entry.kind != LOG_LEAF) {
            continue;
        }
        assert_int_equal(log_leaf_read(entry.bytes, &leaf), STATUS_OK);
        assert_true(seen < count && leaf.sequence == seen);
        assert_true(leaf.event == model[seen].event && leaf.status == model[seen].status);
        assert_true(leaf.session == model[seen].session);
        assert_true(leaf.result == status_row(model[seen].status)->ck_rv);
        seen++;
    }
    assert_true(seen == count);
    free(export.data);
}

static void log_of_mixed_commands_and_restarts_equals_the_model(void **state) {
    (void)state;
    enum { ROWS = 20000 };
    static struct model_row model[ROWS];
    static const enum status statuses[] = {STATUS_OK, STATUS_OK, STATUS_OK, STATUS_PIN_INCORRECT,
                                           STATUS_KEY_INVALID, STATUS_STRICT};
    size_t rows = 0;
    const struct command_row *commands = command_rows(&rows);
    uint64_t seed = 7;
    for (size_t i = 0; i < ROWS; i++) {
        model[i].event = (uint32_t)commands[next_random(&seed) % rows].command;
        model[i].status = statuses[next_random(&seed) % COUNT(statuses)];
        model[i].session = next_random(&seed) % 5;
        const struct audit_record record = {.event = model[i].event,
                                            .status = (enum status)model[i].status,
                                            .session = model[i].session};
        assert_int_equal(audit_append(&log_audit, &record), STATUS_OK);
        if (next_random(&seed) % 500 == 0) {
            log_module_kill();
            assert_int_equal(log_module_start(), STATUS_OK);
        }
    }
    check_model(model, ROWS);
    struct log_result result = verify_all();
    assert_true(result.ok && result.size == ROWS);
}

int main(void) {
#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        STORY(log_of_a_fresh_module_verifies_from_leaf_0),
        STORY(log_goes_on_after_an_orderly_restart),
        STORY(log_goes_on_after_the_process_was_killed),
        STORY(leaf_holds_what_the_record_says),
        STORY(largest_leaf_fits_into_an_entry),
        STORY(entry_altered_after_the_frontier_is_not_taken_over),
        STORY(entries_swapped_or_taken_out_are_not_taken_over),
        STORY(leaf_log_gap_tells_what_was_lost),
        STORY(archive_cut_off_below_the_frontier_is_noticed_and_numbers_go_on),
        STORY(archive_of_an_earlier_life_is_dropped_and_told),
        STORY(running_key_of_an_entry_is_gone_after_it),
        STORY(old_branch_of_the_log_is_not_taken_over_after_a_restart),
        STORY(full_log_refuses_work_but_locks_nobody_out),
        STORY(full_log_survives_restarts),
        STORY(slot_that_is_held_cannot_be_taken_by_others),
        STORY(append_that_fails_adds_nothing),
        STORY(every_failing_call_leaves_a_log_that_verifies),
        STORY(stored_frontier_waits_for_the_archive),
        STORY(checkpoint_comes_after_a_minute_and_only_when_leaves_were_added),
        STORY(power_cut_at_every_write_loses_no_durable_leaf),
        STORY(log_of_mixed_commands_and_restarts_equals_the_model),
    };
    if (crypto_start() != STATUS_OK) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_stop();
    return failed;
}
