/* SPDX-License-Identifier: Apache-2.0 */
/* R-13 for the chip: every command answers over the line as test/component/matrix.def says, in the
 * states that can be reached from outside: factory, operational, with a locked PIN, zeroized. What
 * a command changed is put back; what cannot be put back (a roles file, zeroization) comes last.
 * PART: "token" ends with a roles file, "zeroized" with the chip's end. */
#include "crypto/crypto.h"
#include "test/component/world.h"

struct cells {
    enum command command;
    bool open;
    enum status status[WORLD_ROLES];
};
static const struct cells cells[] = {
#define CELLS(name, none, public, user, so) \
    {COMMAND_##name, false, {STATUS_##none, STATUS_##public, STATUS_##user, STATUS_##so}},
#define OPEN(name, public, user, so) \
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

enum state { FACTORY_STATE, OPERATIONAL_STATE, LOCKED_STATE, ZEROIZED_STATE };

static struct world world;
static struct module officer; /* of another connection */
static enum state state_now;
static bool locked;
static size_t checked, wrong;

static enum status expected(const struct cells *row, enum world_role role) {
    for (size_t i = 0; i < COUNT(exceptions); i++) {
        const struct exception *exception = &exceptions[i];
        bool fits = state_now == FACTORY_STATE ? exception->factory
                                               : state_now == LOCKED_STATE && !exception->factory &&
                                                     exception->role == role;
        if (fits && exception->command == row->command) {
            return exception->status;
        }
    }
    if (state_now == FACTORY_STATE) {
        return row->status[WORLD_NONE];
    }
    if (state_now == ZEROIZED_STATE) {
        bool all = command_row((uint32_t)row->command)->states == STATES_ALL;
        return all ? row->status[WORLD_NONE] : STATUS_ZEROIZED;
    }
    return row->status[role];
}

/* ---- ways between the states ---- */

static void log_in(uint32_t user, const char *pin) {
    struct login_req login = {world.session, user, bytes_of_text(pin)};
    assert_int_equal(call_login(&world.module, login, NULL), STATUS_OK);
}

/* The officer, on another connection, gives the user a PIN again. */
static void unlock(void) {
    uint32_t session = module_session(&officer);
    struct login_req login = {session, USER_SO, bytes_of_text(SO_PIN)};
    assert_int_equal(call_login(&officer, login, NULL), STATUS_OK);
    struct pin_init_req pin = {session, bytes_of_text(USER_PIN)};
    assert_int_equal(call_pin_init(&officer, pin, NULL), STATUS_OK);
    struct session_close_req close = {session};
    assert_int_equal(call_session_close(&officer, close, NULL), STATUS_OK);
    locked = false;
}

static void lock(void) {
    uint32_t session = module_session(&officer);
    struct login_req login = {session, USER_USER, bytes_of_text("000000")};
    for (int i = 1; i < PIN_TRIES_MAX; i++) {
        assert_int_equal(call_login(&officer, login, NULL), STATUS_PIN_INCORRECT);
    }
    assert_int_equal(call_login(&officer, login, NULL), STATUS_PIN_LOCKED);
    struct session_close_req close = {session};
    assert_int_equal(call_session_close(&officer, close, NULL), STATUS_OK);
    locked = true;
}

/* A session of the role. Handles are found where the user can log in; later they stay as they
 * are. */
static void enter(enum world_role role, bool find) {
    struct session_close_all_req all = {0};
    world.role = role;
    assert_int_equal(call_session_close_all(&world.module, all, NULL), STATUS_OK);
    if (locked && (find || role == WORLD_USER)) {
        unlock();
    }
    world.session = module_session(&world.module);
    if (find || role == WORLD_USER) {
        log_in(USER_USER, USER_PIN);
        world_find_keys(&world, world.session);
    }
    if (find && role != WORLD_USER) {
        struct logout_req out = {world.session};
        assert_int_equal(call_logout(&world.module, out, NULL), STATUS_OK);
    }
    if (role == WORLD_SO) {
        log_in(USER_SO, SO_PIN);
    }
    if (role == WORLD_NONE) {
        struct session_close_req close = {world.session};
        assert_int_equal(call_session_close(&world.module, close, NULL), STATUS_OK);
    }
    if (state_now == LOCKED_STATE && !locked) {
        lock();
    }
}

/* ---- what a command did is undone ---- */

static void destroy_labelled(const char *label) {
    uint64_t handle = 0;
    for (int i = 0; i < 4; i++) {
        struct template template;
        template_start(&template);
        template_text(&template, ATTRIBUTE_LABEL, label);
        template_bool(&template, ATTRIBUTE_TOKEN, !world.open);
        if (module_find(&world.module, world.session, &template, &handle) == 0) {
            return;
        }
        struct object_destroy_req destroy = {world.session, handle};
        assert_int_equal(call_object_destroy(&world.module, destroy, NULL), STATUS_OK);
    }
}

static void make_spare(void) {
    struct template template;
    struct object_create_rep made;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_DATA);
    template_bool(&template, ATTRIBUTE_TOKEN, true);
    template_bool(&template, ATTRIBUTE_PRIVATE, !world.open);
    template_text(&template, ATTRIBUTE_LABEL, "spare");
    struct object_create_req create = {world.session, template_of(&template)};
    assert_int_equal(call_object_create(&world.module, create, &made), STATUS_OK);
    world.keys[world.open].spare = made.object;
}

static void name_data_again(void) {
    struct template template;
    template_start(&template);
    template_text(&template, ATTRIBUTE_LABEL, "data");
    struct object_set_req set = {world.session, world.keys[world.open].data,
                                 template_of(&template)};
    assert_int_equal(call_object_set(&world.module, set, NULL), STATUS_OK);
}

static void put_pin_back(enum command command, enum world_role role) {
    struct pin_init_req init = {world.session, bytes_of_text(USER_PIN)};
    struct pin_set_req set = {world.session, bytes_of_text("another-pin"),
                              bytes_of_text(role == WORLD_SO ? SO_PIN : USER_PIN)};
    enum status status = command == COMMAND_pin_init ? call_pin_init(&world.module, init, NULL)
                                                     : call_pin_set(&world.module, set, NULL);
    assert_int_equal(status, STATUS_OK);
    if (command == COMMAND_pin_init && state_now == LOCKED_STATE) {
        lock();
    }
}

static void undo(enum command command, enum world_role role) {
    struct stream_cancel_req cancel = {world.session, F_SIGN};
    switch (command) {
    case COMMAND_object_create:
    case COMMAND_object_copy:
    case COMMAND_key_generate:
    case COMMAND_key_generate_pair:
    case COMMAND_key_unwrap:
    case COMMAND_key_derive:
        destroy_labelled(command == COMMAND_object_copy ? "copied" : "made");
        break;
    case COMMAND_object_destroy:
        make_spare();
        break;
    case COMMAND_object_set:
        name_data_again();
        break;
    case COMMAND_pin_init:
    case COMMAND_pin_set:
        put_pin_back(command, role);
        break;
    case COMMAND_key_suspend: {
        union any_rep reply;
        assert_int_equal(world_call(&world, COMMAND_key_renew, &reply), STATUS_OK);
        break;
    }
    case COMMAND_stream_open:
    case COMMAND_stream_update:
        assert_int_equal(call_stream_cancel(&world.module, cancel, NULL), STATUS_OK);
        break;
    case COMMAND_login:
    case COMMAND_logout:
    case COMMAND_session_close:
    case COMMAND_session_close_all:
        enter(role, false);
        break;
    default:
        break;
    }
}

/* ---- the cells ---- */

static void check_cell(const struct cells *row, enum world_role role) {
    union any_req request;
    union any_rep reply;
    world.open = row->open;
    world_request(&world, row->command, &request);
    enum status got = module_call(&world.module, row->command, &request, &reply);
    enum status wanted = expected(row, role);
    checked++;
    if (got != wanted) {
        wrong++;
        print_message("# %s%s in state %d as role %d: %s, expected %s\n",
                      command_row((uint32_t)row->command)->name, row->open ? " (open)" : "",
                      state_now, role, status_row(got)->name, status_row(wanted)->name);
    }
    if (got == STATUS_OK && (state_now == OPERATIONAL_STATE || state_now == LOCKED_STATE)) {
        undo(row->command, role);
    }
}

/* What ends a token or the chip, and is asked elsewhere. */
static bool is_last(const struct cells *row, enum world_role role) {
    switch (row->command) {
    case COMMAND_token_init:
        return role == WORLD_NONE || state_now == FACTORY_STATE;
    case COMMAND_approval_get:
    case COMMAND_approval_give: /* once on each token: what is approved waits for its command */
        return role == WORLD_SO && state_now == LOCKED_STATE;
    case COMMAND_zeroize:
    case COMMAND_roles_set:
    case COMMAND_time_ask: /* the time is told where there are roles */
    case COMMAND_time_set:
        return role == WORLD_SO;
    default:
        return false;
    }
}

static void check_roles(enum state state) {
    state_now = state;
    size_t before = wrong;
    for (int role = WORLD_NONE; role < WORLD_ROLES; role++) {
        if (state == OPERATIONAL_STATE || state == LOCKED_STATE) {
            enter((enum world_role)role, true);
        }
        for (size_t i = 0; i < COUNT(cells); i++) {
            bool exists = !cells[i].open || role != WORLD_NONE;
            if (exists && (state == ZEROIZED_STATE || !is_last(&cells[i], (enum world_role)role))) {
                check_cell(&cells[i], (enum world_role)role);
            }
        }
    }
    assert_int_equal(wrong, before);
}

static const struct cells *row_of(enum command command) {
    for (size_t i = 0; i < COUNT(cells); i++) {
        if (cells[i].command == command && !cells[i].open) {
            return &cells[i];
        }
    }
    fail();
    return NULL;
}

/* ---- stories ---- */

static void chip_from_the_factory_answers_as_the_table_says(void **state) {
    (void)state;
    check_roles(FACTORY_STATE);
    world.role = WORLD_NONE;
    check_cell(row_of(COMMAND_token_init), WORLD_NONE);
    assert_int_equal(wrong, 0);
}

static void operational_chip_answers_as_the_table_says(void **state) {
    (void)state;
    state_now = OPERATIONAL_STATE;
    world_make(&world);
    module_start(&world.module);
    check_roles(OPERATIONAL_STATE);
}

static void locked_pin_changes_nothing_but_logins(void **state) {
    (void)state;
    check_roles(LOCKED_STATE);
    enter(WORLD_NONE, false);
    check_cell(row_of(COMMAND_token_init), WORLD_NONE);
    locked = false;
    assert_int_equal(wrong, 0);
}

static void be_officer(void) {
    world.session = module_session(&world.module);
    world.role = WORLD_SO;
    log_in(USER_SO, SO_PIN);
}

static void officers_approve_and_roles_are_set(void **state) {
    (void)state;
    state_now = OPERATIONAL_STATE;
    be_officer();
    check_cell(row_of(COMMAND_roles_set), WORLD_SO);
    check_cell(row_of(COMMAND_time_ask), WORLD_SO);
    check_cell(row_of(COMMAND_time_set), WORLD_SO);
    assert_int_equal(wrong, 0);
}

static void zeroized_chip_does_nothing(void **state) {
    (void)state;
    state_now = OPERATIONAL_STATE;
    module_make_token(&world.module, PROFILE_OF_TOKEN_STRICT);
    be_officer();
    check_cell(row_of(COMMAND_zeroize), WORLD_SO);
    check_roles(ZEROIZED_STATE);
    print_message("# matrix: %zu cells checked\n", checked);
}

static int begin(void **state) {
    (void)state;
    sim_reset(NULL, true);
    assert_int_equal(crypto_start(), STATUS_OK); /* of those who sign for officers and leases */
    module_start(&world.module);
    module_start(&officer);
    return 0;
}

static int end(void **state) {
    (void)state;
    print_message("# matrix: %zu cells checked, %zu wrong\n", checked, wrong);
    module_stop(&officer);
    crypto_stop();
    return 0;
}

int main(int argc, char **argv) {
    const struct CMUnitTest token[] = {
        cmocka_unit_test(chip_from_the_factory_answers_as_the_table_says),
        cmocka_unit_test(operational_chip_answers_as_the_table_says),
        cmocka_unit_test(locked_pin_changes_nothing_but_logins),
        cmocka_unit_test(officers_approve_and_roles_are_set),
    };
    const struct CMUnitTest zeroized[] = {cmocka_unit_test(zeroized_chip_does_nothing)};
    if (argc > 1 && strcmp(argv[1], "zeroized") == 0) {
        return cmocka_run_group_tests_name("chip matrix, zeroized", zeroized, begin, end);
    }
    return cmocka_run_group_tests_name("chip matrix", token, begin, end);
}
