/* SPDX-License-Identifier: Apache-2.0 */
/* client/client.h answered by a whole module in this process, so that the door is tested without a
 * daemon: every C_ function, on the real core, under the sanitizers. */
#ifndef TEST_CONFORMANCE_DOOR_CLIENT_H
#define TEST_CONFORMANCE_DOOR_CLIENT_H

#include "client/client.h"

/* A factory-fresh module. */
void door_client_begin(void);
void door_client_end(void);

/* The module goes away and cannot be reached until it is restarted on what it stored. */
void door_client_kill(void);
void door_client_restart(void);

/* The next call of a command is answered with a status instead. */
void door_client_answer(enum command command, enum status status);

/* Calls of a command since the module began; of all commands with 0. */
unsigned door_client_calls(unsigned command) MUST_USE;

#endif
