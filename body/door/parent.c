/* SPDX-License-Identifier: Apache-2.0 */
/* The process that started the core's. */
#define _GNU_SOURCE
#include "body/door/parent.h"
#include "base/bytes.h"
#include "body/door/sandbox.h"
#include "port/linux/linux.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child_pid;

static void pass_on(int signal) {
    int code = errno;
    kill(child_pid, signal);
    errno = code;
}

/* A connection to systemd's notification socket, or -1. */
static int notifier_open(void) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (path == NULL || path[0] == '\0' || strlen(path) >= sizeof(name.sun_path)) {
        return -1;
    }
    memcpy(name.sun_path, path, strlen(path));
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (path[0] == '@') {
        name.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&name, size) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Nothing of the child's stays open here. */
static enum status give_up_all(const struct belongings *own) {
    close(own->state_dir);
    close(own->listening);
    if (own->root_key >= 0) {
        close(own->root_key);
    }
    TRY(sandbox_become(own->user, own->group));
    TRY(sandbox_harden());
    return sandbox_close_parent();
}

static void tell_when_ready(int ready, int notifier) {
    static const char text[] = "READY=1";
    uint8_t byte;
    ssize_t got;
    do {
        got = read(ready, &byte, 1);
    } while (got < 0 && errno == EINTR);
    if (got == 1 && notifier >= 0 &&
        send(notifier, text, sizeof(text) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(text) - 1) {
        linux_say_errno("cannot tell systemd");
    }
}

static int reap(pid_t child) {
    int status = 0;
    pid_t ended;
    do {
        ended = waitpid(child, &status, 0);
    } while (ended < 0 && errno == EINTR);
    if (ended == child && WIFEXITED(status)) {
        return WEXITSTATUS(status);
    }
    linux_say("the core's process was ended by signal %d", WTERMSIG(status));
    return 1;
}

int parent_wait(pid_t child, int ready, const struct belongings *own, const char *socket_path) {
    struct sigaction action = {.sa_handler = pass_on};
    child_pid = child;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    int notifier = notifier_open();
    if (give_up_all(own) != STATUS_OK) {
        kill(child, SIGKILL);
        return 1;
    }
    tell_when_ready(ready, notifier);
    int result = reap(child);
    if (own->bound_here && unlink(socket_path) != 0 && errno != ENOENT && errno != EACCES) {
        linux_say_errno("socket %s: cannot remove", socket_path);
    }
    return result;
}
