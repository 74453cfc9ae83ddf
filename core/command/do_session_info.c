/* SPDX-License-Identifier: Apache-2.0 */
/* Command session_info (C_GetSessionInfo). */
#include "core/command/access.h"

static enum session_state state_of(const struct call *call) {
    bool write = call->session->read_write;
    if (access_is_so(call)) {
        return SESSION_RW_SO;
    }
    if (access_is_user(call)) {
        return write ? SESSION_RW_USER : SESSION_RO_USER;
    }
    return write ? SESSION_RW_PUBLIC : SESSION_RO_PUBLIC;
}

enum status do_session_info(struct call *call, const struct session_info_req *req,
                            struct session_info_rep *rep) {
    (void)req;
    rep->slot = call->session->slot;
    rep->state = state_of(call);
    rep->read_write = call->session->read_write ? 1 : 0;
    return STATUS_OK;
}
