/* SPDX-License-Identifier: Apache-2.0 */
/* Command sign (C_Sign). */
#include "core/command/access.h"

enum status check_sign(struct call *call, const struct sign_req *req) {
    uint32_t index = 0;
    TRY(access_key(call, req->key, F_SIGN, &req->mechanism, &index));
    call->verify = (access_token(call)->options & OPTION_VERIFY_SIGNATURES) != 0;
    return access_admit(call, index);
}

enum status compute_sign(struct call *call, const struct sign_req *req, struct sign_rep *rep) {
    struct span signature = call->out;
    TRY(crypto_sign(&call->key->key, &req->mechanism, req->data, call->verify, &signature));
    rep->signature = bytes_of_span(signature);
    return STATUS_OK;
}

enum status commit_sign(struct call *call, const struct sign_req *req, struct sign_rep *rep) {
    (void)req;
    (void)rep;
    return call->status;
}
