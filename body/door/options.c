/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, as every body reads it. */
#define _GNU_SOURCE
#include "body/door/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMON_FIRST = 256, STATE, SOCKET, USER, GROUP, MODE, ALLOW_SWAP, HELP, VERSION };

static const struct option common[] = {
    {"state", required_argument, NULL, STATE},
    {"socket", required_argument, NULL, SOCKET},
    {"user", required_argument, NULL, USER},
    {"group", required_argument, NULL, GROUP},
    {"mode", required_argument, NULL, MODE},
    {"allow-swap", no_argument, NULL, ALLOW_SWAP},
    {"help", no_argument, NULL, HELP},
    {"version", no_argument, NULL, VERSION},
    {NULL, 0, NULL, 0},
};
enum { COMMON_COUNT = sizeof(common) / sizeof(common[0]) };

bool options_number(const char *text, int base, unsigned long max, unsigned *number) {
    char *end;
    unsigned long read = strtoul(text, &end, base);
    *number = (unsigned)read;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && read <= max;
}

static int mistake(const struct options_own *own, const char *what, const char *value) {
    fprintf(stderr, "%s: %s '%s' is not valid; see %s --help\n", own->name, what, value,
            own->name);
    return 2;
}

/* Whether the value is one that the option can have. */
static bool take_common(struct options *options, int option) {
    switch (option) {
    case STATE:
        options->state = optarg;
        return true;
    case SOCKET:
        options->socket = optarg;
        return true;
    case USER:
        options->user = optarg;
        return true;
    case GROUP:
        options->group = optarg;
        options->group_given = true;
        return true;
    case MODE:
        return options_number(optarg, 8, 0777, &options->mode);
    default:
        options->allow_swap = true;
        return true;
    }
}

static int take(struct options *options, const struct options_own *own, const struct option *row) {
    char name[32];
    switch (row->val) {
    case HELP:
        fputs(own->help, stdout);
        return 0;
    case VERSION:
        printf("%s %s\n", own->name, EHSM_VERSION);
        return 0;
    default:
        break;
    }
    if (row->val > COMMON_FIRST ? take_common(options, row->val)
                                : own->take(options, row->val, optarg)) {
        return -1;
    }
    snprintf(name, sizeof(name), "--%s", row->name);
    return mistake(own, name, optarg);
}

int options_take(struct options *options, const struct options_own *own, int count,
                 char **arguments) {
    struct option rows[OPTIONS_OWN_MAX + COMMON_COUNT];
    size_t used = 0;
    while (used < OPTIONS_OWN_MAX && own->rows[used].name != NULL) {
        rows[used] = own->rows[used];
        used++;
    }
    memcpy(rows + used, common, sizeof(common));
    int at = 0;
    int option;
    while ((option = getopt_long(count, arguments, "", rows, &at)) != -1) {
        if (option == '?') {
            fprintf(stderr, "%s: see %s --help\n", own->name, own->name);
            return 2;
        }
        int result = take(options, own, &rows[at]);
        if (result != -1) {
            return result;
        }
    }
    return optind == count ? -1 : mistake(own, "argument", arguments[optind]);
}
