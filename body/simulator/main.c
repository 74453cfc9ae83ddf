/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm-soft-chip: the chip without a chip, for tests and for trying things out. The core with
 * the limits of a chip, the platform in memory, and the chip's end of the line on a unix socket,
 * which takes one host at a time. Everything is forgotten at the end.
 *
 *   edgehsm-soft-chip --listen PATH
 *
 * SIGUSR1: the chip is switched off and on. SIGUSR2: its tamper pin is pulled. */
#define _GNU_SOURCE
#include "body/firmware/serve.h"
#include "port/sim/sim.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t restart_wanted;
static volatile sig_atomic_t tampered;
static volatile sig_atomic_t stopping;

static struct serve serve;
static struct hsm *hsm;
static struct call *call;
static uint64_t begun_ms;

static void on_signal(int signal) {
    restart_wanted = restart_wanted || signal == SIGUSR1;
    tampered = tampered || signal == SIGUSR2;
    stopping = stopping || signal == SIGTERM || signal == SIGINT;
}

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- the chip ---- */

static void *room(size_t size) {
    size = (size + 63) & ~(size_t)63;
    void *memory = aligned_alloc(64, size);
    if (memory == NULL) {
        fputs("edgehsm-soft-chip: out of memory\n", stderr);
        exit(1);
    }
    memset(memory, 0, size);
    return memory;
}

static bool switch_on(void) {
    memset(hsm, 0, hsm_size());
    memset(call, 0, call_size());
    if (hsm_start(hsm) != STATUS_OK) {
        fputs("edgehsm-soft-chip: the core does not start\n", stderr);
        return false;
    }
    serve_start(&serve, hsm, call);
    return true;
}

/* As the chip does it: the root first, then a start that finds it gone. */
static bool react_to_tamper(void) {
    sim_set_tampered(true);
    if (port_root_destroy() != STATUS_OK) {
        return false;
    }
    hsm_stop(hsm);
    return switch_on();
}

static bool keep_time(void) {
    static uint64_t last_tick;
    uint64_t now = now_ms() - begun_ms;
    sim_advance(now - port_uptime_ms());
    if (now >= last_tick + 1000) {
        last_tick = now;
        serve_tick(&serve);
    }
    if (restart_wanted != 0) {
        restart_wanted = 0;
        hsm_stop(hsm);
        return switch_on();
    }
    if (tampered != 0) {
        tampered = 0;
        return react_to_tamper();
    }
    return true;
}

/* ---- the line ---- */

static int listen_at(const char *path) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(name.sun_path)) {
        return -1;
    }
    memcpy(name.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&name, sizeof(name)) != 0 ||
        chmod(path, 0666) != 0 || listen(fd, 1) != 0) {
        return -1;
    }
    return fd;
}

static bool write_all(int fd, const uint8_t *data, size_t size) {
    while (size > 0) {
        ssize_t put = send(fd, data, size, MSG_NOSIGNAL);
        if (put < 0) {
            struct pollfd poller = {.fd = fd, .events = POLLOUT};
            if ((errno != EAGAIN && errno != EINTR) || poll(&poller, 1, 1000) < 0) {
                return false;
            }
            continue;
        }
        data += put;
        size -= (size_t)put;
    }
    return true;
}

/* A UART's ring: what comes while the chip works waits, and what does not fit is lost. */
static bool take_bytes(int fd) {
    uint8_t ring[LINE_RING_SIZE];
    ssize_t got = recv(fd, ring, sizeof(ring), MSG_DONTWAIT);
    if (got > 0) {
        serve_feed(&serve, bytes_of(ring, (size_t)got), port_uptime_ms());
    }
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool give_bytes(int fd) {
    uint8_t out[1024];
    size_t size;
    while ((size = serve_take(&serve, out, sizeof(out), port_uptime_ms())) > 0) {
        if (!write_all(fd, out, size)) {
            return false;
        }
    }
    return true;
}

static bool talk(int fd) {
    bool works = true;
    do {
        if (!take_bytes(fd) || !give_bytes(fd)) {
            return false;
        }
        works = serve_work(&serve);
    } while (works);
    return give_bytes(fd);
}

static int run(int listening) {
    int host = -1;
    while (stopping == 0) {
        struct pollfd poller = {.fd = host >= 0 ? host : listening, .events = POLLIN};
        uint32_t wait = serve_wait_ms(&serve, port_uptime_ms());
        int ready = poll(&poller, 1, wait < 100 ? (int)wait + 1 : 100);
        if (!keep_time()) {
            return 1;
        }
        if (host < 0 && ready > 0) {
            host = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        }
        if (host >= 0 && !talk(host)) {
            close(host);
            host = -1;
        }
    }
    return 0;
}

int main(int count, char **arguments) {
    static const struct flash_geometry flash = {16, 8192, 128};
    if (count != 3 || strcmp(arguments[1], "--listen") != 0) {
        fputs("usage: edgehsm-soft-chip --listen PATH\n", stderr);
        return 2;
    }
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    begun_ms = now_ms();
    sim_reset(&flash, true);
    sim_set_clock((uint64_t)time(NULL));
    hsm = room(hsm_size());
    call = room(call_size());
    int listening = listen_at(arguments[2]);
    if (listening < 0) {
        fprintf(stderr, "edgehsm-soft-chip: cannot listen at %s\n", arguments[2]);
        return 1;
    }
    if (!switch_on()) {
        return 1;
    }
    puts("ready");
    fflush(stdout);
    return run(listening);
}
