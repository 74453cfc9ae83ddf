/* SPDX-License-Identifier: Apache-2.0 */
/* A wire in the hands of a test. No program that the test starts may inherit an end of it: the
 * other end would never hear that it was closed. */
#define _GNU_SOURCE
#include "test/line/tap.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { RECORD_MAX = 8 << 20 };

static struct {
    pthread_t thread;
    pthread_mutex_t lock;
    int listening, host, chip;
    char host_path[100], chip_path[100];
    bool stopping, plugged;
    size_t bytes_left; /* until the plug is pulled; 0: never */
    struct tap_faults faults;
    uint64_t seed;
    uint8_t *record[2]; /* both ways; to the chip */
    size_t recorded[2];
} tap = {.lock = PTHREAD_MUTEX_INITIALIZER, .host = -1, .chip = -1};

static void need(bool holds, const char *what) {
    if (!holds) {
        perror(what);
        abort();
    }
}

static struct sockaddr_un address_of(const char *path) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    need(strlen(path) < sizeof(name.sun_path), "path");
    memcpy(name.sun_path, path, strlen(path) + 1);
    return name;
}

static bool hits(uint32_t of) {
    tap.seed = tap.seed * 6364136223846793005u + 1442695040888963407u;
    return of != 0 && (uint32_t)(tap.seed >> 33) % of == 0;
}

static void drop(void) {
    if (tap.host >= 0) {
        close(tap.host);
    }
    if (tap.chip >= 0) {
        close(tap.chip);
    }
    tap.host = tap.chip = -1;
}

static void record(const uint8_t *data, size_t size, bool to_chip) {
    for (int i = 0; i <= to_chip; i++) {
        size_t room = RECORD_MAX - tap.recorded[i];
        size_t part = size < room ? size : room;
        memcpy(tap.record[i] + tap.recorded[i], data, part);
        tap.recorded[i] += part;
    }
}

static size_t disturb(const uint8_t *data, size_t size, uint8_t *out) {
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        if (hits(tap.faults.lose)) {
            continue;
        }
        out[used++] = hits(tap.faults.flip) ? (uint8_t)(data[i] ^ 0x10) : data[i];
        if (hits(tap.faults.repeat)) {
            out[used] = out[used - 1];
            used++;
        }
        if (used > 1 && hits(tap.faults.swap)) {
            uint8_t last = out[used - 1];
            out[used - 1] = out[used - 2];
            out[used - 2] = last;
        }
    }
    return used;
}

static bool pass(int from, int to, bool to_chip) {
    uint8_t data[1024], out[2 * sizeof(data)];
    size_t most = sizeof(data);
    if (to_chip && tap.bytes_left > 0 && tap.bytes_left < most) {
        most = tap.bytes_left;
    }
    ssize_t got = recv(from, data, most, 0);
    if (got <= 0) {
        return false;
    }
    record(data, (size_t)got, to_chip);
    size_t size = disturb(data, (size_t)got, out);
    bool sent = send(to, out, size, MSG_NOSIGNAL) == (ssize_t)size;
    if (to_chip && tap.bytes_left > 0) {
        tap.bytes_left -= (size_t)got;
        tap.plugged = tap.bytes_left > 0;
    }
    return sent && tap.plugged;
}

static void let_in(void) {
    struct sockaddr_un name = address_of(tap.chip_path);
    int host = accept4(tap.listening, NULL, NULL, SOCK_CLOEXEC);
    int chip = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    need(host >= 0 && chip >= 0, "tap");
    tap.host = host;
    tap.chip = chip;
    if (!tap.plugged || connect(chip, (const struct sockaddr *)&name, sizeof(name)) != 0) {
        drop();
    }
}

static void *run(void *unused) {
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&tap.lock);
        struct pollfd polled[] = {{.fd = tap.host < 0 ? tap.listening : -1, .events = POLLIN},
                                  {.fd = tap.host, .events = POLLIN},
                                  {.fd = tap.chip, .events = POLLIN}};
        bool stopping = tap.stopping;
        pthread_mutex_unlock(&tap.lock);
        if (stopping) {
            return NULL;
        }
        poll(polled, 3, 10);
        pthread_mutex_lock(&tap.lock);
        if (!tap.plugged && tap.host >= 0) {
            drop();
        } else if (tap.host < 0 && (polled[0].revents & POLLIN) != 0) {
            let_in();
        } else if (tap.host >= 0 &&
                   ((polled[1].revents != 0 && !pass(tap.host, tap.chip, true)) ||
                    (polled[2].revents != 0 && !pass(tap.chip, tap.host, false)))) {
            drop();
        }
        pthread_mutex_unlock(&tap.lock);
    }
}

void tap_start(const char *host_path, const char *chip_path) {
    struct sockaddr_un name = address_of(host_path);
    snprintf(tap.host_path, sizeof(tap.host_path), "%s", host_path);
    snprintf(tap.chip_path, sizeof(tap.chip_path), "%s", chip_path);
    tap.plugged = true;
    tap.seed = 7;
    for (int i = 0; i < 2; i++) {
        tap.record[i] = malloc(RECORD_MAX);
        need(tap.record[i] != NULL, "memory");
    }
    tap.listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    need(tap.listening >= 0 &&
             bind(tap.listening, (const struct sockaddr *)&name, sizeof(name)) == 0 &&
             chmod(host_path, 0666) == 0 && listen(tap.listening, 4) == 0,
         host_path);
    need(pthread_create(&tap.thread, NULL, run, NULL) == 0, "thread");
}

void tap_stop(void) {
    pthread_mutex_lock(&tap.lock);
    tap.stopping = true;
    pthread_mutex_unlock(&tap.lock);
    pthread_join(tap.thread, NULL);
    drop();
    close(tap.listening);
    free(tap.record[0]);
    free(tap.record[1]);
}

void tap_set_faults(struct tap_faults faults) {
    pthread_mutex_lock(&tap.lock);
    tap.faults = faults;
    pthread_mutex_unlock(&tap.lock);
}

static void set_plug(bool plugged, size_t bytes_left) {
    pthread_mutex_lock(&tap.lock);
    tap.plugged = plugged;
    tap.bytes_left = bytes_left;
    if (!plugged) {
        drop();
    }
    pthread_mutex_unlock(&tap.lock);
}

void tap_unplug(void) {
    set_plug(false, 0);
}

void tap_plug(void) {
    set_plug(true, 0);
}

void tap_admit(bool anybody) {
    need(chmod(tap.host_path, anybody ? 0666 : 0600) == 0, tap.host_path);
}

void tap_unplug_after(size_t bytes) {
    set_plug(true, bytes);
}

struct bytes tap_recorded(bool to_chip_only) {
    pthread_mutex_lock(&tap.lock);
    struct bytes all = bytes_of(tap.record[to_chip_only], tap.recorded[to_chip_only]);
    pthread_mutex_unlock(&tap.lock);
    return all;
}

void tap_forget(void) {
    pthread_mutex_lock(&tap.lock);
    tap.recorded[0] = tap.recorded[1] = 0;
    pthread_mutex_unlock(&tap.lock);
}
