/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a verb as a table: one table reads the command line and makes the help. */
#ifndef HOST_CLI_ARGUMENTS_H
#define HOST_CLI_ARGUMENTS_H

#include "host/cli/cli.h"

/* One option. Where `value` (the name of its argument) is NULL, it is a flag and sets *flag;
 * otherwise it sets *text, or adds to *list. */
struct option_row {
    const char *name;
    char letter; /* 0: none */
    const char *value;
    const char *text_of_help;
    bool *flag;
    const char **text;
    struct option_list *list;
};

enum { OPTION_LIST_MAX = 16, OPTIONS_MAX = 24 };

/* An option that may come several times. */
struct option_list {
    const char *texts[OPTION_LIST_MAX];
    size_t count;
};

/* What a verb takes besides its options. */
struct arguments {
    const struct option_row *options;
    size_t option_count;
    int least, most; /* number of words */
    char **words;    /* filled */
    int count;       /* filled */
};

/* Reads options (the verb's and the common ones) and words. STATUS_OK: go on. STATUS_NOT_FOUND:
 * help was asked for and printed. STATUS_USAGE: told already. */
enum status arguments_read(struct cli *cli, const struct verb *verb, struct arguments *arguments,
                           int argc, char **argv) MUST_USE;

/* Reads the common options before the verb; fills *next with the index of the verb. */
enum status arguments_read_common(struct cli *cli, int argc, char **argv, int *next) MUST_USE;

/* Prints the help of one verb, examples first. */
void arguments_help(const struct verb *verb, const struct arguments *arguments);
/* Prints the lines for the options that all verbs take. */
void arguments_help_common(void);

#endif
