/* SPDX-License-Identifier: Apache-2.0 */
/* Stories of the command line: tokens, PINs, status, refusals, the log. */
#include "test/component/cli_runner.h"
#include "test/component/quick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PIN " --pin-file pin"
#define SO " --so-pin-file so"
#define INIT "init --pin-file pin --so-pin-file so"

static void help_comes_with_examples_first(void **state) {
    (void)state;
    static const char *const verbs[] = {"init",    "status",     "doctor",  "key",
                                        "sign",    "verify",     "log",     "token",
                                        "snippet", "last-error", "zeroize", "key~new"};
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        char words[64];
        snprintf(words, sizeof(words), "%s --help", verbs[i]);
        if (strchr(words, '~')) {
            *strchr(words, '~') = ' ';
        }
        cli_ok(words);
        const char *examples = strstr(said.out, "\nExamples:\n  edgehsm ");
        const char *usage = strstr(said.out, "\nUsage: edgehsm ");
        assert_non_null(examples);
        assert_non_null(usage);
        assert_true(examples < usage);
    }
}

static void golden_help_names_every_verb_once(void **state) {
    (void)state;
    cli_ok("--help");
    assert_true(out_has("\nExamples:\n  edgehsm init "));
    assert_true(out_has("\n  init         Set up a token"));
    assert_true(out_has("\n  zeroize      Destroy every key"));
    assert_true(
        out_has("Exit: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 refused, 5 module not"));
    cli_ok("help");
    cli_ok("help key");
    assert_true(out_has("new      Make a key in the module"));
    cli_ok("--version");
    assert_true(out_has("edgehsm "));
}

static void wrong_usage_ends_with_2_and_a_code(void **state) {
    (void)state;
    static const char *const lines[] = {
        "",
        "bogus",
        "key",
        "key bogus",
        "sign",
        "sign x",
        "sign -k",
        "sign --bogus x",
        "key new",
        "key new a b",
        "last-error -n x",
        "log show -n 0",
        "init --profile lax",
        "init --access sometimes",
        "init --peer user:no-such-user-here",
        "init --peer uid:12x",
        "init --form chips",
        "init --label 123456789012345678901234567890123",
        "token pin --reset --officer",
        "token set",
        "snippet apache tls",
        "key new a --type rsa1024",
        "key new a --type x25519 --usage sign",
        "key new a --type aes256 --csr a.csr",
        "key new a --subject /CN=a",
        "key new id:aa",
    };
    cli_ok(INIT);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char words[256];
        snprintf(words, sizeof(words), "--pin-file pin%s%s", lines[i][0] != 0 ? " " : "", lines[i]);
        if (cli(words) != 2 || !err_has("(EH-3001)")) {
            fail_msg("edgehsm %s: exit %d\n%s", words, said.code, said.err);
        }
    }
}

static void errors_are_json_where_asked_for(void **state) {
    (void)state;
    assert_int_equal(cli("--json status --bogus"), 2);
    assert_int_equal(cli("status --json extra"), 2);
    assert_true(err_has("{\"error\":{\"code\":\"EH-3001\""));
    assert_true(err_has("\"next\":\"edgehsm help\""));
    assert_string_equal(said.out, "");
}

static void init_makes_a_token_and_changes_nothing_the_second_time(void **state) {
    (void)state;
    cli_ok(INIT " --label first");
    assert_true(out_has("made now"));
    assert_true(out_has("strict"));
    cli_ok(INIT " --label first");
    assert_true(err_has("nothing was changed"));
    cli_ok("token --json");
    assert_true(out_has("\"token\":\"first\""));
    assert_int_equal(cli(INIT " --label first --profile compatible"), 4);
    assert_true(err_has("EH-3002"));
    cli_ok(INIT " --label second --profile compatible");
    cli_ok("token");
    assert_true(out_has("first") && out_has("second") && out_has("compatible"));
}

static void init_makes_an_officers_pin_and_shows_it_once(void **state) {
    (void)state;
    cli_ok("init");
    assert_true(err_has("The security officer's PIN, shown only now: "));
    assert_true(out_has("peers"));
    cli_ok("init");
    assert_false(err_has("shown only now"));
}

static void init_writes_an_officers_pin_that_only_the_owner_reads(void **state) {
    (void)state;
    struct stat facts;
    cli_ok("init --so-pin-file fresh");
    assert_int_equal(stat("fresh", &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    cli_ok("token set --durable-log on --so-pin-file fresh");
}

static void an_error_names_object_reason_and_next_command(void **state) {
    (void)state;
    assert_int_equal(cli("key list" PIN), 3);
    assert_true(err_has("EH-2002") && err_has("next: edgehsm init"));
    cli_ok(INIT);
    file_put("message", "hello", 5);
    assert_int_equal(cli("sign -k tls message" PIN), 3);
    assert_true(err_has("'tls'") && err_has("EH-2202") && err_has("edgehsm key new tls"));
    assert_int_equal(cli("key list --token other" PIN), 3);
    assert_true(err_has("'other'") && err_has("EH-2001"));
}

static void a_wrong_pin_tells_the_tries_left_and_locks_in_the_end(void **state) {
    (void)state;
    cli_ok(INIT);
    file_put("wrong", "000000\n", 7);
    assert_int_equal(cli("key list --pin-file wrong"), 4);
    assert_true(err_has("EH-2101") && err_has("tries left: 7"));
    for (int i = 0; i < 7; i++) {
        assert_int_equal(cli("key list --pin-file wrong"), 4);
    }
    assert_int_equal(cli("key list" PIN), 4);
    assert_true(err_has("EH-2102") && err_has("token pin --reset"));
    file_put("new", "newpin1\n", 8);
    cli_ok("token pin --reset --new-pin-file new" SO);
    cli_ok("key list --pin-file new");
}

static void pins_are_changed_by_their_owners(void **state) {
    (void)state;
    cli_ok(INIT);
    file_put("new", "newpin1\n", 8);
    file_put("short", "12\n", 3);
    assert_int_equal(cli("token pin --new-pin-file short" PIN), 4);
    assert_true(err_has("EH-2103"));
    cli_ok("token pin --new-pin-file new" PIN);
    assert_int_equal(cli("key list" PIN), 4);
    cli_ok("key list --pin-file new");
    cli_ok("token pin --officer --new-pin-file new" SO);
    assert_int_equal(cli("token set --durable-log on" SO), 4);
    cli_ok("token set --durable-log on --so-pin-file new");
}

static void rules_of_a_token_are_changed_one_by_one(void **state) {
    (void)state;
    cli_ok(INIT);
    cli_ok("token set --profile compatible --verify-signatures on" SO);
    cli_ok("token set --access peers --peer uid:4711 --peer gid:4712" SO);
    cli_ok("token --json");
    assert_true(out_has("user 4711, group 4712"));
    assert_true(out_has("\"profile\":\"compatible\"") && out_has("\"verify_signatures\":\"on\""));
    cli_ok("token set --profile strict" SO);
    cli_ok("token --json");
    assert_true(out_has("user 4711, group 4712"));
}

static void a_token_without_a_pin_says_who_sets_the_first_one(void **state) {
    (void)state;
    cli_ok("init --so-pin-file so --peer uid:1000");
    file_put("new", "newpin1\n", 8);
    assert_int_equal(cli("token pin --new-pin-file new" PIN), 4);
    assert_true(err_has("EH-2104") && err_has("token pin --reset"));
    cli_ok("token set --access pin" SO);
    assert_true(err_has("it has no user PIN"));
    cli_ok("token pin --reset --new-pin-file new" SO);
    cli_ok("key list --pin-file new");
}

static void peers_on_the_list_need_no_pin(void **state) {
    (void)state;
    cli_ok("init --so-pin-file so --peer uid:1");
    assert_int_equal(cli("key new tls"), 4);
    assert_true(err_has("EH-2105") && err_has("usermod"));
    cli_ok("token set --peer uid:1000 --so-pin-file so");
    cli_ok("key new tls");
    cli_ok("key list");
    assert_true(out_has("tls"));
}

static void status_says_what_the_form_is_worth(void **state) {
    (void)state;
    cli_ok("status");
    assert_true(out_has("factory"));
    cli_ok(INIT);
    cli_ok("status");
    assert_true(out_has("operational") && out_has("root key") && out_has("profile strict"));
    cli_ok("status --json");
    assert_true(out_has("\"tokens\":["));
    cli_ok("status --mechanisms");
    assert_true(out_has("ECDSA") && !out_has("AES_ECB"));
    cli_ok("token set --profile compatible" SO);
    cli_ok("status --mechanisms");
    assert_true(out_has("AES_ECB"));
}

static void last_error_tells_the_reason_behind_a_code(void **state) {
    (void)state;
    cli_ok(INIT);
    cli_ok("last-error");
    assert_true(err_has("Nothing was refused"));
    assert_int_equal(cli("key new k --type aes256 --usage encrypt,wrap" PIN), 4);
    assert_true(err_has("EH-2208") && err_has("exclude each other"));
    cli_ok("last-error");
    assert_true(out_has("EH-2208") && out_has("key_generate") && out_has("exclude each other"));
    cli_ok("last-error -n 5 --json");
    assert_true(out_has("\"code\":\"EH-2208\""));
}

static void the_log_is_shown_verified_and_exported(void **state) {
    (void)state;
    cli_ok(INIT);
    cli_ok("key new tls" PIN);
    cli_ok("log show");
    assert_true(out_has("key_generate_pair ok"));
    cli_ok("log show -n 3 --json");
    assert_true(out_has("\"kind\":"));
    cli_ok("log verify");
    assert_true(out_has("whole") && out_has("proved: nothing is missing at the end"));
    cli_ok("log export audit.log");
    cli_ok("log verify audit.log");
    cli_ok("log show audit.log");
    assert_true(out_has("token_init ok"));
    cli_ok("log verify --since audit.log");
    cli_ok("log export later.log");
    cli_ok("log verify later.log --since audit.log");
    assert_int_equal(cli("log verify audit.log --since later.log"), 1);
    assert_true(err_has("were signed but are not here"));
    assert_int_equal(cli("log verify --since so"), 1);
    assert_true(err_has("EH-3005"));
    assert_int_equal(cli("log verify audit.log --key AAAA"), 1);
    assert_int_equal(cli("log verify so"), 1);
    assert_true(err_has("EH-3005"));
}

static void one_changed_byte_of_an_export_is_named(void **state) {
    (void)state;
    static char file[1 << 20];
    cli_ok(INIT);
    cli_ok("key new tls" PIN);
    cli_ok("log export audit.log");
    FILE *in = fopen("audit.log", "r");
    assert_non_null(in);
    size_t size = fread(file, 1, sizeof(file), in);
    fclose(in);
    assert_in_range(size, 1000, sizeof(file) - 1);
    file[size - 10] ^= 1;
    file_put("forged.log", file, size);
    assert_int_equal(cli("log verify forged.log"), 1);
    assert_true(err_has("EH-3008") && err_has("leaf"));
    file_put("cut.log", file, size - 300);
    assert_int_equal(cli("log verify cut.log"), 1);
}

static void released_log_goes_on_and_still_verifies(void **state) {
    (void)state;
    cli_ok(INIT);
    for (int i = 0; i < 100; i++) {
        cli_ok("token");
    }
    assert_int_equal(cli("log export audit.log --release --so-pin-file pin"), 4);
    cli_ok("log export audit.log --release" SO);
    cli_ok("log verify audit.log");
    cli_ok("log verify");
    cli_ok("log export next.log");
    cli_ok("log verify next.log");
}

static void zeroize_asks_for_the_label_and_leaves_nothing(void **state) {
    (void)state;
    cli_ok(INIT " --label box");
    cli_ok("key new tls" PIN);
    assert_int_equal(cli("zeroize --confirm wrong" SO), 4);
    assert_true(err_has("EH-3007"));
    assert_int_equal(cli("zeroize --confirm box --so-pin-file pin"), 4);
    cli_ok("zeroize --confirm box" SO);
    cli_ok("status");
    assert_true(out_has("zeroized"));
    assert_int_not_equal(cli("key list" PIN), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define STORY(name) cmocka_unit_test_setup_teardown(name, cli_begin, cli_end)
        STORY(help_comes_with_examples_first),
        STORY(golden_help_names_every_verb_once),
        STORY(wrong_usage_ends_with_2_and_a_code),
        STORY(errors_are_json_where_asked_for),
        STORY(init_makes_a_token_and_changes_nothing_the_second_time),
        STORY(init_makes_an_officers_pin_and_shows_it_once),
        STORY(init_writes_an_officers_pin_that_only_the_owner_reads),
        STORY(an_error_names_object_reason_and_next_command),
        STORY(a_wrong_pin_tells_the_tries_left_and_locks_in_the_end),
        STORY(pins_are_changed_by_their_owners),
        STORY(rules_of_a_token_are_changed_one_by_one),
        STORY(a_token_without_a_pin_says_who_sets_the_first_one),
        STORY(peers_on_the_list_need_no_pin),
        STORY(status_says_what_the_form_is_worth),
        STORY(last_error_tells_the_reason_behind_a_code),
        STORY(the_log_is_shown_verified_and_exported),
        STORY(one_changed_byte_of_an_export_is_named),
        STORY(released_log_goes_on_and_still_verifies),
        STORY(zeroize_asks_for_the_label_and_leaves_nothing),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failures;
}
