/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens as this process uses them: one session each, logged in once, renewed when the connection
 * was. The PIN is kept in memory for that, and wiped when the module no longer takes it. */
#ifndef HOST_OPENSSL_PROVIDER_TOKEN_H
#define HOST_OPENSSL_PROVIDER_TOKEN_H

#include "client/client.h"

enum { TOKEN_LABEL_ROOM = 33 };

struct token;

/* Finds the token with this label and serial number (each may be empty); with neither, the only
 * one, else the one named "edgehsm". The token is good until the process ends.
 * STATUS_TOKEN_NOT_INITIALIZED (there is none at all), STATUS_SLOT_INVALID (none fits), those of
 * client_open(). */
enum status token_find(const char *address, const char *label, const char *serial,
                       struct token **token) MUST_USE;
const char *token_label(const struct token *token) MUST_USE;

/* What a login to it would meet. */
struct token_login_state {
    bool needed;    /* no PIN was given yet, and the module wants one */
    bool logged_in; /* with a PIN, by this process */
    bool pin_set;   /* there is one to give */
    uint32_t tries_left;
};
enum status token_login_state(struct token *token, struct token_login_state *state) MUST_USE;
/* Logs in as the user. A PIN other than the one that opened the token is STATUS_PIN_INCORRECT
 * without asking the module. */
enum status token_login(struct token *token, struct bytes pin) MUST_USE;

/* Asks the module within the token's session: fills the field `session` of the request, which is
 * the first one of each request that has it. Connects, opens and logs in anew where that was lost.
 * The reply points into `room`. */
enum status token_ask(struct token *token, enum command command, void *request, void *reply,
                      struct span room) MUST_USE;

/* A token object that is used again and again. Its handle is good for one connection only; after
 * that it is found anew by its CKA_UNIQUE_ID, which lies in the template. */
enum { TOKEN_OBJECT_ROOM = 256 };
struct token_object {
    uint64_t serial; /* of the connection the handle belongs to; 0: none yet */
    uint64_t handle;
    uint8_t template[TOKEN_OBJECT_ROOM];
    size_t template_size; /* 0: there is no object */
};

/* A request about such an object: where its handle goes. */
struct token_request {
    enum command command;
    void *request;
    struct token_object *object; /* NULL: none, as in token_ask() */
    size_t offset;               /* of the handle in the request */
};

/* The same as token_ask(). STATUS_KEY_INVALID: the object is not there any more. */
enum status token_ask_about(struct token *token, const struct token_request *asked, void *reply,
                            struct span room) MUST_USE;

/* Which attribute or rule stood in the way of what was just refused; "" where the module does not
 * say. */
enum { TOKEN_WHY_ROOM = 256 };
void token_why(struct token *token, enum command command, enum status status,
               char why[TOKEN_WHY_ROOM]);

#endif
