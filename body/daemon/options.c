/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of edgehsmd. */
#include "body/door/options.h"

#include <errno.h>
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

enum { OPTION_NONE, ROOT_KEY, LOG_MAX, FOREGROUND };

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

static bool take(struct options *options, int option, const char *value) {
    switch (option) {
    case ROOT_KEY:
        options->root_key = value;
        return true;
    case LOG_MAX:
        return read_size(value, &options->log_max);
    default:
        return true; /* it never goes to the background */
    }
}

int options_read(struct options *options, int count, char **arguments) {
    static const struct options_own own = {
        .name = "edgehsmd",
        .help = help,
        .rows = {{"root-key", required_argument, NULL, ROOT_KEY},
                 {"log-max", required_argument, NULL, LOG_MAX},
                 {"foreground", no_argument, NULL, FOREGROUND}},
        .take = take,
    };
    *options = (struct options){
        .state = "/var/lib/edgehsm",
        .socket = "/run/edgehsm/module.sock",
        .user = "edgehsm",
        .group = "edgehsm",
        .mode = 0660,
        .log_max = (uint64_t)1 << 30,
    };
    return options_take(options, &own, count, arguments);
}
