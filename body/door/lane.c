/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's side of one lane. */
#define _GNU_SOURCE
#include "body/door/lane.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifdef LANE_COUNTED
void (*lane_watch)(const volatile uint8_t *at, size_t size);
#define LANE_WATCH(at, size) lane_watch(at, size)
#else
#define LANE_WATCH(at, size) ((void)0)
#endif

bool lane_has_request(struct lane *lane, uint32_t seen, uint32_t *word) {
    *word = __atomic_load_n(&lane->request, __ATOMIC_SEQ_CST);
    return *word != seen;
}

enum status lane_take(const struct lane *lane, uint32_t word, uint8_t *to, struct bytes *request) {
    size_t size = lane_size(word);
    if (size < FRAME_HEADER_SIZE || size > LANE_ROOM) {
        return STATUS_BAD_FRAME;
    }
    LANE_WATCH(lane->request_frame, size);
    memcpy(to, lane->request_frame, size);
    /* The copy is taken here and nowhere later: the compiler must not go back to the shared
     * bytes. */
    __asm__ volatile("" ::: "memory");
    *request = bytes_of(to, size);
    return STATUS_OK;
}

void lane_reply(struct lane *lane, uint32_t word, struct bytes reply) {
    bytes_copy(lane->reply_frame, reply);
    __atomic_store_n(&lane->reply, lane_answer(word, reply.size), __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&lane->client_waits, __ATOMIC_SEQ_CST) != 0) {
        syscall(SYS_futex, &lane->reply, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
}

void lane_sleep(struct lane *lane, uint32_t seen, uint64_t timeout_us) {
    struct timespec timeout = {(time_t)(timeout_us / 1000000), (long)(timeout_us % 1000000) * 1000};
    __atomic_store_n(&lane->daemon_waits, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&lane->request, __ATOMIC_SEQ_CST) == seen) {
        syscall(SYS_futex, &lane->request, FUTEX_WAIT, seen, &timeout, NULL, 0);
    }
    __atomic_store_n(&lane->daemon_waits, 0, __ATOMIC_RELAXED);
}

void lane_rouse(struct lane *lane) {
    syscall(SYS_futex, &lane->request, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void lane_set_served(struct lane *lane, bool served) {
    __atomic_store_n(&lane->served, served ? 1u : 0u, __ATOMIC_SEQ_CST);
}

void lane_set_spin(struct lane *lane, bool spin) {
    __atomic_store_n(&lane->spin, spin ? 1u : 0u, __ATOMIC_RELAXED);
}

uint32_t lane_cpu(const struct lane *lane) {
    return __atomic_load_n(&lane->cpu, __ATOMIC_RELAXED);
}
