/* SPDX-License-Identifier: Apache-2.0 */
/* Command session_close_all (C_CloseAllSessions). */
#include "core/command/places.h"

enum status do_session_close_all(struct call *call, const struct session_close_all_req *req,
                                 struct session_close_all_rep *rep) {
    (void)rep;
    if (req->slot >= TOKENS_MAX) {
        return STATUS_SLOT_INVALID;
    }
    places_close_sessions(call->hsm, call->connection, req->slot);
    return STATUS_OK;
}
