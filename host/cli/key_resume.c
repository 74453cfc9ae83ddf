/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm key resume: a key that an alarm suspended works again, once people approved it. */
#include "host/cli/arguments.h"
#include "host/cli/key.h"
#include "host/cli/object.h"
#include "host/cli/output.h"
#include "host/cli/session.h"

enum status key_resume_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct arguments arguments = {.least = 1, .most = 1};
    uint64_t handle = 0;
    struct key_resume_rep reply;
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(session_start(cli, SESSION_USER, true));
    TRY(object_one(cli, CLASS_PRIVATE_KEY, arguments.words[0], &handle));
    const struct key_resume_req request = {cli->session, handle};
    TRY(session_call(cli, COMMAND_key_resume, &request, &reply, "resume the key"));
    struct json_object *object = json_object_new_object();
    output_bytes(object, "works", bytes_of_text(arguments.words[0]));
    output_object(cli, object);
    return STATUS_OK;
}
