/* SPDX-License-Identifier: Apache-2.0 */
/* Command log_checkpoint. */
#include "core/command/module.h"

enum status do_log_checkpoint(struct call *call, const struct log_checkpoint_req *req,
                              struct log_checkpoint_rep *rep) {
    struct span cose = {call->attributes, LOG_COSE_MAX};
    struct span note = {call->attributes + LOG_COSE_MAX, LOG_NOTE_MAX};
    TRY(audit_checkpoint(&call->hsm->audit, REASON_DEMAND, req->nonce, &cose, &note));
    rep->cose = bytes_of_span(cose);
    rep->note = bytes_of_span(note);
    return STATUS_OK;
}
