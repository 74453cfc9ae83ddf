/* SPDX-License-Identifier: Apache-2.0 */
/* Command stream_cancel (C_SessionCancel). */
#include "core/command/places.h"

enum status do_stream_cancel(struct call *call, const struct stream_cancel_req *req,
                             struct stream_cancel_rep *rep) {
    (void)rep;
    places_end_streams(call->hsm, call->session, req->function);
    return STATUS_OK;
}
