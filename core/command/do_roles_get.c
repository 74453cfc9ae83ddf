/* SPDX-License-Identifier: Apache-2.0 */
/* Command roles_get. */
#include "core/command/consent.h"

enum status do_roles_get(struct call *call, const struct roles_get_req *req,
                         struct roles_get_rep *rep) {
    struct roles roles;
    (void)req;
    rep->roles = bytes_of(call->hsm->room, 0);
    enum status status = consent_roles(call, &roles, &rep->roles);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}
