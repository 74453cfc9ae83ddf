/* SPDX-License-Identifier: Apache-2.0 */
/* The log inside the module when room, storage or power fail: it locks nobody out and loses nothing
 * that was durable, and all that it gives out verifies. */
#include "test/share.h"
#include "test/unit/log_module.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* For calls whose result does not matter here. */
static void may_fail(enum status status) {
    (void)status;
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
        log_module_say_often(1);
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
    assert_true(log_module_verify_all().ok); /* it can be read and signed */
    assert_int_equal(audit_release(&log_audit, 40), STATUS_OK);
    assert_true(audit_has_room(&log_audit, AUDIT_MUST));
    log_module_say_often(1);
    assert_true(log_module_find_leaf(said + AUDIT_RESERVED_SLOTS, &leaf, room));
    assert_true(leaf.suppressed == 500 - AUDIT_RESERVED_SLOTS);
    assert_true(leaf.suppressed_refused == (500 - AUDIT_RESERVED_SLOTS) / 2);
    log_module_say_often(1);
    assert_true(log_module_find_leaf(said + AUDIT_RESERVED_SLOTS + 1, &leaf, room));
    assert_true(leaf.suppressed == 0);
}

static void refusals_cannot_use_up_the_reserve_of_a_full_log(void **state) {
    (void)state;
    uint8_t room[LOG_ENTRY_MAX];
    struct log_leaf leaf;
    sim_set_log_capacity(60);
    assert_true(audit_space(&log_audit) > 0);
    while (audit_has_room(&log_audit, AUDIT_MUST)) {
        log_module_say_often(1);
    }
    uint64_t size = audit_size(&log_audit);
    const struct audit_record refused = {.event = COMMAND_key_generate,
                                         .status = STATUS_ROLE_REFUSED,
                                         .class = AUDIT_MUST};
    for (uint32_t i = 0; i < 50; i++) {
        assert_int_equal(audit_append(&log_audit, &refused), STATUS_OK);
    }
    assert_true(audit_space(&log_audit) == AUDIT_RESERVED_SLOTS);
    const struct audit_record login = {.event = COMMAND_login, .class = AUDIT_RESERVED};
    assert_int_equal(audit_append(&log_audit, &login), STATUS_OK);
    assert_true(log_module_find_leaf(size, &leaf, room));
    assert_true(leaf.event == COMMAND_login && leaf.suppressed == 50);
    assert_true(leaf.suppressed_refused == 50);
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
    assert_true(log_module_verify_all().ok);
    assert_int_equal(audit_release(&log_audit, 30), STATUS_OK);
    assert_true(audit_has_room(&log_audit, AUDIT_MUST));
}

static void release_of_entries_that_the_store_does_not_know_yet_loses_nothing(void **state) {
    (void)state;
    log_module_say_often(10);
    assert_int_equal(audit_release(&log_audit, UINT64_MAX), STATUS_OK);
    log_module_kill();
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_true(audit_size(&log_audit) == 10 && log_audit.lost == 0);
    log_module_say_often(1);
    assert_true(log_module_verify_all().ok);
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
    assert_true(log_module_verify_all().ok);
}

/* ---- failures ---- */

static void append_that_fails_adds_nothing(void **state) {
    (void)state;
    for (uint32_t i = 1; i <= 40; i++) {
        sim_fail((struct sim_failure){.call = SIM_LOG_APPEND, .nth = 1});
        assert_int_equal(log_module_say("lost"), STATUS_STORE_IO);
        assert_true(audit_size(&log_audit) == i - 1);
        log_module_say_often(1);
    }
    assert_true(log_module_verify_all().ok);
    log_module_kill();
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_true(log_module_verify_all().ok && audit_size(&log_audit) == 40);
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
        struct log_result result = log_module_verify_all();
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
    log_module_say_often(3);
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
    log_module_say_often(1);
    assert_int_equal(audit_tick(&log_audit, &sync), STATUS_OK);
    assert_true(sync && log_audit.entries == entries + 3); /* leaf, checkpoint, frontier */
    log_module_say_often(1);
    assert_int_equal(audit_tick(&log_audit, &sync), STATUS_OK);
    assert_false(sync);
    sim_advance(61000);
    assert_int_equal(audit_tick(&log_audit, &sync), STATUS_OK);
    assert_true(sync);
    assert_true(log_module_verify_all().ok);
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
        struct log_result result = log_module_verify_all();
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
    const size_t count = share_of(ROWS);
    uint64_t seed = 7;
    for (size_t i = 0; i < count; i++) {
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
    check_model(model, count);
    struct log_result result = log_module_verify_all();
    assert_true(result.ok && result.size == count);
}

int main(void) {
#define STORY(name)                                                                                \
    cmocka_unit_test_setup_teardown(name, log_module_set_up, log_module_tear_down)
    const struct CMUnitTest tests[] = {
        STORY(full_log_refuses_work_but_locks_nobody_out),
        STORY(refusals_cannot_use_up_the_reserve_of_a_full_log),
        STORY(full_log_survives_restarts),
        STORY(release_of_entries_that_the_store_does_not_know_yet_loses_nothing),
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
