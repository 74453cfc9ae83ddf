/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of processes, their sessions, and who is logged in where. A session belongs to one
 * connection and is nothing to any other; a login counts for all sessions of its connection on that
 * token (PKCS#11 v3.2, 5.6). */
#ifndef CORE_SESSION_SESSIONS_H
#define CORE_SESSION_SESSIONS_H

#include "core/session/tokens.h"

/* Functions that work in parts have bits 0 (F_SIGN) to 7 (F_DIGEST). */
enum { STREAM_KINDS = 8 };

enum login { LOGIN_NONE = 0, LOGIN_USER = 1, LOGIN_SO = 2 };

struct connection {
    bool used;
    uint64_t nonce; /* random: object handles of one connection mean nothing to another */
    struct peer peer;
    uint32_t sessions;
    uint32_t sessions_of_slot[TOKENS_MAX];
    uint32_t read_only_of_slot[TOKENS_MAX];
    uint8_t login[TOKENS_MAX];  /* enum login */
    uint32_t epoch[TOKENS_MAX]; /* counts logouts: handles to private objects end with them */
};

struct session {
    uint32_t id; /* random; 0: free */
    uint32_t connection;
    uint32_t slot;
    bool read_write;
    bool confirmed; /* CKU_CONTEXT_SPECIFIC login not used up yet */
    bool
        closing; /* closed while requests were between check and commit: the last of them ends it */
    uint32_t in_use;                /* such requests */
    uint16_t streams[STREAM_KINDS]; /* operations in parts by function bit: place + 1; 0: none */
    uint32_t objects; /* newest session object: place + 1; the others follow by next_owned */
};

struct sessions {
    uint32_t connection_count;
    uint32_t count;
    uint32_t hand;
    uint32_t count_of_slot[TOKENS_MAX];
    uint32_t read_write_of_slot[TOKENS_MAX];
    struct connection connections[CONNECTIONS_MAX];
    struct session list[SESSIONS_MAX];
};

/* BUSY when there are too many connections, NO_ENTROPY. */
enum status sessions_connect(struct sessions *sessions, const struct peer *peer,
                             uint32_t *connection) MUST_USE;
/* All sessions must be closed already. */
void sessions_disconnect(struct sessions *sessions, uint32_t connection);

/* SESSION_COUNT; SESSION_SO_EXISTS for a read-only session while the security officer is logged in.
 */
enum status sessions_open(struct sessions *sessions, uint32_t connection, uint32_t slot,
                          bool read_write, struct session **session) MUST_USE;
/* Closes one; the connection's last one on a token logs it out. */
void sessions_close(struct sessions *sessions, struct session *session);
/* The session with this id, if it is of this connection; else NULL. */
struct session *sessions_find(struct sessions *sessions, uint32_t connection, uint32_t id) MUST_USE;
/* The next session of a connection (or of all: NOT_CONNECTED as 0xffffffff) from *cursor on; NULL
 * at the end. */
struct session *sessions_next(struct sessions *sessions, uint32_t connection,
                              uint32_t *cursor) MUST_USE;

/* Who is logged in where the session is. */
enum login sessions_login(const struct sessions *sessions, const struct session *session) MUST_USE;
void sessions_set_login(struct sessions *sessions, uint32_t connection, uint32_t slot,
                        enum login login);
/* Logs out every connection on a token (it was initialised anew). */
void sessions_end_logins(struct sessions *sessions, uint32_t slot);

#endif
