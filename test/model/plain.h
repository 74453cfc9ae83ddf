/* SPDX-License-Identifier: Apache-2.0 */
/* A plain model of a token: sessions, logins, PINs and their tries, objects, who sees what. It
 * shares nothing with the core and is written to be read; it says what a command must answer. */
#ifndef TEST_MODEL_PLAIN_H
#define TEST_MODEL_PLAIN_H

#include "proto/messages.h"

enum {
    CLIENTS = 2,
    SESSIONS_LIVE = 6,  /* of one client */
    OBJECTS_LIVE = 48,
    LABELS = 4,
    PINS = 3, /* those that are ever used */
    TRIES = 8,
    NOBODY = 2, /* beside USER_SO and USER_USER */
};

struct plain_session {
    uint32_t id; /* 0: none */
    bool read_write;
};

struct plain_client {
    uint32_t login;
    uint32_t logins_ended; /* private handles from before are of no use any more */
    struct plain_session sessions[SESSIONS_LIVE];
};

struct plain_object {
    bool used, key, private, token, modifiable, destroyable, sensitive, signs;
    uint32_t label;
    uint8_t value[16];
    uint32_t client, session; /* of session objects */
    uint64_t place;           /* part of the handle that is the same for all clients */
    uint64_t handle[CLIENTS]; /* 0: not known to this client */
    uint32_t since[CLIENTS];  /* logins_ended when it was learned */
};

struct plain {
    struct plain_client clients[CLIENTS];
    uint32_t pin[2], tries[2]; /* by enum user */
    struct plain_object objects[OBJECTS_LIVE];
};

struct plain_session *plain_session(struct plain *plain, uint32_t client, uint32_t id);
bool plain_sees(const struct plain *plain, uint32_t client, const struct plain_object *object);
/* The object behind a handle of this client, NULL where it has none. */
struct plain_object *plain_object(struct plain *plain, uint32_t client, uint64_t handle);

/* Each says what the command answers, and changes the model where it is done. */
enum status plain_open(struct plain *plain, uint32_t client, bool read_write, uint32_t id);
enum status plain_close(struct plain *plain, uint32_t client, uint32_t id);
void plain_close_all(struct plain *plain, uint32_t client);
enum status plain_login(struct plain *plain, uint32_t client, uint32_t id, uint32_t user,
                        uint32_t pin);
enum status plain_logout(struct plain *plain, uint32_t client, uint32_t id);
enum status plain_pin_init(struct plain *plain, uint32_t client, uint32_t id, uint32_t pin);
enum status plain_pin_set(struct plain *plain, uint32_t client, uint32_t id, uint32_t from,
                          uint32_t to);
enum status plain_create(struct plain *plain, uint32_t client, uint32_t id,
                         const struct plain_object *object, uint64_t handle);
enum status plain_destroy(struct plain *plain, uint32_t client, uint32_t id, uint64_t handle);
enum status plain_relabel(struct plain *plain, uint32_t client, uint32_t id, uint64_t handle,
                          uint32_t label);
/* Before the value of the signature is looked at. */
enum status plain_use(struct plain *plain, uint32_t client, uint32_t id, uint64_t handle);
enum session_state plain_state(const struct plain *plain, uint32_t client,
                               const struct plain_session *session);
/* The client went away and came again; the module was stopped and started. */
void plain_reconnect(struct plain *plain, uint32_t client);
void plain_restart(struct plain *plain);

#endif
