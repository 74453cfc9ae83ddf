/* SPDX-License-Identifier: Apache-2.0 */
/* R-31, S11: every call of the platform fails at every point of a story. The command that meets it
 * says so and can be asked again; nothing acknowledged is lost, now or after a restart. */
#include "test/component/world.h"
#include "test/powerloss/module_model.h"
#include "test/share.h"

static const struct flash_geometry small_flash = {16, 8192, 9};
static struct sim_memory *prepared;
static uint64_t faults;

/* ---- the story, in steps that can be asked again ---- */

static uint32_t session;

static void start(void) {
    model_lose();
    module.hsm = aligned_alloc(64, (hsm_size() + 63) / 64 * 64);
    module.call = aligned_alloc(64, (call_size() + 63) / 64 * 64);
    memset(module.hsm, 0, hsm_size());
    memset(module.call, 0, call_size());
    struct status_rep status;
    struct peer peer = {.uid = 1000, .pid = 1};
    enum status started = hsm_start(module.hsm);
    if (started == STATUS_OK) {
        started = hsm_connect(module.hsm, &peer, &module.connection);
    }
    if (!model_expect(started, STATUS_OK, "start")) {
        return;
    }
    if (model_expect(call_status(&module, (struct status_req){}, &status), STATUS_OK, "status")) {
        model_expect((enum status)status.reason, STATUS_OK, "state after the start");
    }
}

static void open_session(void) {
    struct session_open_rep rep = {0};
    model_expect(call_session_open(&module, (struct session_open_req){0, 1}, &rep), STATUS_OK,
                 "session_open");
    session = rep.session;
}

static void log_in(void) {
    model_login(session);
}

static void make_pair(void) {
    model_make(session, 2);
}

static void import_key(void) {
    model_make(session, 3);
}

static void use_keys(void) {
    model_check_things(session);
}

static void change_pair(void) {
    model_change(session, 0, model.thing[0].now + 1);
}

static void change_secret(void) {
    model_change(session, 1, model.thing[1].now + 1);
}

static void destroy_pair(void) {
    model_destroy(session, 2);
}

static void change_pin(void) {
    struct pin_set_req req = {session, bytes_of_text(module_pins[0]),
                              bytes_of_text(module_pins[1])};
    model.pin.next = 1;
    if (model_expect(call_pin_set(&module, req, NULL), STATUS_OK, "pin_set")) {
        model.pin.now = 1;
    }
}

static void log_out(void) {
    model_expect(call_logout(&module, (struct logout_req){session}, NULL), STATUS_OK, "logout");
}

static void log_in_officer(void) {
    struct login_req req = {session, USER_SO, bytes_of_text(SO_PIN)};
    model_expect(call_login(&module, req, NULL), STATUS_OK, "login of the security officer");
}

static void set_options(void) {
    struct token_set_req req = {.session = session, .options = OPTION_DURABLE_LOG};
    model.options.next = OPTION_DURABLE_LOG;
    if (model_expect(call_token_set(&module, req, NULL), STATUS_OK, "token_set")) {
        model.options.now = OPTION_DURABLE_LOG;
    }
}

static void read_log(void) {
    model_verify_log();
}

static void sign_log(void) {
    struct log_checkpoint_rep rep;
    struct log_checkpoint_req req = {bytes_of_text("nonce")};
    model_expect(call_log_checkpoint(&module, req, &rep), STATUS_OK, "log_checkpoint");
}

static void let_time_pass(void) {
    sim_advance(120000);
    if (hsm_tick(module.hsm)) {
        model_expect(port_flash_sync(), STATUS_OK, "sync");
    }
}

/* `done`: what is answered when it is asked again although it was done. */
static const struct step {
    const char *name;
    void (*run)(void);
    enum status done;
    bool as_user;
} steps[] = {
    {"start", start, STATUS_OK, false},
    {"session", open_session, STATUS_OK, false},
    {"login", log_in, STATUS_ALREADY_LOGGED_IN, false},
    {"make a pair", make_pair, STATUS_OK, true},
    {"import", import_key, STATUS_OK, true},
    {"use", use_keys, STATUS_OK, true},
    {"change a pair", change_pair, STATUS_OK, true},
    {"change a secret key", change_secret, STATUS_OK, true},
    {"read the log", read_log, STATUS_OK, true},
    {"sign the log", sign_log, STATUS_OK, true},
    {"time", let_time_pass, STATUS_OK, true},
    {"destroy", destroy_pair, STATUS_OK, true},
    {"use again", use_keys, STATUS_OK, true},
    {"change the PIN", change_pin, STATUS_PIN_INCORRECT, true},
    {"logout", log_out, STATUS_NOT_LOGGED_IN, false},
    {"login of the security officer", log_in_officer, STATUS_ALREADY_LOGGED_IN, false},
    {"token_set", set_options, STATUS_OK, false},
};

/* ---- faults ---- */

static char where[160];

static bool is_clean(enum status status) {
    return status == STATUS_STORE_IO || status == STATUS_NO_ENTROPY;
}

static void name_step(const struct sim_failure *failure, const struct step *step) {
    snprintf(where, sizeof(where), "call %d fails at %llu, %llu times, effect %d: %s",
             failure->call, (unsigned long long)failure->nth, (unsigned long long)failure->times,
             failure->effect, step->name);
    power_name(where);
}

/* Where the counter refused, what is remembered and what is stored may differ: the module waits for
 * its next start. */
static bool counter_stopped_it(const struct sim_failure *failure) {
    struct status_rep status;
    if (failure->call != SIM_COUNTER_INCREMENT || !sim_failed()) {
        return false;
    }
    model_expect(call_status(&module, (struct status_req){}, &status), STATUS_OK, "status");
    if (status.state != STATE_ERROR || status.reason != STATUS_STORE_IO) {
        power_fail("the module goes on");
    }
    return true;
}

/* What was refused may have been done all the same: whoever asked looks, and asks again. */
static void ask_again(const struct step *step) {
    if (step->as_user) {
        model_check_things(session);
    }
    step->run();
    enum status status = model_refusal();
    if (status != STATUS_OK && status != step->done) {
        power_fail("asked again: %s", status_row(status)->name);
    }
}

/* A fault that passes: the step says so, and asked again it is done. */
static void play_with_passing_fault(const struct sim_failure *failure) {
    for (size_t i = 0; i < COUNT(steps); i++) {
        name_step(failure, &steps[i]);
        bool before = sim_failed();
        steps[i].run();
        enum status status = model_refusal();
        if (status == STATUS_OK) {
            continue;
        }
        if (before || !sim_failed() || !is_clean(status)) {
            power_fail("%s", status_row(status)->name);
        }
        if (counter_stopped_it(failure)) {
            return;
        }
        ask_again(&steps[i]);
    }
}

static void recall(void) {
    model_lose();
    sim_recall(prepared);
}

static struct module_model model_before;

/* Every n until the story does not come so far; with a share, every so many. */
static void fail_each(enum sim_call call, enum sim_effect effect, uint64_t times,
                      void (*play)(const struct sim_failure *)) {
    for (uint64_t nth = 1;; nth += share_step()) {
        const struct sim_failure failure = {call, nth, times, effect};
        recall();
        model = model_before;
        sim_fail(failure);
        model_forgive(true);
        play(&failure);
        model_forgive(false);
        bool came = sim_failed();
        sim_fail((struct sim_failure){0});
        model_settle();
        if (!came) {
            break;
        }
        faults++;
    }
}

static const enum sim_call calls[] = {
    SIM_RANDOM,      SIM_ROOT_READ,  SIM_COUNTER_READ, SIM_COUNTER_INCREMENT, SIM_FLASH_READ,
    SIM_FLASH_PROGRAM, SIM_FLASH_ERASE, SIM_FLASH_SYNC,  SIM_LOG_APPEND,        SIM_LOG_READ,
    SIM_LOG_SYNC,    SIM_LOG_TRUNCATE,
};

static void passing_fault_is_told_and_nothing_is_lost(void **state) {
    (void)state;
    uint64_t before = faults;
    for (size_t i = 0; i < COUNT(calls); i++) {
        fail_each(calls[i], SIM_NO_EFFECT, 1, play_with_passing_fault);
    }
    print_message("# faults: %llu single ones\n", (unsigned long long)(faults - before));
}

static void fault_after_half_or_all_was_done_loses_nothing(void **state) {
    static const enum sim_call writes[] = {SIM_FLASH_PROGRAM, SIM_FLASH_ERASE,
                                           SIM_COUNTER_INCREMENT};
    (void)state;
    uint64_t before = faults;
    for (size_t i = 0; i < COUNT(writes); i++) {
        fail_each(writes[i], SIM_HALF_EFFECT, 1, play_with_passing_fault);
        fail_each(writes[i], SIM_FULL_EFFECT, 1, play_with_passing_fault);
    }
    print_message("# faults: %llu with an effect\n", (unsigned long long)(faults - before));
}

/* A fault that stays: whatever is asked, the answers stay clean. */
static void play_with_lasting_fault(const struct sim_failure *failure) {
    for (size_t i = 0; i < COUNT(steps); i++) {
        name_step(failure, &steps[i]);
        steps[i].run();
        enum status status = model_refusal();
        if (status != STATUS_OK && (!sim_failed() || !is_clean(status))) {
            power_fail("%s", status_row(status)->name);
        }
        if (status != STATUS_OK) {
            return;
        }
    }
}

static void lasting_fault_loses_nothing(void **state) {
    (void)state;
    uint64_t before = faults;
    for (size_t i = 0; i < COUNT(calls); i++) {
        fail_each(calls[i], SIM_NO_EFFECT, UINT32_MAX, play_with_lasting_fault);
    }
    print_message("# faults: %llu lasting ones\n", (unsigned long long)(faults - before));
}

/* Commands that were done although the archive refused their record are not passed over. */
static void refused_record_is_told_by_the_next_one(void **state) {
    struct log_read_rep page;
    struct log_entry entry;
    struct log_leaf leaf = {0};
    uint64_t first = 0, next = 0;
    struct slot_list_rep slots;
    (void)state;
    recall();
    model = model_before;
    model_start();
    sim_fail((struct sim_failure){SIM_LOG_APPEND, 1, 2, SIM_NO_EFFECT});
    for (int i = 0; i < 2; i++) {
        assert_int_equal(call_slot_list(&module, (struct slot_list_req){}, &slots),
                         STATUS_STORE_IO);
    }
    port_log_range(&first, &next);
    assert_int_equal(call_slot_list(&module, (struct slot_list_req){}, &slots), STATUS_OK);
    assert_int_equal(call_log_read(&module, (struct log_read_req){next}, &page), STATUS_OK);
    assert_int_equal(log_entry_next(&page.entries, &entry), STATUS_OK);
    assert_int_equal(log_leaf_read(entry.bytes, &leaf), STATUS_OK);
    assert_int_equal(leaf.event, COMMAND_slot_list);
    assert_int_equal(leaf.suppressed, 2);
    assert_int_equal(leaf.suppressed_refused, 0);
    model_verify_log();
}

static int prepare(void **state) {
    (void)state;
    model_prepare(&small_flash, true);
    model_before = model;
    prepared = sim_remember(NULL);
    return 0;
}

static int end(void **state) {
    (void)state;
    model_lose();
    sim_forget(prepared);
    quick_end();
    print_message("# faults: %llu in all\n", (unsigned long long)faults);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passing_fault_is_told_and_nothing_is_lost),
        cmocka_unit_test(fault_after_half_or_all_was_done_loses_nothing),
        cmocka_unit_test(lasting_fault_loses_nothing),
        cmocka_unit_test(refused_record_is_told_by_the_next_one),
    };
    return cmocka_run_group_tests(tests, prepare, end);
}
