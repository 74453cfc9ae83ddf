/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the module for one run of the command: connect, choose the token, open a session, log
 * in only where that is needed. Every failure is told to the user before it is returned. */
#ifndef HOST_CLI_SESSION_H
#define HOST_CLI_SESSION_H

#include "host/cli/cli.h"

enum session_role {
    SESSION_PUBLIC,  /* no login */
    SESSION_USER,    /* user PIN, or none where the peer credentials do */
    SESSION_OFFICER, /* the security officer's PIN */
};

/* Connects, if that has not been done. */
enum status session_connect(struct cli *cli) MUST_USE;
/* Chooses the token: --token, else the only one, else the one named "edgehsm"; fills cli->slot and
 * label. */
enum status session_choose(struct cli *cli) MUST_USE;
/* All of it; `write` opens the session read/write. */
enum status session_start(struct cli *cli, enum session_role role, bool write) MUST_USE;
/* Ends session and connection; does nothing where there is none. */
void session_end(struct cli *cli);

/* Asks the module. On failure tells the user that it cannot do `what`. Replies point into cli->room
 * and are good until the next call. */
enum status session_call(struct cli *cli, enum command command, const void *request, void *reply,
                         const char *what) MUST_USE;
/* The same without telling. */
enum status session_ask(struct cli *cli, enum command command, const void *request,
                        void *reply) MUST_USE;
/* Gives the user's PIN once more, for one use of a key that wants that (EH-2110). */
enum status session_confirm(struct cli *cli) MUST_USE;
/* Logs in on the open session. */
enum status session_login(struct cli *cli, enum user user, struct bytes pin) MUST_USE;

/* Fills `out` with the label of a token without the blanks that pad it; clean for printing. */
void session_label(struct bytes label, char out[33]);

#endif
