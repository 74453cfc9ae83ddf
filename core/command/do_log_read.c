/* SPDX-License-Identifier: Apache-2.0 */
/* Command log_read. */
#include "core/command/module.h"

/* The two numbers follow the entries in the frame. */
enum { NUMBERS_SIZE = 16 };

enum status do_log_read(struct call *call, const struct log_read_req *req,
                        struct log_read_rep *rep) {
    struct audit_page page;
    struct span out = {call->out.data, call->out.size - NUMBERS_SIZE};
    TRY(audit_flush(&call->hsm->audit, 0));
    TRY(audit_read(req->from, &page, &out));
    rep->first = page.first;
    rep->next = page.next;
    rep->entries = bytes_of_span(out);
    call->log_sync = true;
    return STATUS_OK;
}
