/* SPDX-License-Identifier: Apache-2.0 */
/* The sessions of this process: a fixed table, each entry with its own lock, never freed; a handle
 * that is stale, forged or used at exit finds an entry that says so. */
#ifndef HOST_PKCS11_SESSION_H
#define HOST_PKCS11_SESSION_H

#include "host/pkcs11/library.h"
#include "host/pkcs11/mechanisms.h"
#include "host/pkcs11/operation.h"

#include <pthread.h>

enum operation_place {
    PLACE_DIGEST,
    PLACE_SIGN,
    PLACE_VERIFY,
    PLACE_ENCRYPT,
    PLACE_DECRYPT,
    PLACE_MESSAGE_SIGN,
    PLACE_MESSAGE_VERIFY,
    PLACE_MESSAGE_ENCRYPT,
    PLACE_MESSAGE_DECRYPT,
    PLACE_COUNT,
};

/* A search: handles of the page at hand, and where the module goes on. */
struct search {
    bool active;
    bool ended; /* nothing can match, or the module gave its last page */
    uint64_t cursor;
    struct buffer request; /* attributes to match */
    struct buffer page;    /* handles, u64 each */
    size_t given;          /* bytes of the page already handed out */
};

struct session {
    pthread_mutex_t lock;
    bool open;
    uint32_t generation;
    struct connection *connection;
    uint32_t number; /* the module's handle */
    CK_SLOT_ID slot;
    unsigned strict_epoch; /* the epoch in which the token was strict (0: none) */
    struct operation operations[PLACE_COUNT];
    struct search search;
    struct buffer room; /* for large replies; see session_room() */
};

/* Opens a session on a slot; fills *handle. */
CK_RV session_open(CK_SLOT_ID slot, bool read_write, CK_SESSION_HANDLE *handle) MUST_USE;

/* Finds and locks a session. CKR_CRYPTOKI_NOT_INITIALIZED, CKR_SESSION_HANDLE_INVALID, or
 * CKR_DEVICE_REMOVED when the module went away under it; nothing is locked then. */
CK_RV session_enter(CK_SESSION_HANDLE handle, struct session **session) MUST_USE;
void session_leave(struct session *session);
/* CKR_OK when session_enter() would be: for functions that have nothing else to do. */
CK_RV session_check(CK_SESSION_HANDLE handle) MUST_USE;

/* Closes one session; also one whose module is gone. */
CK_RV session_close(CK_SESSION_HANDLE handle) MUST_USE;
/* Ends the sessions on a slot, or all of them (slot NULL), in this process's table only; returns
 * the slots (bit n: slot n) on which the module still has them. */
uint32_t session_end_all(const CK_SLOT_ID *slot) MUST_USE;
/* After fork(): empties the table without touching what the parent shares. */
void session_forget_all(void);

/* Ends the search, if there is one. */
void session_end_search(struct session *session);

/* Room for the largest reply, kept with the session; data is NULL without memory. */
struct span session_room(struct session *session) MUST_USE;

/* Settles who chooses the IV that a caller left at zero: the module on a token with the strict
 * profile, which takes no other; on a compatible one it is the caller's own choice. */
CK_RV session_settle_iv(struct session *session, struct mechanism_read *read) MUST_USE;

/* Bytes of data that one command of this session carries. */
static inline size_t session_data_max(const struct session *session) {
    return client_data_max(session->connection->client);
}

/* One command in this session; request.session is filled in.
 * SESSION_CALL(status_variable, session, command, request, &reply, room) */
#define SESSION_CALL(status, session_, command, request, reply, room)                              \
    do {                                                                                           \
        (request).session = (session_)->number;                                                    \
        (status) = connection_heed(                                                                \
            (session_)->connection,                                                                \
            client_##command((session_)->connection->client, &(request), (reply), (room)));        \
    } while (0)

/* Room on the stack for a small reply: a signature, a digest, numbers. */
enum { SMALL_ROOM_SIZE = FRAME_HEADER_SIZE + 1024 + 64 };
#define SMALL_ROOM(name)                                                                           \
    uint8_t name##_bytes[SMALL_ROOM_SIZE];                                                         \
    struct span name = {name##_bytes, sizeof(name##_bytes)}

#endif
