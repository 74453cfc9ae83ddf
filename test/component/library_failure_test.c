/* SPDX-License-Identifier: Apache-2.0 */
/* every call of the cryptographic library fails at every point of every command, and of the
 * start of a module in each of its states. The command says so and gives nothing out; asked again
 * it is done; nothing acknowledged is lost. */
#include "core/command/module.h"
#include "test/component/broken.h"
#include "test/component/quick.h"
#include "test/component/world.h"
#include "test/share.h"

static struct world world;
static struct sim_memory *made;
static uint64_t failures;

static void enter(enum world_role role) {
    sim_recall(made);
    world_enter(&world, role);
}

/* What a command may answer where the library failed. */
static bool is_clean(enum command command, enum status status) {
    switch (status) {
    case STATUS_MEMORY:
    case STATUS_INTERNAL: /* HKDF, and the stretching of PINs */
        return true;
    case STATUS_WRAPPED_KEY_INVALID: /* one answer to all that goes wrong with a wrapped key */
        return command == COMMAND_key_unwrap;
    case STATUS_PIN_INCORRECT: /* nobody is let in; the try stays counted */
        return command == COMMAND_login || command == COMMAND_pin_set ||
               command == COMMAND_token_init;
    case STATUS_APPROVAL_NEEDED: /* a yes that could not be verified does not count */
        return command == COMMAND_roles_set;
    default:
        return false;
    }
}

/* What is answered when it is asked again although it was done: its record was refused. */
static enum status when_done(enum command command) {
    switch (command) {
    case COMMAND_zeroize:
        return STATUS_ZEROIZED;
    case COMMAND_pin_set:
        return STATUS_PIN_INCORRECT;
    case COMMAND_login:
        return STATUS_ALREADY_LOGGED_IN;
    case COMMAND_logout:
        return STATUS_NOT_LOGGED_IN;
    case COMMAND_session_close:
        return STATUS_SESSION_INVALID;
    case COMMAND_object_destroy:
        return STATUS_OBJECT_INVALID;
    case COMMAND_stream_open:
        return STATUS_OPERATION_ACTIVE;
    case COMMAND_roles_set:
        return STATUS_VERSION_OLD;
    case COMMAND_approval_give:
        return STATUS_APPROVAL_UNKNOWN;
    default:
        return STATUS_OK;
    }
}

static void check_nothing_is_pinned(const struct command_row *row) {
    const struct hsm *hsm = world.module.hsm;
    uint32_t left = hsm->audit.held;
    for (size_t i = 0; i < SOFT_KEYS_MAX; i++) {
        left += hsm->home.list[i].pins;
    }
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        left += hsm->streams[i].busy;
    }
    if (left != 0) {
        fail_msg("%s: something stays in use", row->name);
    }
}

/* Whether the command came so far as the nth call. */
static bool fail_nth(const struct command_row *row, bool open, uint64_t nth) {
    union any_req request;
    union any_rep reply;
    world.open = open;
    enter(world_role_for(row));
    world_request(&world, row->command, &request);
    broken_fail(nth);
    enum status got = module_call(&world.module, row->command, &request, &reply);
    bool failed = broken_came();
    broken_fail(0);
    /* What a zeroization leaves out besides is not told: the keys are gone. Nor that a vote, which
     * is counted, could not be counted again for the reply. */
    bool good = failed ? is_clean(row->command, got) : got == STATUS_OK;
    bool may_be_done = row->command == COMMAND_zeroize || row->command == COMMAND_approval_give;
    if (!good && !(got == STATUS_OK && may_be_done)) {
        fail_msg("%s, call %llu: %s", row->name, (unsigned long long)nth, status_row(got)->name);
    }
    check_nothing_is_pinned(row);
    if (failed) {
        enum status again = world_call(&world, row->command, &reply);
        if (again != STATUS_OK && again != when_done(row->command)) {
            fail_msg("%s again, after call %llu: %s", row->name, (unsigned long long)nth,
                     status_row(again)->name);
        }
        failures++;
    }
    world_leave(&world);
    return failed;
}

static void command_of_which_a_call_fails_says_so_and_can_be_asked_again(void **state) {
    size_t count = 0;
    (void)state;
    const struct command_row *rows = command_rows(&count);
    for (size_t i = 0; i < 2 * count; i++) {
        for (uint64_t nth = 1; fail_nth(&rows[i / 2], i % 2 == 1, nth); nth += share_step()) {
        }
    }
    world.open = false;
    print_message("# the library failed %llu times in %zu commands\n",
                  (unsigned long long)failures, count);
    assert_true(failures > share_of(200) && failures > count);
}

/* ---- what the requests of every command leave out ---- */

static uint64_t leaving; /* a private key that may leave */
static uint8_t blob[2048];
static size_t blob_size;

static enum status find_by_label(void) {
    struct object_find_rep rep;
    template_start(&world.first);
    template_text(&world.first, ATTRIBUTE_LABEL, "pair");
    struct object_find_req req = {.session = world.session,
                                  .attributes = template_of(&world.first)};
    TRY(call_object_find(&world.module, req, &rep));
    assert_int_equal(rep.objects.size, 4 * 8); /* never fewer: what is not read is not absent */
    return STATUS_OK;
}

static enum status make_leaving_pair(void) {
    struct key_generate_pair_rep rep;
    template_start(&world.first);
    template_start(&world.second);
    template_bool(&world.second, ATTRIBUTE_EXTRACTABLE, true);
    struct key_generate_pair_req req = {.session = world.session,
                                        .mechanism = {.algorithm = ALGORITHM_ED25519_KEY_PAIR_GEN},
                                        .public_attributes = template_of(&world.first),
                                        .private_attributes = template_of(&world.second)};
    TRY(call_key_generate_pair(&world.module, req, &rep));
    leaving = rep.private_key;
    return STATUS_OK;
}

static enum status wrap_pair(uint32_t algorithm) {
    struct key_wrap_rep rep;
    struct key_wrap_req req = {.session = world.session,
                               .mechanism = {.algorithm = algorithm},
                               .wrapping_key = world.keys[0].kek,
                               .key = leaving};
    TRY(call_key_wrap(&world.module, req, &rep));
    memcpy(blob, rep.wrapped.data, rep.wrapped.size);
    blob_size = rep.wrapped.size;
    return STATUS_OK;
}

static enum status unwrap_pair(uint32_t algorithm) {
    template_start(&world.first);
    if (algorithm != ALGORITHM_WRAP_WITH_ATTRIBUTES) {
        template_num(&world.first, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY);
        template_num(&world.first, ATTRIBUTE_KEY_TYPE, KEY_ED25519);
    }
    struct key_unwrap_req req = {.session = world.session,
                                 .mechanism = {.algorithm = algorithm},
                                 .unwrapping_key = world.keys[0].kek,
                                 .wrapped = bytes_of(blob, blob_size),
                                 .attributes = template_of(&world.first)};
    enum status status = call_key_unwrap(&world.module, req, NULL);
    return status == STATUS_WRAPPED_KEY_INVALID ? STATUS_MEMORY : status;
}

static enum status wrap_value(void) {
    return wrap_pair(ALGORITHM_AES_KWP);
}
static enum status unwrap_value(void) {
    return unwrap_pair(ALGORITHM_AES_KWP);
}
static enum status wrap_all(void) {
    return wrap_pair(ALGORITHM_WRAP_WITH_ATTRIBUTES);
}
static enum status unwrap_all(void) {
    return unwrap_pair(ALGORITHM_WRAP_WITH_ATTRIBUTES);
}

static enum status import_key(void) {
    template_start(&world.first);
    template_num(&world.first, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    template_num(&world.first, ATTRIBUTE_KEY_TYPE, KEY_AES);
    template_bytes(&world.first, ATTRIBUTE_VALUE, world_text, 16);
    template_text(&world.first, ATTRIBUTE_ID, "imported");
    struct object_create_req req = {world.session, template_of(&world.first)};
    return call_object_create(&world.module, req, NULL);
}

static enum status hash_in_parts(void) {
    struct stream_cancel_req cancel = {world.session, F_DIGEST};
    struct stream_open_req open = {world.session, F_DIGEST, 0,
                                   {.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA256}};
    struct stream_update_req update = {world.session, F_DIGEST, bytes_of_text(world_text)};
    struct stream_close_req close = {.session = world.session, .function = F_DIGEST};
    TRY(call_stream_cancel(&world.module, cancel, NULL));
    TRY(call_stream_open(&world.module, open, NULL));
    TRY(call_stream_update(&world.module, update, NULL));
    return call_stream_close(&world.module, close, NULL);
}

static const struct {
    const char *name;
    enum status (*run)(void);
} others[] = {
    {"find", find_by_label},     {"make a pair", make_leaving_pair}, {"wrap", wrap_value},
    {"unwrap", unwrap_value},    {"wrap all", wrap_all},             {"unwrap all", unwrap_all},
    {"import", import_key},      {"hash in parts", hash_in_parts},
};

/* One after the other in one session, each with every call failing before it is done. */
static void search_wrapping_import_and_parts_say_so_and_can_be_asked_again(void **state) {
    (void)state;
    enter(WORLD_USER);
    for (size_t i = 0; i < COUNT(others); i++) {
        bool came = true;
        for (uint64_t nth = 1; came; nth += share_step()) {
            broken_fail(nth);
            enum status status = others[i].run();
            came = broken_came();
            broken_fail(0);
            if (status != (came ? STATUS_MEMORY : STATUS_OK)) {
                fail_msg("%s, call %llu: %s", others[i].name, (unsigned long long)nth,
                         status_row(status)->name);
            }
            failures++;
        }
    }
    check_nothing_is_pinned(command_row(COMMAND_key_wrap));
    world_leave(&world);
}

/* ---- start and stop ---- */

/* What the module says of itself. */
static struct status_rep state_of_module(void) {
    struct status_rep status;
    assert_int_equal(call_status(&world.module, (struct status_req){}, &status), STATUS_OK);
    return status;
}

/* Starts on the platform with the nth call failing; whether it came so far. */
static bool start_with_failure(uint64_t nth) {
    struct module *module = &world.module;
    module->hsm = aligned_alloc(64, (hsm_size() + 63) / 64 * 64);
    module->call = aligned_alloc(64, (call_size() + 63) / 64 * 64);
    memset(module->hsm, 0, hsm_size());
    memset(module->call, 0, call_size());
    module->peer = (struct peer){.uid = 1000, .pid = 1};
    broken_fail(nth);
    enum status status = hsm_start(module->hsm);
    bool failed = broken_came();
    broken_fail(0);
    if (status != STATUS_OK) { /* not even the handles: there is no module */
        assert_true(failed);
        module_drop(module);
        return true;
    }
    assert_int_equal(hsm_connect(module->hsm, &module->peer, &module->connection), STATUS_OK);
    struct status_rep is = state_of_module();
    if (failed && is.state != STATE_ERROR && is.state != STATE_ZEROIZED) {
        /* only what can be left out was left out: the log tells */
        assert_int_equal(is.reason, STATUS_OK);
    }
    module_stop(module);
    return failed;
}

static void start_every_way(const struct sim_memory *memory, enum module_state wanted) {
    bool came = true;
    for (uint64_t nth = 1; came; nth += share_step()) {
        sim_recall(memory);
        came = start_with_failure(nth);
        module_start(&world.module);
        struct status_rep is = state_of_module();
        if (is.state != (uint32_t)wanted) {
            fail_msg("call %llu of the start failed; later: state %u, %s", (unsigned long long)nth,
                     is.state, status_row(is.reason)->name);
        }
        module_stop(&world.module);
        failures++;
    }
}

static void start_of_which_a_call_fails_can_be_tried_again(void **state) {
    (void)state;
    start_every_way(made, STATE_OPERATIONAL);
    sim_recall(made);
    world_enter(&world, WORLD_USER);
    world_leave(&world);
}

static void first_start_of_which_a_call_fails_can_be_tried_again(void **state) {
    (void)state;
    sim_reset(NULL, true);
    struct sim_memory *blank = sim_remember(NULL);
    start_every_way(blank, STATE_FACTORY);
    sim_forget(blank);
}

/* The log's archive holds entries that were not in the store yet, and a foreign one behind them. */
static void start_with_a_gap_in_the_log_can_be_tried_again(void **state) {
    static const uint8_t foreign[60] = {1};
    union any_rep reply;
    (void)state;
    enter(WORLD_USER);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(world_call(&world, COMMAND_digest, &reply), STATUS_OK);
    }
    module_drop(&world.module);
    assert_int_equal(port_log_append(bytes_of(foreign, sizeof(foreign))), STATUS_OK);
    struct sim_memory *gap = sim_remember(NULL);
    start_every_way(gap, STATE_OPERATIONAL);
    sim_forget(gap);
}

static void stop_of_which_a_call_fails_loses_nothing(void **state) {
    union any_rep reply;
    bool came = true;
    (void)state;
    for (uint64_t nth = 1; came; nth += share_step()) {
        enter(WORLD_USER);
        assert_int_equal(world_call(&world, COMMAND_key_generate, &reply), STATUS_OK);
        broken_fail(nth);
        world_leave(&world);
        came = broken_came();
        broken_fail(0);
        world_enter(&world, WORLD_USER);
        assert_int_equal(state_of_module().state, STATE_OPERATIONAL);
        world_leave(&world);
        failures++;
    }
}

/* ---- checkpoints ---- */

static void checkpoint_by_time_of_which_a_call_fails_comes_later(void **state) {
    bool came = true;
    (void)state;
    for (uint64_t nth = 1; came; nth += share_step()) {
        enter(WORLD_USER);
        sim_advance(120000);
        broken_fail(nth);
        assert_true(hsm_tick(world.module.hsm));
        came = broken_came();
        broken_fail(0);
        assert_int_equal(state_of_module().state, STATE_OPERATIONAL);
        sim_advance(120000);
        assert_true(hsm_tick(world.module.hsm));
        world_leave(&world);
        failures++;
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
        cmocka_unit_test(command_of_which_a_call_fails_says_so_and_can_be_asked_again),
        cmocka_unit_test(search_wrapping_import_and_parts_say_so_and_can_be_asked_again),
        cmocka_unit_test(start_of_which_a_call_fails_can_be_tried_again),
        cmocka_unit_test(first_start_of_which_a_call_fails_can_be_tried_again),
        cmocka_unit_test(start_with_a_gap_in_the_log_can_be_tried_again),
        cmocka_unit_test(stop_of_which_a_call_fails_loses_nothing),
        cmocka_unit_test(checkpoint_by_time_of_which_a_call_fails_comes_later),
    };
    return cmocka_run_group_tests(tests, make_world, end_world);
}
