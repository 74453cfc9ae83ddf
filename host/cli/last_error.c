/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm last-error: what the module refused to programs of this user, with the reason that
 * PKCS#11's result codes cannot carry. */
#include "host/cli/arguments.h"
#include "host/cli/output.h"
#include "client/refusal.h"
#include "host/cli/report.h"
#include "host/cli/session.h"
#include "proto/messages.h"

#include <stdio.h>
#include <stdlib.h>

static struct json_object *entry_object(const struct refusal_entry *entry) {
    const struct status_row *row = status_row(entry->status);
    char code[16], object_number[24];
    struct json_object *object = json_object_new_object();
    snprintf(code, sizeof(code), "EH-%04u", (unsigned)row->status);
    output_time(object, "time", entry->time);
    output_text(object, "command", event_name(entry->command));
    output_text(object, "code", code);
    output_text(object, "what", row->text);
    if (entry->why.size > 0) {
        output_bytes(object, "detail", entry->why);
    }
    if (row->advice[0] != 0) {
        output_text(object, "next", row->advice);
    }
    if (entry->status == STATUS_APPROVAL_NEEDED) {
        snprintf(object_number, sizeof(object_number), "%016llx",
                 (unsigned long long)entry->object);
        output_text(object, "request", object_number);
    } else if (entry->object != 0) {
        snprintf(object_number, sizeof(object_number), "%llu", (unsigned long long)entry->object);
        output_text(object, "object", object_number);
    }
    output_number(object, "process", entry->pid);
    return object;
}

static enum status count_read(const struct cli *cli, const char *text, long *count) {
    char *end = NULL;
    *count = text ? strtol(text, &end, 10) : 1;
    if (text && (*text == 0 || *end != 0 || *count < 1)) {
        return report_usage(cli, "-n wants a number above 0, not '%s'", text);
    }
    return STATUS_OK;
}

enum status last_error_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    const char *wanted = NULL;
    long count = 1;
    const struct option_row rows[] = {
        {"count", 'n', "COUNT", "how many, newest first (default: 1)", NULL, &wanted, NULL},
    };
    struct arguments arguments = {.options = rows, .option_count = COUNT(rows)};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(count_read(cli, wanted, &count));
    TRY(session_connect(cli));
    const struct refusals_req request = {};
    struct refusals_rep reply;
    TRY(session_call(cli, COMMAND_refusals, &request, &reply, "ask for refused commands"));
    struct json_object *all = json_object_new_array();
    struct refusal_entry entry;
    while (count-- > 0 && refusal_next(&reply.rows, &entry) == STATUS_OK) {
        json_object_array_add(all, entry_object(&entry));
    }
    size_t found = json_object_array_length(all);
    if (cli->json) {
        output_table(cli, all, NULL);
        return STATUS_OK;
    }
    for (size_t i = 0; i < found; i++) {
        printf(i == 0 ? "" : "\n");
        output_object(cli, json_object_get(json_object_array_get_idx(all, i)));
    }
    json_object_put(all);
    if (found == 0) {
        report_talk(cli, "Nothing was refused to this user since the module started.");
    }
    return STATUS_OK;
}
