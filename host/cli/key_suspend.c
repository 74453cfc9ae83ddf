/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm key suspend: a key with a lease falls silent at once. */
#include "host/cli/arguments.h"
#include "host/cli/key.h"
#include "host/cli/object.h"
#include "host/cli/output.h"
#include "host/cli/session.h"

static enum status find(struct cli *cli, const char *name, uint64_t *handle) {
    TRY(object_maybe(cli, CLASS_PRIVATE_KEY, name, handle));
    if (*handle == 0) {
        TRY(object_maybe(cli, CLASS_SECRET_KEY, name, handle));
    }
    return *handle != 0 ? STATUS_OK : object_one(cli, CLASS_PRIVATE_KEY, name, handle);
}

enum status key_suspend_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct arguments arguments = {.least = 1, .most = 1};
    uint64_t handle = 0;
    struct key_suspend_rep reply;
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(session_start(cli, SESSION_USER, true));
    TRY(find(cli, arguments.words[0], &handle));
    const struct key_suspend_req request = {cli->session, handle};
    TRY(session_call(cli, COMMAND_key_suspend, &request, &reply, "suspend the key"));
    struct json_object *object = json_object_new_object();
    output_bytes(object, "suspended", bytes_of_text(arguments.words[0]));
    output_object(cli, object);
    return STATUS_OK;
}
