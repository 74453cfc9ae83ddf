/* SPDX-License-Identifier: Apache-2.0 */
/* Where PINs come from. */
#include "host/cli/pin.h"

#include "base/wipe.h"
#include "host/cli/report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

struct bytes pin_bytes(const struct pin *pin) {
    return bytes_of(pin->data, pin->size);
}

/* The signal that came while the terminal did not echo. */
static volatile sig_atomic_t caught;

static void catch_signal(int number) {
    caught = number;
}

/* Reads one line byte by byte, so that nothing behind it is taken from a shared descriptor. */
static bool line_read(int fd, struct pin *pin) {
    pin->size = 0;
    for (;;) {
        uint8_t byte = 0;
        ssize_t got = read(fd, &byte, 1);
        if (got < 0 && errno == EINTR && caught == 0) {
            continue;
        }
        if (got < 0) {
            return false;
        }
        if (got == 0 || byte == '\n') {
            return true;
        }
        if (pin->size < sizeof(pin->data)) {
            pin->data[pin->size++] = byte;
        }
    }
}

static enum status pin_check(const struct cli *cli, const struct pin *pin, const char *from) {
    if (pin->size < PIN_SIZE_MIN || pin->size > PIN_SIZE_MAX) {
        return report_failure(cli, STATUS_PIN_LENGTH, (struct reason){0}, "use the PIN from %s",
                              from);
    }
    return STATUS_OK;
}

enum status pin_line(const struct cli *cli, const char *path, struct pin *pin) {
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    bool done = fd >= 0 && line_read(fd, pin);
    int error = errno;
    if (fd >= 0 && !is_stdin) {
        close(fd);
    }
    if (!done) {
        return report_failure(cli, STATUS_FILE_READ, (struct reason){strerror(error), NULL},
                              "read the PIN from the file '%s'", path);
    }
    if (pin->size > 0 && pin->data[pin->size - 1] == '\r') {
        pin->size--;
    }
    return STATUS_OK;
}

enum status pin_from_file(const struct cli *cli, const char *path, struct pin *pin) {
    TRY(pin_line(cli, path, pin));
    return pin_check(cli, pin, path);
}

static enum status pin_from_descriptor(const struct cli *cli, struct pin *pin) {
    char *end = NULL;
    errno = 0;
    long fd = strtol(cli->pin_fd, &end, 10);
    if (*cli->pin_fd == 0 || *end != 0 || fd < 0 || fd > 1 << 20) {
        return report_usage(cli, "--pin-fd wants a number, not '%s'", cli->pin_fd);
    }
    if (!line_read((int)fd, pin)) {
        return report_failure(cli, STATUS_FILE_READ, (struct reason){strerror(errno), NULL},
                              "read the PIN from file descriptor %ld", fd);
    }
    return pin_check(cli, pin, "the file descriptor");
}

/* What is typed is not shown; and the terminal shows again what is typed after Ctrl-C, too. */
static bool hidden_read(int fd, struct pin *pin) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    const struct sigaction catching = {.sa_handler = catch_signal};
    struct sigaction before[COUNT(signals)];
    struct termios shown, quiet;
    if (tcgetattr(fd, &shown) != 0) {
        return line_read(fd, pin);
    }
    caught = 0;
    for (size_t i = 0; i < COUNT(signals); i++) {
        sigaction(signals[i], &catching, &before[i]);
    }
    quiet = shown;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(fd, TCSAFLUSH, &quiet);
    bool done = line_read(fd, pin);
    tcsetattr(fd, TCSAFLUSH, &shown);
    dprintf(fd, "\n");
    for (size_t i = 0; i < COUNT(signals); i++) {
        sigaction(signals[i], &before[i], NULL);
    }
    if (caught != 0) {
        wipe(pin, sizeof(*pin));
        raise(caught);
    }
    return done && caught == 0;
}

static enum status line_ask(const struct cli *cli, const char *prompt, bool hidden,
                            struct pin *pin) {
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return STATUS_PIN_NEEDED;
    }
    dprintf(fd, "%s: ", prompt);
    bool done = hidden ? hidden_read(fd, pin) : line_read(fd, pin);
    close(fd);
    if (!done) {
        return report_failure(cli, STATUS_FILE_READ, (struct reason){"the terminal is gone", NULL},
                              "read what was typed");
    }
    return STATUS_OK;
}

enum status pin_ask(const struct cli *cli, const char *prompt, bool twice, struct pin *pin) {
    enum status status = line_ask(cli, prompt, true, pin);
    if (status == STATUS_PIN_NEEDED) {
        return report_failure(cli, status, (struct reason){0}, "ask for the %s", prompt);
    }
    TRY(status);
    TRY(pin_check(cli, pin, "the terminal"));
    if (!twice) {
        return STATUS_OK;
    }
    struct pin again;
    WIPE_AT_END(again, sizeof(again));
    TRY(line_ask(cli, "the same again", true, &again));
    if (!bytes_equal(pin_bytes(pin), pin_bytes(&again))) {
        return report_failure(cli, STATUS_NOT_CONFIRMED,
                              (struct reason){"the two inputs differ", "try again"}, "set the %s",
                              prompt);
    }
    return STATUS_OK;
}

/* A credential that systemd hands to a service: $CREDENTIALS_DIRECTORY/NAME. */
static bool credential_path(const char *name, char *path) {
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (!folder || !*folder) {
        return false;
    }
    snprintf(path, PATH_ROOM, "%s/%s", folder, name);
    return access(path, R_OK) == 0;
}

enum status pin_get(const struct cli *cli, enum pin_owner owner, struct pin *pin) {
    char path[PATH_ROOM];
    bool user = owner == PIN_USER;
    const char *file = user ? cli->pin_file : cli->so_pin_file;
    if (file) {
        return pin_from_file(cli, file, pin);
    }
    if (user && cli->pin_fd) {
        return pin_from_descriptor(cli, pin);
    }
    if (credential_path(user ? "edgehsm-pin" : "edgehsm-so-pin", path)) {
        return pin_from_file(cli, path, pin);
    }
    char prompt[80];
    snprintf(prompt, sizeof(prompt), "%s of token '%s'", user ? "PIN" : "security officer's PIN",
             cli->label);
    enum status status = line_ask(cli, prompt, true, pin);
    if (status == STATUS_PIN_NEEDED) {
        const char *next = user ? "give it with --pin-file FILE or --pin-fd N; or let this user in "
                                  "without a PIN: edgehsm token set --access peers --peer USER"
                                : "give it with --so-pin-file FILE";
        return report_failure(cli, status, (struct reason){NULL, next}, "ask for the %s", prompt);
    }
    TRY(status);
    return pin_check(cli, pin, "the terminal");
}

/* Letters and digits that are not mistaken for one another; 32 of them, so that five bits choose
 * one without bias. */
enum status pin_invent(const struct cli *cli, struct pin *pin) {
    static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";
    SECRET_BYTES(raw, 24);
    if (getrandom(raw, sizeof(raw), 0) != (ssize_t)sizeof(raw)) {
        return report_failure(cli, STATUS_NO_ENTROPY, (struct reason){0}, "make a PIN");
    }
    for (size_t i = 0; i < sizeof(raw); i++) {
        pin->data[i] = (uint8_t)alphabet[raw[i] & 31];
    }
    pin->size = sizeof(raw);
    return STATUS_OK;
}

enum status pin_confirm(const struct cli *cli, const char *what, const char *name,
                        const char *given) {
    struct pin typed = {.size = 0};
    char prompt[256], next[256];
    if (!given) {
        snprintf(prompt, sizeof(prompt), "This cannot be undone. To %s, type its name (%s)", what,
                 name);
        enum status status = line_ask(cli, prompt, false, &typed);
        if (status != STATUS_OK && status != STATUS_PIN_NEEDED) {
            return status;
        }
    }
    struct bytes answer = given ? bytes_of_text(given) : pin_bytes(&typed);
    if (bytes_equal(answer, bytes_of_text(name))) {
        return STATUS_OK;
    }
    snprintf(next, sizeof(next), "type the name when asked, or give it: --confirm '%s'", name);
    return report_failure(cli, STATUS_NOT_CONFIRMED, (struct reason){NULL, next}, "%s", what);
}
