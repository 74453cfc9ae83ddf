/* SPDX-License-Identifier: Apache-2.0 */
/* Command refusals. */
#include "core/command/module.h"

enum { ROWS_MAX = 16384 };

enum status do_refusals(struct call *call, const struct refusals_req *req,
                        struct refusals_rep *rep) {
    size_t used = 0;
    uint32_t uid = call->hsm->sessions.connections[call->connection].peer.uid;
    struct span room = {call->out.data, call->out.size < ROWS_MAX ? call->out.size : ROWS_MAX};
    (void)req;
    refusals_write(&call->hsm->refusals, uid, room, &used);
    rep->rows = bytes_of(room.data, used);
    return STATUS_OK;
}
