/* SPDX-License-Identifier: Apache-2.0 */
/* What the command line of a body says: what every body takes is read here, and each adds its
 * own. */
#ifndef BODY_DOOR_OPTIONS_H
#define BODY_DOOR_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
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

enum { OPTIONS_OWN_MAX = 8 };

/* What is a body's own of the command line. */
struct options_own {
    const char *name; /* of the program */
    const char *help; /* the whole text of --help */
    struct option rows[OPTIONS_OWN_MAX]; /* with values from 1 on; the rest zeros */
    /* Takes one of them; false where its value is not valid. */
    bool (*take)(struct options *options, int option, const char *value);
};

/* Reads the command line into *options, which holds what is taken where it says nothing. Returns -1
 * to go on, else the status to exit with: help, version, a mistake, of which it tells. */
int options_take(struct options *options, const struct options_own *own, int count,
                 char **arguments);
/* A number of this base and nothing else, at most `max`. */
bool options_number(const char *text, int base, unsigned long max, unsigned *number);

/* The same for one body; each body answers. */
int options_read(struct options *options, int count, char **arguments);

#endif
