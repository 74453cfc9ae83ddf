/* SPDX-License-Identifier: Apache-2.0 */
/* Command pin_set (C_SetPIN): old and new PIN of who is logged in; exactly one of the two works at
 * any time. */
#include "core/command/access.h"

static enum user user_of(const struct call *call) {
    return access_is_so(call) ? USER_SO : USER_USER;
}

enum status check_pin_set(struct call *call, const struct pin_set_req *req) {
    enum user user = user_of(call);
    if (!call->session->read_write) {
        return STATUS_SESSION_READ_ONLY;
    }
    if (req->new_pin.size < PIN_SIZE_MIN || req->new_pin.size > PIN_SIZE_MAX) {
        return STATUS_PIN_LENGTH;
    }
    TRY(pin_begin(&call->hsm->tokens, call->session->slot, user, &call->pin));
    call->token = *access_token(call);
    call->parent.bits = (uint32_t)user;
    call->sync = true;
    return STATUS_OK;
}

enum status compute_pin_set(struct call *call, const struct pin_set_req *req,
                            struct pin_set_rep *rep) {
    (void)rep;
    call->right = pin_matches(&call->pin, req->old_pin);
    return call->right ? pin_make(&call->token.pins[call->parent.bits], req->new_pin) : STATUS_OK;
}

enum status commit_pin_set(struct call *call, const struct pin_set_req *req,
                           struct pin_set_rep *rep) {
    enum user user = (enum user)call->parent.bits;
    struct hsm *hsm = call->hsm;
    (void)req;
    (void)rep;
    call->sync = true;
    TRY(pin_end(&hsm->tokens, call->session->slot, user, &call->pin, call->right));
    TRY(call->status);
    struct token next = *access_token(call);
    uint32_t in_flight = next.pins[user].in_flight;
    next.pins[user] = call->token.pins[user];
    next.pins[user].tries = next.pins[user].in_flight = in_flight;
    return tokens_put(&hsm->tokens, call->session->slot, &next);
}
