/* SPDX-License-Identifier: Apache-2.0 */
/* Command slot_list. */
#include "core/command/module.h"

enum status do_slot_list(struct call *call, const struct slot_list_req *req,
                         struct slot_list_rep *rep) {
    (void)req;
    rep->slots = TOKENS_MAX;
    for (uint32_t slot = 0; slot < TOKENS_MAX; slot++) {
        rep->initialized |= call->hsm->tokens.list[slot].initialized ? 1u << slot : 0;
    }
    return STATUS_OK;
}
