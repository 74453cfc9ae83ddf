/* SPDX-License-Identifier: Apache-2.0 */
/* The library in this process: whether C_Initialize was called, and the connection to the module.
 *
 * There is one connection at a time. When it breaks, the sessions on it end, and the next call that
 * needs the module opens a new one. After fork() the child starts as if C_Initialize had never been
 * called. Locks are taken in one order: a session's, then the library's. */
#ifndef HOST_PKCS11_LIBRARY_H
#define HOST_PKCS11_LIBRARY_H

#include "client/client.h"
#include "host/pkcs11/door.h"

#include <stdatomic.h>

/* One connection. Its sessions, and calls without a session, each hold a reference. */
struct connection {
    struct client *client;
    unsigned serial;     /* counts connections of this process */
    atomic_bool broken;  /* the module is gone */
    unsigned references; /* under the library's lock */
    struct connection *next;
};

/* CKR_OK between C_Initialize and C_Finalize, else CKR_CRYPTOKI_NOT_INITIALIZED. */
CK_RV library_ready(void) MUST_USE;
/* C_Initialize and C_Finalize without their arguments. */
CK_RV library_start(void) MUST_USE;
CK_RV library_stop(void) MUST_USE;

/* Takes a reference to a connection that works, opening one where there is none; fills *connection.
 * To be given back with connection_release(). */
enum status connection_take(struct connection **connection) MUST_USE;
void connection_release(struct connection *connection);
/* Notes from a call's status whether the connection broke; returns that status. */
enum status connection_heed(struct connection *connection, enum status status) MUST_USE;
/* Serial number of the newest connection. */
unsigned connection_newest(void) MUST_USE;

/* The epoch ends whenever something happened that may change what the module accepts; answers
 * remembered from an older epoch are asked for again. */
unsigned epoch_now(void) MUST_USE;
void epoch_end(void);

/* One command outside of any session: takes a connection, calls, releases.
 * LIBRARY_CALL(status_variable, command, &request, &reply, room) */
#define LIBRARY_CALL(status, command, request, reply, room)                                        \
    do {                                                                                           \
        struct connection *taken = NULL;                                                           \
        (status) = connection_take(&taken);                                                        \
        if ((status) == STATUS_OK) {                                                               \
            (status) = connection_heed(                                                            \
                taken, client_##command(taken->client, (request), (reply), (room)));               \
            connection_release(taken);                                                             \
        }                                                                                          \
    } while (0)

#endif
