/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits for the chip: connections take turns, and the requests of one are served in order. All
 * functions are called under the owner's lock. */
#ifndef BODY_ENDPOINT_QUEUE_H
#define BODY_ENDPOINT_QUEUE_H

#include "core/hsm.h"

#include <pthread.h>

enum { SLOTS_MAX = CONNECTIONS_MAX, REFUSED_MAX = 8 };

/* A request on its way; lives in the memory of the worker that waits for it. */
struct call {
    struct bytes request;
    struct span reply; /* size: capacity, then the size of the reply frame */
    enum status status; /* OK: the reply lies there */
    bool done;
    uint64_t since_ms;
    uint32_t slot;
    struct call *next;
    pthread_cond_t ended;
};

/* One connected process. */
struct slot {
    bool used;
    bool joined;  /* the chip knows it, */
    bool dead;    /* or knew it in a channel that is gone */
    bool leaving; /* it disconnected: the chip is to hear so */
    uint32_t connection; /* the chip's number of it */
    struct peer peer;
    struct call *first;
    struct call *last;
};

struct queue {
    struct slot slots[SLOTS_MAX];
    uint32_t turn; /* the slot served last */
    uint32_t top;  /* slots from here on were never used */
    struct peer refused[REFUSED_MAX];
    uint32_t refused_count;
};

/* STATUS_BUSY: no slot is free. */
enum status queue_join(struct queue *queue, const struct peer *peer, uint32_t *slot) MUST_USE;
void queue_leave(struct queue *queue, uint32_t slot);
void queue_add(struct queue *queue, struct call *call);
/* The next slot in turn that has something for the chip; NULL: none. */
struct slot *queue_next(struct queue *queue) MUST_USE;
/* Takes the first request of a slot out; NULL: none. */
struct call *queue_take(struct slot *slot) MUST_USE;
/* Frees a slot whose leaving is done. */
void queue_free(struct slot *slot);

#endif
