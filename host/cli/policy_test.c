/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm policy test: a policy against a table of messages. */
#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/output.h"
#include "host/cli/policy.h"
#include "host/cli/policy_table.h"
#include "host/cli/report.h"

#include <stdio.h>
#include <stdlib.h>

struct tally {
    const struct cli *cli;
    struct json_object *rows;
    unsigned passed, failed;
};

static void take_case(void *context, const struct policy_case *found) {
    struct tally *tally = context;
    char clean[REPORT_TEXT_MAX];
    tally->passed += found->passed;
    tally->failed += !found->passed;
    if (tally->cli->json) {
        struct json_object *row = json_object_new_object();
        output_number(row, "line", found->line);
        output_flag(row, "passed", found->passed);
        output_text(row, "expected", found->expected);
        output_bytes(row, "found", bytes_of_text(found->found.text));
        json_object_array_add(tally->rows, row);
    } else if (!found->passed) {
        report_clean(bytes_of_text(found->found.text), clean, sizeof(clean));
        printf("line %u: expected %s; found %s\n", found->line, found->expected, clean);
    }
}

static enum status finish(const struct cli *cli, struct tally *tally, const char *path) {
    char why[64];
    if (cli->json) {
        struct json_object *object = json_object_new_object();
        output_number(object, "passed", tally->passed);
        output_number(object, "failed", tally->failed);
        json_object_object_add(object, "cases", tally->rows);
        output_object(cli, object);
    } else {
        json_object_put(tally->rows);
        printf("%u passed, %u failed\n", tally->passed, tally->failed);
    }
    if (tally->failed == 0) {
        return STATUS_OK;
    }
    snprintf(why, sizeof(why), "%u case%s of the table do%s not hold", tally->failed,
             tally->failed == 1 ? "" : "s", tally->failed == 1 ? "es" : "");
    return report_failure(cli, STATUS_CHECK_FAILED,
                          (struct reason){why, "edgehsm policy explain tells of one message why"},
                          "confirm '%s'", path);
}

enum status policy_test_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static struct policy_document document;
    struct arguments arguments = {.least = 2, .most = 2};
    struct span whole = {0};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(policy_load(cli, arguments.words[0], &document));
    TRY(file_read(cli, arguments.words[1], 1 << 24, &whole));
    struct policy_error error = {.line = 0};
    struct tally tally = {cli, json_object_new_array(), 0, 0};
    char *text = malloc(whole.size + 1);
    enum status status = text != NULL ? STATUS_OK : STATUS_MEMORY;
    if (text != NULL) {
        bytes_copy((uint8_t *)text, bytes_of_span(whole));
        text[whole.size] = 0;
        status = policy_table_run(&document.policy, text, &error, take_case, &tally);
    }
    free(text);
    file_free(&whole);
    if (status == STATUS_OK) {
        return finish(cli, &tally, arguments.words[0]);
    }
    char why[REPORT_TEXT_MAX];
    json_object_put(tally.rows);
    snprintf(why, sizeof(why), "line %u: %s", error.line, error.text);
    return report_failure(cli, status, (struct reason){status == STATUS_MEMORY ? NULL : why, NULL},
                          "read the table '%s'", arguments.words[1]);
}
