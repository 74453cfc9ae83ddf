/* SPDX-License-Identifier: Apache-2.0 */
/* Command pin_init (C_InitPIN): the security officer sets the user PIN, which also unlocks it. */
#include "core/command/access.h"
#include "core/command/consent.h"

enum status check_pin_init(struct call *call, const struct pin_init_req *req) {
    if (req->pin.size < PIN_SIZE_MIN || req->pin.size > PIN_SIZE_MAX) {
        return STATUS_PIN_LENGTH;
    }
    /* Who may replace the user's PIN is the user from then on. */
    return access_token(call)->pins[USER_USER].set ? consent_ask(call, APPROVAL_UNLOCK, NULL, 0)
                                                   : STATUS_OK;
}

enum status compute_pin_init(struct call *call, const struct pin_init_req *req,
                             struct pin_init_rep *rep) {
    (void)rep;
    return pin_make(&call->pin, req->pin);
}

enum status commit_pin_init(struct call *call, const struct pin_init_req *req,
                            struct pin_init_rep *rep) {
    (void)req;
    (void)rep;
    if (call->status != STATUS_OK) {
        return call->status;
    }
    if (!access_is_so(call)) {
        return STATUS_ROLE_REFUSED;
    }
    call->token = *access_token(call);
    call->token.pins[USER_USER] = call->pin;
    call->sync = true;
    return tokens_put(&call->hsm->tokens, call->session->slot, &call->token);
}
