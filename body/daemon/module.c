/* SPDX-License-Identifier: Apache-2.0 */
/* The core in the daemon. */
#define _GNU_SOURCE
#include "body/daemon/module.h"
#include "body/daemon/arena.h"
#include "body/daemon/sync.h"

#include <pthread.h>

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

/* Never leaves the exclusion again: a worker that still wants in must not find what is left. */
void module_stop(void) {
    enter();
    hsm_stop(hsm);
}

void module_tick(void) {
    enter();
    bool wants_sync = hsm_tick(hsm);
    leave();
    if (wants_sync && sync_wait(true) != STATUS_OK) {
        return; /* the port said why; the next command that needs the disk is refused */
    }
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
    return call_wants_sync(call) ? sync_wait(call_wants_log_sync(call)) : STATUS_OK;
}

/* The commit is owed to the core even where the first sync failed: it releases what check
 * pinned. */
struct bytes module_serve(struct call *call, uint32_t connection, struct bytes request,
                          struct span reply) {
    enter();
    hsm_check(hsm, call, connection, request, reply);
    leave();
    enum status before = sync_for(call);
    hsm_compute(call);
    enter();
    struct bytes frame = hsm_commit(hsm, call);
    leave();
    enum status after = sync_for(call);
    if (before != STATUS_OK || after != STATUS_OK) {
        return hsm_failure_reply(STATUS_STORE_IO, reply.data);
    }
    return frame;
}
