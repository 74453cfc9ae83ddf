/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of one lane. */
#define _GNU_SOURCE
#include "client/lane.h"
#include "base/wipe.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Looking for the reply before sleeping: only while the daemon says that there is a processor for
 * both ends, and only while it is seen to help here. To wake a processor that went to sleep takes
 * as long as a signature, so that looking pays even for slow work; but after a while others may run
 * in between. Where there is no processor to spare, others may run a few times, the daemon among
 * them, before this side sleeps (body/door/worker.c). */
enum {
    LOOK_NS = 60000,
    LOOK_YIELDING_NS = 1500000, /* for so long in all */
    LOOKS_PER_CLOCK = 16,
    LOOKS_PER_YIELD = 64, /* a moment in which this processor leaves its core to the other thread */
    AWAY_NS = 50000, /* who was let run kept the processor: it is wanted elsewhere */
    YIELDS = 8,
    YIELD_AWAY_NS = 1000000,
    YIELDS_LEFT_OUT = 16,
    CREDIT_MAX = 8,
    CREDIT_MIN = -64,
};

static void futex_sleep(uint32_t *word, uint32_t value, int timeout_ms, int operation) {
    struct timespec timeout = {timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000};
    syscall(SYS_futex, word, operation, value, &timeout, NULL, 0);
}

void lane_sleep(uint32_t *word, uint32_t value, int timeout_ms) {
    futex_sleep(word, value, timeout_ms, FUTEX_WAIT_PRIVATE);
}

void lane_wake(uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

enum lane_sent lane_send(struct lane *lane, struct lane_end *end, size_t size) {
    int cpu = sched_getcpu();
    end->word = lane_next(end->word, size);
    __atomic_store_n(&lane->cpu, cpu < 0 ? 0 : (uint32_t)cpu + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&lane->request, end->word, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&lane->served, __ATOMIC_SEQ_CST) == 0) {
        return LANE_NOT_SERVED;
    }
    if (__atomic_load_n(&lane->daemon_waits, __ATOMIC_SEQ_CST) != 0) {
        syscall(SYS_futex, &lane->request, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
    return LANE_SERVED;
}

static bool answered(const struct lane *lane, const struct lane_end *end) {
    return lane_same_turn(__atomic_load_n(&lane->reply, __ATOMIC_ACQUIRE), end->word);
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool look_some(const struct lane *lane, const struct lane_end *end, int times) {
    for (int i = 0; i < times; i++) {
        if (answered(lane, end)) {
            return true;
        }
        COMPILER_RELAX();
    }
    return false;
}

static bool may_look(const struct lane *lane) {
    return __atomic_load_n(&lane->spin, __ATOMIC_RELAXED) != 0;
}

static bool look(const struct lane *lane, struct lane_end *end) {
    uint64_t begun = now_ns();
    uint64_t now;
    do {
        if (look_some(lane, end, LOOKS_PER_CLOCK)) {
            return true;
        }
        now = now_ns();
    } while (now - begun < LOOK_NS && may_look(lane));
    while (now - begun < LOOK_YIELDING_NS && may_look(lane)) {
        uint64_t last = now;
        sched_yield();
        now = now_ns();
        if (now - last > AWAY_NS) {
            end->credit = CREDIT_MIN;
            return false;
        }
        if (look_some(lane, end, LOOKS_PER_YIELD)) {
            return true;
        }
    }
    return false;
}

/* A look that failed cost a processor time: a few in a row, and the next 64 are left out. Where the
 * daemon took its word back meanwhile, the processor is for its worker. */
static bool look_if_worth(const struct lane *lane, struct lane_end *end) {
    if (!may_look(lane)) {
        return false;
    }
    if (end->credit < 0) {
        end->credit++;
        return false;
    }
    bool found = look(lane, end);
    if (found) {
        end->credit += end->credit < CREDIT_MAX;
    } else if (may_look(lane)) {
        end->credit -= 4;
        end->credit = end->credit < 0 ? CREDIT_MIN : end->credit;
    }
    return found;
}

static bool yield(const struct lane *lane, struct lane_end *end) {
    if (may_look(lane) || end->yield_credit < 0) {
        end->yield_credit += end->yield_credit < 0;
        return false;
    }
    bool found = false;
    uint64_t last = now_ns();
    for (int i = 0; !found && i < YIELDS; i++) {
        sched_yield();
        found = answered(lane, end);
        uint64_t now = now_ns();
        if (now - last > YIELD_AWAY_NS) {
            end->yield_credit = -YIELDS_LEFT_OUT;
            break;
        }
        last = now;
    }
    return found;
}

bool lane_wait(struct lane *lane, struct lane_end *end, int timeout_ms) {
    if (answered(lane, end) || look_if_worth(lane, end) || yield(lane, end)) {
        return true;
    }
    __atomic_store_n(&lane->client_waits, 1, __ATOMIC_SEQ_CST);
    uint32_t reply = __atomic_load_n(&lane->reply, __ATOMIC_SEQ_CST);
    bool done = lane_same_turn(reply, end->word);
    if (!done) {
        futex_sleep(&lane->reply, reply, timeout_ms, FUTEX_WAIT);
        done = answered(lane, end);
    }
    __atomic_store_n(&lane->client_waits, 0, __ATOMIC_RELAXED);
    return done;
}

enum status lane_receive(struct lane *lane, struct lane_end *end, size_t request_size,
                         struct span *reply) {
    uint32_t word = __atomic_load_n(&lane->reply, __ATOMIC_ACQUIRE);
    size_t size = lane_size(word);
    enum status status = STATUS_BAD_FRAME;
    if (lane_same_turn(word, end->word) && size <= reply->size && size <= LANE_ROOM) {
        memcpy(reply->data, lane->reply_frame, size);
        wipe(lane->reply_frame, size);
        reply->size = size;
        status = STATUS_OK;
    }
    wipe(lane->request_frame, request_size);
    return status;
}
