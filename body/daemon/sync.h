/* SPDX-License-Identifier: Apache-2.0 */
/* Group commit: many calls that wait for the disk share one sync of it. */
#ifndef BODY_DAEMON_SYNC_H
#define BODY_DAEMON_SYNC_H

#include "base/status.h"

#include <stdbool.h>

/* Returns when everything written before the call is durable: the flash, and with `log` the archive
 * of the log too. The first caller syncs; who comes while it does waits for the next round, which
 * one of them does for all. STATUS_STORE_IO to everybody of a round that failed. Never called under
 * the core's lock. */
enum status sync_wait(bool log) MUST_USE;

#endif
