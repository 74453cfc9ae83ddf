/* SPDX-License-Identifier: Apache-2.0 */
/* The trusted core as a body sees it.
 *
 * A body gives the memory (hsm_size, call_size; zeroed, best locked and out of reach of others),
 * starts the core, tells it who connects, and leads each request through three steps:
 *
 *     hsm_check(...)                        exclusive
 *     if (call_wants_sync(call)) sync
 *     hsm_compute(...)                      may run beside anything
 *     reply = hsm_commit(...)               exclusive
 *     if (call_wants_sync(call)) sync
 *     send reply
 *
 * "Exclusive": the body promises that hsm_check, hsm_commit and the functions below that say so
 * never overlap. "sync": port_flash_sync() and, where call_wants_log_sync(), port_log_sync(); once
 * for many calls is fine, as long as it begins after the step that asked for it. When a sync fails,
 * the body drops the reply and sends hsm_failure_reply(STATUS_STORE_IO); when one succeeds, it says
 * so by hsm_synced(). */
#ifndef CORE_HSM_H
#define CORE_HSM_H

#include "base/bytes.h"
#include "base/limits.h"
#include "base/status.h"
#include "core/session/peer.h"

struct hsm;
struct call;

/* Bytes of memory for one module, and for one request in flight; 64-byte aligned, zeroed. */
size_t hsm_size(void) MUST_USE;
size_t call_size(void) MUST_USE;

/* Starts: self tests, mount of the store (a blank one is formatted), the log goes on. Exclusive.
 * When something is wrong with tests or store the module starts all the same, in the error or
 * zeroized state, and answers only the commands of that state. STATUS_INTERNAL: the library did not
 * start at all. */
enum status hsm_start(struct hsm *hsm) MUST_USE;
/* Ends in an orderly way: a last checkpoint, everything synced, keys unloaded, memory wiped.
 * Exclusive. */
void hsm_stop(struct hsm *hsm);

/* A new connection; fills *connection with its number. STATUS_BUSY when there are too many.
 * Exclusive. */
enum status hsm_connect(struct hsm *hsm, const struct peer *peer, uint32_t *connection) MUST_USE;
/* It ended: its sessions and session objects go. No call of it may be between check and commit.
 * Exclusive. */
void hsm_disconnect(struct hsm *hsm, uint32_t connection);

/* Step 1. `request` is one whole frame in private memory, kept until commit. `reply` is private
 * memory for the reply frame, of FRAME_HEADER_SIZE + FRAME_BODY_MAX bytes, kept until commit.
 * Exclusive. */
void hsm_check(struct hsm *hsm, struct call *call, uint32_t connection, struct bytes request,
               struct span reply);
/* Step 2. */
void hsm_compute(struct call *call);
/* Step 3. Returns the reply frame (in the memory given to hsm_check). Exclusive. */
struct bytes hsm_commit(struct hsm *hsm, struct call *call) MUST_USE;

/* Whether what the last step wrote must be durable before the body goes on. */
bool call_wants_sync(const struct call *call) MUST_USE;
bool call_wants_log_sync(const struct call *call) MUST_USE;
/* The sync that the last step asked for succeeded: the next start can tell damage of what was
 * durable from what a cut took away. Exclusive, before the next step of this call or after it. */
void hsm_synced(struct hsm *hsm, const struct call *call);

/* The frame that says that a request failed before or after the core saw it; fills `to`
 * (FRAME_HEADER_SIZE bytes). */
struct bytes hsm_failure_reply(enum status status, uint8_t *to) MUST_USE;

/* To be called about once a second: checkpoints that are due, housekeeping. Exclusive. Returns true
 * when the body should sync. */
bool hsm_tick(struct hsm *hsm) MUST_USE;

/* Tamper was detected, and port_tampered() says so: keys made ready go first, then a last leaf and
 * checkpoint in the log, then as hsm_stop. Exclusive. */
void hsm_tampered(struct hsm *hsm);

/* Tells the log of a process refused at the door. Exclusive. */
void hsm_peer_refused(struct hsm *hsm, const struct peer *peer);

#endif
