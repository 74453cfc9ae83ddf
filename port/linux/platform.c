/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness, clocks, identity and end of the process; and the start of the port. */
#define _GNU_SOURCE
#include "port/linux/linux.h"
#include "port/port.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t started_ms;
static uid_t user;
static void (*wipe_all)(void);

static uint64_t now_ms(void) {
    struct timespec now = {0};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void linux_begin(void (*wipe)(void)) {
    started_ms = now_ms();
    user = geteuid();
    wipe_all = wipe;
}

enum status linux_open(const struct linux_port *port) {
    linux_begin(port->wipe);
    root_open(port);
    TRY(flash_open(port->state_dir));
    enum status status = log_open(port->state_dir, port->log_max);
    if (status != STATUS_OK) {
        flash_close();
    }
    return status;
}

void linux_close(void) {
    log_close();
    flash_close();
}

int linux_open_beneath(int dir, const char *name, int flags, unsigned mode) {
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK),
        .mode = mode,
        .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
    };
    return (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
}

/* statx() by name: fstat() is another system call in each version of the C library, and the sandbox
 * knows only one. */
static bool look_at(int fd, struct statx *found) {
    return statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, found) == 0;
}

bool linux_private_file(int fd) {
    struct statx found;
    return look_at(fd, &found) && S_ISREG(found.stx_mode) && found.stx_nlink == 1 &&
           found.stx_uid == user && (found.stx_mode & 077) == 0;
}

bool linux_file_size(int fd, uint64_t *size) {
    struct statx found;
    bool regular = look_at(fd, &found) && S_ISREG(found.stx_mode);
    *size = regular ? found.stx_size : 0;
    return regular;
}

/* The system call itself: what the C library makes of it in newer versions wants memory of its
 * own. */
enum status port_random(uint8_t *out, size_t size) {
    while (size > 0) {
        long got = syscall(SYS_getrandom, out, size, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return STATUS_NO_ENTROPY;
        }
        out += got;
        size -= (size_t)got;
    }
    return STATUS_OK;
}

bool port_counter_exists(void) {
    return false;
}

enum status port_counter_read(uint64_t *value) {
    *value = 0;
    return STATUS_NOT_FOUND;
}

enum status port_counter_increment(void) {
    return STATUS_NOT_FOUND;
}

uint64_t port_uptime_ms(void) {
    return now_ms() - started_ms;
}

uint64_t port_clock(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || now.tv_sec < 0) {
        return 0;
    }
    return (uint64_t)now.tv_sec;
}

const char *port_form(void) {
    return "daemon";
}

/* No boot chain measures the daemon: a number it gave of itself would prove nothing. */
void port_measurement(uint8_t out[32]) {
    memset(out, 0, 32);
}

bool port_tampered(void) {
    return false;
}

_Noreturn void port_halt(const char *reason) {
    linux_say("halted: %s", reason);
    if (wipe_all != NULL) {
        wipe_all();
    }
    _exit(70);
}
