/* SPDX-License-Identifier: Apache-2.0 */
/* Command time_get: the time that the token trusts. */
#include "core/command/access.h"
#include "port/port.h"

enum status do_time_get(struct call *call, const struct time_get_req *req,
                        struct time_get_rep *rep) {
    const struct token_time *time = &call->hsm->times.list[call->session->slot];
    (void)req;
    rep->seconds = access_time(call);
    rep->left_ms = time_left_ms(time, port_uptime_ms());
    return STATUS_OK;
}
