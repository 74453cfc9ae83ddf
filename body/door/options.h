/* SPDX-License-Identifier: Apache-2.0 */
/* What the command line of a body says. */
#ifndef BODY_DOOR_OPTIONS_H
#define BODY_DOOR_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
    const char *state;    /* directory */
    const char *socket;   /* path */
    const char *user;     /* to become when started as root */
    const char *group;    /* that may connect */
    const char *root_key; /* file, or NULL */
    unsigned mode;        /* of the socket */
    bool group_given;
    bool allow_swap;
    uint64_t log_max;
    /* the endpoint's */
    const char *chip; /* where its line is */
    unsigned speed;   /* of a serial device, in baud */
    unsigned answer_s; /* so long it waits for an answer of the chip */
    bool pair;        /* pair, and end */
};

/* Reads the command line; each body answers. Returns -1 to go on, else the status to exit with
 * (help, version, a mistake). */
int options_read(struct options *options, int count, char **arguments);

#endif
