/* SPDX-License-Identifier: Apache-2.0 */
/* Command stream_close: the end of an operation in parts. */
#include "core/command/places.h"

enum status check_stream_close(struct call *call, const struct stream_close_req *req) {
    return places_use_stream(call, req->function);
}

enum status compute_stream_close(struct call *call, const struct stream_close_req *req,
                                 struct stream_close_rep *rep) {
    struct span out = call->out;
    TRY(crypto_stream_close(&call->stream->crypto, req->signature, call->stream->verify, &out));
    rep->data = bytes_of_span(out);
    return STATUS_OK;
}

enum status commit_stream_close(struct call *call, const struct stream_close_req *req,
                                struct stream_close_rep *rep) {
    (void)req;
    (void)rep;
    places_stream_ended(call->hsm, call->stream);
    return call->status;
}
