/* SPDX-License-Identifier: Apache-2.0 */
/* Command session_open (C_OpenSession). */
#include "core/command/module.h"

enum status do_session_open(struct call *call, const struct session_open_req *req,
                            struct session_open_rep *rep) {
    struct session *session = NULL;
    if (req->slot >= TOKENS_MAX) {
        return STATUS_SLOT_INVALID;
    }
    if (!call->hsm->tokens.list[req->slot].initialized) {
        return STATUS_TOKEN_NOT_INITIALIZED;
    }
    TRY(sessions_open(&call->hsm->sessions, call->connection, req->slot, req->read_write != 0,
                      &session));
    rep->session = session->id;
    call->session_id = session->id;
    return STATUS_OK;
}
