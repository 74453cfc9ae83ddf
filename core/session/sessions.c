/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of processes, their sessions, and who is logged in where. */
#include "core/session/sessions.h"

/* A session's id: a random part over its place. */
enum { PLACE_BITS = 14, PLACE_MASK = (1 << PLACE_BITS) - 1, ANY_CONNECTION = 0xffffffffu };
_Static_assert(SESSIONS_MAX <= 1 << PLACE_BITS, "a session's place must fit its id");

enum status sessions_connect(struct sessions *sessions, const struct peer *peer,
                             uint32_t *connection) {
    for (uint32_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *place = &sessions->connections[i];
        if (place->used) {
            continue;
        }
        uint64_t nonce = 0;
        TRY(crypto_random((uint8_t *)&nonce, sizeof(nonce)));
        *place = (struct connection){.used = true, .nonce = nonce, .peer = *peer};
        sessions->connection_count++;
        *connection = i;
        return STATUS_OK;
    }
    return STATUS_BUSY;
}

void sessions_disconnect(struct sessions *sessions, uint32_t connection) {
    sessions->connections[connection] = (struct connection){.used = false};
    sessions->connection_count--;
}

static struct session *free_session(struct sessions *sessions) {
    for (uint32_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &sessions->list[sessions->hand];
        sessions->hand = (sessions->hand + 1) % SESSIONS_MAX;
        if (session->id == 0) {
            return session;
        }
    }
    return NULL;
}

enum status sessions_open(struct sessions *sessions, uint32_t connection, uint32_t slot,
                          bool read_write, struct session **session) {
    struct connection *owner = &sessions->connections[connection];
    if (!read_write && owner->login[slot] == LOGIN_SO) {
        return STATUS_SESSION_SO_EXISTS;
    }
    struct session *place =
        owner->sessions < SESSIONS_PER_CONNECTION ? free_session(sessions) : NULL;
    if (place == NULL) {
        return STATUS_SESSION_COUNT;
    }
    uint32_t id = 0;
    TRY(crypto_random((uint8_t *)&id, sizeof(id)));
    id = (id & ~(uint32_t)PLACE_MASK) | 1u << 31 | (uint32_t)(place - sessions->list);
    *place = (struct session){
        .id = id, .connection = connection, .slot = slot, .read_write = read_write};
    owner->sessions++;
    owner->sessions_of_slot[slot]++;
    owner->read_only_of_slot[slot] += read_write ? 0 : 1;
    sessions->count++;
    sessions->count_of_slot[slot]++;
    sessions->read_write_of_slot[slot] += read_write ? 1 : 0;
    *session = place;
    return STATUS_OK;
}

void sessions_close(struct sessions *sessions, struct session *session) {
    struct connection *owner = &sessions->connections[session->connection];
    uint32_t slot = session->slot;
    owner->sessions--;
    owner->sessions_of_slot[slot]--;
    owner->read_only_of_slot[slot] -= session->read_write ? 0 : 1;
    sessions->count--;
    sessions->count_of_slot[slot]--;
    sessions->read_write_of_slot[slot] -= session->read_write ? 1 : 0;
    if (owner->sessions_of_slot[slot] == 0) {
        sessions_set_login(sessions, session->connection, slot, LOGIN_NONE);
    }
    *session = (struct session){.id = 0};
}

struct session *sessions_find(struct sessions *sessions, uint32_t connection, uint32_t id) {
    uint32_t place = id & PLACE_MASK;
    if (id == 0 || place >= SESSIONS_MAX) {
        return NULL;
    }
    struct session *session = &sessions->list[place];
    bool found = session->id == id && session->connection == connection && !session->closing;
    return found ? session : NULL;
}

struct session *sessions_next(struct sessions *sessions, uint32_t connection, uint32_t *cursor) {
    while (*cursor < SESSIONS_MAX) {
        struct session *session = &sessions->list[(*cursor)++];
        if (session->id != 0 &&
            (connection == ANY_CONNECTION || session->connection == connection)) {
            return session;
        }
    }
    return NULL;
}

enum login sessions_login(const struct sessions *sessions, const struct session *session) {
    return (enum login)sessions->connections[session->connection].login[session->slot];
}

void sessions_set_login(struct sessions *sessions, uint32_t connection, uint32_t slot,
                        enum login login) {
    struct connection *owner = &sessions->connections[connection];
    if (login == LOGIN_NONE && owner->login[slot] != LOGIN_NONE) {
        owner->epoch[slot]++;
    }
    owner->login[slot] = (uint8_t)login;
}

void sessions_end_logins(struct sessions *sessions, uint32_t slot) {
    for (uint32_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (sessions->connections[i].used) {
            sessions_set_login(sessions, i, slot, LOGIN_NONE);
        }
    }
}
