/* SPDX-License-Identifier: Apache-2.0 */
/* Command key_suspend: a key with a lease falls silent at once. */
#include "core/command/access.h"
#include "core/command/lease.h"

enum status do_key_suspend(struct call *call, const struct key_suspend_req *req,
                           struct key_suspend_rep *rep) {
    struct usage *usage = NULL;
    uint32_t index = 0;
    (void)rep;
    TRY(lease_find(call, req->key, &index, &usage));
    struct usage next = *usage;
    next.suspended = true;
    return lease_change(call, usage, &next);
}
