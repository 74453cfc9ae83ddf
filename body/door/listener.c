/* SPDX-License-Identifier: Apache-2.0 */
/* The thread at the door. */
#define _GNU_SOURCE
#include "body/door/listener.h"
#include "body/door/connection.h"
#include "port/linux/linux.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

static volatile sig_atomic_t stopping;

/* Place 0 is the door; connection i has its socket at 1 + 2i and its process behind it. */
static struct connection *open_connections[CONNECTIONS_MAX];
static struct pollfd polled[1 + 2 * CONNECTIONS_MAX];
static size_t open_count;

static void on_stop(int signal) {
    (void)signal;
    stopping = 1;
}

/* Without a free descriptor the door rests for a round: asking again at once would not help. */
static bool resting;

static void let_in(int listening) {
    int socket = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) {
        resting = errno != EAGAIN && errno != EINTR && errno != ECONNABORTED;
        return;
    }
    struct connection *connection = connection_open(socket);
    if (connection != NULL) {
        open_connections[open_count++] = connection;
    }
}

/* One message: the number of a lane. False when the client is gone, or says something else. */
static bool hear(struct connection *connection) {
    uint8_t message[8];
    ssize_t got = recv(connection->socket, message, sizeof(message), MSG_DONTWAIT);
    if (got < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    return got == 4 && connection_wants_service(connection, load_u32(message));
}

static void attend(size_t *i) {
    struct connection *connection = open_connections[*i];
    short said = polled[1 + 2 * *i].revents;
    short ended = polled[2 + 2 * *i].revents;
    bool stays = (said & (POLLHUP | POLLERR | POLLNVAL)) == 0 && ended == 0;
    if (stays && (said & POLLIN) != 0) {
        stays = hear(connection);
    }
    if (stays) {
        ++*i;
        return;
    }
    open_count--;
    open_connections[*i] = open_connections[open_count];
    polled[1 + 2 * *i] = polled[1 + 2 * open_count];
    polled[2 + 2 * *i] = polled[2 + 2 * open_count];
    connection_close(connection);
}

static int wait_for_events(int listening) {
    for (size_t i = 0; i < open_count; i++) {
        polled[1 + 2 * i] = (struct pollfd){.fd = open_connections[i]->socket, .events = POLLIN};
        polled[2 + 2 * i] = (struct pollfd){.fd = open_connections[i]->process, .events = POLLIN};
    }
    /* With every place taken the door waits too: the kernel keeps the newcomers in line. */
    bool is_open = open_count < CONNECTIONS_MAX && !resting;
    polled[0] = (struct pollfd){.fd = listening, .events = is_open ? POLLIN : 0};
    struct timespec timeout = {1, 0};
    sigset_t mask;
    sigemptyset(&mask);
    resting = false;
    return ppoll(polled, 1 + 2 * open_count, &timeout, &mask);
}

bool listener_catch_stops(void) {
    struct sigaction action = {.sa_handler = on_stop};
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    return sigaction(SIGTERM, &action, NULL) == 0 && sigaction(SIGINT, &action, NULL) == 0 &&
           pthread_sigmask(SIG_BLOCK, &stops, NULL) == 0;
}

void listener_run(int listening) {
    while (!stopping) {
        if (wait_for_events(listening) <= 0) {
            continue;
        }
        for (size_t i = 0; i < open_count;) {
            attend(&i);
        }
        if ((polled[0].revents & POLLIN) != 0) {
            let_in(listening);
        }
    }
    linux_say("stopping");
}
