/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that serve lanes. All are made before the sandbox closes: later no thread can be
 * made. */
#ifndef BODY_DAEMON_WORKER_H
#define BODY_DAEMON_WORKER_H

#include "base/status.h"

#include <stddef.h>

/* Bytes of the arena that the workers need. */
size_t worker_cost(void) MUST_USE;
/* Makes them all and waits until each runs; they do nothing before worker_begin().
 * STATUS_MEMORY. */
enum status worker_make_all(void) MUST_USE;
/* Lets them begin: the core has started. */
void worker_begin(void);

/* Makes a thread whose stack is in the arena. */
enum status worker_thread(void *(*run)(void *), void *argument) MUST_USE;
size_t worker_thread_cost(void) MUST_USE;

#endif
