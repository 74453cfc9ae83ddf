/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits for the chip. */
#include "body/endpoint/queue.h"

enum status queue_join(struct queue *queue, const struct peer *peer, uint32_t *slot) {
    for (uint32_t i = 0; i < SLOTS_MAX; i++) {
        if (!queue->slots[i].used) {
            queue->slots[i] = (struct slot){.used = true, .peer = *peer};
            queue->top = queue->top > i ? queue->top : i + 1;
            *slot = i;
            return STATUS_OK;
        }
    }
    return STATUS_BUSY;
}

void queue_leave(struct queue *queue, uint32_t number) {
    struct slot *slot = &queue->slots[number];
    if (slot->joined && !slot->dead) {
        slot->leaving = true;
    } else {
        queue_free(slot);
    }
}

void queue_add(struct queue *queue, struct call *call) {
    struct slot *slot = &queue->slots[call->slot];
    call->next = NULL;
    if (slot->last == NULL) {
        slot->first = call;
    } else {
        slot->last->next = call;
    }
    slot->last = call;
}

struct slot *queue_next(struct queue *queue) {
    for (uint32_t i = 1; i <= queue->top; i++) {
        uint32_t number = (queue->turn + i) % queue->top;
        struct slot *slot = &queue->slots[number];
        if (slot->used && (slot->leaving || slot->first != NULL)) {
            queue->turn = number;
            return slot;
        }
    }
    return NULL;
}

struct call *queue_take(struct slot *slot) {
    struct call *call = slot->first;
    if (call != NULL) {
        slot->first = call->next;
        slot->last = slot->first == NULL ? NULL : slot->last;
    }
    return call;
}

void queue_free(struct slot *slot) {
    *slot = (struct slot){0};
}
