/* SPDX-License-Identifier: Apache-2.0 */
/* Command stream_update: the next part. */
#include "core/command/places.h"

enum status check_stream_update(struct call *call, const struct stream_update_req *req) {
    return places_use_stream(call, req->function);
}

enum status compute_stream_update(struct call *call, const struct stream_update_req *req,
                                  struct stream_update_rep *rep) {
    struct span out = call->out;
    TRY(crypto_stream_update(&call->stream->crypto, req->data, &out));
    rep->data = bytes_of_span(out);
    return STATUS_OK;
}

/* A part that failed ends the operation (PKCS#11 v3.2, 5.2). */
enum status commit_stream_update(struct call *call, const struct stream_update_req *req,
                                 struct stream_update_rep *rep) {
    (void)req;
    (void)rep;
    call->stream->busy = false;
    if (call->stream->doomed || call->status != STATUS_OK) {
        crypto_stream_abort(&call->stream->crypto);
        places_stream_ended(call->hsm, call->stream);
    }
    return call->status;
}
