/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that serve lanes.
 *
 * Speed comes from where a worker runs. Waking a thread on another processor costs as much as a
 * signature, so a worker follows its client to the client's processor, where the two take turns.
 * While there is a processor for both ends of each busy lane, the worker keeps away from the
 * client's, and both look for each other's word a moment before they sleep. While there is not,
 * both let others run a few times before they sleep: on a busy processor the word is there by then,
 * and nobody pays for sleeping and waking. */
#define _GNU_SOURCE
#include "body/door/worker.h"
#include "base/wipe.h"
#include "body/door/arena.h"
#include "body/door/connection.h"
#include "body/door/lane.h"
#include "body/door/module.h"
#include "body/door/thread.h"
#include "proto/messages.h"

#include <sched.h>
#include <time.h>

enum {
    LOOK_NS = 60000,         /* looking for a request before sleeping */
    LOOKS_PER_CLOCK = 16,
    YIELDS = 8,              /* letting others run before sleeping */
    AWAY_NS = 1000000,       /* unless they keep the processor: then not, */
    YIELDS_LEFT_OUT = 16,    /* so many times */
    COLD_US = 2000,          /* a lane without a request for so long does not count as busy */
    IDLE_NS = 1000000000,    /* and for so long loses its worker, */
    IDLE_PRESSED_NS = 2000000, /* or for so long where others wait for one; */
    SLICE_NS = 50000000,     /* they do not wait longer than this for a busy one */
    CREDIT_MAX = 8,
    CREDIT_MIN = -64,
};

struct worker {
    struct call *call;
    uint8_t *request;
    uint8_t *reply;
    uint32_t cpu;   /* the processor, plus one, that it is pinned to or kept from; 0: free */
    bool apart;     /* kept from it */
    bool busy;      /* counts in busy_lanes */
    bool spin;      /* what the lane says */
    int32_t credit; /* for looking: grows when it helps */
    int32_t yield_credit;
};

static struct worker workers[WORKERS_MAX];
static unsigned busy_lanes; /* atomic */
static cpu_set_t all_cpus;
static unsigned cpu_count;

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- where to run ---- */

static void set_busy(struct worker *worker, bool busy) {
    if (worker->busy != busy) {
        worker->busy = busy;
        __atomic_fetch_add(&busy_lanes, busy ? 1u : ~0u, __ATOMIC_RELAXED);
    }
}

/* Looking is worth it while there is a processor for both ends of each busy lane, and while it is
 * seen to help: where other programs keep the processors busy, it does not. */
static bool looking_pays(struct worker *worker) {
    if (worker->credit < 0) {
        worker->credit++;
        return false;
    }
    return 2 * __atomic_load_n(&busy_lanes, __ATOMIC_RELAXED) <= cpu_count;
}

/* Runs on the client's processor alone, or, where the two look for each other's word, on every
 * other: the scheduler likes to put them on one, and then each looks while the other should
 * work. */
static void place(struct worker *worker, uint32_t cpu, bool apart) {
    cpu_set_t set = all_cpus;
    if (cpu == 0 || cpu > CPU_SETSIZE || !CPU_ISSET(cpu - 1, &all_cpus)) {
        cpu = 0; /* the client's word, which may be nonsense */
    }
    if (cpu == worker->cpu && apart == worker->apart) {
        return;
    }
    if (cpu != 0 && apart) {
        CPU_CLR(cpu - 1, &set);
    } else if (cpu != 0) {
        CPU_ZERO(&set);
        CPU_SET(cpu - 1, &set);
    }
    if (sched_setaffinity(0, sizeof(set), &set) == 0) {
        worker->cpu = cpu;
        worker->apart = apart;
    }
}

/* Settles, for the next request, whether to look for it and where to run. */
static void settle(struct worker *worker, struct lane *lane) {
    bool spin = looking_pays(worker);
    if (spin != worker->spin) {
        worker->spin = spin;
        lane_set_spin(lane, spin);
    }
    place(worker, lane_cpu(lane), spin);
}

/* ---- waiting ---- */

static bool look(struct worker *worker, struct lane *lane, uint32_t seen, uint32_t *word) {
    if (!worker->spin) {
        return false;
    }
    uint64_t until = now_ns() + LOOK_NS;
    do {
        for (int i = 0; i < LOOKS_PER_CLOCK; i++) {
            if (lane_has_request(lane, seen, word)) {
                worker->credit += worker->credit < CREDIT_MAX;
                return true;
            }
            COMPILER_RELAX();
        }
    } while (now_ns() < until);
    worker->credit -= 4;
    worker->credit = worker->credit < 0 ? CREDIT_MIN : worker->credit;
    return false;
}

/* Lets others run. Where they do not belong to this work they keep the processor longer than it
 * takes, and who sleeps is let back sooner than who yields. */
static bool yield(struct worker *worker, struct lane *lane, uint32_t seen, uint32_t *word) {
    if (worker->spin || worker->yield_credit < 0) {
        worker->yield_credit += worker->yield_credit < 0;
        return false;
    }
    bool found = false;
    uint64_t last = now_ns();
    for (int i = 0; !found && i < YIELDS; i++) {
        sched_yield();
        found = lane_has_request(lane, seen, word);
        uint64_t now = now_ns();
        if (now - last > AWAY_NS) {
            worker->yield_credit = -YIELDS_LEFT_OUT;
            break;
        }
        last = now;
    }
    return found;
}

/* Waits for the next request; false when the lane should be left. */
static bool await(struct worker *worker, struct connection *connection, struct lane *lane,
                  uint32_t seen, uint32_t *word) {
    if (lane_has_request(lane, seen, word) || look(worker, lane, seen, word) ||
        yield(worker, lane, seen, word)) {
        return !connection_is_closing(connection);
    }
    uint64_t begun = now_ns();
    uint64_t timeout_us = COLD_US;
    while (!connection_is_closing(connection)) {
        lane_sleep(lane, seen, timeout_us);
        if (lane_has_request(lane, seen, word)) {
            set_busy(worker, true);
            return !connection_is_closing(connection);
        }
        uint64_t idle = now_ns() - begun;
        if (idle > IDLE_NS || (idle > IDLE_PRESSED_NS && connection_others_wait())) {
            return false;
        }
        if (idle >= (uint64_t)COLD_US * 1000) {
            set_busy(worker, false);
            timeout_us = 50 * COLD_US;
        }
    }
    return false;
}

/* ---- serving ---- */

enum weight { LIGHT, COMPUTES, HEAVY };

/* A guess from the command's number, for fairness alone: the core judges the frame. What waits for
 * the disk is light: it leaves the processor to others. */
static enum weight weight_of(struct bytes request) {
    switch (load_u32(request.data + 4)) {
    case COMMAND_key_generate_pair:
    case COMMAND_login:
    case COMMAND_token_init:
    case COMMAND_pin_init:
    case COMMAND_pin_set:
    case COMMAND_self_test:
        return HEAVY;
    case COMMAND_sign:
    case COMMAND_sign_message:
    case COMMAND_verify:
    case COMMAND_digest:
    case COMMAND_random:
    case COMMAND_encrypt:
    case COMMAND_decrypt:
    case COMMAND_stream_update:
        return COMPUTES;
    default:
        return LIGHT;
    }
}

/* Waits until it is this user's turn, and serves. */
static struct bytes serve_in_turn(struct worker *worker, struct connection *connection,
                                  struct bytes request) {
    struct span room = {worker->reply, LANE_ROOM};
    enum weight weight = weight_of(request);
    bool turn = weight == COMPUTES && connection_begin_turn(connection, cpu_count);
    if (weight == HEAVY) {
        place(worker, 0, false); /* free to run where there is room */
        connection_begin_heavy(connection, cpu_count);
    }
    struct bytes reply = module_serve(worker->call, connection->number, request, room);
    if (weight == HEAVY) {
        connection_end_heavy(connection);
    }
    if (turn) {
        connection_end_turn(connection);
    }
    return reply;
}

static enum status serve_one(struct worker *worker, struct connection *connection,
                             struct lane *lane, uint32_t word) {
    struct bytes request;
    TRY(lane_take(lane, word, worker->request, &request));
    struct bytes reply = serve_in_turn(worker, connection, request);
    lane_reply(lane, word, reply);
    wipe(worker->request, request.size);
    wipe(worker->reply, reply.size);
    if (!module_connected(connection->number)) {
        connection_end(connection);
    }
    return STATUS_OK;
}

/* Serves the lane while requests come; true when one is left for the next worker. */
static bool serve(struct worker *worker, struct connection *connection, unsigned number) {
    struct lane *lane = &connection->memory->lanes[number];
    uint32_t seen = connection->seen[number];
    uint32_t word = 0;
    uint64_t begun = now_ns();
    enum status status = STATUS_OK;
    worker->spin = false;
    worker->credit = worker->yield_credit = 0;
    lane_set_spin(lane, false);
    set_busy(worker, true);
    lane_set_served(lane, true);
    while (status == STATUS_OK && await(worker, connection, lane, seen, &word)) {
        settle(worker, lane);
        status = serve_one(worker, connection, lane, word);
        seen = word;
        if (connection_others_wait() && now_ns() - begun > SLICE_NS) {
            break;
        }
    }
    lane_set_served(lane, false);
    set_busy(worker, false);
    connection->seen[number] = seen;
    if (status != STATUS_OK) {
        connection_break(connection);
        return false;
    }
    return lane_has_request(lane, seen, &word);
}

static void *work(void *argument) {
    struct worker *worker = argument;
    for (;;) {
        unsigned lane;
        struct connection *connection = connection_next(&lane);
        bool again = serve(worker, connection, lane);
        connection_release(connection, lane, again);
    }
    return NULL;
}

/* ---- making ---- */

size_t worker_cost(void) {
    size_t each = thread_cost() + arena_cost(module_call_size()) + 2 * arena_cost(LANE_ROOM);
    return each * WORKERS_MAX;
}

enum status worker_make_all(void) {
    if (sched_getaffinity(0, sizeof(all_cpus), &all_cpus) != 0) {
        return STATUS_INTERNAL;
    }
    cpu_count = (unsigned)CPU_COUNT(&all_cpus);
    for (size_t i = 0; i < WORKERS_MAX; i++) {
        struct worker *worker = &workers[i];
        worker->call = arena_take(module_call_size());
        worker->request = arena_take(LANE_ROOM);
        worker->reply = arena_take(LANE_ROOM);
        if (worker->call == NULL || worker->request == NULL || worker->reply == NULL) {
            return STATUS_MEMORY;
        }
        TRY(thread_make(work, worker, false));
    }
    return STATUS_OK;
}
