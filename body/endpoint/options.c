/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of edgehsm-endpoint. */
#define _GNU_SOURCE
#include "body/door/options.h"
#include "body/endpoint/pilot.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "edgehsm-endpoint lets the programs of this machine use an Edge HSM chip on a line.\n"
    "\n"
    "  edgehsm init --form chip               pairs with the chip and sets up a token\n"
    "  systemctl enable --now edgehsm-endpoint  as a service\n"
    "  edgehsm-endpoint --chip unix:chip.sock --state ~/line --socket ~/hsm.sock --allow-swap\n"
    "                                         to try it as an ordinary user\n"
    "\n"
    "  --chip PLACE      where the line is: unix:PATH or a serial device (/dev/edgehsm)\n"
    "  --speed BAUD      of a serial device (115200)\n"
    "  --state DIR       where pairing.key is kept; mode 0700 (/var/lib/edgehsm-endpoint)\n"
    "  --socket PATH     where programs connect (/run/edgehsm/module.sock)\n"
    "  --user NAME       user to become when started as root (edgehsm)\n"
    "  --group NAME      group that may connect (edgehsm)\n"
    "  --mode OCTAL      mode of the socket (0660)\n"
    "  --allow-swap      start even when memory cannot be locked: requests may reach the swap\n"
    "  --patience SECONDS  how long the chip may take for one answer (60)\n"
    "  --pair            pair with a chip that belongs to nobody yet, and end\n"
    "  --help, --version\n"
    "\n"
    "Next: edgehsm status, edgehsm doctor. Manual: man edgehsm-endpoint\n";

enum { OPTION_FIRST = 256, CHIP, SPEED, STATE, SOCKET, USER, GROUP, MODE, ALLOW_SWAP, PATIENCE,
       PAIR, HELP, VERSION };

static const struct option table[] = {
    {"chip", required_argument, NULL, CHIP},
    {"speed", required_argument, NULL, SPEED},
    {"state", required_argument, NULL, STATE},
    {"socket", required_argument, NULL, SOCKET},
    {"user", required_argument, NULL, USER},
    {"group", required_argument, NULL, GROUP},
    {"mode", required_argument, NULL, MODE},
    {"allow-swap", no_argument, NULL, ALLOW_SWAP},
    {"patience", required_argument, NULL, PATIENCE},
    {"pair", no_argument, NULL, PAIR},
    {"help", no_argument, NULL, HELP},
    {"version", no_argument, NULL, VERSION},
    {NULL, 0, NULL, 0},
};

static bool read_number(const char *text, int base, unsigned long max, unsigned *number) {
    char *end;
    unsigned long read = strtoul(text, &end, base);
    *number = (unsigned)read;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && read <= max;
}

static bool read_speed(const char *text, unsigned *speed) {
    static const unsigned known[] = {38400, 57600, 115200, 230400, 460800, 921600};
    bool found = false;
    if (!read_number(text, 10, 921600, speed)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        found = found || known[i] == *speed;
    }
    return found;
}

static int mistake(const char *what, const char *value) {
    fprintf(stderr, "edgehsm-endpoint: %s '%s' is not valid; see edgehsm-endpoint --help\n", what,
            value);
    return 2;
}

static int take(struct options *options, int option) {
    switch (option) {
    case CHIP:
        options->chip = optarg;
        return optarg[0] == '/' || strncmp(optarg, "unix:/", 6) == 0 ? -1
                                                                     : mistake("--chip", optarg);
    case SPEED:
        return read_speed(optarg, &options->speed) ? -1 : mistake("--speed", optarg);
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
        return read_number(optarg, 8, 0777, &options->mode) ? -1 : mistake("--mode", optarg);
    case ALLOW_SWAP:
        options->allow_swap = true;
        return -1;
    case PATIENCE:
        return read_number(optarg, 10, 3600, &options->answer_s) && options->answer_s > 0
                   ? -1
                   : mistake("--patience", optarg);
    case PAIR:
        options->pair = true;
        return -1;
    case HELP:
        fputs(help, stdout);
        return 0;
    case VERSION:
        printf("edgehsm-endpoint %s\n", EHSM_VERSION);
        return 0;
    default:
        fprintf(stderr, "edgehsm-endpoint: see edgehsm-endpoint --help\n");
        return 2;
    }
}

int options_read(struct options *options, int count, char **arguments) {
    *options = (struct options){
        .state = "/var/lib/edgehsm-endpoint",
        .socket = "/run/edgehsm/module.sock",
        .user = "edgehsm",
        .group = "edgehsm",
        .mode = 0660,
        .speed = 115200,
        .answer_s = PILOT_ANSWER_MS / 1000,
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
    if (optind != count) {
        return mistake("argument", arguments[optind]);
    }
    if (options->chip == NULL) {
        fprintf(stderr, "edgehsm-endpoint: say where the chip is: --chip unix:/PATH or --chip "
                        "/dev/NAME\n");
        return 2;
    }
    return -1;
}
