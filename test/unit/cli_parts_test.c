/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of the command line that need no module: clean text, URIs, refusals, uses of keys, exit
 * codes. */
#include "host/cli/key_type.h"
#include "client/refusal.h"
#include "host/cli/report.h"
#include "host/cli/settings.h"
#include "host/cli/uri.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *clean(const char *text, size_t size) {
    static char out[REPORT_TEXT_MAX];
    report_clean(bytes_of(text, size), out, sizeof(out));
    return out;
}

static void text_from_outside_is_shown_without_what_steers_a_terminal(void **state) {
    (void)state;
    assert_string_equal(clean("tls", 3), "tls");
    assert_string_equal(clean("a\nb\033[2J\x7f", 7), "a\\x0ab\\x1b[2J");
    assert_string_equal(clean("\x7f", 1), "\\x7f");
    assert_string_equal(clean("schl\xc3\xbcssel", 10), "schl\xc3\xbcssel");
    assert_string_equal(clean("\xc2\x9b"
                              "2J",
                              4),
                        "\\xc2\\x9b2J"); /* C1 control */
    assert_string_equal(clean("\xe2\x80\xae"
                              "x",
                              4),
                        "\\xe2\\x80\\xaex");                          /* right to left */
    assert_string_equal(clean("\xc3", 1), "\\xc3");                   /* cut */
    assert_string_equal(clean("\xe0\x80\x80", 3), "\\xe0\\x80\\x80"); /* overlong */
    assert_string_equal(clean("\xed\xa0\x80", 3), "\\xed\\xa0\\x80"); /* surrogate */
    assert_string_equal(clean("a\0b", 3), "a\\x00b");
}

static void long_text_is_cut_between_characters(void **state) {
    char out[8];
    (void)state;
    report_clean(bytes_of_text("abcdefghij"), out, sizeof(out));
    assert_true(strlen(out) < sizeof(out));
    assert_memory_equal(out, "abc", 3);
}

static void a_uri_escapes_all_that_rfc_7512_wants_escaped(void **state) {
    char uri[URI_MAX];
    (void)state;
    uri_make("edgehsm", "tls", "private", uri);
    assert_string_equal(uri, "pkcs11:token=edgehsm;object=tls;type=private");
    uri_make("my token", "a;b/c%\xc3\xbc", NULL, uri);
    assert_string_equal(uri, "pkcs11:token=my%20token;object=a%3Bb%2Fc%25%C3%BC");
}

static void a_uri_never_overflows(void **state) {
    char uri[URI_MAX], label[2000];
    (void)state;
    memset(label, ';', sizeof(label) - 1);
    label[sizeof(label) - 1] = 0;
    uri_make(label, label, "private", uri);
    assert_true(strlen(uri) < URI_MAX);
}

static void refusals_are_taken_apart_and_damaged_ones_refused(void **state) {
    uint8_t raw[36 + 5] = {0};
    struct refusal_entry entry;
    (void)state;
    save_u64(raw, 1764000000);
    save_u32(raw + 8, COMMAND_sign);
    save_u32(raw + 12, STATUS_STRICT);
    save_u32(raw + 16, 1000);
    save_u32(raw + 20, 77);
    save_u64(raw + 24, 9);
    save_u32(raw + 32, 5);
    memcpy(raw + 36, "LABEL", 5);
    struct bytes rows = bytes_of(raw, sizeof(raw));
    assert_int_equal(refusal_next(&rows, &entry), STATUS_OK);
    assert_int_equal(entry.command, COMMAND_sign);
    assert_int_equal(entry.status, STATUS_STRICT);
    assert_int_equal(entry.pid, 77);
    assert_true(bytes_equal(entry.why, bytes_of_text("LABEL")));
    assert_int_equal(refusal_next(&rows, &entry), STATUS_NOT_FOUND);
    for (size_t size = 1; size < sizeof(raw); size++) {
        rows = bytes_of(raw, size);
        assert_int_equal(refusal_next(&rows, &entry), STATUS_BAD_FRAME);
    }
}

/* Errors are told on stderr, which the test keeps quiet. */
static int quiet(void **state) {
    (void)state;
    return freopen("/dev/null", "w", stderr) ? 0 : -1;
}

static void a_key_gets_only_uses_that_its_type_has(void **state) {
    static struct cli cli;
    uint8_t room[256];
    char text[128];
    size_t used = 0;
    (void)state;
    const struct key_type_row *row = key_type_find("p256");
    assert_non_null(row);
    struct span template = {room, sizeof(room)};
    assert_int_equal(key_usage_add(&cli, row, NULL, CLASS_PRIVATE_KEY, template, &used), STATUS_OK);
    key_usage_text(bytes_of(room, used), text, sizeof(text));
    assert_string_equal(text, "sign");
    assert_int_equal(key_usage_add(&cli, row, "sign,derive", CLASS_PRIVATE_KEY, template, &used),
                     STATUS_OK);
    assert_int_equal(key_usage_add(&cli, row, "decrypt", CLASS_PRIVATE_KEY, template, &used),
                     STATUS_USAGE);
    assert_int_equal(key_usage_add(&cli, row, "sig", CLASS_PRIVATE_KEY, template, &used),
                     STATUS_USAGE);
    assert_null(key_type_find("rsa1024"));
}

static void peers_are_read_from_names_and_numbers(void **state) {
    static struct cli cli;
    struct settings settings = {0};
    (void)state;
    assert_int_equal(settings_add_peer(&cli, &settings, "uid:0"), STATUS_OK);
    assert_int_equal(settings_add_peer(&cli, &settings, "user:root"), STATUS_OK);
    assert_int_equal(settings.peer_count, 1); /* the same */
    assert_int_equal(settings_add_peer(&cli, &settings, "gid:7"), STATUS_OK);
    assert_int_equal(settings.peers[1].kind, PEER_GID);
    static const char *const bad[] = {"uid:",
                                      "uid:-1",
                                      "uid:1x",
                                      "gid:4294967295",
                                      "uid:99999999999",
                                      "user:",
                                      "group:no-such-group-here"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(settings_add_peer(&cli, &settings, bad[i]), STATUS_USAGE);
    }
    for (uint32_t i = 2; i < TOKEN_PEERS_MAX; i++) {
        char text[16];
        snprintf(text, sizeof(text), "uid:%u", 100 + (unsigned)i);
        assert_int_equal(settings_add_peer(&cli, &settings, text), STATUS_OK);
    }
    assert_int_equal(settings_add_peer(&cli, &settings, "uid:999"), STATUS_USAGE);
}

static void exit_codes_are_those_of_the_manual(void **state) {
    (void)state;
    assert_int_equal(report_exit_code(STATUS_OK), 0);
    assert_int_equal(report_exit_code(STATUS_SIGNATURE_INVALID), 1);
    assert_int_equal(report_exit_code(STATUS_LOG_ALTERED), 1);
    assert_int_equal(report_exit_code(STATUS_USAGE), 2);
    assert_int_equal(report_exit_code(STATUS_KEY_INVALID), 3);
    assert_int_equal(report_exit_code(STATUS_PIN_INCORRECT), 4);
    assert_int_equal(report_exit_code(STATUS_STRICT), 4);
    assert_int_equal(report_exit_code(STATUS_UNREACHABLE), 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_from_outside_is_shown_without_what_steers_a_terminal),
        cmocka_unit_test(long_text_is_cut_between_characters),
        cmocka_unit_test(a_uri_escapes_all_that_rfc_7512_wants_escaped),
        cmocka_unit_test(a_uri_never_overflows),
        cmocka_unit_test(refusals_are_taken_apart_and_damaged_ones_refused),
        cmocka_unit_test(a_key_gets_only_uses_that_its_type_has),
        cmocka_unit_test(peers_are_read_from_names_and_numbers),
        cmocka_unit_test(exit_codes_are_those_of_the_manual),
    };
    return cmocka_run_group_tests(tests, quiet, NULL);
}
