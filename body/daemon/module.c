/* SPDX-License-Identifier: Apache-2.0 */
/* The core in the daemon. */
#define _GNU_SOURCE
#include "body/daemon/module.h"
#include "body/door/arena.h"
#include "body/daemon/sync.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

/* Held for check and commit alone, a few microseconds; who finds it taken looks a moment before it
 * sleeps. */
static pthread_mutex_t exclusion = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
static struct hsm *hsm;

static void enter(void) {
    pthread_mutex_lock(&exclusion);
}

static void leave(void) {
    pthread_mutex_unlock(&exclusion);
}

enum status module_reserve(void) {
    hsm = arena_take(hsm_size());
    return hsm == NULL ? STATUS_MEMORY : STATUS_OK;
}

enum status module_start(void) {
    enter();
    enum status status = hsm_start(hsm);
    leave();
    if (status == STATUS_OK) {
        status = sync_wait(true);
    }
    return status;
}

/* ---- the end ---- */

enum { PATIENCE_S = 8 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t idle;
    unsigned under_way; /* atomic */
    bool stopping;      /* atomic */
} flight = {.lock = PTHREAD_MUTEX_INITIALIZER, .idle = PTHREAD_COND_INITIALIZER};

static bool is_stopping(void) {
    return __atomic_load_n(&flight.stopping, __ATOMIC_SEQ_CST);
}

static void land(void) {
    if (__atomic_sub_fetch(&flight.under_way, 1, __ATOMIC_SEQ_CST) == 0 && is_stopping()) {
        pthread_mutex_lock(&flight.lock);
        pthread_cond_signal(&flight.idle);
        pthread_mutex_unlock(&flight.lock);
    }
}

static bool take_off(void) {
    __atomic_add_fetch(&flight.under_way, 1, __ATOMIC_SEQ_CST);
    if (!is_stopping()) {
        return true;
    }
    land();
    return false;
}

static bool wait_for_landing(void) {
    struct timespec until = {0};
    int failed = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&flight.lock);
    while (failed == 0 && __atomic_load_n(&flight.under_way, __ATOMIC_SEQ_CST) > 0) {
        failed = pthread_cond_timedwait(&flight.idle, &flight.lock, &until);
    }
    pthread_mutex_unlock(&flight.lock);
    return failed == 0;
}

/* Never leaves the exclusion again: who still wants in must not find what is left. */
bool module_stop(void) {
    __atomic_store_n(&flight.stopping, true, __ATOMIC_SEQ_CST);
    bool landed = wait_for_landing();
    enter();
    if (landed) {
        hsm_stop(hsm);
    }
    return landed;
}

/* ---- between requests ---- */

static void tick(void) {
    enter();
    bool wants_sync = hsm_tick(hsm);
    leave();
    if (wants_sync && sync_wait(true) != STATUS_OK) {
        return; /* the port said why; the next command that needs the disk is refused */
    }
}

void *module_keep_ticking(void *unused) {
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t never = PTHREAD_COND_INITIALIZER;
    pthread_mutex_lock(&lock);
    for (;;) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        if (pthread_cond_timedwait(&never, &lock, &until) == ETIMEDOUT && take_off()) {
            tick();
            land();
        }
    }
    return unused;
}

size_t module_call_size(void) {
    return call_size();
}

/* The core ends no connection by itself. */
bool module_connected(uint32_t connection) {
    (void)connection;
    return true;
}

enum status module_connect(const struct peer *peer, uint32_t *connection) {
    enter();
    enum status status = hsm_connect(hsm, peer, connection);
    leave();
    return status;
}

void module_disconnect(uint32_t connection) {
    enter();
    hsm_disconnect(hsm, connection);
    leave();
}

void module_refused(const struct peer *peer) {
    enter();
    hsm_peer_refused(hsm, peer);
    leave();
}

/* Makes durable what the last step wrote, if it says that it must be. */
static enum status sync_for(const struct call *call) {
    if (!call_wants_sync(call)) {
        return STATUS_OK;
    }
    TRY(sync_wait(call_wants_log_sync(call)));
    enter();
    hsm_synced(hsm, call);
    leave();
    return STATUS_OK;
}

/* The commit is owed to the core even where the first sync failed: it releases what check
 * pinned. */
struct bytes module_serve(struct call *call, uint32_t connection, struct bytes request,
                          struct span reply) {
    if (!take_off()) {
        return hsm_failure_reply(STATUS_DISCONNECTED, reply.data);
    }
    enter();
    hsm_check(hsm, call, connection, request, reply);
    leave();
    enum status before = sync_for(call);
    hsm_compute(call);
    enter();
    struct bytes frame = hsm_commit(hsm, call);
    leave();
    enum status after = sync_for(call);
    land();
    if (before != STATUS_OK || after != STATUS_OK) {
        return hsm_failure_reply(STATUS_STORE_IO, reply.data);
    }
    return frame;
}
