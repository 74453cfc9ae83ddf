/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of edgehsmd. */
#define _GNU_SOURCE
#include "body/door/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "edgehsmd keeps keys in a process of their own and lets other programs use them.\n"
    "\n"
    "  systemctl enable --now edgehsmd       as a service\n"
    "  edgehsmd --state ~/hsm --socket ~/hsm.sock --allow-swap\n"
    "                                        to try it as an ordinary user\n"
    "\n"
    "  --state DIR       where keys and log are kept; mode 0700 (/var/lib/edgehsm)\n"
    "  --socket PATH     where programs connect (/run/edgehsm/module.sock)\n"
    "  --user NAME       user to become when started as root (edgehsm)\n"
    "  --group NAME      group that may connect (edgehsm)\n"
    "  --mode OCTAL      mode of the socket (0660)\n"
    "  --root-key FILE   file with the 32-byte root key, kept elsewhere (DIR/root.key, made at\n"
    "                    the first start; systemd's credential edgehsm-root comes before both)\n"
    "  --log-max SIZE    largest size of the audit log: 64M, 1G (1G)\n"
    "  --allow-swap      start even when memory cannot be locked: keys may reach the swap\n"
    "  --foreground      do not go to the background (it never does)\n"
    "  --help, --version\n"
    "\n"
    "Next: edgehsm init, edgehsm status, edgehsm doctor. Manual: man edgehsmd\n";

enum { OPTION_FIRST = 256, STATE, SOCKET, USER, GROUP, MODE, ROOT_KEY, LOG_MAX, ALLOW_SWAP,
       FOREGROUND, HELP, VERSION };

static const struct option table[] = {
    {"state", required_argument, NULL, STATE},
    {"socket", required_argument, NULL, SOCKET},
    {"user", required_argument, NULL, USER},
    {"group", required_argument, NULL, GROUP},
    {"mode", required_argument, NULL, MODE},
    {"root-key", required_argument, NULL, ROOT_KEY},
    {"log-max", required_argument, NULL, LOG_MAX},
    {"allow-swap", no_argument, NULL, ALLOW_SWAP},
    {"foreground", no_argument, NULL, FOREGROUND},
    {"help", no_argument, NULL, HELP},
    {"version", no_argument, NULL, VERSION},
    {NULL, 0, NULL, 0},
};

static bool read_size(const char *text, uint64_t *size) {
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    end += shift != 0;
    *size = (uint64_t)number << shift;
    return errno == 0 && text[0] >= '0' && text[0] <= '9' && *end == '\0' && number > 0 &&
           *size >> shift == number;
}

static bool read_mode(const char *text, unsigned *mode) {
    char *end;
    unsigned long number = strtoul(text, &end, 8);
    *mode = (unsigned)number;
    return text[0] >= '0' && text[0] <= '7' && *end == '\0' && number <= 0777;
}

static int mistake(const char *what, const char *value) {
    fprintf(stderr, "edgehsmd: %s '%s' is not valid; see edgehsmd --help\n", what, value);
    return 2;
}

static int take(struct options *options, int option) {
    switch (option) {
    case STATE:
        options->state = optarg;
        return -1;
    case SOCKET:
        options->socket = optarg;
        return -1;
    case USER:
        options->user = optarg;
        return -1;
    case GROUP:
        options->group = optarg;
        options->group_given = true;
        return -1;
    case MODE:
        return read_mode(optarg, &options->mode) ? -1 : mistake("--mode", optarg);
    case ROOT_KEY:
        options->root_key = optarg;
        return -1;
    case LOG_MAX:
        return read_size(optarg, &options->log_max) ? -1 : mistake("--log-max", optarg);
    case ALLOW_SWAP:
        options->allow_swap = true;
        return -1;
    case FOREGROUND:
        return -1;
    case HELP:
        fputs(help, stdout);
        return 0;
    case VERSION:
        printf("edgehsmd %s\n", EHSM_VERSION);
        return 0;
    default:
        fprintf(stderr, "edgehsmd: see edgehsmd --help\n");
        return 2;
    }
}

int options_read(struct options *options, int count, char **arguments) {
    *options = (struct options){
        .state = "/var/lib/edgehsm",
        .socket = "/run/edgehsm/module.sock",
        .user = "edgehsm",
        .group = "edgehsm",
        .mode = 0660,
        .log_max = (uint64_t)1 << 30,
    };
    for (;;) {
        int option = getopt_long(count, arguments, "", table, NULL);
        if (option == -1) {
            break;
        }
        int result = take(options, option);
        if (result != -1) {
            return result;
        }
    }
    return optind == count ? -1 : mistake("argument", arguments[optind]);
}
