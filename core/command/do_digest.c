/* SPDX-License-Identifier: Apache-2.0 */
/* Command digest (C_Digest). */
#include "core/command/module.h"

enum status check_digest(struct call *call, const struct digest_req *req) {
    (void)call;
    return hash_size(req->hash) > 0 ? STATUS_OK : STATUS_MECHANISM_INVALID;
}

enum status compute_digest(struct call *call, const struct digest_req *req,
                           struct digest_rep *rep) {
    TRY(crypto_hash((enum hash)req->hash, &req->data, 1, call->out.data));
    rep->digest = bytes_of(call->out.data, hash_size(req->hash));
    return STATUS_OK;
}

enum status commit_digest(struct call *call, const struct digest_req *req, struct digest_rep *rep) {
    (void)req;
    (void)rep;
    return call->status;
}
