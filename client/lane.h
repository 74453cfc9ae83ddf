/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of one lane: every access to the shared memory but the writing of the request
 * itself. */
#ifndef CLIENT_LANE_H
#define CLIENT_LANE_H

#include "base/bytes.h"
#include "base/status.h"
#include "proto/lane.h"

/* What the client remembers of a lane, out of the daemon's reach. */
struct lane_end {
    uint32_t word;  /* of the last request */
    int32_t credit; /* for looking before sleeping: grows when it helps, falls when it does not */
    int32_t yield_credit; /* for letting others run before sleeping */
};

/* A sleeping thread looks after the connection this often. */
enum { LANE_LOOK_MS = 100 };

enum lane_sent { LANE_SERVED, LANE_NOT_SERVED };

/* Publishes the request frame that lies in the lane. */
enum lane_sent lane_send(struct lane *lane, struct lane_end *end, size_t size) MUST_USE;
/* Waits for the reply, about `timeout_ms` at most; false when it did not come. */
bool lane_wait(struct lane *lane, struct lane_end *end, int timeout_ms) MUST_USE;
/* Copies the reply out, once, and wipes both frames. STATUS_BAD_FRAME when its size is
 * impossible. */
enum status lane_receive(struct lane *lane, struct lane_end *end, size_t request_size,
                         struct span *reply) MUST_USE;

/* futex on a word of this process's own memory. */
void lane_sleep(uint32_t *word, uint32_t value, int timeout_ms);
void lane_wake(uint32_t *word);

#endif
