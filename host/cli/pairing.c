/* SPDX-License-Identifier: Apache-2.0 */
/* Pairing with a chip, which the endpoint's program does: keys are none of the command line's. */
#define _GNU_SOURCE
#include "host/cli/pairing.h"

#include "host/cli/place.h"
#include "host/cli/report.h"

#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { TRIES = 100, PAUSE_MS = 100 };

static enum status connect_again(struct cli *cli) {
    cli->address = client_address(cli->module);
    return client_open(&cli->client, cli->address);
}

/* The endpoint looks for a pairing once a second, and the chip needs a moment. */
static enum status connect_patiently(struct cli *cli) {
    enum status status = connect_again(cli);
    for (int i = 0; i < TRIES && (status == STATUS_NOT_PAIRED || status == STATUS_LINE_DOWN); i++) {
        poll(NULL, 0, PAUSE_MS);
        status = connect_again(cli);
    }
    return status;
}

static enum status run_endpoint(struct cli *cli, const struct pairing_place *place) {
    const char *named = secure_getenv("EDGEHSM_ENDPOINT");
    const char *program = named != NULL ? named : EHSM_ENDPOINT;
    const char *words[8] = {program, "--pair", "--chip", place->chip};
    size_t count = 4;
    pid_t pid = 0;
    int result = 0;
    if (place->state != NULL) {
        words[count++] = "--state";
        words[count++] = place->state;
    }
    int failed = posix_spawn(&pid, program, NULL, NULL, (char *const *)(uintptr_t)words, environ);
    if (failed != 0) {
        return report_failure(cli, STATUS_FILE_READ,
                              (struct reason){strerror(failed), "install the package edgehsmd"},
                              "run %s", program);
    }
    while (waitpid(pid, &result, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(result) || WEXITSTATUS(result) != 0) {
        return report_failure(cli, STATUS_NOT_PAIRED,
                              (struct reason){"edgehsm-endpoint says why above", NULL},
                              "pair with the chip at %s", place->chip);
    }
    return STATUS_OK;
}

enum status pairing_arrange(struct cli *cli, const struct pairing_place *place) {
    enum status status = connect_again(cli);
    if (status == STATUS_NOT_PAIRED || status == STATUS_UNREACHABLE) {
        if (place->chip == NULL) {
            return report_usage(cli,
                                "say where the chip is: --chip unix:/PATH or --chip /dev/NAME");
        }
        TRY(run_endpoint(cli, place));
        status = connect_patiently(cli);
    }
    if (status == STATUS_UNREACHABLE) {
        return report_failure(
            cli, status,
            (struct reason){"the chip is paired, but no endpoint runs",
                            "systemctl enable --now edgehsm-endpoint, then once more: edgehsm "
                            "init --form chip"},
            "talk to the module at %s", cli->address);
    }
    if (status != STATUS_OK) {
        return report_failure(cli, status, (struct reason){0}, "talk to the module at %s",
                              cli->address);
    }
    return STATUS_OK;
}
