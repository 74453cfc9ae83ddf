/* SPDX-License-Identifier: Apache-2.0 */
/* The one piece of memory that may hold secrets: the core's state, requests and replies, the stacks
 * of all threads that run the core, and everything OpenSSL allocates. From memfd_secret where the
 * kernel has it: then neither /proc/PID/mem nor ptrace nor a core file nor swap shows it, not even
 * to root. */
#ifndef BODY_DOOR_ARENA_H
#define BODY_DOOR_ARENA_H

#include "base/bytes.h"
#include "base/status.h"

enum arena_kind {
    ARENA_SECRET, /* memfd_secret */
    ARENA_LOCKED, /* locked, not dumped, wiped on fork; root can read it */
    ARENA_PLAIN,  /* the same, but it may reach the swap */
};

/* Reserves `size` bytes (committed when touched). STATUS_MEMORY, after a line that says why, when
 * it cannot be locked and `allow_swap` is false. */
enum status arena_open(size_t size, bool allow_swap) MUST_USE;
enum arena_kind arena_kind(void) MUST_USE;

/* Takes zeroed memory for good, aligned to 64 bytes; NULL when the arena is used up. */
void *arena_take(size_t size) MUST_USE;
/* The same aligned to pages, with a page before it that faults: a stack. */
void *arena_take_stack(size_t size) MUST_USE;
/* What arena_take rounds up to, and arena_take_stack: to sum up the size of the arena. */
size_t arena_cost(size_t size) MUST_USE;
size_t arena_stack_cost(size_t size) MUST_USE;

/* Wipes everything but the stacks, which may be in use. Pages of memfd_secret are cleared by the
 * kernel when the process ends, and need no visit. */
void arena_wipe(void);

#endif
