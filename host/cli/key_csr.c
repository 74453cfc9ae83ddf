/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm key csr: a certificate request for a key that is there. */
#include "host/cli/arguments.h"
#include "host/cli/key.h"
#include "host/cli/report.h"
#include "host/cli/csr.h"
#include "host/cli/session.h"

enum status key_csr_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct csr_given given = {.out = "-"};
    struct key_pair pair;
    const struct option_row rows[] = {
        {"out", 'o', "FILE", "where it goes (default: stdout)", NULL, &given.out, NULL},
        {"subject", 0, "SUBJECT", "/O=Example/CN=gw7 (default: /CN=NAME)", NULL, &given.subject,
         NULL},
        {"san", 0, "LIST", "DNS:gw7.example.net,IP:10.0.0.7", NULL, &given.san, NULL},
    };
    struct arguments arguments = {
        .options = rows, .option_count = COUNT(rows), .least = 1, .most = 1};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(csr_check(cli, &given));
    TRY(session_start(cli, SESSION_USER, false));
    TRY(key_pair_find(cli, arguments.words[0], true, &pair));
    enum status status = csr_write(cli, arguments.words[0], &pair, &given);
    key_pair_free(&pair);
    if (status == STATUS_OK && strcmp(given.out, "-") != 0) {
        report_talk(cli,
                    "The request is in %s: give it to your CA.\n\nnext: edgehsm key cert %s FILE "
                    "(once the certificate is there)",
                    given.out, arguments.words[0]);
    }
    return status;
}
