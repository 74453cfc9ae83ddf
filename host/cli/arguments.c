/* SPDX-License-Identifier: Apache-2.0 */
/* Options: getopt_long fed from tables. */
#include "host/cli/arguments.h"

#include "host/cli/report.h"

#include <getopt.h>
#include <stdio.h>

enum { COMMON_COUNT = 8, FIRST_LONG = 1000 };

static void common_rows(struct cli *cli, struct option_row rows[COMMON_COUNT]) {
    const struct option_row all[COMMON_COUNT] = {
        {"module", 0, "ADDRESS", "where the module is (default: /run/edgehsm/module.sock)", NULL,
         &cli->module, NULL},
        {"token", 0, "LABEL", "the token to use, where there are several", NULL, &cli->token, NULL},
        {"pin-file", 0, "FILE", "read the user PIN from a file's first line", NULL, &cli->pin_file,
         NULL},
        {"pin-fd", 0, "N", "read the PIN from an open file descriptor", NULL, &cli->pin_fd, NULL},
        {"so-pin-file", 0, "FILE", "read the security officer's PIN from a file", NULL,
         &cli->so_pin_file, NULL},
        {"json", 0, NULL, "print results and errors as JSON", &cli->json, NULL, NULL},
        {"help", 'h', NULL, "this text", &cli->help, NULL, NULL},
        {"version", 0, NULL, "print the version", &cli->version, NULL, NULL},
    };
    memcpy(rows, all, sizeof(all));
}

/* The tables of getopt_long, made from rows. */
struct getopt_tables {
    struct option longs[OPTIONS_MAX + 1];
    char shorts[3 + 2 * OPTIONS_MAX];
};

static void tables_make(struct getopt_tables *tables, const struct option_row *rows, size_t count,
                        bool stop_at_word) {
    size_t n = 0;
    tables->shorts[n++] = stop_at_word ? '+' : '-';
    tables->shorts[n++] = ':';
    for (size_t i = 0; i < count; i++) {
        tables->longs[i] =
            (struct option){rows[i].name, rows[i].value ? required_argument : no_argument, NULL,
                            FIRST_LONG + (int)i};
        if (rows[i].letter != 0) {
            tables->shorts[n++] = rows[i].letter;
            if (rows[i].value) {
                tables->shorts[n++] = ':';
            }
        }
    }
    tables->longs[count] = (struct option){NULL, 0, NULL, 0};
    tables->shorts[n] = 0;
}

static const struct option_row *row_of(const struct option_row *rows, size_t count, int got) {
    for (size_t i = 0; i < count; i++) {
        if (got == FIRST_LONG + (int)i || (rows[i].letter != 0 && got == rows[i].letter)) {
            return &rows[i];
        }
    }
    return NULL;
}

static enum status row_take(const struct cli *cli, const struct option_row *row,
                            const char *value) {
    if (row->flag) {
        *row->flag = true;
    } else if (row->list) {
        if (row->list->count == OPTION_LIST_MAX) {
            return report_usage(cli, "--%s is given too many times (at most %d)", row->name,
                                OPTION_LIST_MAX);
        }
        row->list->texts[row->list->count++] = value;
    } else {
        *row->text = value;
    }
    return STATUS_OK;
}

static enum status option_refused(const struct cli *cli, int got, char *word) {
    if (got == ':') {
        return report_usage(cli, "option '%s' needs a value", word);
    }
    return report_usage(cli, "there is no option '%s'", word);
}

enum status arguments_read_common(struct cli *cli, int argc, char **argv, int *next) {
    struct option_row rows[COMMON_COUNT];
    struct getopt_tables tables;
    common_rows(cli, rows);
    tables_make(&tables, rows, COMMON_COUNT, true);
    optind = 0;
    opterr = 0;
    int got;
    while ((got = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
        const struct option_row *row = row_of(rows, COMMON_COUNT, got);
        if (!row) {
            return option_refused(cli, got, argv[optind - 1]);
        }
        TRY(row_take(cli, row, optarg));
    }
    *next = optind;
    return STATUS_OK;
}

/* Words are moved to the front of argv, in order, as getopt_long hands them out. */
static enum status read_all(struct cli *cli, const struct option_row *rows, size_t count,
                            struct arguments *arguments, char **argv) {
    struct getopt_tables tables;
    int argc = arguments->count;
    tables_make(&tables, rows, count, false);
    arguments->words = argv + 1;
    arguments->count = 0;
    optind = 0;
    opterr = 0;
    int got;
    while ((got = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
        if (got == 1) {
            arguments->words[arguments->count++] = optarg;
            continue;
        }
        const struct option_row *row = row_of(rows, count, got);
        if (!row) {
            return option_refused(cli, got, argv[optind - 1]);
        }
        TRY(row_take(cli, row, optarg));
    }
    while (optind < argc) {
        arguments->words[arguments->count++] = argv[optind++];
    }
    return STATUS_OK;
}

enum status arguments_read(struct cli *cli, const struct verb *verb, struct arguments *arguments,
                           int argc, char **argv) {
    struct option_row rows[OPTIONS_MAX];
    size_t count = arguments->option_count;
    if (count + COMMON_COUNT > OPTIONS_MAX) {
        return STATUS_INTERNAL;
    }
    for (size_t i = 0; i < count; i++) {
        rows[i] = arguments->options[i];
    }
    common_rows(cli, rows + count);
    arguments->count = argc;
    TRY(read_all(cli, rows, count + COMMON_COUNT, arguments, argv));
    if (cli->help) {
        arguments_help(verb, arguments);
        return STATUS_NOT_FOUND;
    }
    if (arguments->count < arguments->least) {
        return report_usage(cli, "something is missing: usage: edgehsm %s", verb->synopsis);
    }
    if (arguments->count > arguments->most) {
        return report_usage(cli, "'%s' is one word too many: usage: edgehsm %s",
                            arguments->words[arguments->most], verb->synopsis);
    }
    return STATUS_OK;
}

static void help_rows(const struct option_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char left[64];
        const char *value = rows[i].value ? rows[i].value : "";
        const char *gap = rows[i].value ? " " : "";
        if (rows[i].letter != 0) {
            snprintf(left, sizeof(left), "-%c, --%s%s%s", rows[i].letter, rows[i].name, gap, value);
        } else {
            snprintf(left, sizeof(left), "    --%s%s%s", rows[i].name, gap, value);
        }
        printf("  %-28s  %s\n", left, rows[i].text_of_help);
    }
}

void arguments_help_common(void) {
    static struct cli nobody;
    struct option_row rows[COMMON_COUNT];
    common_rows(&nobody, rows);
    help_rows(rows, COMMON_COUNT);
}

void arguments_help(const struct verb *verb, const struct arguments *arguments) {
    printf("%s\n\nExamples:\n%s\n\nUsage: edgehsm %s\n", verb->sentence, verb->examples,
           verb->synopsis);
    if (arguments->option_count > 0) {
        printf("\nOptions:\n");
        help_rows(arguments->options, arguments->option_count);
    }
    printf("\nOptions of every verb:\n");
    arguments_help_common();
}
