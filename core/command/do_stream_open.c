/* SPDX-License-Identifier: Apache-2.0 */
/* Command stream_open: the first of several parts (C_SignUpdate and its like). */
#include "core/command/access.h"
#include "core/command/places.h"

enum { STREAMING = F_SIGN | F_VERIFY | F_ENCRYPT | F_DECRYPT | F_DIGEST };

static enum status find_key(struct call *call, const struct stream_open_req *req) {
    enum function function = (enum function)req->function;
    if (function == F_DIGEST) {
        return access_mechanism(call, F_DIGEST, &req->mechanism);
    }
    uint32_t index = 0;
    TRY(access_key(call, req->key, function, &req->mechanism, &index));
    return access_confirm(call, index);
}

static enum status make_iv(struct call *call, struct mechanism *mechanism,
                           struct stream_open_rep *rep) {
    if (mechanism->make_iv != 0) {
        TRY(crypto_random(call->iv, SEAL_NONCE_SIZE));
        mechanism->iv = rep->iv = bytes_of(call->iv, SEAL_NONCE_SIZE);
    }
    return STATUS_OK;
}

enum status do_stream_open(struct call *call, const struct stream_open_req *req,
                           struct stream_open_rep *rep) {
    struct hsm *hsm = call->hsm;
    struct mechanism mechanism = req->mechanism;
    if ((req->function & STREAMING) == 0 || (req->function & (req->function - 1)) != 0) {
        return STATUS_MECHANISM_INVALID;
    }
    if (places_stream(hsm, call->session, req->function) != NULL) {
        return STATUS_OPERATION_ACTIVE;
    }
    TRY(find_key(call, req));
    if (!crypto_streams(&mechanism, (enum function)req->function)) {
        return call_refuse(call, STATUS_MECHANISM_INVALID, "not in parts");
    }
    TRY(make_iv(call, &mechanism, rep));
    struct stream *stream = places_take_stream(hsm, call->session, req->function);
    if (stream == NULL) {
        return STATUS_MEMORY;
    }
    stream->verify = (access_token(call)->options & OPTION_VERIFY_SIGNATURES) != 0;
    enum status status =
        crypto_stream_open(&stream->crypto, call->key != NULL ? &call->key->key : NULL, &mechanism,
                           (enum function)req->function);
    if (status != STATUS_OK) {
        places_stream_ended(hsm, stream);
    }
    return status;
}
