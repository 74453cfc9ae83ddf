/* SPDX-License-Identifier: Apache-2.0 */
/* The two processes of a body. */
#define _GNU_SOURCE
#include "body/door/process.h"
#include "base/bytes.h"
#include "body/door/arena.h"
#include "body/door/heap.h"
#include "body/door/listener.h"
#include "body/door/parent.h"
#include "body/door/sandbox.h"
#include "body/door/thread.h"
#include "body/door/worker.h"
#include "port/linux/linux.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 4096 };

static struct {
    const struct body *body;
    const struct options *options;
    struct belongings own;
    int ready; /* one byte to here when the body works */
} child;

/* Held by the first thread until it sleeps for good: a thread that is still making another one
 * makes calls that the sandbox refuses. */
static pthread_mutex_t parked = PTHREAD_MUTEX_INITIALIZER;

/* ---- the child ---- */

/* Before the rights are dropped: root may lock more than the user it becomes. */
static enum status take_memory(void) {
    size_t size = child.body->memory() + child.body->heap_size + worker_cost() +
                  (1 + child.body->threads) * thread_cost();
    TRY(arena_open(size, child.options->allow_swap));
    TRY(child.body->reserve(child.options));
    TRY(heap_open(child.body->heap_size));
    TRY(heap_serve_openssl());
    return sandbox_lock_memory(child.options->allow_swap);
}

/* A stop by signal also comes when the parent dies. */
static enum status drop_rights(pid_t parent) {
    TRY(sandbox_become(child.own.user, child.own.group));
    TRY(sandbox_harden());
    if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0 || getppid() != parent || chdir("/") != 0) {
        return STATUS_INTERNAL;
    }
    return sandbox_confine(child.own.state_dir);
}

static void say_ready(void) {
    uint8_t byte = 1;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    linux_say("ready at %s; %s", child.options->socket, child.body->worth());
    if (sendmsg(child.ready, &message, MSG_NOSIGNAL) != 1) {
        linux_say_errno("cannot tell the parent");
    }
    close(child.ready);
}

/* Everything that touches requests runs on stacks in the arena, in the closed sandbox. */
static void *run(void *unused) {
    (void)unused;
    int result = 1;
    pthread_mutex_lock(&parked);
    pthread_mutex_unlock(&parked);
    if (child.body->close_sandbox() == STATUS_OK && child.body->start() == STATUS_OK) {
        threads_begin();
        say_ready();
        listener_run(child.own.listening);
        result = 0;
    }
    child.body->stop();
    arena_wipe();
    _exit(result);
}

/* The C library's own heap (never for secrets) gets a reserve now: later it cannot ask the kernel
 * for more. */
static void keep_reserve(void) {
    enum { RESERVE = 1 << 20 };
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_TRIM_THRESHOLD, 16 * RESERVE);
    mallopt(M_MMAP_THRESHOLD, 2 * RESERVE);
    free(malloc(RESERVE));
}

static enum status make_threads(void) {
    TRY(worker_make_all());
    TRY(child.body->make_threads());
    threads_complete();
    return thread_make(run, NULL, true);
}

static int run_child(pid_t parent) {
    keep_reserve();
    pthread_mutex_lock(&parked);
    if (!listener_catch_stops() || take_memory() != STATUS_OK ||
        drop_rights(parent) != STATUS_OK ||
        child.body->open(&child.own, child.options) != STATUS_OK || make_threads() != STATUS_OK) {
        linux_say("not started");
        return 1;
    }
    pthread_cond_t never = PTHREAD_COND_INITIALIZER;
    for (;;) { /* this thread's stack is outside the arena: it never sees a request */
        pthread_cond_wait(&never, &parked);
    }
}

/* ---- the start ---- */

/* As much as this user may have: locked memory without end, and enough descriptors for all
 * clients. */
static void raise_limits(void) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0 && getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_MEMLOCK, &limit);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FILES) {
        limit.rlim_cur = limit.rlim_max < FILES ? limit.rlim_max : FILES;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Descriptors that whoever started this left open are none of ours; systemd's socket is number
 * 3. */
static void close_inherited(void) {
    unsigned first = getenv("LISTEN_FDS") != NULL ? 4 : 3;
    if (close_range(first, ~0u, 0) != 0) {
        linux_say_errno("cannot close inherited descriptors");
    }
}

int process_run(const struct body *body, const struct options *options) {
    int ready[2];
    linux_say_as(body->name);
    child.body = body;
    child.options = options;
    signal(SIGPIPE, SIG_IGN);
    umask(077);
    close_inherited();
    raise_limits();
    if (belongings_open(&child.own, options) != STATUS_OK ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ready) != 0) {
        linux_say("not started");
        return 1;
    }
    child.ready = ready[1];
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        close(ready[0]);
        return run_child(self);
    }
    close(ready[1]);
    if (pid < 0) {
        linux_say_errno("cannot fork");
        return 1;
    }
    return parent_wait(pid, ready[0], &child.own, options->socket);
}
