/* SPDX-License-Identifier: Apache-2.0 */
/* Command session_close (C_CloseSession). */
#include "core/command/places.h"

enum status do_session_close(struct call *call, const struct session_close_req *req,
                             struct session_close_rep *rep) {
    (void)req;
    (void)rep;
    places_close_session(call->hsm, call->session);
    call->session = NULL;
    return STATUS_OK;
}
