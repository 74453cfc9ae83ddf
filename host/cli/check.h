/* SPDX-License-Identifier: Apache-2.0 */
/* Single checks of `edgehsm doctor`. */
#ifndef HOST_CLI_CHECK_H
#define HOST_CLI_CHECK_H

#include "host/cli/cli.h"

enum check_grade { CHECK_OK, CHECK_WARN, CHECK_FAIL, CHECK_COUNT };

/* One finding: text and the command that mends it ("" where nothing is to be done). */
struct check {
    enum check_grade grade;
    char text[512];
    char mend[512];
};

/* What a check looks at and fills. */
struct check_row {
    const char *name;
    void (*run)(struct cli *cli, struct check *check);
};

/* Sets grade and text. */
void check_say(struct check *check, enum check_grade grade, const char *mend, const char *text, ...)
    __attribute__((format(printf, 4, 5)));

/* About this machine. */
void check_socket(struct cli *cli, struct check *check);
void check_group(struct cli *cli, struct check *check);
void check_library(struct cli *cli, struct check *check);
void check_module_file(struct cli *cli, struct check *check);
void check_provider(struct cli *cli, struct check *check);
void check_engine(struct cli *cli, struct check *check);
void check_clock(struct cli *cli, struct check *check);
void check_memory(struct cli *cli, struct check *check);
void check_landlock(struct cli *cli, struct check *check);

/* About the module; they need a connection, and say so where there is none. */
void check_daemon(struct cli *cli, struct check *check);
void check_state(struct cli *cli, struct check *check);
void check_token(struct cli *cli, struct check *check);
void check_root(struct cli *cli, struct check *check);
void check_log_space(struct cli *cli, struct check *check);

#endif
