/* SPDX-License-Identifier: Apache-2.0 */
/* Command encrypt (C_Encrypt). */
#include "core/command/access.h"

enum status check_encrypt(struct call *call, const struct encrypt_req *req) {
    uint32_t index = 0;
    TRY(access_key(call, req->key, F_ENCRYPT, &req->mechanism, &index));
    return access_admit(call, index);
}

enum status compute_encrypt(struct call *call, const struct encrypt_req *req,
                            struct encrypt_rep *rep) {
    struct mechanism mechanism = req->mechanism;
    struct span out = call->out;
    if (mechanism.make_iv != 0) {
        TRY(crypto_random(call->iv, SEAL_NONCE_SIZE));
        mechanism.iv = rep->iv = bytes_of(call->iv, SEAL_NONCE_SIZE);
    }
    TRY(crypto_encrypt(&call->key->key, &mechanism, req->data, &out));
    rep->data = bytes_of_span(out);
    return STATUS_OK;
}

enum status commit_encrypt(struct call *call, const struct encrypt_req *req,
                           struct encrypt_rep *rep) {
    (void)req;
    (void)rep;
    return call->status;
}
