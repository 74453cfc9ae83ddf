/* SPDX-License-Identifier: Apache-2.0 */
/* Command random. */
#include "core/command/module.h"

enum status check_random(struct call *call, const struct random_req *req) {
    (void)call;
    return req->size <= DATA_MAX ? STATUS_OK : STATUS_TOO_LARGE;
}

enum status compute_random(struct call *call, const struct random_req *req,
                           struct random_rep *rep) {
    if (req->size > call->out.size) {
        return STATUS_TOO_LARGE;
    }
    TRY(crypto_random(call->out.data, req->size));
    rep->data = bytes_of(call->out.data, req->size);
    return STATUS_OK;
}

enum status commit_random(struct call *call, const struct random_req *req, struct random_rep *rep) {
    (void)call;
    (void)req;
    (void)rep;
    return STATUS_OK;
}
