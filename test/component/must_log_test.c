/* SPDX-License-Identifier: Apache-2.0 */
/* What must be in the log, command by command: whether it needs a record before it does anything,
 * may use the slots that are kept free, and may share a record with others. A full log stops all
 * work and locks nobody out, and no management event is done without its record. */
#include "core/command/module.h"
#include "test/component/quick.h"
#include "test/component/world.h"

/* Written by hand: a change of a class in proto/commands.def wants a change here.
 *     MUST, ROUTINE  nothing is done where no record can be stored
 *     RESERVED       works in a full log
 *     SHARES         with log-each, up to N done in a row have one record
 *     SILENT         done, it has no record: whoever watches asks again and again */
#define ROWS(ROW)                           \
    ROW(hello, RESERVED, ALONE)             \
    ROW(status, RESERVED, ALONE)            \
    ROW(self_test, MUST, ALONE)             \
    ROW(random, ROUTINE, ALONE)             \
    ROW(zeroize, RESERVED, ALONE)           \
    ROW(algorithms, ROUTINE, ALONE)         \
    ROW(refusals, RESERVED, ALONE)          \
    ROW(slot_list, RESERVED, ALONE)         \
    ROW(token_info, RESERVED, ALONE)        \
    ROW(token_init, MUST, ALONE)            \
    ROW(token_set, MUST, ALONE)             \
    ROW(pin_init, MUST, ALONE)              \
    ROW(pin_set, MUST, ALONE)               \
    ROW(login, RESERVED, ALONE)             \
    ROW(logout, RESERVED, ALONE)            \
    ROW(session_open, RESERVED, ALONE)      \
    ROW(session_close, RESERVED, ALONE)     \
    ROW(session_close_all, RESERVED, ALONE) \
    ROW(session_info, RESERVED, ALONE)      \
    ROW(object_create, MUST, ALONE)         \
    ROW(object_copy, MUST, ALONE)           \
    ROW(object_destroy, MUST, ALONE)        \
    ROW(object_get, ROUTINE, SHARES)        \
    ROW(object_set, MUST, ALONE)            \
    ROW(object_find, ROUTINE, ALONE)        \
    ROW(key_generate, MUST, ALONE)          \
    ROW(key_generate_pair, MUST, ALONE)     \
    ROW(key_wrap, MUST, ALONE)              \
    ROW(key_unwrap, MUST, ALONE)            \
    ROW(key_derive, MUST, ALONE)            \
    ROW(key_usage, ROUTINE, SHARES)         \
    ROW(key_renew, MUST, ALONE)             \
    ROW(key_suspend, MUST, ALONE)           \
    ROW(key_resume, MUST, ALONE)            \
    ROW(key_check, ROUTINE, SHARES)         \
    ROW(sign, ROUTINE, SHARES)              \
    ROW(verify, ROUTINE, SHARES)            \
    ROW(encrypt, ROUTINE, SHARES)           \
    ROW(decrypt, ROUTINE, SHARES)           \
    ROW(digest, ROUTINE, ALONE)             \
    ROW(stream_open, ROUTINE, SHARES)       \
    ROW(stream_update, ROUTINE, ALONE)      \
    ROW(stream_close, ROUTINE, ALONE)       \
    ROW(stream_cancel, RESERVED, ALONE)     \
    ROW(sign_message, ROUTINE, SHARES)      \
    ROW(log_read, RESERVED, ALONE)          \
    ROW(log_release, RESERVED, ALONE)       \
    ROW(log_checkpoint, RESERVED, ALONE)    \
    ROW(log_key, RESERVED, ALONE)           \
    ROW(alarm_list, RESERVED, SILENT)       \
    ROW(roles_get, ROUTINE, ALONE)          \
    ROW(roles_set, MUST, ALONE)             \
    ROW(approval_list, RESERVED, ALONE)     \
    ROW(approval_get, RESERVED, ALONE)      \
    ROW(approval_give, MUST, ALONE)         \
    ROW(time_get, ROUTINE, ALONE)           \
    ROW(time_ask, ROUTINE, ALONE)           \
    ROW(time_set, MUST, ALONE)

enum sharing { ALONE, SHARES, SILENT };

static const struct must_row {
    enum command command;
    enum command_audit class;
    enum sharing sharing;
} rows[] = {
#define ROW(name, class, sharing) {COMMAND_##name, AUDIT_##class, sharing},
    ROWS(ROW)
#undef ROW
};

/* A command without a row does not compile. */
enum row_numbers {
#define ROW(name, class, sharing) ROW_OF_##name,
    ROWS(ROW)
#undef ROW
        ROW_COUNT
};
#define COMMAND(number, name, states, role, audit, steps, text) \
    _Static_assert(ROW_OF_##name < ROW_COUNT, "no row for this command");
#include "proto/commands.def"
#undef COMMAND

static struct world world;
static struct sim_memory *made;
static union any_req request;
static uint8_t flash_before[16 * 8192];

static struct audit *audit_of_world(void) {
    return &world.module.hsm->audit;
}

/* A module, a session of the right role, and a valid request. */
static void prepare(const struct must_row *row) {
    sim_recall(made);
    world_enter(&world, world_role_for(command_row((uint32_t)row->command)));
    world_request(&world, row->command, &request);
}

/* Leaves room for so many entries. */
static void fill_log(uint64_t left) {
    uint64_t first = 0, next = 0;
    port_log_range(&first, &next);
    sim_set_log_capacity(next - first + left);
    assert_true(audit_space(audit_of_world()) == left);
}

static enum status ask(const struct must_row *row) {
    union any_rep reply;
    return module_call(&world.module, row->command, &request, &reply);
}

static void end(void) {
    sim_set_log_capacity(65536);
    world_leave(&world);
}

/* What it answers where nothing is in the way. */
static enum status usual(const struct must_row *row) {
    prepare(row);
    enum status status = ask(row);
    end();
    return status;
}

static void name_row(const struct must_row *row, enum status got, enum status wanted) {
    if (got != wanted) {
        fail_msg("%s: %s, expected %s", command_row((uint32_t)row->command)->name,
                 status_row(got)->name, status_row(wanted)->name);
    }
}

static void the_table_and_the_commands_agree(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct command_row *row = command_row((uint32_t)rows[i].command);
        if (row->audit != rows[i].class) {
            fail_msg("%s has another class", row->name);
        }
    }
}

static void a_full_log_stops_work_before_it_does_anything(void **state) {
    unsigned stopped = 0, went_on = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum status wanted = usual(&rows[i]);
        prepare(&rows[i]);
        fill_log(AUDIT_RESERVED_SLOTS);
        memcpy(flash_before, sim_flash(), sizeof(flash_before));
        enum status got = ask(&rows[i]);
        if (rows[i].class == AUDIT_RESERVED) {
            name_row(&rows[i], got, wanted);
            went_on++;
        } else {
            name_row(&rows[i], got, STATUS_LOG_FULL);
            assert_memory_equal(flash_before, sim_flash(), sizeof(flash_before));
            stopped++;
        }
        end();
    }
    print_message("# %u commands stop, %u go on\n", stopped, went_on);
}

/* Not even the reserve is left: what is of class RESERVED works, and the next record counts it. */
static void a_log_without_any_room_locks_nobody_out(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].class != AUDIT_RESERVED || rows[i].sharing == SILENT) {
            continue;
        }
        enum status wanted = usual(&rows[i]);
        prepare(&rows[i]);
        fill_log(0);
        name_row(&rows[i], ask(&rows[i]), wanted);
        if (audit_of_world()->started && rows[i].command != COMMAND_log_release) {
            assert_true(audit_of_world()->suppressed > 0);
        }
        end();
    }
}

/* The archive fails when the record is due: whatever was done, the caller is told of a failure. */
static void no_command_is_answered_whose_record_is_not_stored(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (usual(&rows[i]) != STATUS_OK || rows[i].sharing == SILENT) {
            continue;
        }
        prepare(&rows[i]);
        sim_fail((struct sim_failure){.call = SIM_LOG_APPEND, .nth = 1, .times = 100});
        name_row(&rows[i], ask(&rows[i]), STATUS_STORE_IO);
        assert_true(sim_failed());
        sim_fail((struct sim_failure){.nth = 0});
        end();
    }
}

/* ---- log-each ---- */

static void share_records(void) {
    struct token *token = &world.module.hsm->tokens.list[0];
    token->options = options_with_log_each(token->options, 100);
}

/* With log-each a use of a key waits for others; everything else has its record at once. */
static void only_uses_of_keys_share_a_record(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (usual(&rows[i]) != STATUS_OK) {
            assert_true(rows[i].sharing == ALONE);
            continue;
        }
        prepare(&rows[i]);
        share_records();
        uint64_t before = audit_size(audit_of_world());
        assert_int_equal(ask(&rows[i]), STATUS_OK);
        bool waits = audit_of_world()->started && audit_size(audit_of_world()) == before;
        if (waits != (rows[i].sharing != ALONE)) {
            if (audit_of_world()->started) { /* a zeroization ends the log behind its record */
                fail_msg("%s: %s", command_row((uint32_t)rows[i].command)->name,
                         waits ? "has no record" : "has a record of its own");
            }
        }
        end();
    }
}

/* What is refused has its own record, whatever waits. */
static void refusals_share_nothing(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].sharing != SHARES) {
            continue;
        }
        prepare(&rows[i]);
        share_records();
        world_leave(&world);
        sim_recall(made);
        world_enter(&world, WORLD_PUBLIC); /* private keys are not there for it */
        share_records();
        memcpy(&request, &world.session, sizeof(world.session));
        uint64_t before = audit_size(audit_of_world());
        assert_int_not_equal(ask(&rows[i]), STATUS_OK);
        assert_true(audit_size(audit_of_world()) == before + 1);
        end();
    }
}

static int make_world(void **state) {
    (void)state;
    world_make(&world);
    made = sim_remember(NULL);
    return 0;
}

static int end_world(void **state) {
    (void)state;
    sim_forget(made);
    quick_end();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_and_the_commands_agree),
        cmocka_unit_test(a_full_log_stops_work_before_it_does_anything),
        cmocka_unit_test(a_log_without_any_room_locks_nobody_out),
        cmocka_unit_test(no_command_is_answered_whose_record_is_not_stored),
        cmocka_unit_test(only_uses_of_keys_share_a_record),
        cmocka_unit_test(refusals_share_nothing),
    };
    return cmocka_run_group_tests(tests, make_world, end_world);
}
