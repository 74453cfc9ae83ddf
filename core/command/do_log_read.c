/* SPDX-License-Identifier: Apache-2.0 */
/* Command log_read. */
#include "core/command/module.h"

enum status do_log_read(struct call *call, const struct log_read_req *req,
                        struct log_read_rep *rep) {
    struct audit_page page;
    /* first and next follow the entries' place in the frame: leave room for what else the reply
     * holds. */
    struct span out = {call->attributes, sizeof(call->attributes)};
    TRY(audit_read(req->from, &page, &out));
    rep->first = page.first;
    rep->next = page.next;
    rep->entries = bytes_of_span(out);
    call->log_sync = true;
    return STATUS_OK;
}
