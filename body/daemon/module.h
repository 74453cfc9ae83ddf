/* SPDX-License-Identifier: Apache-2.0 */
/* The core in the daemon: its exclusion, its start and its end. body/door/module.h leads requests
 * to it. */
#ifndef BODY_DAEMON_MODULE_H
#define BODY_DAEMON_MODULE_H

#include "body/door/module.h"

/* Takes the core's memory from the arena. STATUS_MEMORY. */
enum status module_reserve(void) MUST_USE;
/* Starts the core, on a thread whose stack is in the arena. */
enum status module_start(void) MUST_USE;
/* Ends it: takes no new request, waits for those under way, stops the core. A request that goes
 * on for very long is not waited for, then the core ends as if it were cut: false. */
bool module_stop(void) MUST_USE;
/* A thread that ticks the core about once a second, for ever. */
void *module_keep_ticking(void *unused);

#endif
