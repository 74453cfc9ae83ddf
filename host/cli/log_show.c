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

enum { SHOWN_MAX = 100000, WINDOW_FACTOR = 8 };

/* The newest lines; a ring. */
struct log_lines {
    const struct cli *cli;
    bool all;
    char **lines;
    size_t room;
    uint64_t count; /* ever */
};

/* Records that neither use a key nor change anything, and went well: they would hide the others. */
static bool is_quiet(const struct log_entry *entry) {
    static const uint32_t quiet[] = {COMMAND_hello,
                                     COMMAND_status,
                                     COMMAND_algorithms,
                                     COMMAND_refusals,
                                     COMMAND_slot_list,
                                     COMMAND_token_info,
                                     COMMAND_session_open,
                                     COMMAND_session_close,
                                     COMMAND_session_info,
                                     COMMAND_object_get,
                                     COMMAND_object_find,
                                     COMMAND_key_check,
                                     COMMAND_log_read,
                                     COMMAND_log_key,
                                     COMMAND_log_checkpoint,
                                     EVENT_connection_open,
                                     COMMAND_logout,
                                     COMMAND_stream_cancel,
                                     COMMAND_session_close_all,
                                     EVENT_connection_closed};
    struct log_leaf leaf;
    if (entry->kind == LOG_FRONTIER) {
        return true;
    }
    if (entry->kind != LOG_LEAF || log_leaf_read(entry->bytes, &leaf) != STATUS_OK ||
        (leaf.has >> LEAF_STATUS & 1) != 0) {
        return false;
    }
    for (size_t i = 0; i < COUNT(quiet); i++) {
        if (quiet[i] == leaf.event) {
            return true;
        }
    }
    return false;
}

static enum status line_keep(struct log_lines *lines, const char *line) {
    char **place = &lines->lines[lines->count % lines->room];
    free(*place);
    *place = strdup(line);
    lines->count++;
    if (!*place) {
        return report_failure(lines->cli, STATUS_MEMORY, (struct reason){0}, "show the log");
    }
    return STATUS_OK;
}

static enum status page_keep(void *context, struct bytes entries, uint64_t number) {
    struct log_lines *lines = context;
    struct log_entry entry;
    char line[LOG_TEXT_MAX];
    for (; log_entry_next(&entries, &entry) == STATUS_OK; number++) {
        if (!lines->all && is_quiet(&entry)) {
            continue;
        }
        size_t length = lines->cli->json ? log_entry_json(&entry, number, line, sizeof(line))
                                         : log_entry_text(&entry, number, line, sizeof(line));
        if (length > 0) {
            TRY(line_keep(lines, line));
        }
    }
    return STATUS_OK;
}

static void lines_print(const struct log_lines *lines) {
    uint64_t from = lines->count > lines->room ? lines->count - lines->room : 0;
    for (uint64_t i = from; i < lines->count; i++) {
        printf("%s\n", lines->lines[i % lines->room]);
    }
}

static enum status file_show(struct cli *cli, const char *path, struct log_lines *lines) {
    struct span whole = {0};
    struct log_file file;
    TRY(file_read(cli, path, FILE_SIZE_MAX, &whole));
    enum status status = log_file_open(bytes_of_span(whole), &file);
    if (status == STATUS_OK) {
        status = page_keep(lines, file.entries, file.first);
    } else {
        status =
            report_failure(cli, STATUS_FILE_FORMAT,
                           (struct reason){"it is not an exported log", "edgehsm log export FILE"},
                           "show the log in '%s'", path);
    }
    file_free(&whole);
    return status;
}

/* Looks at more and more of the log's end, until enough of it is worth showing. */
static enum status live_show(struct cli *cli, struct log_lines *lines) {
    uint64_t first = 0, end = 0;
    TRY(session_connect(cli));
    TRY(log_live_range(cli, &first, &end));
    uint64_t window = (uint64_t)lines->room * WINDOW_FACTOR;
    for (;;) {
        uint64_t from = end - first > window ? end - window : first;
        lines->count = 0;
        TRY(log_live_each(cli, from, end, page_keep, lines));
        if (from == first || lines->count >= lines->room) {
            return STATUS_OK;
        }
        window *= WINDOW_FACTOR;
    }
}

static enum status show(struct cli *cli, const char *path, struct log_lines *lines) {
    lines->lines = calloc(lines->room, sizeof(char *));
    if (!lines->lines) {
        return report_failure(cli, STATUS_MEMORY, (struct reason){0}, "show the log");
    }
    enum status status = path ? file_show(cli, path, lines) : live_show(cli, lines);
    if (status == STATUS_OK) {
        lines_print(lines);
    }
    for (size_t i = 0; i < lines->room; i++) {
        free(lines->lines[i]);
    }
    free(lines->lines);
    return status;
}

enum status log_show_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    const char *wanted = NULL;
    bool all = false;
    const struct option_row rows[] = {
        {"count", 'n', "COUNT", "how many of the newest records (default: 20)", NULL, &wanted,
         NULL},
        {"all", 0, NULL, "also connections, look-ups and readings of this log", &all, NULL, NULL},
    };
    struct arguments arguments = {.options = rows, .option_count = COUNT(rows), .most = 1};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    char *end = NULL;
    errno = 0;
    long count = wanted ? strtol(wanted, &end, 10) : 20;
    if (wanted && (*wanted == 0 || *end != 0 || count < 1 || count > SHOWN_MAX || errno != 0)) {
        return report_usage(cli, "-n wants a number from 1 to %d, not '%s'", SHOWN_MAX, wanted);
    }
    struct log_lines lines = {.cli = cli, .all = all, .room = (size_t)count};
    return show(cli, arguments.count == 1 ? arguments.words[0] : NULL, &lines);
}
