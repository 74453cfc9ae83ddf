/* SPDX-License-Identifier: Apache-2.0 */
/* The process that started the core's: it opens what must be opened, then only waits. */
#ifndef BODY_DOOR_PARENT_H
#define BODY_DOOR_PARENT_H

#include "body/door/belongings.h"

#include <sys/types.h>

/* Waits for the child: passes SIGTERM and SIGINT on, tells systemd when the byte comes that says
 * that the core works, removes the socket at the end. Returns the status to exit with. */
int parent_wait(pid_t child, int ready, const struct belongings *own, const char *socket_path);

#endif
