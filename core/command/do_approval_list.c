/* SPDX-License-Identifier: Apache-2.0 */
/* Command approval_list. */
#include "core/command/access.h"
#include "core/command/consent.h"

enum { ROW_SIZE = 28 };

static void write_row(uint8_t *row, const struct waiting *waiting, const struct roles *roles) {
    uint32_t given = 0, needed = 0;
    quorum_count(waiting, roles, &given, &needed);
    save_u64(row, waiting->id);
    save_u32(row + 8, waiting->class);
    save_u32(row + 12, given);
    save_u32(row + 16, needed);
    save_u64(row + 20, waiting->expires_ms - port_uptime_ms());
}

enum status do_approval_list(struct call *call, const struct approval_list_req *req,
                             struct approval_list_rep *rep) {
    struct hsm *hsm = call->hsm;
    struct roles roles;
    struct bytes file;
    size_t used = 0;
    (void)req;
    enum status status = consent_roles(call, &roles, &file);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        return status;
    }
    for (uint32_t i = 0; i < REQUESTS_MAX; i++) {
        const struct waiting *each = &hsm->quorum.list[i];
        if (quorum_find(&hsm->quorum, call->session->slot, each->id) == each &&
            used + ROW_SIZE <= call->out.size) {
            write_row(call->out.data + used, each, status == STATUS_OK ? &roles : NULL);
            used += ROW_SIZE;
        }
    }
    rep->rows = bytes_of(call->out.data, used);
    return STATUS_OK;
}
