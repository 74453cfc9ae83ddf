/* SPDX-License-Identifier: Apache-2.0 */
/* The way from a host program to the module: connect, call, close. It decides nothing and keeps no
 * keys.
 *
 * One struct client is one connection of one process; all threads may use it at once. After fork()
 * the child must not use it (it fails with STATUS_DISCONNECTED); it calls client_abandon() and
 * opens its own. */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "base/bytes.h"
#include "base/status.h"
#include "proto/frame.h"
#include "proto/messages.h"

struct client;

/* Room for the largest reply. */
enum { CLIENT_ROOM_SIZE = FRAME_HEADER_SIZE + FRAME_BODY_MAX };

/* Address of the module: the argument of a program, else $EDGEHSM_MODULE, else the default socket
 * (/run/edgehsm/module.sock). Forms: "unix:/path" or "/path". */
const char *client_address(const char *given) MUST_USE;

/* Connects and agrees on the protocol version. STATUS_UNREACHABLE (no daemon), STATUS_PEER_REFUSED
 * (this user may not), STATUS_BUSY, STATUS_VERSION. *client is NULL on failure. */
enum status client_open(struct client **client, const char *address) MUST_USE;
void client_close(struct client *client);
/* Frees a connection inherited through fork() without touching the parent's. */
void client_abandon(struct client *client);
/* Whether the module still holds the other end; costs no round trip. */
bool client_alive(struct client *client) MUST_USE;

/* Bytes of data that the module takes in one request: DATA_MAX, or what a smaller module said. */
size_t client_data_max(const struct client *client) MUST_USE;

/* Sends `request` (struct NAME_req) and reads the reply into `reply` (struct NAME_rep), whose byte
 * fields point into `room`. Returns the module's status, or BAD_FRAME, TOO_LARGE, DISCONNECTED.
 * Thread-safe; waits for a free lane. The module's data is not trusted: everything is checked (P7).
 */
enum status client_call(struct client *client, enum command command, const void *request,
                        void *reply, struct span room) MUST_USE;

/* Typed calls, one for each row of proto/commands.def: client_sign(client, &req, &rep, room). */
#define COMMAND(number, name, states, role, audit, steps, text)                                    \
    MUST_USE static inline enum status client_##name(struct client *client,                        \
                                                     const struct name##_req *request,             \
                                                     struct name##_rep *reply, struct span room) { \
        return client_call(client, COMMAND_##name, request, reply, room);                          \
    }
#include "proto/commands.def"
#undef COMMAND

#endif
