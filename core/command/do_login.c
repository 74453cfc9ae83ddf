/* SPDX-License-Identifier: Apache-2.0 */
/* Command login (C_Login). The try is counted durably before anything is compared. */
#include "core/command/access.h"

static enum status check_user(struct call *call, uint32_t user) {
    const struct sessions *sessions = &call->hsm->sessions;
    enum login login = sessions_login(sessions, call->session);
    const struct connection *connection = &sessions->connections[call->connection];
    if (user > USER_CONTEXT) {
        return STATUS_USER_TYPE_INVALID;
    }
    if (user == USER_CONTEXT) {
        return access_is_user(call) ? STATUS_OK : STATUS_NOT_LOGGED_IN;
    }
    enum login asked = user == USER_SO ? LOGIN_SO : LOGIN_USER;
    if (login == asked) {
        return STATUS_ALREADY_LOGGED_IN;
    }
    if (login != LOGIN_NONE) {
        return STATUS_OTHER_LOGGED_IN;
    }
    if (user == USER_SO && connection->read_only_of_slot[call->session->slot] > 0) {
        return STATUS_SESSION_READ_ONLY_EXISTS;
    }
    return STATUS_OK;
}

static enum user pin_of(uint32_t user) {
    return user == USER_SO ? USER_SO : USER_USER;
}

enum status check_login(struct call *call, const struct login_req *req) {
    TRY(check_user(call, req->user));
    TRY(pin_begin(&call->hsm->tokens, call->session->slot, pin_of(req->user), &call->pin));
    call->sync = true;
    return STATUS_OK;
}

enum status compute_login(struct call *call, const struct login_req *req, struct login_rep *rep) {
    (void)rep;
    call->right = pin_matches(&call->pin, req->pin);
    return STATUS_OK;
}

enum status commit_login(struct call *call, const struct login_req *req, struct login_rep *rep) {
    struct hsm *hsm = call->hsm;
    uint32_t slot = call->session->slot;
    (void)rep;
    call->sync = true;
    TRY(pin_end(&hsm->tokens, slot, pin_of(req->user), &call->pin, call->right));
    if (req->user == USER_CONTEXT) {
        call->session->confirmed = true;
        return STATUS_OK;
    }
    TRY(check_user(call, req->user));
    sessions_set_login(&hsm->sessions, call->connection, slot,
                       req->user == USER_SO ? LOGIN_SO : LOGIN_USER);
    return STATUS_OK;
}
