/* SPDX-License-Identifier: Apache-2.0 */
/* Threads with stacks in the arena. */
#define _GNU_SOURCE
#include "body/door/thread.h"
#include "body/door/arena.h"

#include <pthread.h>

enum { STACK_SIZE = 256 * 1024 };

struct start {
    void *(*run)(void *);
    void *argument;
    bool at_once;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t arrival;
    pthread_cond_t opening;
    unsigned made;
    unsigned arrived;
    bool is_open;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .arrival = PTHREAD_COND_INITIALIZER,
          .opening = PTHREAD_COND_INITIALIZER};

static void *start(void *argument) {
    const struct start *mine = argument;
    if (mine->at_once) {
        return mine->run(mine->argument);
    }
    pthread_mutex_lock(&gate.lock);
    gate.arrived++;
    pthread_cond_signal(&gate.arrival);
    while (!gate.is_open) {
        pthread_cond_wait(&gate.opening, &gate.lock);
    }
    pthread_mutex_unlock(&gate.lock);
    return mine->run(mine->argument);
}

size_t thread_cost(void) {
    return arena_stack_cost(STACK_SIZE) + arena_cost(sizeof(struct start));
}

enum status thread_make(void *(*run)(void *), void *argument, bool at_once) {
    struct start *mine = arena_take(sizeof(*mine));
    void *stack = arena_take_stack(STACK_SIZE);
    pthread_attr_t attributes;
    pthread_t thread;
    if (mine == NULL || stack == NULL || pthread_attr_init(&attributes) != 0) {
        return STATUS_MEMORY;
    }
    *mine = (struct start){run, argument, at_once};
    int failed = pthread_attr_setstack(&attributes, stack, STACK_SIZE) != 0 ||
                 pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) != 0 ||
                 pthread_create(&thread, &attributes, start, mine) != 0;
    pthread_attr_destroy(&attributes);
    gate.made += failed == 0 && !at_once; /* one thread makes all others */
    return failed ? STATUS_MEMORY : STATUS_OK;
}

void threads_complete(void) {
    pthread_mutex_lock(&gate.lock);
    while (gate.arrived < gate.made) {
        pthread_cond_wait(&gate.arrival, &gate.lock);
    }
    pthread_mutex_unlock(&gate.lock);
}

void threads_begin(void) {
    pthread_mutex_lock(&gate.lock);
    gate.is_open = true;
    pthread_cond_broadcast(&gate.opening);
    pthread_mutex_unlock(&gate.lock);
}
