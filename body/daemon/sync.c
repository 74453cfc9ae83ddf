/* SPDX-License-Identifier: Apache-2.0 */
/* Group commit. */
#define _GNU_SOURCE
#include "body/daemon/sync.h"
#include "port/port.h"

#include <pthread.h>
#include <stdint.h>

static struct {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    uint64_t begun; /* rounds begun, and ended: round n covers what was written before it began */
    uint64_t done;
    bool log_wanted;         /* by somebody in the round that begins next */
    uint64_t failed_round;   /* the last one that failed; 0: none */
    enum status failure;
} group = {.lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER};

/* Leads one round. Called and left with the lock held. */
static void lead(void) {
    uint64_t round = ++group.begun;
    bool log = group.log_wanted;
    group.log_wanted = false;
    pthread_mutex_unlock(&group.lock);
    enum status status = port_flash_sync();
    if (status == STATUS_OK && log) {
        status = port_log_sync();
    }
    pthread_mutex_lock(&group.lock);
    if (status != STATUS_OK) {
        group.failed_round = round;
        group.failure = STATUS_STORE_IO;
    }
    group.done = round;
    pthread_cond_broadcast(&group.ended);
}

/* A later round covers an earlier one, but its failure does not touch who had the earlier one: a
 * waiter looks as soon as its own round ended, and takes a failure of a later one as its own, which
 * errs on the safe side. */
enum status sync_wait(bool log) {
    pthread_mutex_lock(&group.lock);
    uint64_t mine = group.begun + 1;
    group.log_wanted |= log;
    while (group.done < mine) {
        if (group.begun == group.done) {
            lead();
        } else {
            pthread_cond_wait(&group.ended, &group.lock);
        }
    }
    enum status status = group.failed_round >= mine ? group.failure : STATUS_OK;
    pthread_mutex_unlock(&group.lock);
    return status;
}
