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
/* Ends it: takes no new request, waits for those under way, stops the core. A request that goes
 * on for very long is not waited for, then the core ends as if it were cut: false. */
bool module_stop(void) MUST_USE;
/* A thread that ticks the core about once a second, for ever. */
void *module_keep_ticking(void *unused);

enum status module_connect(const struct peer *peer, uint32_t *connection) MUST_USE;
void module_disconnect(uint32_t connection);
void module_refused(const struct peer *peer);

/* Leads a request to its reply, which lies in `reply` (LANE_ROOM bytes of private memory). */
struct bytes module_serve(struct call *call, uint32_t connection, struct bytes request,
                          struct span reply) MUST_USE;

#endif
