/* SPDX-License-Identifier: Apache-2.0 */
/* Whole modules under power loss: every kind of command that writes is cut at every write,
 * and everything acknowledged holds after the next start. EHSM_LONG=1: cut at every byte, too. */
#include "test/powerloss/module_model.h"

#include "core/command/module.h"
#include "port/sim/state.h"

/* Few sectors, so that collecting happens often. */
static const struct flash_geometry small_flash = {16, 8192, 9};

static uint64_t all_cuts;

static bool is_long(void) {
    return getenv("EHSM_LONG") != NULL;
}

/* Plays and cuts, also with blocks lost that were not synced. */
static void run(const char *name, void (*prepare)(void), void (*play)(void *),
                void (*recover)(void *)) {
    struct power_count count;
    const struct power_story story = {name, prepare, play, recover, &model, sizeof(model)};
    const struct power_plan plan = {is_long() ? 1 : 5, is_long() ? 256 : 2048, 1,
                                    is_long() ? 16 : 64, 2};
    power_run(&story, &plan, &count);
    all_cuts += count.cuts + count.deep_cuts + count.unsynced_cuts;
    model_lose();
}

static void prepare(void) {
    model_prepare(&small_flash, true);
}

static void prepare_without_counter(void) {
    model_prepare(&small_flash, false);
}

static void recover(void *unused) {
    (void)unused;
    model_settle();
}

/* ---- objects ---- */

static void play_making(void *unused) {
    (void)unused;
    model_start();
    uint32_t session = model_user();
    model_make(session, 2);
    model_make(session, 3);
}

static void made_keys_are_there_whole_or_not_at_all(void **state) {
    (void)state;
    run("make", prepare, play_making, recover);
    run("make without counter", prepare_without_counter, play_making, recover);
}

static void play_changes(void *unused) {
    (void)unused;
    model_start();
    uint32_t session = model_user();
    for (uint32_t version = 2; version < 5; version++) {
        model_change(session, 0, version);
        model_change(session, 1, version);
    }
}

static void changed_object_is_the_old_or_the_new_one(void **state) {
    (void)state;
    run("change", prepare, play_changes, recover);
}

static void play_removals(void *unused) {
    (void)unused;
    model_start();
    uint32_t session = model_user();
    model_destroy(session, 0);
    model_destroy(session, 1);
    model_make(session, 1);
    model_destroy(session, 1);
}

static void destroyed_object_never_comes_back(void **state) {
    (void)state;
    run("destroy", prepare, play_removals, recover);
    run("destroy without counter", prepare_without_counter, play_removals, recover);
}

/* ---- PINs ---- */

static void play_logins(void *unused) {
    (void)unused;
    model_start();
    uint32_t session = module_session(&module);
    for (int i = 0; i < 3; i++) {
        model_guess(session);
    }
    model_login(session);
    model_expect(call_logout(&module, (struct logout_req){session}, NULL), STATUS_OK, "logout");
    model_guess(session);
}

static void wrong_pins_stay_counted(void **state) {
    (void)state;
    run("wrong PINs", prepare, play_logins, recover);
}

static void play_locking(void *unused) {
    (void)unused;
    model_start();
    uint32_t session = module_session(&module);
    for (int i = 0; i < PIN_TRIES_MAX; i++) {
        model_guess(session);
    }
    model.locked = true;
}

static void locked_pin_stays_locked(void **state) {
    (void)state;
    run("lock", prepare, play_locking, recover);
}

static void play_pin_changes(void *unused) {
    (void)unused;
    model_start();
    uint32_t session = model_user();
    for (uint32_t i = 1; i < COUNT(module_pins); i++) {
        struct pin_set_req req = {session, bytes_of_text(module_pins[i - 1]),
                                  bytes_of_text(module_pins[i])};
        model.pin.next = i;
        model_expect(call_pin_set(&module, req, NULL), STATUS_OK, "pin_set");
        model_acknowledge();
    }
}

static void exactly_one_of_old_and_new_pin_works(void **state) {
    (void)state;
    run("PIN change", prepare, play_pin_changes, recover);
}

static void prepare_locked(void) {
    prepare();
    play_locking(NULL);
    module_stop(&module);
}

static void play_pin_init(void *unused) {
    (void)unused;
    model_start();
    uint32_t session = model_so();
    struct pin_init_req req = {session, bytes_of_text(module_pins[1])};
    model.pin.next = 1;
    model.tries.next = 0;
    model_expect(call_pin_init(&module, req, NULL), STATUS_OK, "pin_init");
    model_acknowledge();
}

static void new_pin_unlocks_or_nothing_does(void **state) {
    (void)state;
    run("pin_init", prepare_locked, play_pin_init, recover);
}

/* ---- tokens ---- */

static void play_token_set(void *unused) {
    (void)unused;
    model_start();
    struct token_set_req req = {.session = model_so()};
    for (uint32_t options = 1; options < 4; options++) {
        req.options = options;
        model.options.next = options;
        model_expect(call_token_set(&module, req, NULL), STATUS_OK, "token_set");
        model_acknowledge();
    }
}

static void options_of_a_token_are_old_or_new(void **state) {
    (void)state;
    run("token_set", prepare, play_token_set, recover);
}

static void play_again(void *unused) {
    (void)unused;
    model_start();
    struct token_init_req req = {0, bytes_of_text(SO_PIN), bytes_of_text("new")};
    model.token.next = 2;
    model_expect(call_token_init(&module, req, NULL), STATUS_OK, "token_init");
    model_acknowledge();
}

static void token_made_anew_is_the_old_one_or_empty(void **state) {
    (void)state;
    run("token_init", prepare, play_again, recover);
}

/* ---- the end ---- */

static void play_zeroize(void *unused) {
    (void)unused;
    model_start();
    struct zeroize_req req = {model_so()};
    model_expect(call_zeroize(&module, req, NULL), STATUS_OK, "zeroize");
    model.wiped = true;
}

static void recover_zeroize(void *unused) {
    struct status_rep status;
    (void)unused;
    model_start();
    model_expect(call_status(&module, (struct status_req){}, &status), STATUS_OK, "status");
    if (status.state != STATE_ZEROIZED) {
        if (model.wiped) {
            power_fail("a zeroized module works: state %u, reason %s", status.state,
                       status_row(status.reason)->name);
        }
        model_settle();
        return;
    }
    model.wiped = true;
    model_check_wiped();
    model_verify_log();
    struct session_open_req open = {0, 1};
    model_expect(call_session_open(&module, open, NULL), STATUS_ZEROIZED, "session_open");
}

static void zeroization_never_stops_half_way(void **state) {
    (void)state;
    run("zeroize", prepare, play_zeroize, recover_zeroize);
}

static void play_stop(void *unused) {
    (void)unused;
    model_start();
    uint32_t session = model_user();
    model_change(session, 1, 2);
    module_stop(&module);
}

static void orderly_end_can_be_cut(void **state) {
    (void)state;
    run("stop", prepare, play_stop, recover);
}

/* ---- meanwhile the store collects ---- */

enum { CHANGES_BEFORE = 80, CHANGES = 40 };

static void change_often(uint32_t session, uint32_t count) {
    uint32_t version = model.thing[0].now;
    for (uint32_t i = 0; i < count; i++) {
        model_change(session, 0, ++version);
    }
}

static void prepare_full(void) {
    prepare();
    model_start();
    uint32_t session = model_user();
    model_make(session, 2);
    model_make(session, 4);
    model_destroy(session, 4);
    change_often(session, CHANGES_BEFORE);
    module_stop(&module);
}

static uint64_t erasures(void) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < small_flash.sectors; i++) {
        sum += sim_erasures(i);
    }
    return sum;
}

static void play_collecting(void *unused) {
    (void)unused;
    model_start();
    change_often(model_user(), CHANGES);
}

static void nothing_is_lost_while_the_store_collects(void **state) {
    (void)state;
    prepare_full();
    uint64_t before = erasures();
    play_collecting(NULL);
    assert_true(erasures() >= before + 2);
    run("collect", prepare_full, play_collecting, recover);
}

/* ---- the log ---- */

static void prepare_durable_log(void) {
    prepare();
    model_start();
    struct token_set_req req = {.session = model_so(), .options = OPTION_DURABLE_LOG};
    model.options.next = OPTION_DURABLE_LOG;
    model_expect(call_token_set(&module, req, NULL), STATUS_OK, "token_set");
    model_acknowledge();
    module_stop(&module);
}

static void play_log(void *unused) {
    (void)unused;
    struct random_rep random;
    struct log_checkpoint_rep checkpoint;
    model_start();
    uint32_t session = model_so();
    for (uint32_t i = 0; i < AUDIT_CHECKPOINT_LEAVES + 10; i++) {
        model_expect(call_random(&module, (struct random_req){session, 16}, &random), STATUS_OK,
                     "random");
        model_acknowledge();
    }
    struct log_checkpoint_req ask = {bytes_of_text("nonce")};
    model_expect(call_log_checkpoint(&module, ask, &checkpoint), STATUS_OK, "log_checkpoint");
    struct log_release_req release = {session, 40};
    model_expect(call_log_release(&module, release, NULL), STATUS_OK, "log_release");
    model_acknowledge();
}

static void no_acknowledged_record_of_the_log_is_lost(void **state) {
    (void)state;
    run("log", prepare_durable_log, play_log, recover);
}

/* ---- uses that share a record ---- */

enum { SHARING = 7, USES = 3 * SHARING + 3 };
static uint64_t answered;
static uint32_t session_of_uses, boot_of_uses;
static bool may_lose_leaves;

static void prepare_sharing(void) {
    prepare();
    model_start();
    struct token_set_req req = {.session = model_so(),
                                .options = options_with_log_each(0, SHARING)};
    model.options.next = req.options;
    model_expect(call_token_set(&module, req, NULL), STATUS_OK, "token_set");
    model_acknowledge();
    module_stop(&module);
}

static void play_uses(void *unused) {
    struct template template;
    struct bytes signature;
    uint64_t key = 0;
    (void)unused;
    answered = 0;
    session_of_uses = 0;
    may_lose_leaves = sim.lose_seed != 0;
    model_start();
    uint32_t session = model_user();
    session_of_uses = session;
    boot_of_uses = module.hsm->boot;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY);
    assert_int_equal(module_find(&module, session, &template, &key), 1);
    for (; answered < USES; answered++) {
        model_expect(module_sign(&module, session, key, bytes_of_text("data"), &signature),
                     STATUS_OK, "sign");
    }
    model_change(session, 1, 2);
}

/* What was answered and is not in the log was waiting, and the start says that it may be so. */
static void recover_uses(void *unused) {
    struct log_read_rep page = {.next = 0};
    struct log_entry entry;
    struct log_leaf leaf;
    uint64_t told = 0, said = 0, first = 0, end = 0;
    (void)unused;
    model_settle();
    port_log_range(&first, &end); /* each reading adds a record */
    while (page.next < end) {
        const struct log_read_req req = {page.next};
        model_expect(call_log_read(&module, req, &page), STATUS_OK, "log_read");
        while (log_entry_next(&page.entries, &entry) == STATUS_OK) {
            bool read = entry.kind == LOG_LEAF && log_leaf_read(entry.bytes, &leaf) == STATUS_OK;
            bool of_story = read && leaf.session == session_of_uses && leaf.boot == boot_of_uses;
            told += of_story && leaf.event == COMMAND_sign ? leaf.count : 0;
            said += read && leaf.event == EVENT_uses_lost;
        }
    }
    bool waiting = told + SHARING > answered && (told >= answered || said > 0);
    /* a start that is cut says it again */
    if (said > 2 || told > answered + 1 || !(waiting || may_lose_leaves)) {
        power_fail("%llu uses answered, %llu in the log, %llu times said",
                   (unsigned long long)answered, (unsigned long long)told,
                   (unsigned long long)said);
    }
}

static void uses_that_wait_are_lost_with_a_word(void **state) {
    (void)state;
    run("uses", prepare_sharing, play_uses, recover_uses);
}

/* ---- R-20, L1: guessing with the help of the power switch ---- */

enum { ROUNDS = 24, WRITES_OF_A_ROUND = 16, RANDOM_ATTACKS = 150 };

static uint32_t tries_seen;
static bool refused;

static struct attack {
    uint64_t write; /* 0: any, by chance */
    struct sim_tear tear;
    int round;
} now;

_Noreturn static void fail_attack(const char *what) {
    power_fail("attack at write %llu, %u bytes, scatter %d, seed %llu, round %d: %s",
               (unsigned long long)now.write, now.tear.bytes, now.tear.scatter,
               (unsigned long long)now.tear.seed, now.round, what);
}

/* One round: the module starts, and one wrong PIN is tried. */
static void play_guess(void *unused) {
    struct token_info_rep info;
    (void)unused;
    model_start();
    enum status status = call_token_info(&module, (struct token_info_req){0}, &info);
    if (status != STATUS_OK) {
        fail_attack(status_row(status)->name);
    }
    uint32_t tries = PIN_TRIES_MAX - info.user_tries_left;
    if (tries < tries_seen) {
        fail_attack("tries came back");
    }
    tries_seen = tries;
    uint64_t before = quick.guesses;
    struct login_req req = {module_session(&module), USER_USER, bytes_of_text("no-such-pin")};
    status = call_login(&module, req, NULL);
    refused = status == STATUS_PIN_LOCKED && quick.guesses == before;
    if (!refused && status != STATUS_PIN_INCORRECT && status != STATUS_PIN_LOCKED) {
        fail_attack(status_row(status)->name);
    }
}

static void set_the_cut(uint64_t write, struct sim_tear tear, uint64_t *chance) {
    uint64_t number = sim_chance(chance);
    now.write = write != 0 ? write : 1 + (number >> 32) % WRITES_OF_A_ROUND;
    now.tear = tear;
    if (write == 0) {
        now.tear = (struct sim_tear){(uint32_t)(number >> 16) % 300, (number & 1) != 0, number};
        sim_lose_unsynced((number & 2) != 0 ? number : 0);
    }
    sim_cut(now.write, now.tear);
}

/* Cuts each round at its `write`-th write (0: at any, by chance); returns the guesses compared. */
static uint64_t attack(const struct sim_memory *start, uint64_t write, struct sim_tear tear,
                       uint64_t *chance) {
    uint64_t before = quick.guesses;
    sim_recall(start);
    tries_seen = 0;
    refused = false;
    for (now.round = 0; now.round < ROUNDS && !refused; now.round++) {
        set_the_cut(write, tear, chance);
        if (sim_run(play_guess, NULL) == SIM_HALTED) {
            fail_attack(sim_halt_reason());
        }
        sim_lose_unsynced(0);
        sim_cut(0, tear);
        all_cuts++;
    }
    return quick.guesses - before;
}

/* However it is cut: no more than PIN_TRIES_MAX guesses, and a PIN that was tried out is locked. */
static void check_attack(const struct sim_memory *start, uint64_t write, struct sim_tear tear,
                         uint64_t *chance) {
    uint64_t guesses = attack(start, write, tear, chance);
    if (guesses > PIN_TRIES_MAX) {
        fail_attack("too many guesses were compared");
    }
    model_start();
    struct login_req right = {module_session(&module), USER_USER, bytes_of_text(USER_PIN)};
    enum status status = call_login(&module, right, NULL);
    if (guesses == PIN_TRIES_MAX && status != STATUS_PIN_LOCKED) {
        fail_attack("the PIN is not locked after the last guess");
    }
}

static void power_switch_gives_no_further_guess(void **state) {
    uint64_t chance = 1;
    uint64_t attacks = 0;
    uint32_t step = is_long() ? 1 : 16;
    (void)state;
    prepare();
    struct sim_memory *start = sim_remember(NULL);
    for (uint64_t write = 1; write <= WRITES_OF_A_ROUND; write++) {
        for (uint32_t bytes = 0; bytes <= 160; bytes += step) {
            check_attack(start, write, (struct sim_tear){.bytes = bytes}, &chance);
            attacks++;
        }
    }
    for (int i = 0; i < RANDOM_ATTACKS; i++) {
        check_attack(start, 0, (struct sim_tear){0}, &chance);
        attacks++;
    }
    print_message("# PIN guessing with cuts: %llu attacks\n", (unsigned long long)attacks);
    model_lose();
    sim_forget(start);
}

int main(int argc, char **argv) {
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_keys_are_there_whole_or_not_at_all),
        cmocka_unit_test(changed_object_is_the_old_or_the_new_one),
        cmocka_unit_test(destroyed_object_never_comes_back),
        cmocka_unit_test(wrong_pins_stay_counted),
        cmocka_unit_test(locked_pin_stays_locked),
        cmocka_unit_test(exactly_one_of_old_and_new_pin_works),
        cmocka_unit_test(new_pin_unlocks_or_nothing_does),
        cmocka_unit_test(options_of_a_token_are_old_or_new),
        cmocka_unit_test(token_made_anew_is_the_old_one_or_empty),
        cmocka_unit_test(zeroization_never_stops_half_way),
        cmocka_unit_test(orderly_end_can_be_cut),
        cmocka_unit_test(nothing_is_lost_while_the_store_collects),
        cmocka_unit_test(no_acknowledged_record_of_the_log_is_lost),
        cmocka_unit_test(uses_that_wait_are_lost_with_a_word),
        cmocka_unit_test(power_switch_gives_no_further_guess),
    };
    int failed = cmocka_run_group_tests_name("module power loss", tests, NULL, NULL);
    print_message("# power loss of whole modules: %llu cuts\n", (unsigned long long)all_cuts);
    quick_end();
    return failed;
}
