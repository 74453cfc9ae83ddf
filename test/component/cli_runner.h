/* SPDX-License-Identifier: Apache-2.0 */
/* Runs `edgehsm` in this process, against a whole module in this process, and keeps what it said.
 */
#ifndef TEST_COMPONENT_CLI_RUNNER_H
#define TEST_COMPONENT_CLI_RUNNER_H

#include <stdbool.h>
#include <stddef.h>

struct cli_said {
    int code;
    char out[65536];
    char err[16384];
};
extern struct cli_said said;

/* A fresh module and an empty folder, which becomes the working folder. */
int cli_begin(void **state);
int cli_end(void **state);

/* Runs it with words separated by blanks; returns the exit code. A word cannot hold a blank, but
 * '~' stands for one. */
int cli(const char *words);
/* The same, and it must succeed. */
void cli_ok(const char *words);
/* Runs another program by the shell; true when it exits with 0. */
bool shell(const char *command);

bool out_has(const char *text);
bool err_has(const char *text);

/* Writes a file in the working folder. */
void file_put(const char *name, const void *data, size_t size);

#endif
