/* SPDX-License-Identifier: Apache-2.0 */
/* The thread at the door: accepts clients, hears what they say on their sockets, sees them go, and
 * ticks. */
#ifndef BODY_DOOR_LISTENER_H
#define BODY_DOOR_LISTENER_H

#include <stdbool.h>

/* Blocks SIGTERM and SIGINT in this thread and those made later; the listener lets them in only
 * while it waits. */
bool listener_catch_stops(void);
/* Serves until SIGTERM or SIGINT. */
void listener_run(int listening);

#endif
