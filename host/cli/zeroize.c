/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm zeroize: the end of every key. */
#include "host/cli/arguments.h"
#include "host/cli/output.h"
#include "host/cli/pin.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

enum status zeroize_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    const char *confirm = NULL;
    const struct option_row rows[] = {
        {"confirm", 0, "LABEL", "the token's label, where there is no terminal to type it", NULL,
         &confirm, NULL},
    };
    struct arguments arguments = {.options = rows, .option_count = COUNT(rows)};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(session_choose(cli));
    TRY(pin_confirm(cli, "destroy every key of the module, of all tokens", cli->label, confirm));
    TRY(session_start(cli, SESSION_OFFICER, true));
    const struct zeroize_req request = {.session = cli->session};
    struct zeroize_rep reply;
    TRY(session_call(cli, COMMAND_zeroize, &request, &reply, "zeroize the module"));
    struct json_object *object = json_object_new_object();
    output_text(object, "module", "zeroized: nothing is left in it");
    output_object(cli, object);
    return STATUS_OK;
}
