/* SPDX-License-Identifier: Apache-2.0 */
/* Command zeroize: the root first, then all that was made from it. */
#include "base/wipe.h"
#include "core/command/places.h"

enum status do_zeroize(struct call *call, const struct zeroize_req *req, struct zeroize_rep *rep) {
    struct hsm *hsm = call->hsm;
    (void)req;
    (void)rep;
    enum status status = store_zeroize(&hsm->store);
    for (uint32_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (hsm->sessions.connections[i].used) {
            places_close_sessions(hsm, i, TOKENS_MAX);
        }
    }
    home_soft_clear(&hsm->home);
    wipe(&hsm->tokens, sizeof(hsm->tokens));
    hsm->state = STATE_ZEROIZED;
    hsm->reason = STATUS_ZEROIZED;
    call->session = NULL;
    call->session_id = 0;
    return status;
}
