/* SPDX-License-Identifier: Apache-2.0 */
/* Command stream_open: the first of several parts (C_SignUpdate and its like). */
#include "core/command/access.h"
#include "core/command/places.h"

enum { STREAMING = F_SIGN | F_VERIFY | F_ENCRYPT | F_DECRYPT | F_DIGEST };

static enum status find_key(struct call *call, const struct stream_open_req *req,
                            uint32_t *index) {
    enum function function = (enum function)req->function;
    if (function == F_DIGEST) {
        return access_mechanism(call, F_DIGEST, &req->mechanism);
    }
    return access_key(call, req->key, function, &req->mechanism, index);
}

/* An operation in parts is one use, which counts here. */
static enum status admit(struct call *call, uint32_t index) {
    return call->key != NULL ? access_admit(call, index) : STATUS_OK;
}

/* The limits of its key end it, too (places_use_stream). */
static void bind_to_limits(struct stream *stream, const struct object *object) {
    stream->usage = object->usage;
    stream->limited = object->usage != 0 ? object->serial : 0;
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
    uint32_t index = 0;
    if ((req->function & STREAMING) == 0 || (req->function & (req->function - 1)) != 0) {
        return STATUS_MECHANISM_INVALID;
    }
    if (places_stream(hsm, call->session, req->function) != NULL) {
        return STATUS_OPERATION_ACTIVE;
    }
    TRY(find_key(call, req, &index));
    if (!crypto_streams(&mechanism, (enum function)req->function)) {
        return call_refuse(call, STATUS_MECHANISM_INVALID, "not in parts");
    }
    TRY(admit(call, index));
    TRY(make_iv(call, &mechanism, rep));
    struct stream *stream = places_take_stream(hsm, call->session, req->function);
    if (stream == NULL) {
        return STATUS_MEMORY;
    }
    if (call->key != NULL) {
        bind_to_limits(stream, &hsm->objects.list[index]);
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
