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

#endif
