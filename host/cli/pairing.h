/* SPDX-License-Identifier: Apache-2.0 */
/* The first step of `edgehsm init --form chip`: chip and host get to know each other. */
#ifndef HOST_CLI_PAIRING_H
#define HOST_CLI_PAIRING_H

#include "host/cli/cli.h"

/* What the endpoint must be told; NULL: its own default. */
struct pairing_place {
    const char *chip;
    const char *state;
};

/* Connects to the module; where it is not paired yet, or no endpoint runs, has edgehsm-endpoint
 * pair with the chip first. STATUS_OK: connected. Otherwise told already. */
enum status pairing_arrange(struct cli *cli, const struct pairing_place *place) MUST_USE;

#endif
