/* SPDX-License-Identifier: Apache-2.0 */
/* Command key_check: the questions of C_SignInit and its like. */
#include "core/command/access.h"

/* A digest has no key. */
static enum status find_key(struct call *call, const struct key_check_req *req, bool *confirm) {
    uint32_t index = 0;
    if (req->function == F_DIGEST) {
        return access_mechanism(call, F_DIGEST, &req->mechanism);
    }
    TRY(access_key(call, req->key, (enum function)req->function, &req->mechanism, &index));
    return access_preview(call, index, confirm);
}

enum status do_key_check(struct call *call, const struct key_check_req *req,
                         struct key_check_rep *rep) {
    const uint32_t functions =
        F_SIGN | F_VERIFY | F_ENCRYPT | F_DECRYPT | F_WRAP | F_UNWRAP | F_DERIVE | F_DIGEST;
    if ((req->function & functions) == 0 || (req->function & (req->function - 1)) != 0) {
        return STATUS_MECHANISM_INVALID;
    }
    bool confirm = false;
    TRY(find_key(call, req, &confirm));
    enum function function = (enum function)req->function;
    rep->single_part = crypto_streams(&req->mechanism, function) ? 0 : 1;
    rep->confirm_login = confirm ? 1 : 0;
    rep->output_size =
        call->key != NULL
            ? (uint32_t)crypto_output_size(&call->key->key, &req->mechanism, function, 0)
            : (uint32_t)hash_size(req->mechanism.hash);
    return STATUS_OK;
}
