/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm sign: a file in, a signature out, and the command by which anybody can check it. */
#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/output.h"
#include "host/cli/report.h"
#include "host/cli/session.h"
#include "host/cli/sign_message.h"
#include "host/cli/signature.h"

#include <stdio.h>

enum { NAME_ROOM = 4096 };

struct sign_given {
    const char *key;
    const char *out;
    const char *hash;
    bool pss;
    const char *file;
    const char *message;
};

/* How to check it with OpenSSL alone. */
static void advice_print(const struct cli *cli, const struct sign_given *given, const char *out,
                         const struct signature_scheme *scheme) {
    const char *file = strcmp(given->file, "-") == 0 ? "FILE" : given->file;
    const char *signature = strcmp(out, "-") == 0 ? "SIGNATURE" : out;
    report_talk(cli, "\nTo check it anywhere:\n  edgehsm key show %s --pem %s.pub", given->key,
                given->key);
    if (!scheme->hash_name) {
        report_talk(cli, "  openssl pkeyutl -verify -pubin -inkey %s.pub -rawin -in %s -sigfile %s",
                    given->key, file, signature);
    } else {
        report_talk(cli, "  openssl dgst -%s -verify %s.pub%s -signature %s %s", scheme->hash_name,
                    given->key,
                    scheme->pss ? " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1" : "",
                    signature, file);
    }
}

static enum status sign_with(struct cli *cli, const struct sign_given *given,
                             const struct key_pair *pair) {
    struct signature_scheme scheme;
    uint8_t room[SIGNATURE_MAX];
    struct span signature = {room, sizeof(room)};
    char beside[NAME_ROOM];
    const char *out = given->out;
    TRY(signature_choose(cli, pair->key, given->hash, given->pss, &scheme));
    TRY(signature_of_file(cli, pair, given->file, &scheme, &signature));
    if (!out) {
        snprintf(beside, sizeof(beside), "%s.sig", given->file);
        out = beside;
    }
    TRY(file_write(cli, out, bytes_of_span(signature), 0644));
    if (strcmp(out, "-") != 0) {
        struct json_object *object = json_object_new_object();
        output_bytes(object, "signature", bytes_of_text(out));
        output_bytes(object, "key", bytes_of_text(given->key));
        output_text(object, "hash", scheme.hash_name ? scheme.hash_name : "built in");
        output_object(cli, object);
    }
    advice_print(cli, given, out, &scheme);
    return STATUS_OK;
}

static enum status given_check(const struct cli *cli, const struct arguments *arguments,
                               struct sign_given *given) {
    given->file = arguments->count > 0 ? arguments->words[0] : NULL;
    if (!given->key) {
        return report_usage(cli, "say which key signs: -k KEY (edgehsm key list shows them)");
    }
    if (!given->file == !given->message) {
        return report_usage(cli,
                            "say what to sign: a FILE, or --message and the fields of a message");
    }
    if (given->message && (given->hash || given->pss)) {
        return report_usage(cli,
                            "how a message is signed follows from its key: no --hash, no --pss");
    }
    if (!given->out && (given->message || strcmp(given->file, "-") == 0)) {
        return report_usage(cli, "say where the result goes: -o FILE, or -o - for stdout");
    }
    return STATUS_OK;
}

enum status sign_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct sign_given given = {0};
    struct key_pair pair;
    const struct option_row rows[] = {
        {"key", 'k', "KEY", "name of the key", NULL, &given.key, NULL},
        {"out", 'o', "FILE", "where the signature goes (default: FILE.sig; - is stdout)", NULL,
         &given.out, NULL},
        {"hash", 0, "HASH", "sha256, sha384, ... (default: the one that fits the key)", NULL,
         &given.hash, NULL},
        {"message", 0, "TEXT", "instead of FILE: FIELD=VALUE ..., signed under the key's policy",
         NULL, &given.message, NULL},
        {"pss", 0, NULL, "RSA: PSS padding instead of PKCS #1 v1.5", &given.pss, NULL, NULL},
    };
    struct arguments arguments = {
        .options = rows, .option_count = COUNT(rows), .least = 0, .most = 1};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(given_check(cli, &arguments, &given));
    TRY(session_start(cli, SESSION_USER, false));
    TRY(key_pair_find(cli, given.key, true, &pair));
    enum status status = given.message ? sign_message(cli, &pair, given.message, given.out)
                                       : sign_with(cli, &given, &pair);
    key_pair_free(&pair);
    return status;
}
