/* SPDX-License-Identifier: Apache-2.0 */
/* The connection of this process to the module: one for each address, shared by all threads, made
 * anew after it broke and after fork(). */
#ifndef HOST_OPENSSL_PROVIDER_CONNECTION_H
#define HOST_OPENSSL_PROVIDER_CONNECTION_H

#include "client/client.h"

struct connection {
    struct client *client;
    uint64_t serial; /* never used twice in a process */
    /* private */
    struct connection *next;
    unsigned references;
    bool broken;
    char address[];
};

/* Takes the connection to `address`; connects if there is none. Statuses as client_open(). */
enum status connection_take(const char *address, struct connection **connection) MUST_USE;
/* Gives it back; with STATUS_DISCONNECTED as the outcome of its use the next one gets a new one. */
void connection_give(struct connection *connection, enum status outcome);

#endif
