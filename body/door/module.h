/* SPDX-License-Identifier: Apache-2.0 */
/* What lies behind the door. Each body answers: the daemon with the core itself, the endpoint with
 * the line to a chip. All may be called by many threads at once. */
#ifndef BODY_DOOR_MODULE_H
#define BODY_DOOR_MODULE_H

#include "base/bytes.h"
#include "base/status.h"
#include "core/hsm.h"

/* Bytes of memory for one request in flight (zeroed, of the arena); the struct is the body's. */
size_t module_call_size(void) MUST_USE;

/* A process connected; fills *connection with its number. STATUS_BUSY when there are too many. */
enum status module_connect(const struct peer *peer, uint32_t *connection) MUST_USE;
void module_disconnect(uint32_t connection);
/* A process was refused at the door. */
void module_refused(const struct peer *peer);
/* Whether the connection still means anything; where not, the door closes it. */
bool module_connected(uint32_t connection) MUST_USE;

/* Leads a request to its reply, which lies in `reply` (LANE_ROOM bytes of private memory). */
struct bytes module_serve(struct call *call, uint32_t connection, struct bytes request,
                          struct span reply) MUST_USE;

#endif
