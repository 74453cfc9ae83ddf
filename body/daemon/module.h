/* SPDX-License-Identifier: Apache-2.0 */
/* The core in the daemon: its exclusion, and the way of a request through its three steps. */
#ifndef BODY_DAEMON_MODULE_H
#define BODY_DAEMON_MODULE_H

#include "base/bytes.h"
#include "base/status.h"
#include "core/hsm.h"

/* Takes the core's memory from the arena. STATUS_MEMORY. */
enum status module_reserve(void) MUST_USE;
/* Starts the core, on a thread whose stack is in the arena. */
enum status module_start(void) MUST_USE;
/* Ends it; no other call may be under way or come later. */
void module_stop(void);
/* About once a second. */
void module_tick(void);

enum status module_connect(const struct peer *peer, uint32_t *connection) MUST_USE;
void module_disconnect(uint32_t connection);
void module_refused(const struct peer *peer);

/* Leads a request to its reply, which lies in `reply` (LANE_ROOM bytes of private memory). */
struct bytes module_serve(struct call *call, uint32_t connection, struct bytes request,
                          struct span reply) MUST_USE;

#endif
