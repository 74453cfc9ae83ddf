/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm log show: records as lines. */
#include "client/log_text.h"
#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/log.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static enum status entries_print(void *context, struct bytes entries, uint64_t number) {
    const struct cli *cli = context;
    struct log_entry entry;
    char line[LOG_TEXT_MAX];
    while (log_entry_next(&entries, &entry) == STATUS_OK) {
        size_t length = cli->json ? log_entry_json(&entry, number, line, sizeof(line))
                                  : log_entry_text(&entry, number, line, sizeof(line));
        if (length > 0 && (cli->json || entry.kind != LOG_FRONTIER)) {
            printf("%s\n", line);
        }
        number++;
    }
    return STATUS_OK;
}

static enum status file_show(struct cli *cli, const char *path) {
    struct span whole = {0};
    struct log_file file;
    TRY(file_read(cli, path, FILE_SIZE_MAX, &whole));
    enum status status = log_file_open(bytes_of_span(whole), &file);
    if (status == STATUS_OK) {
        status = entries_print(cli, file.entries, file.first);
    } else {
        status =
            report_failure(cli, STATUS_FILE_FORMAT,
                           (struct reason){"it is not an exported log", "edgehsm log export FILE"},
                           "show the log in '%s'", path);
    }
    file_free(&whole);
    return status;
}

static enum status live_show(struct cli *cli, uint64_t count) {
    uint64_t first = 0, end = 0;
    TRY(session_connect(cli));
    TRY(log_live_range(cli, &first, &end));
    return log_live_each(cli, end - first > count ? end - count : first, end, entries_print, cli);
}

enum status log_show_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    const char *wanted = NULL;
    const struct option_row rows[] = {
        {"count", 'n', "COUNT", "how many of the newest entries (default: 20)", NULL, &wanted,
         NULL},
    };
    struct arguments arguments = {.options = rows, .option_count = COUNT(rows), .most = 1};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    char *end = NULL;
    errno = 0;
    long long count = wanted ? strtoll(wanted, &end, 10) : 20;
    if (wanted && (*wanted == 0 || *end != 0 || count < 1 || errno != 0)) {
        return report_usage(cli, "-n wants a number above 0, not '%s'", wanted);
    }
    return arguments.count == 1 ? file_show(cli, arguments.words[0])
                                : live_show(cli, (uint64_t)count);
}
