/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsmd: a parent that opens what must be opened and then waits, and a child that runs the core
 * in a sandbox. doc/ARCHITECTURE.md draws the picture. */
#define _GNU_SOURCE
#include "body/daemon/arena.h"
#include "body/daemon/belongings.h"
#include "body/daemon/heap.h"
#include "body/daemon/listener.h"
#include "body/daemon/module.h"
#include "body/daemon/options.h"
#include "body/daemon/parent.h"
#include "body/daemon/sandbox.h"
#include "body/daemon/thread.h"
#include "body/daemon/worker.h"
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

enum { HEAP_SIZE = 256 << 20, FILES = 4096 };

struct child {
    struct belongings own;
    const struct options *options;
    int ready; /* one byte to here when the core works */
};

static struct child child;

/* Held by the first thread until it sleeps for good: a thread that is still making another one
 * makes calls that the sandbox refuses. */
static pthread_mutex_t parked = PTHREAD_MUTEX_INITIALIZER;

/* ---- the child ---- */

/* Before the rights are dropped: root may lock more than the user it becomes. */
static enum status take_memory(void) {
    size_t size = arena_cost(hsm_size()) + HEAP_SIZE + worker_cost() + 2 * thread_cost();
    TRY(arena_open(size, child.options->allow_swap));
    TRY(module_reserve());
    TRY(heap_open(HEAP_SIZE));
    TRY(heap_serve_openssl());
    return sandbox_lock_memory(child.options->allow_swap);
}

static enum status open_port(void) {
    struct linux_port port = {
        .state_dir = child.own.state_dir,
        .root_key = child.own.root_key,
        .root_is_credential = child.own.root_is_credential,
        .log_max = child.options->log_max,
        .wipe = arena_wipe,
    };
    return linux_open(&port);
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
    static const char *const worth[] = {
        [ARENA_SECRET] = "keys in memory that even root cannot read through /proc",
        [ARENA_LOCKED] = "keys in locked memory (this kernel has no memfd_secret)",
        [ARENA_PLAIN] = "keys in ordinary memory that may reach the swap",
    };
    uint8_t byte = 1;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    linux_say("ready at %s; %s", child.options->socket, worth[arena_kind()]);
    if (sendmsg(child.ready, &message, MSG_NOSIGNAL) != 1) {
        linux_say_errno("cannot tell the parent");
    }
    close(child.ready);
}

/* Everything that touches the core runs on stacks in the arena, in the closed sandbox. */
static void *run_core(void *unused) {
    (void)unused;
    int result = 1;
    pthread_mutex_lock(&parked);
    pthread_mutex_unlock(&parked);
    if (sandbox_close() == STATUS_OK && module_start() == STATUS_OK) {
        threads_begin();
        say_ready();
        listener_run(child.own.listening);
        if (!module_stop()) {
            linux_say("a request is still under way; it is cut off");
        }
        result = 0;
    } else {
        linux_say("the core does not start");
    }
    linux_close();
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
    TRY(thread_make(module_keep_ticking, NULL, false));
    threads_complete();
    return thread_make(run_core, NULL, true);
}

static int run_child(pid_t parent) {
    keep_reserve();
    pthread_mutex_lock(&parked);
    if (!listener_catch_stops() || take_memory() != STATUS_OK ||
        drop_rights(parent) != STATUS_OK || open_port() != STATUS_OK ||
        make_threads() != STATUS_OK) {
        linux_say("not started");
        return 1;
    }
    pthread_cond_t never = PTHREAD_COND_INITIALIZER;
    for (;;) { /* this thread's stack is outside the arena: it never runs the core */
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

/* Descriptors that whoever started this left open are none of the daemon's; systemd's socket is
 * number 3. */
static void close_inherited(void) {
    unsigned first = getenv("LISTEN_FDS") != NULL ? 4 : 3;
    if (close_range(first, ~0u, 0) != 0) {
        linux_say_errno("cannot close inherited descriptors");
    }
}

int main(int count, char **arguments) {
    static struct options options;
    int ready[2];
    int result = options_read(&options, count, arguments);
    if (result != -1) {
        return result;
    }
    signal(SIGPIPE, SIG_IGN);
    umask(077);
    close_inherited();
    raise_limits();
    if (belongings_open(&child.own, &options) != STATUS_OK ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ready) != 0) {
        linux_say("not started");
        return 1;
    }
    child.options = &options;
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
    return parent_wait(pid, ready[0], &child.own, options.socket);
}
