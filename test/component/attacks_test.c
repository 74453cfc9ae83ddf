/* SPDX-License-Identifier: Apache-2.0 */
/* scripted attacks on a module that a rooted host has in its hands, each found by an alarm
 * that names it; and thirty days in the life of three keys, with at most one false alarm. */
#include "test/component/officer.h"
#include "test/component/quick.h"
#include "test/component/vigil.h"
#include "test/share.h"

static struct vigil vigil;
static uint32_t key, attacker;
static unsigned found;

static const char plc[] =
    "policy \"line3\" version 1 key \"plc-7\"\n"
    "message cbor { 1 op : one of \"set\" \"stop\" \"bad\" \"load\" 2 n : module counter }\n"
    "allow op is \"set\"\n"
    "allow op is \"stop\"\n"
    "allow op is \"load\" rate 1/1h\n"
    "spike normal 60 per 1m factor 2 then alert and throttle 1/1s except op is \"stop\"\n"
    "alarm idle 12h then alert except op is \"stop\"\n"
    "alarm refusals 5 per 10m then alert and throttle 1/10s except op is \"stop\"\n"
    "alarm hours outside 06:00..22:00 then suspend except op is \"stop\"\n"
    "alarm gap 10 then alert\n"
    "alarm newcomer then alert\n";

/* ---- the attacks ---- */

/* So many a minute, for so many minutes, evenly. */
static void leak(uint32_t per_minute, uint32_t minutes) {
    for (uint32_t i = 0; i < per_minute * minutes; i++) {
        enum status status = vigil_sign(&vigil, 0, key, "set");
        assert_true(status == STATUS_OK || status == STATUS_POLICY_TOO_OFTEN);
        vigil_wait(&vigil, VIGIL_MINUTE / per_minute);
    }
}

static void flood(void) {
    leak(940, 1);
}
static void leak_at_twice_the_usual(void) {
    leak(120, 30);
}
static void leak_at_three_times_the_usual(void) {
    leak(180, 10);
}
static void use_by_night(void) {
    vigil_wait(&vigil, 17 * VIGIL_HOUR / 2); /* 17:30 */
    vigil_sign(&vigil, 0, key, "set");
    vigil_look(&vigil, 0, NULL);
    vigil_wait(&vigil, 8 * VIGIL_HOUR);
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_POLICY_SUSPENDED);
}
static void use_while_the_time_is_kept_away(void) {
    vigil_tell_time(&vigil, UINT32_MAX, 0);
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_POLICY_SUSPENDED);
}
static void use_after_a_long_silence(void) {
    vigil_wait(&vigil, 24 * VIGIL_HOUR);
    vigil_sign(&vigil, 0, key, "set");
}
static void use_after_a_long_silence_and_a_restart(void) {
    vigil_wait(&vigil, 13 * VIGIL_HOUR);
    vigil_restart(&vigil, true);
    vigil_tell_time(&vigil, 1, 9 * 60);
    vigil_sign(&vigil, 0, key, "set");
}
static void a_new_client(void) {
    attacker = vigil_connect(&vigil, 33);
    assert_int_equal(vigil_sign(&vigil, attacker, key, "set"), STATUS_OK);
}
static void a_new_client_that_is_refused(void) {
    attacker = vigil_connect(&vigil, 33);
    assert_int_equal(vigil_sign(&vigil, attacker, key, "bad"), STATUS_POLICY_DENIED);
}
static void probing_what_is_allowed(void) {
    for (int i = 0; i < 5; i++) {
        assert_int_equal(vigil_sign(&vigil, 0, key, "bad"), STATUS_POLICY_DENIED);
        vigil_wait(&vigil, 1000);
    }
}
static void probing_slowly(void) {
    for (int i = 0; i < 5; i++) {
        vigil_sign(&vigil, 0, key, i % 2 == 0 ? "bad" : "worse");
        vigil_wait(&vigil, 140000);
    }
}
static void malformed_messages(void) {
    static const uint8_t noise[] = {0xbf, 0x01, 0x63, 0x73, 0x65, 0x74, 0xff, 0x00};
    for (size_t size = 1; size <= sizeof(noise); size++) {
        vigil_sign_bytes(&vigil, 0, key, bytes_of(noise, size));
    }
}
static void hammering_at_a_rate(void) {
    for (int i = 0; i < 6; i++) {
        assert_int_equal(vigil_sign(&vigil, 0, key, "load"), STATUS_POLICY_TOO_OFTEN);
    }
}

/* One wrong PIN, by another process. */
static void guess(uint32_t user) {
    struct login_req login = {module_session(&vigil.module), user, bytes_of_text("000000")};
    enum status status = call_login(&vigil.module, login, NULL);
    assert_true(status == STATUS_PIN_INCORRECT || status == STATUS_PIN_LOCKED);
    assert_int_equal(call_session_close(&vigil.module, (struct session_close_req){login.session},
                                        NULL),
                     STATUS_OK);
}

static void enter_as_stranger(void) {
    const struct peer stranger = {.uid = 33, .pid = 2};
    assert_int_equal(hsm_connect(vigil.module.hsm, &stranger, &vigil.module.connection), STATUS_OK);
}

static void guessing_the_pin_fast(void) {
    enter_as_stranger();
    for (int i = 0; i < 3; i++) {
        guess(USER_USER);
    }
}
static void guessing_the_pin_slowly(void) {
    enter_as_stranger();
    for (int i = 0; i < 4; i++) {
        guess(USER_USER);
        vigil_wait(&vigil, VIGIL_HOUR);
    }
}
static void guessing_the_officers_pin_by_a_new_token(void) {
    struct session_close_all_req close = {0};
    vigil.module.connection = vigil.clients[0].connection;
    assert_int_equal(call_session_close_all(&vigil.module, close, NULL), STATUS_OK);
    struct token_init_req init = {0, bytes_of_text("00000000"), bytes_of_text("mine")};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(call_token_init(&vigil.module, init, NULL), STATUS_PIN_INCORRECT);
    }
}

static void cutting_the_power_to_hide_statements(void) {
    for (int i = 0; i < 20; i++) {
        vigil_sign(&vigil, 0, key, "set");
    }
    vigil_restart(&vigil, true);
    vigil_tell_time(&vigil, 0, 10 * 60);
    vigil_sign(&vigil, 0, key, "set");
}

/* A request for another roles file, so that there is something to approve. */
static uint64_t ask_for_roles(struct officer officers[2], uint32_t *session) {
    static uint8_t room[ROLES_FILE_MAX];
    struct roles roles;
    enter_as_stranger();
    *session = module_session(&vigil.module);
    struct login_req login = {*session, USER_SO, bytes_of_text(SO_PIN)};
    assert_int_equal(call_login(&vigil.module, login, NULL), STATUS_OK);
    officer_make(&officers[0], 0, OFFICER_EDDSA);
    officer_make(&officers[1], 1, OFFICER_ES256);
    officer_roles(officers, 1, 1, 1, &roles);
    struct roles_set_req set = {*session, officer_file(&roles, (struct span){room, sizeof(room)})};
    assert_int_equal(call_roles_set(&vigil.module, set, NULL), STATUS_APPROVAL_NEEDED);
    return officer_newest(&vigil.module, *session);
}

static void replaying_an_approval(void) {
    static uint8_t kept[APPROVAL_REQUEST_MAX], room[APPROVAL_MAX];
    struct officer officers[2];
    struct approval_get_rep get;
    uint32_t session = 0;
    uint64_t number = ask_for_roles(officers, &session);
    assert_int_equal(
        call_approval_get(&vigil.module, (struct approval_get_req){session, number}, &get),
        STATUS_OK);
    bytes_copy(kept, get.request);
    struct approval_give_req give = {session, number,
                                     officer_approve(&officers[0],
                                                     bytes_of(kept, get.request.size),
                                                     (struct span){room, sizeof(room)})};
    sim_advance(VIGIL_HOUR); /* it is void */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(call_approval_give(&vigil.module, give, NULL), STATUS_APPROVAL_UNKNOWN);
    }
}

static void approving_as_a_stranger(void) {
    struct officer officers[2];
    uint32_t session = 0;
    uint64_t number = ask_for_roles(officers, &session);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(officer_give(&vigil.module, session, number, &officers[1]),
                         STATUS_APPROVER_UNKNOWN);
    }
}

static void knocking_at_the_door(void) {
    const struct peer stranger = {.uid = 33, .pid = 2};
    for (int i = 0; i < 3; i++) {
        hsm_peer_refused(vigil.module.hsm, &stranger);
        vigil_wait(&vigil, VIGIL_MINUTE);
    }
}

/* The log is filled with look-ups, so that what comes next would not be seen. */
static void fill_the_log(void) {
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < 30000 && status != STATUS_LOG_FULL; i++) {
        status = call_algorithms(&vigil.module, (struct algorithms_req){0}, NULL);
    }
    assert_int_equal(status, STATUS_LOG_FULL);
}

static const struct {
    const char *name;
    void (*play)(void);
    const char *words; /* of the alarm that names it */
    uint32_t kind;
    bool alone; /* and no other alarm comes up */
} attacks[] = {
    {"a flood", flood, "key plc-7: 136 signatures in 1 min, usual 60", ALARM_SPIKE, true},
    {"a leak at twice the usual", leak_at_twice_the_usual, NULL, ALARM_SPIKE, false},
    {"a leak at three times the usual", leak_at_three_times_the_usual, NULL, ALARM_SPIKE, false},
    {"use by night", use_by_night, "key plc-7: used at 01:40, usual 06:00..22:00", ALARM_HOURS,
     true},
    {"use while the time is kept away", use_while_the_time_is_kept_away,
     "key plc-7: used at a time that nobody vouches for, usual 06:00..22:00", ALARM_HOURS, true},
    {"use after a long silence", use_after_a_long_silence,
     "key plc-7: used after 24 h of silence", ALARM_IDLE, true},
    {"use after a long silence and a restart", use_after_a_long_silence_and_a_restart,
     "key plc-7: used after more than 12 h of silence", ALARM_IDLE, false},
    {"a new client", a_new_client, "key plc-7: first use by user 33", ALARM_NEWCOMER, true},
    {"a new client that is refused", a_new_client_that_is_refused,
     "key plc-7: first use by user 33", ALARM_NEWCOMER, true},
    {"probing what is allowed", probing_what_is_allowed,
     "key plc-7: 5 messages refused within 10 min", ALARM_REFUSALS, true},
    {"probing slowly", probing_slowly, "key plc-7: 5 messages refused within 10 min",
     ALARM_REFUSALS, true},
    {"malformed messages", malformed_messages, "key plc-7: 5 messages refused within 10 min",
     ALARM_REFUSALS, true},
    {"hammering at a rate", hammering_at_a_rate, "key plc-7: 5 messages refused within 10 min",
     ALARM_REFUSALS, true},
    {"guessing the PIN fast", guessing_the_pin_fast,
     "token test: 3 wrong PINs within 1 s, the last by user 33", ALARM_LOGIN, true},
    {"guessing the PIN slowly", guessing_the_pin_slowly,
     "token test: 4 wrong PINs in a row, 4 tries left", ALARM_LOGIN, true},
    {"guessing the officer's PIN by a new token", guessing_the_officers_pin_by_a_new_token,
     "token test: 3 wrong PINs within 1 s, the last by user 1000", ALARM_LOGIN, true},
    {"cutting the power to hide statements", cutting_the_power_to_hide_statements,
     "key plc-7: up to 255 numbers of its counter skipped over a restart", ALARM_GAP, true},
    {"replaying an approval", replaying_an_approval,
     "token test: 3 approvals refused within 1 s, the last by user 33", ALARM_APPROVAL, true},
    {"approving as a stranger", approving_as_a_stranger,
     "token test: 3 approvals refused within 1 s, the last by user 33", ALARM_APPROVAL, true},
    {"knocking at the door", knocking_at_the_door,
     "3 processes turned away at the door within 2 min, the last by user 33", ALARM_DOOR, true},
    {"filling the log", fill_the_log,
     "the log is full: export it, and release what is kept elsewhere", ALARM_LOG, true},
};

/* Ten quiet minutes, in which nothing is told, and then the attack. */
static void try_attack(size_t number) {
    struct alarm alarm = {.kind = 0};
    vigil_begin(&vigil);
    key = vigil_add_key(&vigil, plc);
    leak(5, 10);
    assert_int_equal(vigil_look(&vigil, 0, NULL), 0);
    attacks[number].play();
    uint32_t count = vigil_look(&vigil, attacks[number].kind, &alarm);
    const char *words = vigil_words(&alarm);
    if (alarm.kind != attacks[number].kind) {
        fail_msg("%s was not found", attacks[number].name);
    }
    print_message("# %-42s %s\n", attacks[number].name, words);
    if (attacks[number].words != NULL) {
        assert_string_equal(words, attacks[number].words);
    }
    assert_true(vigil_logged(words));
    assert_true(!attacks[number].alone || count == 1);
    found++;
    vigil_end(&vigil);
}

static void every_attack_is_found_and_named(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(attacks); i++) {
        try_attack(i);
    }
    print_message("# %u of %zu attacks found\n", found, COUNT(attacks));
    assert_true(found >= 20);
}

/* ---- with a full log ---- */

/* Alarms are still told and logged, and who must get in gets in. */
static void a_full_log_drowns_no_alarm(void **state) {
    struct alarm alarm = {.kind = 0};
    struct log_read_rep read;
    (void)state;
    vigil_begin(&vigil);
    key = vigil_add_key(&vigil, plc);
    leak(5, 1);
    fill_the_log();
    vigil_look(&vigil, 0, NULL);
    assert_int_equal(vigil_sign(&vigil, 0, key, "set"), STATUS_LOG_FULL);
    enter_as_stranger();
    guess(USER_USER);
    guess(USER_USER);
    guess(USER_USER);
    assert_int_equal(vigil_look(&vigil, ALARM_LOGIN, &alarm), 1);
    assert_true(vigil_logged("token test: 3 wrong PINs within 1 s"));
    /* far beyond the reserve: what finds no room is counted, and told in the list all the same */
    for (int i = 0; i < 40; i++) {
        assert_int_equal(call_log_read(&vigil.module, (struct log_read_req){0}, &read), STATUS_OK);
    }
    const struct peer stranger = {.uid = 33, .pid = 2};
    for (int i = 0; i < 3; i++) {
        hsm_peer_refused(vigil.module.hsm, &stranger);
    }
    assert_int_equal(vigil_look(&vigil, ALARM_DOOR, &alarm), 1);
    assert_int_equal(alarm.kind, ALARM_DOOR);
    enter_as_stranger();
    uint32_t session = module_session(&vigil.module);
    struct login_req login = {session, USER_SO, bytes_of_text(SO_PIN)};
    assert_int_equal(call_login(&vigil.module, login, NULL), STATUS_OK);
    assert_int_equal(call_zeroize(&vigil.module, (struct zeroize_req){session}, NULL), STATUS_OK);
    module_stop(&vigil.module);
}

/* ---- thirty days ---- */

static uint64_t chance = 0x2545f4914f6cdd1d;
static uint64_t asked, refused;
static uint32_t false_alarms;

/* Events of a minute, Poisson distributed, as Knuth does it. */
static uint32_t poisson(double mean) {
    double limit = 1, product = 1;
    uint32_t count = 0;
    for (double left = mean; left > 0; left -= 0.01) {
        limit *= left < 0.01 ? 1 - left : 0.99004983; /* exp(-0.01) */
    }
    for (;;) {
        product *= (double)(sim_chance(&chance) >> 11) / 9007199254740992.0;
        if (product <= limit) {
            return count;
        }
        count++;
    }
}

/* A meter that reports; a line that is run by day, and has a window of maintenance on Sundays; and
 * releases, a few in a week. */
static const char meter[] =
    "policy \"meter\" version 1 key \"meter\"\n"
    "message cbor { 1 op : one of \"set\" \"bad\" 2 n : module counter }\n"
    "allow op is \"set\"\n"
    "spike normal 10 per 1m factor 2 then alert and throttle 1/10s\n"
    "alarm refusals 5 per 10m then alert\nalarm newcomer then alert\n"
    "alarm idle 6h then alert\n";
static const char line[] =
    "policy \"line\" version 1 key \"line\"\n"
    "message cbor { 1 op : one of \"set\" \"bad\" 2 n : module counter }\n"
    "allow op is \"set\"\n"
    "spike normal 5 per 1m factor 3 then alert and suspend\n"
    "alarm refusals 5 per 10m then alert\nalarm newcomer then alert\n"
    "alarm hours outside 05:00..23:00 then suspend\nalarm gap 10 then alert\n"
    "alarm idle 1d then suspend\n";
static const char releases[] =
    "policy \"releases\" version 1 key \"releases\"\n"
    "message cbor { 1 op : one of \"set\" \"bad\" 2 n : module counter }\n"
    "allow op is \"set\"\nspike normal 1 per 1h factor 5 then suspend\n"
    "alarm idle 7d then alert\nalarm hours outside 08:00..18:00 then alert\n"
    "alarm refusals 3 per 1h then alert\nalarm newcomer then alert\n";

static void ask(uint32_t client, uint32_t which, uint32_t times, const char *op) {
    for (uint32_t i = 0; i < times; i++) {
        enum status status = vigil_sign(&vigil, client, which, op);
        asked++;
        refused += status != STATUS_OK;
        assert_true(status == STATUS_OK || (status == STATUS_POLICY_DENIED && op[0] == 'b'));
    }
}

static void live_a_minute_of_the_line(uint32_t day, uint32_t minute, uint32_t operator) {
    bool by_day = minute >= 6 * 60 && minute < 22 * 60;
    bool maintenance = day % 7 == 6 && minute >= 10 * 60 && minute < 12 * 60;
    double bursts = sim_chance(&chance) % 60 == 0 ? 8 : 0; /* readings that had to wait */
    ask(0, 0, poisson(5 + bursts), "set");
    ask(operator, 1, by_day ? poisson(maintenance ? 4 : 2) : 0, "set");
    if (by_day && sim_chance(&chance) % 600 == 0) {
        ask(operator, 1, 1, "bad"); /* somebody typed something wrong */
    }
}

static void live_a_minute_of_releases(uint32_t day, uint32_t minute, uint32_t operator) {
    (void)operator;
    if (day % 7 < 5 && day % 2 == 0 && minute >= 600 && minute < 960 && minute % 120 == 0) {
        ask(0, 0, 1, "set");
    }
}

static void count_alarms(uint32_t day, uint32_t minute) {
    struct alarm alarm = {.kind = 0};
    uint32_t count = vigil_look(&vigil, 0, &alarm);
    false_alarms += count;
    if (count > 0) {
        print_message("# day %u, %02u:%02u: %s\n", day, minute / 60, minute % 60,
                      vigil_words(&alarm));
    }
}

/* An orderly restart each week, and once the power goes. */
static void live_a_day(uint32_t day, uint32_t operator,
                       void (*live_a_minute)(uint32_t day, uint32_t minute, uint32_t operator)) {
    for (uint32_t minute = 0; minute < 24 * 60; minute++) {
        if (minute == 3 * 60 && (day % 7 == 1 || day == 17)) {
            count_alarms(day, minute);
            vigil_restart(&vigil, day == 17);
            vigil_tell_time(&vigil, day, minute);
        }
        live_a_minute(day, minute, operator);
        if (minute % 30 == 0) {
            count_alarms(day, minute);
            vigil_wait(&vigil, VIGIL_MINUTE);
        } else {
            sim_advance(VIGIL_MINUTE);
        }
    }
    uint64_t first = 0, next = 0;
    vigil_tell_time(&vigil, day + 1, 0);
    port_log_range(&first, &next);
    assert_int_equal(audit_release(&vigil.module.hsm->audit, next), STATUS_OK);
}

static void thirty_quiet_days_have_one_false_alarm_at_most(void **state) {
    const uint32_t days = share_of(30);
    (void)state;
    vigil_begin(&vigil);
    vigil_add_key(&vigil, meter);
    vigil_add_key(&vigil, line);
    uint32_t operator = vigil_connect(&vigil, 1001);
    vigil_tell_time(&vigil, 0, 0);
    for (uint32_t day = 0; day < days; day++) {
        live_a_day(day, operator, live_a_minute_of_the_line);
    }
    vigil_end(&vigil);
    vigil_begin(&vigil); /* a chip has room for two such keys at a time */
    vigil_add_key(&vigil, releases);
    vigil_tell_time(&vigil, 0, 0);
    for (uint32_t day = 0; day < days; day++) {
        live_a_day(day, 0, live_a_minute_of_releases);
    }
    print_message("# %u days: %llu messages of 3 keys, %llu refused, %u false alarms\n", days,
                  (unsigned long long)asked, (unsigned long long)refused, false_alarms);
    assert_true(asked > 250000ull * days / 30 && refused > 20ull * days / 30);
    assert_true(false_alarms <= 1);
    vigil_end(&vigil);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attack_is_found_and_named),
        cmocka_unit_test(a_full_log_drowns_no_alarm),
        cmocka_unit_test(thirty_quiet_days_have_one_false_alarm_at_most),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failed;
}
