/* SPDX-License-Identifier: Apache-2.0 */
/* Command hello. */
#include "core/command/module.h"
#include "proto/frame.h"

enum status do_hello(struct call *call, const struct hello_req *req, struct hello_rep *rep) {
    if (req->version != PROTOCOL_VERSION) {
        return STATUS_VERSION;
    }
    rep->version = PROTOCOL_VERSION;
    rep->frame_body_max = FRAME_BODY_MAX;
    rep->data_max = DATA_MAX;
    store_device_id(&call->hsm->store, call->iv);
    rep->device_id = bytes_of(call->iv, DEVICE_ID_SIZE);
    return STATUS_OK;
}
