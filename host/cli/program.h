/* SPDX-License-Identifier: Apache-2.0 */
/* The whole command as a function, so that tests can call it. */
#ifndef HOST_CLI_PROGRAM_H
#define HOST_CLI_PROGRAM_H

#include "base/compiler.h"

/* Runs `edgehsm` with these arguments; returns its exit code. */
int program_run(int argc, char **argv) MUST_USE;

#endif
