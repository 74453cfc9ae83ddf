/* SPDX-License-Identifier: Apache-2.0 */
/* Stories of the command line: keys, certificates, signatures; checked with the openssl program. */
#include "test/component/cli_runner.h"
#include "test/component/quick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PIN " --pin-file pin"
#define INIT "init --pin-file pin --so-pin-file so"

static int keys_begin(void **state) {
    if (cli_begin(state) != 0 || cli(INIT) != 0) {
        return -1;
    }
    file_put("message", "telemetry 21.5 C\n", 17);
    return 0;
}

static void cli_ok_with(const char *form, const char *word) {
    char words[512];
    snprintf(words, sizeof(words), form, word, word, word, word);
    cli_ok(words);
}

static bool shell_with(const char *form, const char *word) {
    char command[512];
    snprintf(command, sizeof(command), form, word, word, word, word);
    return shell(command);
}

static void every_signing_key_makes_what_openssl_verifies(void **state) {
    (void)state;
    static const struct {
        const char *type;
        const char *check;
    } rows[] = {
        {"p256", "openssl dgst -sha256 -verify %s.pub -signature %s.sig message >/dev/null"},
        {"p384", "openssl dgst -sha384 -verify %s.pub -signature %s.sig message >/dev/null"},
        {"p521", "openssl dgst -sha512 -verify %s.pub -signature %s.sig message >/dev/null"},
        {"rsa2048", "openssl dgst -sha256 -verify %s.pub -signature %s.sig message >/dev/null"},
        {"ed25519",
         "openssl pkeyutl -verify -pubin -inkey %s.pub -rawin -in message -sigfile %s.sig "
         ">/dev/null"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cli_ok_with("key new %s --type %s" PIN, rows[i].type);
        assert_true(out_has("pkcs11:token=edgehsm;object="));
        cli_ok_with("key show %s --pem %s.pub" PIN, rows[i].type);
        cli_ok_with("sign -k %s -o %s.sig message" PIN, rows[i].type);
        assert_true(shell_with(rows[i].check, rows[i].type));
        cli_ok_with("verify -k %s message %s.sig" PIN, rows[i].type);
    }
}

static void the_command_that_sign_prints_is_right(void **state) {
    (void)state;
    cli_ok("key new tls" PIN);
    cli_ok("sign -k tls message" PIN);
    const char *from = strstr(said.err, "\n  openssl ");
    assert_non_null(from);
    cli_ok("sign -k tls message" PIN);
    char command[512];
    snprintf(command, sizeof(command), "%.*s >/dev/null", (int)strcspn(from + 1, "\n"), from + 1);
    cli_ok("key show tls --pem tls.pub" PIN);
    assert_true(shell(command));
}

static void pss_and_other_hashes_verify(void **state) {
    (void)state;
    cli_ok("key new r --type rsa2048" PIN);
    cli_ok("key show r --pem r.pub" PIN);
    cli_ok("sign -k r --pss --hash sha512 message" PIN);
    assert_true(shell("openssl dgst -sha512 -verify r.pub -sigopt rsa_padding_mode:pss -signature "
                      "message.sig message >/dev/null"));
    cli_ok("verify -k r --pss --hash sha512 message" PIN);
    assert_int_equal(cli("verify -k r message" PIN), 1);
    assert_int_equal(cli("sign -k r --hash md5 message" PIN), 2);
}

static void a_changed_file_does_not_verify(void **state) {
    (void)state;
    cli_ok("key new tls" PIN);
    cli_ok("sign -k tls message" PIN);
    cli_ok("verify -k tls message" PIN);
    assert_true(out_has("good"));
    file_put("message", "telemetry 99.9 C\n", 17);
    assert_int_equal(cli("verify -k tls message" PIN), 1);
    assert_true(err_has("EH-2405"));
    assert_int_equal(cli("verify -k tls missing" PIN), 1);
    assert_true(err_has("EH-3003") && err_has("missing"));
}

static void large_files_are_hashed_here(void **state) {
    (void)state;
    cli_ok("key new tls" PIN);
    cli_ok("key new ed --type ed25519" PIN);
    cli_ok("key show tls --pem tls.pub" PIN);
    assert_true(shell("head -c 3000000 /dev/zero >large"));
    cli_ok("sign -k tls large" PIN);
    assert_true(
        shell("openssl dgst -sha256 -verify tls.pub -signature large.sig large >/dev/null"));
    assert_int_equal(cli("sign -k ed large" PIN), 1);
    assert_true(err_has("EH-1004"));
}

static void requests_verify_for_every_signing_key(void **state) {
    (void)state;
    static const char *const types[] = {"p256", "p384", "p521", "rsa2048", "ed25519"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        cli_ok_with(
            "key new %s --type %s --csr %s.csr --subject /O=Edge~Example/CN=gw7.example.net "
            "--san DNS:gw7.example.net,IP:10.0.0.7" PIN,
            types[i]);
        assert_true(shell_with("openssl req -verify -noout -in %s.csr 2>/dev/null", types[i]));
        assert_true(
            shell_with("openssl req -noout -text -in %s.csr | grep -q 'DNS:gw7.example.net, "
                       "IP Address:10.0.0.7'",
                       types[i]));
        assert_true(shell_with("openssl req -noout -subject -in %s.csr | grep -q 'Edge Example'",
                               types[i]));
    }
    cli_ok("key csr p256 -o again.csr" PIN);
    assert_true(shell("openssl req -noout -subject -in again.csr | grep -q 'CN = p256'"));
    assert_int_equal(cli("key csr p256 --subject CN=x" PIN), 2);
    assert_int_equal(cli("key csr p256 --san nonsense" PIN), 2);
}

static void a_certificate_stands_beside_its_key(void **state) {
    (void)state;
    cli_ok("key new tls --csr tls.csr" PIN);
    assert_true(
        shell("openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=ca "
              "2>/dev/null && openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key "
              "-set_serial 7 -out tls.crt 2>/dev/null"));
    cli_ok("key cert tls tls.crt" PIN);
    assert_true(out_has("type=cert"));
    cli_ok("key cert tls -o back.crt" PIN);
    assert_true(shell("openssl verify -CAfile ca.crt back.crt >/dev/null"));
    cli_ok("key cert tls tls.crt" PIN);
    cli_ok("key list" PIN);
    assert_true(out_has("key pair") && out_has("certificate"));
    assert_int_equal(cli("key cert tls ca.crt" PIN), 1);
    assert_true(err_has("another key"));
    assert_int_equal(cli("key cert tls message" PIN), 1);
    assert_true(err_has("EH-3005"));
    cli_ok("snippet curl tls" PIN);
    assert_true(out_has("--key 'pkcs11:token=edgehsm;object=tls;type=private'"));
}

static void keys_from_files_work_and_say_that_they_were_outside(void **state) {
    (void)state;
    static const struct {
        const char *name;
        const char *make;
    } rows[] = {
        {"ec", "openssl ecparam -name prime256v1 -genkey -noout -out %s.pem"},
        {"p8",
         "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -outform DER -out %s.pem"},
        {"rsa", "openssl genrsa -out %s.pem 2048 2>/dev/null"},
        {"ed", "openssl genpkey -algorithm ed25519 -out %s.pem"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(shell_with(rows[i].make, rows[i].name));
        cli_ok_with("key import %s %s.pem" PIN, rows[i].name);
        assert_true(err_has("shred"));
        cli_ok_with("sign -k %s message -o %s.sig" PIN, rows[i].name);
        cli_ok_with("verify -k %s message %s.sig" PIN, rows[i].name);
        cli_ok_with("key show %s --pem %s.pub" PIN, rows[i].name);
        assert_true(shell_with("openssl pkey -in %s.pem -pubout | cmp - %s.pub", rows[i].name));
        cli_ok_with("key show %s --json" PIN, rows[i].name);
        assert_true(out_has("\"made_in_the_module\":false"));
        assert_true(out_has("\"always_sensitive\":false"));
    }
}

static void encrypted_key_files_open_with_their_passphrase(void **state) {
    (void)state;
    assert_true(
        shell("openssl genpkey -algorithm ed25519 -aes256 -pass pass:abcde -out locked.pem"));
    file_put("word", "abcde\n", 6);
    file_put("other", "abcdef\n", 7);
    assert_int_equal(cli("key import l locked.pem --passphrase-file other" PIN), 1);
    assert_true(err_has("EH-3005"));
    cli_ok("key import l locked.pem --passphrase-file word" PIN);
}

static void secret_keys_are_made_and_imported(void **state) {
    (void)state;
    cli_ok("key new box --type aes256" PIN);
    assert_true(out_has("type=secret-key"));
    cli_ok("key new mac --type hmac256" PIN);
    file_put("raw", "0123456789abcdef", 16);
    cli_ok("key import raw raw --type aes128" PIN);
    assert_int_equal(cli("key import raw2 raw --type aes256" PIN), 1);
    cli_ok("key list" PIN);
    assert_true(out_has("aes256") && out_has("hmac256") && out_has("aes128"));
    assert_int_equal(cli("sign -k box message" PIN), 3);
}

static void a_name_is_given_once(void **state) {
    (void)state;
    cli_ok("key new tls" PIN);
    assert_int_equal(cli("key new tls" PIN), 4);
    assert_true(err_has("EH-3002") && err_has("edgehsm key delete tls"));
    cli_ok("key list --json" PIN);
    assert_null(strstr(strstr(said.out, "\"tls\"") + 1, "\"tls\""));
}

static void a_key_is_deleted_only_when_its_name_is_confirmed(void **state) {
    (void)state;
    cli_ok("key new tls" PIN);
    assert_int_equal(cli("key delete tls --confirm other" PIN), 4);
    assert_true(err_has("EH-3007"));
    cli_ok("key list" PIN);
    assert_true(out_has("tls"));
    cli_ok("key delete tls --confirm tls" PIN);
    cli_ok("key list" PIN);
    assert_false(out_has("tls"));
    assert_int_equal(cli("key delete tls --confirm tls" PIN), 3);
    cli_ok("key new tls" PIN);
}

static void names_cannot_steer_a_terminal(void **state) {
    (void)state;
    assert_int_equal(cli("key new a\033[2Jb" PIN), 2);
    assert_true(err_has("a\\x1b[2Jb"));
    cli_ok("key new schl\xc3\xbcssel" PIN);
    cli_ok("key list" PIN);
    assert_true(out_has("schl\xc3\xbcssel"));
    assert_int_equal(cli("sign -k \033]0;x message" PIN), 3);
    assert_false(err_has("\033]0;x"));
}

static void a_key_can_be_named_by_its_id_or_uri(void **state) {
    (void)state;
    char words[128];
    cli_ok("key new tls" PIN);
    cli_ok("key show tls" PIN);
    const char *id = strstr(said.out, "\nid ");
    assert_non_null(id);
    id += strlen("\nid");
    id += strspn(id, " ");
    snprintf(words, sizeof(words), "sign -k id:%.*s message" PIN, (int)strcspn(id, "\n"), id);
    cli_ok(words);
    cli_ok("sign -k pkcs11:token=edgehsm;object=tls;type=private message" PIN);
    cli_ok("verify -k pkcs11:object=tls message" PIN);
    assert_int_equal(cli("sign -k pkcs11:token=other;object=tls message" PIN), 2);
    assert_true(err_has("--token 'other'"));
    assert_int_equal(cli("sign -k pkcs11:object=none message" PIN), 3);
    assert_int_equal(cli("sign -k pkcs11:token=edgehsm message" PIN), 2);
    assert_int_equal(cli("sign -k pkcs11:bogus message" PIN), 2);
    assert_int_equal(cli("key new pkcs11:object=x" PIN), 2);
    assert_int_equal(cli("sign -k id:abc message" PIN), 2);
}

static void every_snippet_names_the_key(void **state) {
    (void)state;
    static const char *const programs[] = {"nginx", "curl", "ssh", "openssl", "java", "mosquitto"};
    cli_ok("key new tls" PIN);
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        cli_ok_with("snippet %s tls" PIN, programs[i]);
        assert_true(out_has("pkcs11:token=edgehsm;object=tls;type=private") ||
                    out_has("/opt/libedgehsm-pkcs11.so"));
        assert_false(out_has("%"));
    }
    assert_int_equal(cli("snippet nginx other" PIN), 3);
}

/* ---- limits ---- */

/* The value behind a key of `--json` output. */
static void json_value(const char *key, char *out, size_t room) {
    char quoted[64];
    snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    const char *at = strstr(said.out, quoted);
    assert_non_null(at);
    at += strlen(quoted) + strspn(at + strlen(quoted), " \"");
    snprintf(out, room, "%.*s", (int)strcspn(at, "\",\n"), at);
}

static void a_key_is_used_as_often_as_its_limit_says(void **state) {
    (void)state;
    cli_ok("key new few --limit uses=2,rate=100/1m,burst=50" PIN);
    cli_ok("sign -k few message" PIN);
    cli_ok("key show few" PIN);
    assert_true(out_has("uses=2,rate=100/60000ms,burst=50"));
    cli_ok("sign -k few message" PIN);
    assert_int_equal(cli("sign -k few message" PIN), 4);
    assert_true(err_has("EH-2315"));
    assert_int_equal(cli("key new x --limit uses=none" PIN), 2);
    assert_true(err_has("'none' is not a value for the limit 'uses'"));
    assert_int_equal(cli("key new x --limit speed=9" PIN), 2);
    assert_int_equal(cli("key new x --limit lease=5" PIN), 2);
    assert_true(err_has("lease-key"));
    assert_int_equal(cli("key new x --limit burst=5" PIN), 2);
    assert_int_equal(cli("key new x --limit hours=25:00-26:00" PIN), 2);
    cli_ok("key new asks --limit login-after=1" PIN);
    for (int i = 0; i < 3; i++) {
        cli_ok("sign -k asks message" PIN); /* the PIN is given again where it is wanted */
    }
    cli_ok("key new day --limit hours=06:00-22:00" PIN);
    assert_int_equal(cli("sign -k day message" PIN), 4);
    assert_true(err_has("EH-2317"));
}

static void renew_with(const char *form) {
    char device[64], id[64], words[512];
    assert_true(shell("openssl pkey -in renewer.pem -pubout -out renewer.pub"));
    cli_ok("key new plc --limit lease=2/1h,lease-key=renewer.pub" PIN);
    cli_ok("key show plc --json" PIN);
    json_value("device", device, sizeof(device));
    json_value("unique_id", id, sizeof(id));
    snprintf(words, sizeof(words), form, device, id);
    cli_ok(words);
    cli_ok("key suspend plc" PIN);
    assert_int_equal(cli("sign -k plc message" PIN), 4);
    assert_true(err_has("EH-2318"));
    cli_ok("key renew renewal" PIN);
    assert_int_equal(cli("key renew renewal" PIN), 4);
    assert_true(err_has("EH-2319"));
    cli_ok("sign -k plc message" PIN);
    cli_ok("sign -k plc message" PIN);
    assert_int_equal(cli("sign -k plc message" PIN), 4);
    assert_int_equal(cli("key renew message" PIN), 1);
    assert_true(err_has("EH-3005"));
}

static void a_lease_is_renewed_by_a_key_on_p256(void **state) {
    (void)state;
    assert_true(shell("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 "
                      "-out renewer.pem 2>/dev/null"));
    renew_with("key lease renewer.pem --device %s --unique-id %s --sequence 1 --uses 2 --time 60m");
}

static void a_lease_is_renewed_by_an_ed25519_key(void **state) {
    (void)state;
    assert_true(shell("openssl genpkey -algorithm ed25519 -out renewer.pem"));
    renew_with("key lease renewer.pem --device %s --unique-id %s --sequence 7 --uses 2 --time 1h");
    assert_int_equal(cli("key lease renewer.pem --device 00 --unique-id x --sequence 1 --uses 2"),
                     2);
    assert_int_equal(cli("key lease message --device 00112233445566778899aabbccddeeff "
                         "--unique-id x --sequence 1 --uses 2"),
                     1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define STORY(name) cmocka_unit_test_setup_teardown(name, keys_begin, cli_end)
        STORY(every_signing_key_makes_what_openssl_verifies),
        STORY(the_command_that_sign_prints_is_right),
        STORY(pss_and_other_hashes_verify),
        STORY(a_changed_file_does_not_verify),
        STORY(large_files_are_hashed_here),
        STORY(requests_verify_for_every_signing_key),
        STORY(a_certificate_stands_beside_its_key),
        STORY(keys_from_files_work_and_say_that_they_were_outside),
        STORY(encrypted_key_files_open_with_their_passphrase),
        STORY(secret_keys_are_made_and_imported),
        STORY(a_name_is_given_once),
        STORY(a_key_is_deleted_only_when_its_name_is_confirmed),
        STORY(names_cannot_steer_a_terminal),
        STORY(a_key_can_be_named_by_its_id_or_uri),
        STORY(every_snippet_names_the_key),
        STORY(a_key_is_used_as_often_as_its_limit_says),
        STORY(a_lease_is_renewed_by_a_key_on_p256),
        STORY(a_lease_is_renewed_by_an_ed25519_key),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failures;
}
