/* SPDX-License-Identifier: Apache-2.0 */
/* Command approval_give: one person's yes. It is verified between check and commit, over a copy of
 * the request; it counts for the request that still waits then. */
#include "core/command/access.h"
#include "core/command/consent.h"

/* Of the token's own roles; of a roles file that is asked for, those whom it brings too. */
static enum status find_voter(struct call *call, const struct waiting *waiting,
                              const struct approval *approval) {
    struct roles roles;
    struct bytes file;
    enum status status = consent_roles(call, &roles, &file);
    if (status == STATUS_OK) {
        status = quorum_voter(approval, &roles, &call->vote);
    }
    if ((status == STATUS_NOT_FOUND || status == STATUS_APPROVER_UNKNOWN) &&
        quorum_brings_roles(waiting, &roles)) {
        status = quorum_voter(approval, &roles, &call->vote);
    }
    return status == STATUS_NOT_FOUND ? STATUS_APPROVER_UNKNOWN : status;
}

enum status check_approval_give(struct call *call, const struct approval_give_req *req) {
    struct approval approval;
    const struct waiting *waiting =
        quorum_find(&call->hsm->quorum, call->session->slot, req->number);
    if (waiting == NULL) {
        return STATUS_APPROVAL_UNKNOWN;
    }
    TRY(approval_read(req->approval, &approval));
    TRY(find_voter(call, waiting, &approval));
    memcpy(call->material, waiting->encoding, waiting->size);
    call->material_dirty = waiting->size;
    return STATUS_OK;
}

enum status compute_approval_give(struct call *call, const struct approval_give_req *req,
                                  struct approval_give_rep *rep) {
    struct approval approval;
    (void)rep;
    TRY(approval_read(req->approval, &approval));
    return quorum_verify(&call->vote, &approval, bytes_of(call->material, call->material_dirty),
                         (struct span){call->attributes, sizeof(call->attributes)});
}

enum status commit_approval_give(struct call *call, const struct approval_give_req *req,
                                 struct approval_give_rep *rep) {
    struct waiting *waiting = quorum_find(&call->hsm->quorum, call->session->slot, req->number);
    struct roles roles;
    struct bytes file;
    TRY(call->status);
    if (waiting == NULL) {
        return STATUS_APPROVAL_UNKNOWN;
    }
    enum status status = consent_roles(call, &roles, &file);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        return status;
    }
    call->object = req->number;
    quorum_vote(waiting, &call->vote);
    quorum_count(waiting, status == STATUS_OK ? &roles : NULL, &rep->given, &rep->needed);
    return STATUS_OK;
}
