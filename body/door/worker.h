/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that serve lanes. */
#ifndef BODY_DOOR_WORKER_H
#define BODY_DOOR_WORKER_H

#include "base/status.h"

#include <stddef.h>

/* Bytes of the arena that the workers need. */
size_t worker_cost(void) MUST_USE;
/* Makes them all. STATUS_MEMORY. */
enum status worker_make_all(void) MUST_USE;

#endif
