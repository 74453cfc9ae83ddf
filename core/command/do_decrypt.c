/* SPDX-License-Identifier: Apache-2.0 */
/* Command decrypt (C_Decrypt). */
#include "core/command/access.h"

enum status check_decrypt(struct call *call, const struct decrypt_req *req) {
    uint32_t index = 0;
    TRY(access_key(call, req->key, F_DECRYPT, &req->mechanism, &index));
    return access_admit(call, index);
}

enum status compute_decrypt(struct call *call, const struct decrypt_req *req,
                            struct decrypt_rep *rep) {
    struct span out = call->out;
    TRY(crypto_decrypt(&call->key->key, &req->mechanism, req->data, &out));
    rep->data = bytes_of_span(out);
    return STATUS_OK;
}

enum status commit_decrypt(struct call *call, const struct decrypt_req *req,
                           struct decrypt_rep *rep) {
    (void)req;
    (void)rep;
    return call->status;
}
