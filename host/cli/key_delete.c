/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm key delete: a key with everything that bears its name. */
#include "host/cli/arguments.h"
#include "host/cli/key.h"
#include "host/cli/object.h"
#include "host/cli/output.h"
#include "host/cli/pin.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <stdio.h>

/* The private key goes first: what is cut short never leaves a key without its name. */
static const uint32_t classes[] = {CLASS_PRIVATE_KEY, CLASS_SECRET_KEY, CLASS_PUBLIC_KEY,
                                   CLASS_CERTIFICATE};

static enum status handles_find(struct cli *cli, const char *name,
                                uint64_t handles[COUNT(classes)]) {
    bool any = false;
    for (size_t i = 0; i < COUNT(classes); i++) {
        TRY(object_maybe(cli, classes[i], name, &handles[i]));
        any = any || handles[i] != 0;
    }
    return any ? STATUS_OK : object_one(cli, CLASS_PRIVATE_KEY, name, &handles[0]);
}

enum status key_delete_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    const char *confirm = NULL;
    uint64_t handles[COUNT(classes)] = {0};
    const struct option_row rows[] = {
        {"confirm", 0, "NAME", "the name once more, where there is no terminal to type it", NULL,
         &confirm, NULL},
    };
    struct arguments arguments = {
        .options = rows, .option_count = COUNT(rows), .least = 1, .most = 1};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    const char *name = arguments.words[0];
    TRY(session_start(cli, SESSION_USER, true));
    TRY(handles_find(cli, name, handles));
    char what[400];
    snprintf(what, sizeof(what), "destroy the key '%s'", name);
    TRY(pin_confirm(cli, what, name, confirm));
    uint64_t count = 0;
    for (size_t i = 0; i < COUNT(classes); i++) {
        if (handles[i] != 0) {
            TRY(object_destroy(cli, handles[i], what));
            count++;
        }
    }
    struct json_object *object = json_object_new_object();
    output_bytes(object, "destroyed", bytes_of_text(name));
    output_number(object, "objects", count);
    output_object(cli, object);
    return STATUS_OK;
}
