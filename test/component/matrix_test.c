/* SPDX-License-Identifier: Apache-2.0 */
/* every command in every state and every role answers as test/component/matrix.def says. */
#include "test/component/quick.h"
#include "test/component/world.h"

/* ---- the table ---- */

struct cells {
    enum command command;
    bool open;
    enum status status[WORLD_ROLES];
};
static const struct cells cells[] = {
#define CELLS(name, none, public, user, so)                                                \
    {COMMAND_##name, false, {STATUS_##none, STATUS_##public, STATUS_##user, STATUS_##so}},
#define OPEN(name, public, user, so)                                                              \
    {COMMAND_##name, true, {STATUS_SESSION_INVALID, STATUS_##public, STATUS_##user, STATUS_##so}},
#define FACTORY(name, result)
#define LOCKED(name, role, result)
#include "test/component/matrix.def"
#undef CELLS
#undef OPEN
#undef FACTORY
#undef LOCKED
};

static const struct exception {
    enum command command;
    bool factory;
    enum world_role role;
    enum status status;
} exceptions[] = {
#define CELLS(name, none, public, user, so)
#define OPEN(name, public, user, so)
#define FACTORY(name, result) {COMMAND_##name, true, WORLD_NONE, STATUS_##result},
#define LOCKED(name, role, result) {COMMAND_##name, false, role, STATUS_##result},
#include "test/component/matrix.def"
#undef CELLS
#undef OPEN
#undef FACTORY
#undef LOCKED
};

/* A command without a row does not compile. */
enum rows {
#define CELLS(name, none, public, user, so) ROW_OF_##name,
#define OPEN(name, public, user, so)
#define FACTORY(name, result)
#define LOCKED(name, role, result)
#include "test/component/matrix.def"
#undef CELLS
#undef OPEN
#undef FACTORY
#undef LOCKED
    ROWS
};
#define COMMAND(number, name, states, role, audit, steps, text) \
    _Static_assert(ROW_OF_##name < ROWS, "matrix.def has no row for this command");
#include "proto/commands.def"
#undef COMMAND

/* ---- the states ---- */

enum state {
    FACTORY_STATE,
    OPERATIONAL_STATE,
    LOCKED_STATE,   /* the user PIN was tried out by another connection */
    UNSOUND_STATE,  /* a self test failed while sessions were open */
    DAMAGED_STATE,  /* the store did not verify at start */
    ZEROIZED_STATE, /* by another connection, while sessions were open */
};

static struct world world;
static struct sim_memory *made;
static uint64_t checked;
static uint8_t flash_before[16 * 8192];

static uint32_t connect_other(uint32_t *first) {
    uint32_t other = 0;
    *first = world.module.connection;
    assert_int_equal(hsm_connect(world.module.hsm, &world.module.peer, &other), STATUS_OK);
    world.module.connection = other;
    return other;
}

static void disconnect_other(uint32_t other, uint32_t first) {
    hsm_disconnect(world.module.hsm, other);
    world.module.connection = first;
}

static void lock_pin(void) {
    uint32_t first = 0;
    uint32_t other = connect_other(&first);
    struct login_req wrong = {module_session(&world.module), USER_USER, bytes_of_text("000000")};
    for (int i = 1; i < PIN_TRIES_MAX; i++) {
        assert_int_equal(call_login(&world.module, wrong, NULL), STATUS_PIN_INCORRECT);
    }
    assert_int_equal(call_login(&world.module, wrong, NULL), STATUS_PIN_LOCKED);
    disconnect_other(other, first);
}

static void zeroize(void) {
    uint32_t first = 0;
    uint32_t other = connect_other(&first);
    uint32_t session = module_session(&world.module);
    struct login_req login = {session, USER_SO, bytes_of_text(SO_PIN)};
    assert_int_equal(call_login(&world.module, login, NULL), STATUS_OK);
    assert_int_equal(call_zeroize(&world.module, (struct zeroize_req){session}, NULL), STATUS_OK);
    disconnect_other(other, first);
}

static void fail_self_test(void) {
    quick.corrupt = 1;
    assert_int_equal(call_self_test(&world.module, (struct self_test_req){}, NULL),
                     STATUS_ERROR_STATE);
    quick.corrupt = 0;
}

/* A module without sessions; requests name the one of before. */
static void start_without_session(enum world_role role) {
    module_start(&world.module);
    world.role = role;
}

static void enter(enum state state, enum world_role role) {
    sim_recall(made);
    switch (state) {
    case FACTORY_STATE:
        sim_reset(NULL, true);
        start_without_session(role);
        return;
    case DAMAGED_STATE:
        sim_flash()[8192 + 200] ^= 1;
        start_without_session(role);
        return;
    case OPERATIONAL_STATE:
        world_enter(&world, role);
        return;
    case LOCKED_STATE:
        world_enter(&world, role);
        lock_pin();
        return;
    case UNSOUND_STATE:
        world_enter(&world, role);
        fail_self_test();
        return;
    case ZEROIZED_STATE:
        world_enter(&world, role);
        zeroize();
        return;
    }
}

/* ---- what is expected ---- */

static bool find_exception(const struct cells *row, enum state state, enum world_role role,
                           enum status *status) {
    for (size_t i = 0; i < COUNT(exceptions); i++) {
        const struct exception *exception = &exceptions[i];
        bool fits = state == FACTORY_STATE ? exception->factory
                                           : state == LOCKED_STATE && !exception->factory &&
                                                 exception->role == role;
        if (fits && exception->command == row->command) {
            *status = exception->status;
            return true;
        }
    }
    return false;
}

static enum status expected(const struct cells *row, enum state state, enum world_role role) {
    const struct command_row *command = command_row((uint32_t)row->command);
    enum status status = STATUS_INTERNAL;
    if (find_exception(row, state, role, &status)) {
        return status;
    }
    switch (state) {
    case OPERATIONAL_STATE:
    case LOCKED_STATE:
        return row->status[role];
    case FACTORY_STATE:
        return row->status[WORLD_NONE];
    default:
        break;
    }
    if (command->states == STATES_ALL) {
        return row->status[WORLD_NONE];
    }
    return state == UNSOUND_STATE   ? STATUS_ERROR_STATE
           : state == DAMAGED_STATE ? STATUS_STORE_DAMAGED
                                    : STATUS_ZEROIZED;
}

/* ---- the cells ---- */

static void check_cell(const struct cells *row, enum state state, enum world_role role) {
    union any_req request;
    union any_rep reply;
    uint64_t first = 0, before = 0, after = 0;
    enter(state, role);
    world.open = row->open;
    world_request(&world, row->command, &request);
    port_log_range(&first, &before);
    memcpy(flash_before, sim_flash(), sizeof(flash_before));
    enum status got = module_call(&world.module, row->command, &request, &reply);
    port_log_range(&first, &after);
    enum status wanted = expected(row, state, role);
    if (got != wanted) {
        fail_msg("%s%s in state %d as role %d: %s, expected %s",
                 command_row((uint32_t)row->command)->name, row->open ? " (open)" : "", state, role,
                 status_row(got)->name, status_row(wanted)->name);
    }
    /* A locked PIN has its count written again, so that it takes as long as a wrong one. */
    if (got != STATUS_OK && got != STATUS_PIN_LOCKED) {
        assert_memory_equal(flash_before, sim_flash(), sizeof(flash_before));
    }
    /* done or refused, it is in the log, where there is one: a zeroization ends it. */
    if (state != DAMAGED_STATE && state != ZEROIZED_STATE) {
        bool silent = row->command == COMMAND_alarm_list && got == STATUS_OK;
        assert_true(silent ? after == before : after > before);
    }
    checked++;
    world_leave(&world);
}

static void check_state(enum state state) {
    for (size_t i = 0; i < COUNT(cells); i++) {
        for (int role = WORLD_NONE; role < WORLD_ROLES; role++) {
            if (!cells[i].open || role != WORLD_NONE) {
                check_cell(&cells[i], state, (enum world_role)role);
            }
        }
    }
}

static void factory_module_answers_as_the_table_says(void **state) {
    (void)state;
    check_state(FACTORY_STATE);
}

static void operational_module_answers_as_the_table_says(void **state) {
    (void)state;
    check_state(OPERATIONAL_STATE);
}

static void locked_pin_changes_nothing_but_logins(void **state) {
    (void)state;
    check_state(LOCKED_STATE);
}

static void module_with_a_failed_self_test_does_nothing(void **state) {
    (void)state;
    check_state(UNSOUND_STATE);
}

static void module_with_a_damaged_store_does_nothing(void **state) {
    (void)state;
    check_state(DAMAGED_STATE);
}

static void zeroized_module_does_nothing(void **state) {
    (void)state;
    check_state(ZEROIZED_STATE);
}

static void every_command_has_its_cells(void **state) {
    size_t count = 0;
    (void)state;
    assert_non_null(command_rows(&count));
    assert_int_equal(ROWS, count);
    print_message("# matrix: %llu cells of %zu commands checked\n", (unsigned long long)checked,
                  count);
    assert_true(checked >= 6 * WORLD_ROLES * count);
}

static int make_world(void **state) {
    (void)state;
    world_make(&world);
    made = sim_remember(NULL);
    world_enter(&world, WORLD_USER); /* handles and a session for states that have none */
    world_leave(&world);
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
        cmocka_unit_test(factory_module_answers_as_the_table_says),
        cmocka_unit_test(operational_module_answers_as_the_table_says),
        cmocka_unit_test(locked_pin_changes_nothing_but_logins),
        cmocka_unit_test(module_with_a_failed_self_test_does_nothing),
        cmocka_unit_test(module_with_a_damaged_store_does_nothing),
        cmocka_unit_test(zeroized_module_does_nothing),
        cmocka_unit_test(every_command_has_its_cells),
    };
    return cmocka_run_group_tests(tests, make_world, end_world);
}
