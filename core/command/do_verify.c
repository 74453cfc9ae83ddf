/* SPDX-License-Identifier: Apache-2.0 */
/* Command verify (C_Verify). */
#include "core/command/access.h"

enum status check_verify(struct call *call, const struct verify_req *req) {
    uint32_t index = 0;
    TRY(access_key(call, req->key, F_VERIFY, &req->mechanism, &index));
    return access_admit(call, index);
}

enum status compute_verify(struct call *call, const struct verify_req *req,
                           struct verify_rep *rep) {
    (void)rep;
    return crypto_verify(&call->key->key, &req->mechanism, req->data, req->signature);
}

enum status commit_verify(struct call *call, const struct verify_req *req, struct verify_rep *rep) {
    (void)req;
    (void)rep;
    return call->status;
}
