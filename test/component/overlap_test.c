/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that overlap: between the check and the commit of one command any other is done, by the
 * same process or another, whatever it ends: session, login, key, token, module. The first command
 * then ends in a clean way, and nothing stays pinned, held or counted. */
#include "core/command/module.h"
#include "test/component/quick.h"
#include "test/component/world.h"

static struct world world;
static struct sim_memory *made;
static struct call *slow; /* the request that takes long */
static uint64_t overlaps, done, ended;

enum { FRAME_MAX = FRAME_HEADER_SIZE + FRAME_BODY_MAX };
static uint8_t slow_frame[FRAME_MAX], slow_reply[FRAME_MAX];

static void begin(const struct command_row *row) {
    size_t size = world_frame(&world, row, (struct span){slow_frame, sizeof(slow_frame)});
    hsm_check(world.module.hsm, slow, world.module.connection, bytes_of(slow_frame, size),
              (struct span){slow_reply, sizeof(slow_reply)});
}

static enum status end(void) {
    struct frame frame;
    struct bytes raw = hsm_commit(world.module.hsm, slow);
    assert_int_equal(frame_read(raw, &frame), STATUS_OK);
    assert_true(frame.code == STATUS_OK || frame.body.size == 0);
    return (enum status)frame.code;
}

/* What the first command may say when something was taken from it. */
static bool is_clean(enum status status) {
    switch (status) {
    case STATUS_OK:
    case STATUS_SESSION_INVALID:
    case STATUS_SESSION_EXISTS:
    case STATUS_ZEROIZED:
    case STATUS_NOT_LOGGED_IN:
    case STATUS_ROLE_REFUSED:
    case STATUS_ALREADY_LOGGED_IN:
    case STATUS_OTHER_LOGGED_IN:
    case STATUS_PIN_INCORRECT:
    case STATUS_APPROVAL_NEEDED:
    case STATUS_APPROVAL_UNKNOWN:
        return true;
    default:
        return false;
    }
}

static void check_nothing_is_left(const char *first, const char *second) {
    const struct hsm *hsm = world.module.hsm;
    bool zeroized = hsm->state == STATE_ZEROIZED; /* then no key is in memory any more */
    uint32_t left = hsm->audit.held;
    for (size_t i = 0; i < SOFT_KEYS_MAX; i++) {
        left += hsm->home.list[i].pins;
        left += zeroized && hsm->home.list[i].loaded ? 1 : 0;
    }
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        left += hsm->sessions.list[i].in_use;
    }
    for (size_t i = 0; i < TOKENS_MAX; i++) {
        left += hsm->tokens.list[i].pins[USER_SO].in_flight;
        left += hsm->tokens.list[i].pins[USER_USER].in_flight;
    }
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        left += hsm->streams[i].busy || (zeroized && hsm->streams[i].session != 0) ? 1 : 0;
    }
    if (left != 0) {
        fail_msg("%s while %s: something stays in use", second, first);
    }
}

/* Another command, by this connection or by one of the same user in a role of its own. */
struct other {
    const struct command_row *row;
    bool elsewhere;
    bool after_compute;
};

static void do_elsewhere(const struct command_row *row) {
    union any_rep reply;
    uint32_t first = world.module.connection, connection = 0, session = world.session;
    enum world_role role = world_role_for(row);
    assert_int_equal(hsm_connect(world.module.hsm, &world.module.peer, &connection), STATUS_OK);
    world.module.connection = connection;
    if (role != WORLD_NONE) {
        world.session = role == WORLD_USER ? module_user_session(&world.module)
                                           : module_session(&world.module);
    }
    if (role == WORLD_SO) {
        struct login_req login = {world.session, USER_SO, bytes_of_text(SO_PIN)};
        assert_int_equal(call_login(&world.module, login, NULL), STATUS_OK);
    }
    enum status status = world_call(&world, row->command, &reply);
    (void)status; /* it may be refused: handles are not its own */
    hsm_disconnect(world.module.hsm, connection);
    world.module.connection = first;
    world.session = session;
}

static void do_other(const struct other *other) {
    union any_rep reply;
    if (other->elsewhere) {
        do_elsewhere(other->row);
        return;
    }
    enum status status = world_call(&world, other->row->command, &reply);
    (void)status; /* refused in this role, or done: both may meet the first */
}

static void overlap(const struct command_row *row, const struct other *other) {
    sim_recall(made);
    world_enter(&world, world_role_for(row));
    begin(row);
    if (!other->after_compute) {
        do_other(other);
    }
    hsm_compute(slow);
    if (other->after_compute) {
        do_other(other);
    }
    enum status status = end();
    if (!is_clean(status)) {
        fail_msg("%s, while %s was done%s: %s", row->name, other->row->name,
                 other->elsewhere ? " elsewhere" : "", status_row(status)->name);
    }
    check_nothing_is_left(row->name, other->row->name);
    overlaps++;
    done += status == STATUS_OK;
    ended += status != STATUS_OK;
    world_leave(&world);
}

static void overlap_with_all(bool elsewhere) {
    size_t count = 0;
    const struct command_row *rows = command_rows(&count);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; rows[i].steps == STEPS_THREE && k < count; k++) {
            overlap(&rows[i], &(struct other){&rows[k], elsewhere, false});
            overlap(&rows[i], &(struct other){&rows[k], elsewhere, true});
        }
    }
    print_message("# overlaps: %llu, %llu of the first commands done, %llu ended\n",
                  (unsigned long long)overlaps, (unsigned long long)done,
                  (unsigned long long)ended);
}

static void any_command_of_the_same_process_may_come_between(void **state) {
    (void)state;
    overlap_with_all(false);
}

static void any_command_of_another_process_may_come_between(void **state) {
    (void)state;
    overlap_with_all(true);
}

/* ---- two requests that both count tries, or both make a token ---- */

static void second_of_two_first_initialisations_is_refused(void **state) {
    (void)state;
    const struct command_row *row = command_row(COMMAND_token_init);
    sim_reset(NULL, true);
    module_start(&world.module);
    begin(row);
    hsm_compute(slow);
    struct token_init_req other = {0, bytes_of_text("the-other-one"), bytes_of_text("other")};
    assert_int_equal(call_token_init(&world.module, other, NULL), STATUS_OK);
    assert_int_equal(end(), STATUS_PIN_INCORRECT);
    assert_int_equal(call_token_init(&world.module, other, NULL), STATUS_OK);
    world_leave(&world);
}

/* a thousand logins of all connections together are under way at once. */
enum { GUESSES = 1000, GUESS_REPLY = FRAME_HEADER_SIZE + 64 };
static struct call *guesses[GUESSES];
static uint8_t guess_replies[GUESSES][GUESS_REPLY];

static uint32_t connect_once_more(uint32_t *session) {
    uint32_t connection = 0;
    struct session_open_rep reply;
    assert_int_equal(hsm_connect(world.module.hsm, &world.module.peer, &connection), STATUS_OK);
    uint32_t own = world.module.connection;
    world.module.connection = connection;
    assert_int_equal(call_session_open(&world.module, (struct session_open_req){0, 0}, &reply),
                     STATUS_OK);
    world.module.connection = own;
    *session = reply.session;
    return connection;
}

static void begin_guess(struct call **call, uint32_t connection, uint32_t session,
                        uint8_t reply[GUESS_REPLY]) {
    struct login_req wrong = {session, USER_USER, bytes_of_text("no-such-pin")};
    struct span body = {slow_frame + FRAME_HEADER_SIZE, FRAME_BODY_MAX};
    size_t used = 0;
    assert_int_equal(codec_write(command_row(COMMAND_login)->request, &wrong, body, &used),
                     STATUS_OK);
    frame_write_header(slow_frame, COMMAND_login, used);
    *call = aligned_alloc(64, (call_size() + 63) / 64 * 64);
    assert_non_null(*call);
    memset(*call, 0, call_size());
    hsm_check(world.module.hsm, *call, connection, bytes_of(slow_frame, FRAME_HEADER_SIZE + used),
              (struct span){reply, GUESS_REPLY});
}

static void a_thousand_parallel_guesses_are_all_counted(void **state) {
    uint32_t connections[CONNECTIONS_MAX] = {0}, sessions[CONNECTIONS_MAX] = {0};
    (void)state;
    sim_recall(made);
    world_enter(&world, WORLD_PUBLIC);
    for (size_t i = 1; i < COUNT(connections); i++) {
        connections[i] = connect_once_more(&sessions[i]);
    }
    connections[0] = world.module.connection;
    sessions[0] = world.session;
    uint64_t before = quick.guesses;
    for (size_t i = 0; i < GUESSES; i++) {
        size_t by = i % COUNT(connections);
        begin_guess(&guesses[i], connections[by], sessions[by], guess_replies[i]);
    }
    for (size_t i = 0; i < GUESSES; i++) {
        hsm_compute(guesses[i]);
    }
    for (size_t i = 0; i < GUESSES; i++) {
        struct bytes raw = hsm_commit(world.module.hsm, guesses[i]);
        assert_int_equal(load_u32(raw.data + 4), STATUS_PIN_LOCKED);
        free(guesses[i]);
    }
    assert_int_equal(quick.guesses - before, PIN_TRIES_MAX);
    struct login_req right = {world.session, USER_USER, bytes_of_text(USER_PIN)};
    assert_int_equal(call_login(&world.module, right, NULL), STATUS_PIN_LOCKED);
    check_nothing_is_left("guessing", "guessing");
    world_leave(&world);
}

/* What a try of a PIN does that takes time. */
struct steps {
    uint64_t stretches, cost, flash_programs, other_calls;
    bool sync_before, sync_after;
};

static struct steps steps_of_login(enum user user, enum status expected) {
    struct login_req login = {world.session, user, bytes_of_text("no-such-pin")};
    struct span body = {slow_frame + FRAME_HEADER_SIZE, FRAME_BODY_MAX};
    size_t used = 0;
    struct steps steps = {.stretches = quick.stretches,
                          .flash_programs = sim_calls(SIM_FLASH_PROGRAM),
                          .other_calls = sim_calls(SIM_ANY)};
    assert_int_equal(codec_write(command_row(COMMAND_login)->request, &login, body, &used),
                     STATUS_OK);
    frame_write_header(slow_frame, COMMAND_login, used);
    hsm_check(world.module.hsm, slow, world.module.connection,
              bytes_of(slow_frame, FRAME_HEADER_SIZE + used),
              (struct span){slow_reply, sizeof(slow_reply)});
    steps.sync_before = call_wants_sync(slow);
    hsm_compute(slow);
    assert_int_equal(end(), expected);
    steps.sync_after = call_wants_sync(slow);
    steps.stretches = quick.stretches - steps.stretches;
    steps.cost = quick.cost;
    steps.flash_programs = sim_calls(SIM_FLASH_PROGRAM) - steps.flash_programs;
    steps.other_calls = sim_calls(SIM_ANY) - steps.other_calls;
    return steps;
}

static void check_same_steps(struct steps one, struct steps other) {
    assert_int_equal(one.stretches, other.stretches);
    assert_int_equal(one.cost, other.cost);
    assert_int_equal(one.flash_programs, other.flash_programs);
    assert_int_equal(one.other_calls, other.other_calls);
    assert_int_equal(one.sync_before, other.sync_before);
    assert_int_equal(one.sync_after, other.sync_after);
}

/* the answer differs, and nothing that takes time does. */
static void wrong_locked_and_missing_pin_take_the_same_steps(void **state) {
    (void)state;
    sim_recall(made);
    world_enter(&world, WORLD_PUBLIC);
    uint64_t compared = quick.guesses;
    struct steps wrong = steps_of_login(USER_USER, STATUS_PIN_INCORRECT);
    assert_int_equal(wrong.stretches, 1);
    assert_true(wrong.sync_before && wrong.flash_programs > 0);
    for (uint32_t i = 2; i < PIN_TRIES_MAX; i++) {
        steps_of_login(USER_USER, STATUS_PIN_INCORRECT);
    }
    steps_of_login(USER_USER, STATUS_PIN_LOCKED);
    assert_int_equal(quick.guesses - compared, PIN_TRIES_MAX);
    struct steps locked = steps_of_login(USER_USER, STATUS_PIN_LOCKED);
    world.module.hsm->tokens.list[0].pins[USER_USER].set = false;
    struct steps missing = steps_of_login(USER_USER, STATUS_PIN_NOT_SET);
    assert_int_equal(quick.guesses - compared, PIN_TRIES_MAX);
    check_same_steps(locked, wrong);
    check_same_steps(missing, wrong);
    check_nothing_is_left("guessing", "guessing");
    world_leave(&world);
}

/* ---- */

static int make_world(void **state) {
    (void)state;
    world_make(&world);
    made = sim_remember(NULL);
    slow = aligned_alloc(64, (call_size() + 63) / 64 * 64);
    assert_non_null(slow);
    memset(slow, 0, call_size());
    return 0;
}

static int end_world(void **state) {
    (void)state;
    sim_forget(made);
    free(slow);
    quick_end();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_command_of_the_same_process_may_come_between),
        cmocka_unit_test(any_command_of_another_process_may_come_between),
        cmocka_unit_test(second_of_two_first_initialisations_is_refused),
        cmocka_unit_test(a_thousand_parallel_guesses_are_all_counted),
        cmocka_unit_test(wrong_locked_and_missing_pin_take_the_same_steps),
    };
    return cmocka_run_group_tests(tests, make_world, end_world);
}
