/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to the daemon without the client library: for clients that break the rules. */
#ifndef TEST_DAEMON_RAW_LINK_H
#define TEST_DAEMON_RAW_LINK_H

#include "proto/lane.h"

struct raw_link {
    int socket;
    struct link_memory *memory;
    uint32_t status; /* of the welcome */
};

/* The path in $EDGEHSM_MODULE. */
const char *raw_path(void);
/* Connects; memory is NULL where the daemon refused. False when there is no daemon. */
bool raw_open(struct raw_link *link);
void raw_close(struct raw_link *link);
/* Asks for service of a lane. */
bool raw_ask(struct raw_link *link, uint32_t lane);
/* Puts a request word, and wakes the daemon. */
void raw_publish(struct raw_link *link, uint32_t lane, uint32_t word);

#endif
