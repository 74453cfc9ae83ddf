/* SPDX-License-Identifier: Apache-2.0 */
/* The transport under struct client: how one frame gets to the module and its reply back. Here a
 * socket and shared memory (proto/lane.h); another transport answers the same functions. All but
 * open and close may be called by many threads at once. */
#ifndef CLIENT_LINK_H
#define CLIENT_LINK_H

#include "base/bytes.h"
#include "base/status.h"

struct link;

/* Connects to `path`. STATUS_UNREACHABLE, STATUS_PEER_REFUSED, STATUS_BUSY, STATUS_VERSION; *link
 * is NULL then. */
enum status link_open(struct link **link, const char *path) MUST_USE;
/* Ends the connection; no call may be under way. In a child after fork() it frees without touching
 * the parent's connection. */
void link_close(struct link *link);
/* Whether the other end is still there and this process is the one that connected. */
bool link_alive(struct link *link) MUST_USE;

/* Takes a free lane, waits for one if need be; fills *room with the place for a request frame.
 * STATUS_DISCONNECTED. */
enum status link_take(struct link *link, unsigned *lane, struct span *room) MUST_USE;
/* Sends the `size` bytes that lie in the room of the lane; waits; copies the reply to reply->data
 * and sets reply->size (capacity going in). STATUS_DISCONNECTED, STATUS_BAD_FRAME (a reply of an
 * impossible size). */
enum status link_exchange(struct link *link, unsigned lane, size_t size,
                          struct span *reply) MUST_USE;
/* Gives the lane back. */
void link_give(struct link *link, unsigned lane);

#endif
