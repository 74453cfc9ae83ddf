/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm verify: whether a signature fits a file. */
#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/output.h"
#include "host/cli/report.h"
#include "host/cli/session.h"
#include "host/cli/signature.h"

#include <stdio.h>

enum { NAME_ROOM = 4096, SIGNATURE_FILE_MAX = 4096 };

struct verify_given {
    const char *key;
    const char *hash;
    bool pss;
    const char *file;
    const char *signature;
};

static enum status verify_with(struct cli *cli, const struct verify_given *given,
                               const struct key_pair *pair) {
    struct signature_scheme scheme;
    struct span signature = {0};
    TRY(signature_choose(cli, pair->key, given->hash, given->pss, &scheme));
    TRY(file_read(cli, given->signature, SIGNATURE_FILE_MAX, &signature));
    enum status status =
        signature_verify(cli, pair->key, given->file, &scheme, bytes_of_span(signature));
    file_free(&signature);
    if (status == STATUS_SIGNATURE_INVALID) {
        return report_failure(cli, status,
                              (struct reason){NULL,
                                              "the file, the signature or the key is another one; "
                                              "do not trust the file"},
                              "accept '%s' as signed by '%s'", given->file, given->key);
    }
    if (status == STATUS_OK) {
        struct json_object *object = json_object_new_object();
        output_bytes(object, "file", bytes_of_text(given->file));
        output_bytes(object, "key", bytes_of_text(given->key));
        output_text(object, "signature", "good");
        output_object(cli, object);
    }
    return status;
}

enum status verify_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct verify_given given = {0};
    struct key_pair pair;
    char beside[NAME_ROOM];
    const struct option_row rows[] = {
        {"key", 'k', "KEY", "name of the key", NULL, &given.key, NULL},
        {"hash", 0, "HASH", "the hash that was used, where it is not the usual one", NULL,
         &given.hash, NULL},
        {"pss", 0, NULL, "RSA: PSS padding instead of PKCS #1 v1.5", &given.pss, NULL, NULL},
    };
    struct arguments arguments = {
        .options = rows, .option_count = COUNT(rows), .least = 1, .most = 2};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    given.file = arguments.words[0];
    if (!given.key) {
        return report_usage(cli, "say which key signed: -k KEY (edgehsm key list shows them)");
    }
    snprintf(beside, sizeof(beside), "%s.sig", given.file);
    given.signature = arguments.count == 2 ? arguments.words[1] : beside;
    TRY(session_start(cli, SESSION_USER, false));
    TRY(key_pair_find(cli, given.key, false, &pair));
    enum status status = verify_with(cli, &given, &pair);
    key_pair_free(&pair);
    return status;
}
