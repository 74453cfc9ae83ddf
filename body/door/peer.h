/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a socket, as the kernel says. */
#ifndef BODY_DOOR_PEER_H
#define BODY_DOOR_PEER_H

#include "base/status.h"
#include "core/hsm.h"

/* User, process and groups (the first PEER_GROUPS_MAX of them, the primary one first).
 * STATUS_PEER_REFUSED when the kernel does not tell. */
enum status peer_read(int socket, struct peer *peer) MUST_USE;
/* A descriptor that becomes readable when the process ends; -1 where the kernel has none. */
int peer_process(int socket);

#endif
