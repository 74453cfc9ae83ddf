/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens, their sessions and logins. */
#include "host/openssl-provider/token.h"

#include "base/ct.h"
#include "base/wipe.h"
#include "client/refusal.h"
#include "host/openssl-provider/connection.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Replies of the commands that this file sends. */
enum { SMALL_ROOM = FRAME_HEADER_SIZE + 1024 };

struct token {
    struct token *next;
    char label[TOKEN_LABEL_ROOM];
    uint32_t slot;
    uint64_t serial; /* of the connection that the session belongs to; 0: none */
    uint32_t session;
    uint8_t pin[PIN_SIZE_MAX];
    size_t pin_size;
    char address[];
};

static struct {
    pthread_mutex_t lock; /* of the list and of all tokens; held while one is opened */
    bool watches_fork;
    struct token *list;
} process = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Runs in the child of fork(), alone. Sessions belong to the parent's connection. */
static void forget_parent(void) {
    (void)pthread_mutex_init(&process.lock, NULL);
    for (struct token *each = process.list; each != NULL; each = each->next) {
        each->serial = 0;
    }
}

const char *token_label(const struct token *token) {
    return token->label;
}

/* ---- finding ---- */

struct choice {
    const char *label;
    const char *serial;
    bool any; /* one is there */
    bool found;
    unsigned fits;
    uint32_t slot;
    char name[TOKEN_LABEL_ROOM];
};

static size_t without_blanks(struct bytes text) {
    while (text.size > 0 && text.data[text.size - 1] == ' ') {
        text.size--;
    }
    return text.size;
}

static bool fits(struct bytes text, const char *wanted) {
    text.size = without_blanks(text);
    return wanted[0] == 0 || bytes_equal(text, bytes_of_text(wanted));
}

static void consider(struct choice *choice, uint32_t slot, const struct token_info_rep *info) {
    choice->any = true;
    if (!fits(info->label, choice->label) || !fits(info->serial, choice->serial)) {
        return;
    }
    choice->fits++;
    if (choice->fits == 1 || fits(info->label, "edgehsm")) {
        size_t size = without_blanks(info->label);
        size = size < sizeof(choice->name) ? size : sizeof(choice->name) - 1;
        bytes_copy((uint8_t *)choice->name, bytes_of(info->label.data, size));
        choice->name[size] = 0;
        choice->slot = slot;
    }
}

static enum status choose(struct client *client, struct choice *choice) {
    uint8_t room[SMALL_ROOM];
    const struct span span = {room, sizeof(room)};
    const struct slot_list_req list_request = {};
    struct slot_list_rep list;
    TRY(client_slot_list(client, &list_request, &list, span));
    for (uint32_t slot = 0; slot < list.slots && slot < 32; slot++) {
        if ((list.initialized >> slot & 1) != 0) {
            const struct token_info_req request = {.slot = slot};
            struct token_info_rep info;
            TRY(client_token_info(client, &request, &info, span));
            consider(choice, slot, &info);
        }
    }
    if (!choice->any) {
        return STATUS_TOKEN_NOT_INITIALIZED;
    }
    bool clear = choice->fits == 1 || (choice->fits > 1 && strcmp(choice->name, "edgehsm") == 0);
    return clear ? STATUS_OK : STATUS_SLOT_INVALID;
}

/* The token in the list, or a new entry. The lock is held. */
static enum status list_take(const char *address, const struct choice *choice,
                             struct token **token) {
    size_t size = strlen(address) + 1;
    for (struct token *each = process.list; each != NULL; each = each->next) {
        if (each->slot == choice->slot && strcmp(each->address, address) == 0 &&
            strcmp(each->label, choice->name) == 0) {
            *token = each;
            return STATUS_OK;
        }
    }
    if (!process.watches_fork && pthread_atfork(NULL, NULL, forget_parent) != 0) {
        return STATUS_MEMORY;
    }
    process.watches_fork = true;
    struct token *fresh = calloc(1, sizeof(*fresh) + size);
    if (fresh == NULL) {
        return STATUS_MEMORY;
    }
    memcpy(fresh->label, choice->name, sizeof(fresh->label));
    memcpy(fresh->address, address, size);
    fresh->slot = choice->slot;
    fresh->next = process.list;
    process.list = fresh;
    *token = fresh;
    return STATUS_OK;
}

enum status token_find(const char *address, const char *label, const char *serial,
                       struct token **token) {
    struct choice choice = {.label = label, .serial = serial};
    enum status status = STATUS_DISCONNECTED;
    for (int attempt = 0; attempt < 2 && status == STATUS_DISCONNECTED; attempt++) {
        struct connection *connection = NULL;
        choice.fits = 0;
        TRY(connection_take(address, &connection));
        status = choose(connection->client, &choice);
        connection_give(connection, status);
    }
    TRY(status);
    (void)pthread_mutex_lock(&process.lock);
    status = list_take(address, &choice, token);
    (void)pthread_mutex_unlock(&process.lock);
    return status;
}

/* ---- opening; the lock is held ---- */

static enum status login(struct client *client, const struct token *token, struct bytes pin) {
    uint8_t room[SMALL_ROOM];
    const struct login_req request = {.session = token->session, .user = USER_USER, .pin = pin};
    struct login_rep reply;
    enum status status = client_login(client, &request, &reply, (struct span){room, sizeof(room)});
    return status == STATUS_ALREADY_LOGGED_IN ? STATUS_OK : status;
}

static void forget_pin(struct token *token) {
    wipe(token->pin, sizeof(token->pin));
    token->pin_size = 0;
}

/* Opens the session if this connection has none yet. */
static enum status open_session(struct token *token, const struct connection *connection) {
    uint8_t room[SMALL_ROOM];
    const struct session_open_req request = {.slot = token->slot};
    struct session_open_rep reply;
    if (token->serial == connection->serial) {
        return STATUS_OK;
    }
    TRY(client_session_open(connection->client, &request, &reply,
                            (struct span){room, sizeof(room)}));
    token->session = reply.session;
    if (token->pin_size > 0) {
        enum status status =
            login(connection->client, token, bytes_of(token->pin, token->pin_size));
        if (status == STATUS_PIN_INCORRECT || status == STATUS_PIN_LOCKED) {
            forget_pin(token); /* or each new try would bring the lock nearer */
        }
        TRY(status);
    }
    token->serial = connection->serial;
    return STATUS_OK;
}

static enum status enter(struct token *token, struct connection **connection, uint32_t *session) {
    TRY(connection_take(token->address, connection));
    (void)pthread_mutex_lock(&process.lock);
    enum status status = open_session(token, *connection);
    *session = token->session;
    (void)pthread_mutex_unlock(&process.lock);
    if (status != STATUS_OK) {
        connection_give(*connection, status);
    }
    return status;
}

/* Gives the connection back; a session that has ended is opened anew by the next one. */
static void leave(struct token *token, struct connection *connection, enum status outcome) {
    if (outcome == STATUS_SESSION_INVALID) {
        (void)pthread_mutex_lock(&process.lock);
        token->serial = token->serial == connection->serial ? 0 : token->serial;
        (void)pthread_mutex_unlock(&process.lock);
    }
    connection_give(connection, outcome);
}

/* ---- asking ---- */

/* Searches the object; the module lets go of a cursor that is not followed. */
static enum status search(const struct connection *connection, uint32_t session,
                          struct bytes template, uint64_t *handle) {
    uint8_t room[SMALL_ROOM];
    struct object_find_req request = {.session = session, .attributes = template};
    struct object_find_rep reply;
    do {
        TRY(client_object_find(connection->client, &request, &reply,
                               (struct span){room, sizeof(room)}));
        request.cursor = reply.cursor;
    } while (reply.objects.size < 8 && reply.cursor != 0);
    if (reply.objects.size < 8) {
        return STATUS_KEY_INVALID;
    }
    *handle = load_u64(reply.objects.data);
    return STATUS_OK;
}

/* Writes the handle of this connection into the request. */
static enum status locate(const struct connection *connection, uint32_t session,
                          const struct token_request *asked) {
    struct token_object *object = asked->object;
    uint64_t handle = 0;
    if (object == NULL) {
        return STATUS_OK;
    }
    (void)pthread_mutex_lock(&process.lock);
    bool known = object->serial == connection->serial;
    handle = object->handle;
    (void)pthread_mutex_unlock(&process.lock);
    if (!known) {
        TRY(search(connection, session, bytes_of(object->template, object->template_size),
                   &handle));
        (void)pthread_mutex_lock(&process.lock);
        object->serial = connection->serial;
        object->handle = handle;
        (void)pthread_mutex_unlock(&process.lock);
    }
    memcpy((uint8_t *)asked->request + asked->offset, &handle, sizeof(handle));
    return STATUS_OK;
}

enum status token_ask_about(struct token *token, const struct token_request *asked, void *reply,
                            struct span room) {
    enum status status = STATUS_DISCONNECTED;
    for (int attempt = 0; attempt < 2; attempt++) {
        struct connection *connection = NULL;
        uint32_t session = 0;
        status = enter(token, &connection, &session);
        if (status == STATUS_OK) {
            memcpy(asked->request, &session, sizeof(session));
            status = locate(connection, session, asked);
            if (status == STATUS_OK) {
                status =
                    client_call(connection->client, asked->command, asked->request, reply, room);
            }
            leave(token, connection, status);
        }
        if (status != STATUS_DISCONNECTED && status != STATUS_SESSION_INVALID) {
            break;
        }
    }
    return status;
}

enum status token_ask(struct token *token, enum command command, void *request, void *reply,
                      struct span room) {
    const struct token_request asked = {.command = command, .request = request};
    return token_ask_about(token, &asked, reply, room);
}

void token_why(struct token *token, enum command command, enum status status,
               char why[TOKEN_WHY_ROOM]) {
    uint8_t room[FRAME_HEADER_SIZE + 16384 + 64];
    struct connection *connection = NULL;
    struct refusal_entry entry;
    why[0] = 0;
    if (connection_take(token->address, &connection) != STATUS_OK) {
        return;
    }
    refusal_ask(connection->client, command, status, (struct span){room, sizeof(room)}, &entry);
    connection_give(connection, STATUS_OK);
    if (status == STATUS_APPROVAL_NEEDED && entry.object != 0) {
        snprintf(why, TOKEN_WHY_ROOM, "request %016llx", (unsigned long long)entry.object);
    } else {
        snprintf(why, TOKEN_WHY_ROOM, "%.*s", (int)entry.why.size, (const char *)entry.why.data);
    }
}

/* ---- login ---- */

enum status token_login_state(struct token *token, struct token_login_state *state) {
    uint8_t room[SMALL_ROOM];
    struct connection *connection = NULL;
    const struct token_info_req request = {.slot = token->slot};
    struct token_info_rep info;
    TRY(connection_take(token->address, &connection));
    enum status status =
        client_token_info(connection->client, &request, &info, (struct span){room, sizeof(room)});
    connection_give(connection, status);
    TRY(status);
    (void)pthread_mutex_lock(&process.lock);
    state->logged_in = token->pin_size > 0;
    state->needed = (info.flags & TOKEN_LOGIN_REQUIRED) != 0 && !state->logged_in;
    (void)pthread_mutex_unlock(&process.lock);
    state->pin_set = (info.flags & TOKEN_USER_PIN_SET) != 0;
    state->tries_left = info.user_tries_left;
    return STATUS_OK;
}

/* The lock is held. */
static enum status login_once(struct token *token, const struct connection *connection,
                              struct bytes pin) {
    if (token->pin_size > 0) {
        bool same = token->pin_size == pin.size && ct_equal(token->pin, pin.data, pin.size);
        return same ? STATUS_OK : STATUS_PIN_INCORRECT;
    }
    TRY(open_session(token, connection));
    TRY(login(connection->client, token, pin));
    bytes_copy(token->pin, pin);
    token->pin_size = pin.size;
    return STATUS_OK;
}

enum status token_login(struct token *token, struct bytes pin) {
    struct connection *connection = NULL;
    if (pin.size < PIN_SIZE_MIN || pin.size > PIN_SIZE_MAX) {
        return STATUS_PIN_LENGTH;
    }
    TRY(connection_take(token->address, &connection));
    (void)pthread_mutex_lock(&process.lock);
    enum status status = login_once(token, connection, pin);
    (void)pthread_mutex_unlock(&process.lock);
    leave(token, connection, status);
    return status;
}
