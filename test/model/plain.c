/* SPDX-License-Identifier: Apache-2.0 */
/* A plain model of a token. */
#include "test/model/plain.h"

struct plain_session *plain_session(struct plain *plain, uint32_t client, uint32_t id) {
    for (size_t i = 0; id != 0 && i < SESSIONS_LIVE; i++) {
        if (plain->clients[client].sessions[i].id == id) {
            return &plain->clients[client].sessions[i];
        }
    }
    return NULL;
}

/* ---- objects ---- */

bool plain_sees(const struct plain *plain, uint32_t client, const struct plain_object *object) {
    bool mine = object->token || object->client == client;
    return object->used && mine &&
           (!object->private || plain->clients[client].login == USER_USER);
}

struct plain_object *plain_object(struct plain *plain, uint32_t client, uint64_t handle) {
    for (size_t i = 0; handle != 0 && i < OBJECTS_LIVE; i++) {
        struct plain_object *object = &plain->objects[i];
        bool fresh = !object->private ||
                     object->since[client] == plain->clients[client].logins_ended;
        if (object->handle[client] == handle && fresh && plain_sees(plain, client, object)) {
            return object;
        }
    }
    return NULL;
}

static enum status may_write(const struct plain *plain, uint32_t client,
                             const struct plain_session *session,
                             const struct plain_object *object) {
    uint32_t login = plain->clients[client].login;
    if (object->token && !session->read_write) {
        return STATUS_SESSION_READ_ONLY;
    }
    if ((object->private && login != USER_USER) || (object->token && login == NOBODY)) {
        return STATUS_NOT_LOGGED_IN;
    }
    return STATUS_OK;
}

static void drop_objects(struct plain *plain, uint32_t client, uint32_t session, bool private) {
    for (size_t i = 0; i < OBJECTS_LIVE; i++) {
        struct plain_object *object = &plain->objects[i];
        bool mine = object->client == client && (session == 0 || object->session == session);
        if (object->used && !object->token && mine && (!private || object->private)) {
            *object = (struct plain_object){.used = false};
        }
    }
}

enum status plain_create(struct plain *plain, uint32_t client, uint32_t id,
                         const struct plain_object *object, uint64_t handle) {
    const struct plain_session *session = plain_session(plain, client, id);
    if (session == NULL) {
        return STATUS_SESSION_INVALID;
    }
    TRY(may_write(plain, client, session, object));
    for (size_t i = 0; handle != 0 && i < OBJECTS_LIVE; i++) {
        struct plain_object *place = &plain->objects[i];
        if (!place->used) {
            *place = *object;
            place->used = true;
            place->client = client;
            place->session = id;
            place->place = handle >> 40;
            place->handle[client] = handle;
            place->since[client] = plain->clients[client].logins_ended;
            break;
        }
    }
    return STATUS_OK;
}

enum status plain_destroy(struct plain *plain, uint32_t client, uint32_t id, uint64_t handle) {
    const struct plain_session *session = plain_session(plain, client, id);
    struct plain_object *object = plain_object(plain, client, handle);
    if (session == NULL || object == NULL) {
        return session == NULL ? STATUS_SESSION_INVALID : STATUS_OBJECT_INVALID;
    }
    if (!object->destroyable) {
        return STATUS_ACTION_PROHIBITED;
    }
    TRY(may_write(plain, client, session, object));
    *object = (struct plain_object){.used = false};
    return STATUS_OK;
}

enum status plain_relabel(struct plain *plain, uint32_t client, uint32_t id, uint64_t handle,
                          uint32_t label) {
    const struct plain_session *session = plain_session(plain, client, id);
    struct plain_object *object = plain_object(plain, client, handle);
    if (session == NULL || object == NULL) {
        return session == NULL ? STATUS_SESSION_INVALID : STATUS_OBJECT_INVALID;
    }
    TRY(may_write(plain, client, session, object));
    if (!object->modifiable) {
        return STATUS_ACTION_PROHIBITED;
    }
    object->label = label;
    return STATUS_OK;
}

enum status plain_use(struct plain *plain, uint32_t client, uint32_t id, uint64_t handle) {
    struct plain_object *object = plain_object(plain, client, handle);
    if (plain_session(plain, client, id) == NULL) {
        return STATUS_SESSION_INVALID;
    }
    if (object == NULL || !object->key) {
        return STATUS_KEY_INVALID;
    }
    if (plain->clients[client].login == USER_SO) {
        return STATUS_NOT_LOGGED_IN;
    }
    return object->signs ? STATUS_OK : STATUS_KEY_FUNCTION_NOT_PERMITTED;
}

/* ---- sessions and logins ---- */

static void end_login(struct plain *plain, uint32_t client) {
    if (plain->clients[client].login != NOBODY) {
        plain->clients[client].login = NOBODY;
        plain->clients[client].logins_ended++;
    }
}

static size_t count_sessions(const struct plain_client *client, bool read_only) {
    size_t count = 0;
    for (size_t i = 0; i < SESSIONS_LIVE; i++) {
        count += client->sessions[i].id != 0 && !(read_only && client->sessions[i].read_write);
    }
    return count;
}

enum status plain_open(struct plain *plain, uint32_t client, bool read_write, uint32_t id) {
    struct plain_client *of = &plain->clients[client];
    if (!read_write && of->login == USER_SO) {
        return STATUS_SESSION_SO_EXISTS;
    }
    for (size_t i = 0; id != 0 && i < SESSIONS_LIVE; i++) {
        if (of->sessions[i].id == 0) {
            of->sessions[i] = (struct plain_session){id, read_write};
            break;
        }
    }
    return STATUS_OK;
}

enum status plain_close(struct plain *plain, uint32_t client, uint32_t id) {
    struct plain_session *session = plain_session(plain, client, id);
    if (session == NULL) {
        return STATUS_SESSION_INVALID;
    }
    drop_objects(plain, client, id, false);
    *session = (struct plain_session){.id = 0};
    if (count_sessions(&plain->clients[client], false) == 0) {
        end_login(plain, client);
    }
    return STATUS_OK;
}

void plain_close_all(struct plain *plain, uint32_t client) {
    drop_objects(plain, client, 0, false);
    memset(plain->clients[client].sessions, 0, sizeof(plain->clients[client].sessions));
    end_login(plain, client);
}

/* A try counts before it is looked at; the right PIN clears the count. */
static enum status try_pin(struct plain *plain, uint32_t user, uint32_t pin) {
    if (plain->tries[user] >= TRIES) {
        return STATUS_PIN_LOCKED;
    }
    plain->tries[user]++;
    if (plain->pin[user] != pin) {
        return plain->tries[user] >= TRIES ? STATUS_PIN_LOCKED : STATUS_PIN_INCORRECT;
    }
    plain->tries[user] = 0;
    return STATUS_OK;
}

enum status plain_login(struct plain *plain, uint32_t client, uint32_t id, uint32_t user,
                        uint32_t pin) {
    struct plain_client *of = &plain->clients[client];
    if (plain_session(plain, client, id) == NULL) {
        return STATUS_SESSION_INVALID;
    }
    if (user > USER_CONTEXT) {
        return STATUS_USER_TYPE_INVALID;
    }
    if (user == USER_CONTEXT) {
        return of->login == USER_USER ? try_pin(plain, USER_USER, pin) : STATUS_NOT_LOGGED_IN;
    }
    if (of->login != NOBODY) {
        return of->login == user ? STATUS_ALREADY_LOGGED_IN : STATUS_OTHER_LOGGED_IN;
    }
    if (user == USER_SO && count_sessions(of, true) > 0) {
        return STATUS_SESSION_READ_ONLY_EXISTS;
    }
    TRY(try_pin(plain, user, pin));
    of->login = user;
    return STATUS_OK;
}

enum status plain_logout(struct plain *plain, uint32_t client, uint32_t id) {
    if (plain_session(plain, client, id) == NULL) {
        return STATUS_SESSION_INVALID;
    }
    if (plain->clients[client].login == NOBODY) {
        return STATUS_NOT_LOGGED_IN;
    }
    drop_objects(plain, client, 0, true);
    end_login(plain, client);
    return STATUS_OK;
}

enum status plain_pin_init(struct plain *plain, uint32_t client, uint32_t id, uint32_t pin) {
    if (plain_session(plain, client, id) == NULL) {
        return STATUS_SESSION_INVALID;
    }
    if (plain->clients[client].login != USER_SO) {
        return STATUS_ROLE_REFUSED;
    }
    plain->pin[USER_USER] = pin;
    plain->tries[USER_USER] = 0;
    return STATUS_OK;
}

enum status plain_pin_set(struct plain *plain, uint32_t client, uint32_t id, uint32_t from,
                          uint32_t to) {
    const struct plain_session *session = plain_session(plain, client, id);
    uint32_t user = plain->clients[client].login == USER_SO ? USER_SO : USER_USER;
    if (session == NULL) {
        return STATUS_SESSION_INVALID;
    }
    if (!session->read_write) {
        return STATUS_SESSION_READ_ONLY;
    }
    TRY(try_pin(plain, user, from));
    plain->pin[user] = to;
    return STATUS_OK;
}

enum session_state plain_state(const struct plain *plain, uint32_t client,
                               const struct plain_session *session) {
    uint32_t login = plain->clients[client].login;
    if (login == USER_SO) {
        return SESSION_RW_SO;
    }
    if (login == USER_USER) {
        return session->read_write ? SESSION_RW_USER : SESSION_RO_USER;
    }
    return session->read_write ? SESSION_RW_PUBLIC : SESSION_RO_PUBLIC;
}

/* ---- what ends more ---- */

void plain_reconnect(struct plain *plain, uint32_t client) {
    plain_close_all(plain, client);
    for (size_t i = 0; i < OBJECTS_LIVE; i++) {
        plain->objects[i].handle[client] = 0;
    }
}

void plain_restart(struct plain *plain) {
    for (uint32_t client = 0; client < CLIENTS; client++) {
        plain_reconnect(plain, client);
    }
    for (size_t i = 0; i < OBJECTS_LIVE; i++) {
        plain->objects[i].place = 0; /* found again by value */
    }
}
