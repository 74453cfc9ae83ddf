/* SPDX-License-Identifier: Apache-2.0 */
/* Command approval_get. */
#include "core/command/consent.h"

enum status do_approval_get(struct call *call, const struct approval_get_req *req,
                            struct approval_get_rep *rep) {
    const struct waiting *waiting =
        quorum_find(&call->hsm->quorum, call->session->slot, req->number);
    if (waiting == NULL) {
        return STATUS_APPROVAL_UNKNOWN;
    }
    rep->request = bytes_of(waiting->encoding, waiting->size);
    return STATUS_OK;
}
