/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's side of one lane. Every access of the daemon to memory that a client can write is in
 * lane.c; a client may write anything there at any time. */
#ifndef BODY_DOOR_LANE_H
#define BODY_DOOR_LANE_H

#include "base/bytes.h"
#include "base/status.h"
#include "proto/lane.h"

/* Everything below `lane` is private memory. */

/* Whether a request is there that was not taken yet; fills *word with what the client wrote. `seen`
 * is the word of the last request taken. */
bool lane_has_request(struct lane *lane, uint32_t seen, uint32_t *word) MUST_USE;
/* Copies the frame that `word` announces to `to` (LANE_ROOM bytes), each byte read once;
 * STATUS_BAD_FRAME for an impossible size. */
enum status lane_take(const struct lane *lane, uint32_t word, uint8_t *to,
                      struct bytes *request) MUST_USE;
/* Copies a reply of at most LANE_ROOM bytes out and tells the client. */
void lane_reply(struct lane *lane, uint32_t word, struct bytes reply);

/* Sleeps until the client writes a word other than `seen`, somebody calls lane_rouse, or time is
 * up. */
void lane_sleep(struct lane *lane, uint32_t seen, uint64_t timeout_us);
/* Wakes who sleeps on the lane. */
void lane_rouse(struct lane *lane);

/* Says whether somebody serves the lane. After `false`, look once more: the client may have written
 * just before. */
void lane_set_served(struct lane *lane, bool served);
/* Whether the client should look before it sleeps. */
void lane_set_spin(struct lane *lane, bool spin);
/* Where the client says that it runs: a processor's number plus one, 0 or nonsense. */
uint32_t lane_cpu(const struct lane *lane) MUST_USE;

#ifdef LANE_COUNTED
/* In the test build: called for each read of frame bytes in shared memory. */
extern void (*lane_watch)(const volatile uint8_t *at, size_t size);
#endif

#endif
