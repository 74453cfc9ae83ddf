/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm as a program. */
#include "host/cli/program.h"

#include <signal.h>

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    return program_run(argc, argv);
}
