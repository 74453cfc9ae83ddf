/* SPDX-License-Identifier: Apache-2.0 */
/* Command log_release. */
#include "core/command/module.h"

enum status do_log_release(struct call *call, const struct log_release_req *req,
                           struct log_release_rep *rep) {
    (void)rep;
    call->sync = true;
    return audit_release(&call->hsm->audit, req->up_to);
}
