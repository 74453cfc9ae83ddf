/* SPDX-License-Identifier: Apache-2.0 */
/* Threads with stacks in the arena. All are made before the sandbox closes: later no thread can
 * be made, and one that is only just starting would make calls that the sandbox refuses. */
#ifndef BODY_DOOR_THREAD_H
#define BODY_DOOR_THREAD_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the arena that one thread needs. */
size_t thread_cost(void) MUST_USE;
/* Makes a thread; unless it runs `at_once`, it waits for threads_begin(). STATUS_MEMORY. */
enum status thread_make(void *(*run)(void *), void *argument, bool at_once) MUST_USE;
/* Waits until every thread made to wait is there. */
void threads_complete(void);
/* Lets them run. */
void threads_begin(void);

#endif
