/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of edgehsm-endpoint. */
#include "body/door/options.h"
#include "body/endpoint/pilot.h"

#include <stdio.h>
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

enum { OPTION_NONE, CHIP, SPEED, PATIENCE, PAIR };

static bool read_speed(const char *text, unsigned *speed) {
    static const unsigned known[] = {38400, 57600, 115200, 230400, 460800, 921600};
    bool found = false;
    if (!options_number(text, 10, 921600, speed)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        found = found || known[i] == *speed;
    }
    return found;
}

static bool take(struct options *options, int option, const char *value) {
    switch (option) {
    case CHIP:
        options->chip = value;
        return value[0] == '/' || strncmp(value, "unix:/", 6) == 0;
    case SPEED:
        return read_speed(value, &options->speed);
    case PATIENCE:
        return options_number(value, 10, 3600, &options->answer_s) && options->answer_s > 0;
    default:
        options->pair = true;
        return true;
    }
}

int options_read(struct options *options, int count, char **arguments) {
    static const struct options_own own = {
        .name = "edgehsm-endpoint",
        .help = help,
        .rows = {{"chip", required_argument, NULL, CHIP},
                 {"speed", required_argument, NULL, SPEED},
                 {"patience", required_argument, NULL, PATIENCE},
                 {"pair", no_argument, NULL, PAIR}},
        .take = take,
    };
    *options = (struct options){
        .state = "/var/lib/edgehsm-endpoint",
        .socket = "/run/edgehsm/module.sock",
        .user = "edgehsm",
        .group = "edgehsm",
        .mode = 0660,
        .speed = 115200,
        .answer_s = PILOT_ANSWER_MS / 1000,
    };
    int result = options_take(options, &own, count, arguments);
    if (result == -1 && options->chip == NULL) {
        fprintf(stderr, "edgehsm-endpoint: say where the chip is: --chip unix:/PATH or --chip "
                        "/dev/NAME\n");
        return 2;
    }
    return result;
}
