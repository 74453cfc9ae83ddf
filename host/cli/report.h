/* SPDX-License-Identifier: Apache-2.0 */
/* What people and scripts are told: errors and advice on stderr, results on stdout, as text or
 * JSON. */
#ifndef HOST_CLI_REPORT_H
#define HOST_CLI_REPORT_H

#include "host/cli/cli.h"

/* Why, and the next command; NULL: what base/status.def says. */
struct reason {
    const char *why;
    const char *next;
};

/* Tells of a failure: what could not be done (the format: a sentence after "cannot "), why, the
 * next command, the stable code. Returns `status`. */
enum status report_failure(const struct cli *cli, enum status status, struct reason reason,
                           const char *what, ...) MUST_USE __attribute__((format(printf, 4, 5)));
/* Tells of a mistake on the command line; returns STATUS_USAGE. */
enum status report_usage(const struct cli *cli, const char *why, ...) MUST_USE
    __attribute__((format(printf, 2, 3)));
/* Talk on stderr: progress, advice. Nothing where JSON was asked for. */
void report_talk(const struct cli *cli, const char *text, ...)
    __attribute__((format(printf, 2, 3)));

/* The exit code of the program for a status: 0 done, 1 other failure, 2 usage, 3 not found, 4
 * refused, 5 the module cannot be reached. */
int report_exit_code(enum status status) MUST_USE;

enum { REPORT_TEXT_MAX = 1024 };

/* Fills `out` with text that is safe on a terminal and in JSON: valid UTF-8 without control
 * characters; other bytes come out as \xNN. Always ends with a zero byte. */
void report_clean(struct bytes text, char *out, size_t room);

#endif
