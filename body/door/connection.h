/* SPDX-License-Identifier: Apache-2.0 */
/* Connections and who works for them. A connection is opened and closed by the listener; its lanes
 * are served by workers. A lane with a new request waits in line, connections taking turns, until a
 * worker is free; a worker keeps a lane while requests come. What one user can have of connections
 * and workers is limited. */
#ifndef BODY_DOOR_CONNECTION_H
#define BODY_DOOR_CONNECTION_H

#include "base/bytes.h"
#include "base/limits.h"
#include "base/status.h"
#include "core/hsm.h"
#include "proto/lane.h"

enum {
    WORKERS_MAX = 256,
    /* of one user */
    USER_CONNECTIONS_MAX = CONNECTIONS_MAX / 4,
    USER_WORKERS_MAX = WORKERS_MAX / 4,
};

struct account; /* of one user */

struct connection {
    bool used;
    bool listed;   /* stands in line */
    bool closing;  /* atomic: set once, read by the workers */
    int socket;
    int process; /* pidfd of the client, or -1 */
    uint32_t number; /* the core's */
    uint32_t pid;
    struct account *account;
    struct link_memory *memory;
    uint32_t waiting; /* sets of lanes: with a request that nobody serves; being served */
    uint32_t served;
    uint32_t seen[LINK_LANES]; /* word of the last request; of the lane's worker */
    struct connection *next;
};

/* Makes a connection of a client's socket, tells the core, and sends the welcome. The socket is the
 * connection's afterwards, or closed after a refusal. NULL when refused. */
struct connection *connection_open(int socket) MUST_USE;
/* The client is gone or broke the rules: its workers leave, and the last one frees what it held.
 * The listener must not look at it afterwards. */
void connection_close(struct connection *connection);
/* A request lies in a lane that nobody serves. False for a number that is no lane. */
bool connection_wants_service(struct connection *connection, uint32_t lane) MUST_USE;

/* For workers: waits in line for a lane to serve; fills *lane. */
struct connection *connection_next(unsigned *lane) MUST_USE;
/* Ends the service of a lane; the worker must not look at the connection afterwards. `again`: a
 * request is left. */
void connection_release(struct connection *connection, unsigned lane, bool again);
/* Around work that only computes, while other users are at work too: waits until fewer than
 * `processors` of the user's are under way; more at once would only take from the others. False:
 * there is nobody else, and no turn to end. */
bool connection_begin_turn(struct connection *connection, unsigned processors) MUST_USE;
void connection_end_turn(struct connection *connection);
/* Around work that takes a processor for long (making keys, stretching PINs), and around
 * all work of a user that had its share: waits while the user has so much of it under way that no
 * processor would be left to others. */
void connection_begin_heavy(struct connection *connection, unsigned processors);
void connection_end_heavy(struct connection *connection);
bool connection_is_closing(const struct connection *connection) MUST_USE;
/* Whether others wait in line for this worker. */
bool connection_others_wait(void) MUST_USE;
/* Ends a connection from a worker: the listener sees the socket end. False: it was ending. */
bool connection_end(struct connection *connection);
/* The same for a client that broke the rules, which is told to the log. */
void connection_break(struct connection *connection);

#endif
