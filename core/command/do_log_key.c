/* SPDX-License-Identifier: Apache-2.0 */
/* Command log_key. */
#include "core/command/module.h"

enum status do_log_key(struct call *call, const struct log_key_req *req, struct log_key_rep *rep) {
    (void)req;
    audit_identity(&call->hsm->audit, call->attributes, &rep->origin);
    rep->public_key = bytes_of(call->attributes, LOG_KEY_SIZE);
    return STATUS_OK;
}
