/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm key renew: brings a renewal to the module; it names its key itself. */
#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/key.h"
#include "host/cli/key_limit.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

enum { RENEWAL_FILE_MAX = 512 };

static enum status find(struct cli *cli, struct bytes unique_id, uint64_t *handle) {
    uint8_t room[128];
    size_t used = 0;
    struct object_find_rep found;
    TRY(attributes_add((struct span){room, sizeof(room)}, &used, ATTRIBUTE_UNIQUE_ID, unique_id));
    const struct object_find_req request = {.session = cli->session,
                                            .attributes = bytes_of(room, used)};
    TRY(session_call(cli, COMMAND_object_find, &request, &found, "look for the key"));
    if (found.objects.size < 8) {
        return report_failure(cli, STATUS_KEY_INVALID, (struct reason){0},
                              "renew the lease of the key with the unique id '%.*s'",
                              (int)unique_id.size, (const char *)unique_id.data);
    }
    *handle = load_u64(found.objects.data);
    return STATUS_OK;
}

static enum status renew(struct cli *cli, struct bytes file, struct bytes unique_id) {
    uint64_t handle = 0;
    struct key_renew_rep reply;
    TRY(session_start(cli, SESSION_USER, true));
    TRY(find(cli, unique_id, &handle));
    const struct key_renew_req request = {cli->session, handle, file};
    TRY(session_call(cli, COMMAND_key_renew, &request, &reply, "renew the lease of the key"));
    struct json_object *object = json_object_new_object();
    output_bytes(object, "renewed", unique_id);
    TRY(key_limit_left(cli, handle, object));
    output_object(cli, object);
    return STATUS_OK;
}

enum status key_renew_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct arguments arguments = {.least = 1, .most = 1};
    struct span file = {0};
    struct bytes payload, signature;
    struct lease lease;
    enum lease_key_form form = LEASE_KEY_OTHER;
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(file_read(cli, arguments.words[0], RENEWAL_FILE_MAX, &file));
    enum status status = lease_cose_read(bytes_of_span(file), &form, &payload, &signature);
    if (status == STATUS_OK) {
        status = lease_read(payload, &lease);
    }
    if (status == STATUS_OK) {
        status = renew(cli, bytes_of_span(file), lease.unique_id);
    } else {
        status = report_failure(cli, STATUS_FILE_FORMAT,
                                (struct reason){"it is not what 'edgehsm key lease' writes", NULL},
                                "read '%s' as a renewal", arguments.words[0]);
    }
    file_free(&file);
    return status;
}
