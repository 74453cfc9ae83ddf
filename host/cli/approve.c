/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm approve: its words, what waits, and giving approvals to the module. */
#include "host/cli/approve.h"

#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/output.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROW_SIZE = 28 };

static const struct verb words_of_approve[] = {
#define VERB(name, word, synopsis, sentence, examples) \
    {name, word##_run, synopsis, sentence, examples},
#include "host/cli/approve_verbs.def"
#undef VERB
};

enum status approve_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static const struct verb_words words = {words_of_approve, COUNT(words_of_approve),
                                            &words_of_approve[0]};
    return verb_descend(cli, self, &words, argc, argv);
}

const char *approve_class_name(uint32_t class) {
    static const char *const names[APPROVAL_CLASSES] = {
        [APPROVAL_ROLES] = "roles",     [APPROVAL_POLICY] = "policy",
        [APPROVAL_WRAP] = "wrap",       [APPROVAL_TRUSTED] = "trusted",
        [APPROVAL_DESTROY] = "destroy", [APPROVAL_UNLOCK] = "unlock",
        [APPROVAL_TOKEN] = "token",     [APPROVAL_MESSAGE] = "message",
        [APPROVAL_LIMITS] = "limits",   [APPROVAL_RESUME] = "resume",
    };
    return class < APPROVAL_CLASSES ? names[class] : NULL;
}

void approve_number_text(uint64_t number, char out[APPROVE_NUMBER_ROOM]) {
    snprintf(out, APPROVE_NUMBER_ROOM, "%016llx", (unsigned long long)number);
}

bool approve_number_read(const char *text, uint64_t *number) {
    char *end = NULL;
    bool digits = strlen(text) == 16 && strspn(text, "0123456789abcdefABCDEF") == 16;
    *number = digits ? strtoull(text, &end, 16) : 0;
    return digits && *end == 0;
}

/* ---- list ---- */

static struct json_object *row_make(const uint8_t *row) {
    char number[APPROVE_NUMBER_ROOM];
    const char *class = approve_class_name(load_u32(row + 8));
    struct json_object *object = json_object_new_object();
    approve_number_text(load_u64(row), number);
    output_text(object, "request", number);
    output_text(object, "about", class != NULL ? class : "?");
    output_number(object, "approved", load_u32(row + 12));
    output_number(object, "needed", load_u32(row + 16));
    output_number(object, "minutes_left", (load_u64(row + 20) + 59999) / 60000);
    return object;
}

enum status approve_list_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static const char *const columns[] = {"request", "about",        "approved",
                                          "needed",  "minutes_left", NULL};
    struct arguments arguments = {0};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(session_start(cli, SESSION_PUBLIC, false));
    const struct approval_list_req request = {cli->session};
    struct approval_list_rep reply;
    TRY(session_call(cli, COMMAND_approval_list, &request, &reply, "list what waits"));
    if (reply.rows.size == 0 && !cli->json) {
        report_talk(cli, "Nothing waits for approval.");
        return STATUS_OK;
    }
    struct json_object *rows = json_object_new_array();
    for (size_t at = 0; at + ROW_SIZE <= reply.rows.size; at += ROW_SIZE) {
        json_object_array_add(rows, row_make(reply.rows.data + at));
    }
    output_table(cli, rows, columns);
    return STATUS_OK;
}

/* ---- give ---- */

static enum status give(struct cli *cli, uint64_t number, const char *path) {
    struct span whole = {0};
    struct approval_give_rep reply;
    char what[REPORT_TEXT_MAX];
    snprintf(what, sizeof(what), "take the approval in '%s'", path);
    TRY(file_read(cli, path, APPROVAL_MAX, &whole));
    const struct approval_give_req request = {cli->session, number, bytes_of_span(whole)};
    enum status status = session_call(cli, COMMAND_approval_give, &request, &reply, what);
    file_free(&whole);
    TRY(status);
    struct json_object *object = json_object_new_object();
    output_text(object, "approval", path);
    output_number(object, "approved", reply.given);
    output_number(object, "needed", reply.needed);
    output_object(cli, object);
    if (reply.given >= reply.needed) {
        report_talk(cli, "\nEnough people agree.\n\nnext: ask for the same again");
    }
    return STATUS_OK;
}

enum status approve_give_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct arguments arguments = {.least = 2, .most = 1 + MEMBERS_MAX};
    uint64_t number = 0;
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    if (!approve_number_read(arguments.words[0], &number)) {
        return report_usage(cli, "'%s' is no number of a request: see edgehsm approve list",
                            arguments.words[0]);
    }
    TRY(session_start(cli, SESSION_PUBLIC, false));
    for (int i = 1; i < arguments.count; i++) {
        TRY(give(cli, number, arguments.words[i]));
    }
    return STATUS_OK;
}
