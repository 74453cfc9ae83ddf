/* SPDX-License-Identifier: Apache-2.0 */
/* Command roles_set: another roles file, approved by the old and the new threshold. */
#include "core/command/access.h"
#include "core/command/consent.h"

/* A key that cannot verify would make its member's yes impossible. */
static enum status check_keys(const struct roles *roles) {
    for (uint32_t i = 0; i < roles->member_count; i++) {
        struct crypto_key key = {0};
        TRY(quorum_load_key(roles->members[i].algorithm, roles->members[i].key, &key));
        crypto_key_unload(&key);
    }
    return STATUS_OK;
}

static enum status check_version(struct call *call, const struct roles *next) {
    struct roles now;
    struct bytes file;
    enum status status = consent_roles(call, &now, &file);
    if (status == STATUS_NOT_FOUND) {
        return access_is_so(call) ? STATUS_OK : STATUS_ROLE_REFUSED;
    }
    TRY(status);
    return next->version > now.version ? STATUS_OK : STATUS_VERSION_OLD;
}

enum status do_roles_set(struct call *call, const struct roles_set_req *req,
                         struct roles_set_rep *rep) {
    struct roles next;
    struct request_item item = {.value = req->roles};
    (void)rep;
    TRY(roles_read(req->roles, &next));
    TRY(check_version(call, &next));
    TRY(check_keys(&next));
    TRY(consent_ask(call, APPROVAL_ROLES, &item, 1));
    call->sync = true;
    TRY(quorum_put_roles(&call->hsm->store, call->session->slot, access_token(call)->generation,
                         req->roles));
    /* whoever told the time may not be among those who may any more */
    call->hsm->times.list[call->session->slot] = (struct token_time){.seconds = 0};
    return STATUS_OK;
}
