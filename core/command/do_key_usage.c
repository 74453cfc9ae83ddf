/* SPDX-License-Identifier: Apache-2.0 */
/* Command key_usage: what is left of a key's limits. */
#include "core/command/access.h"
#include "port/port.h"

static enum status state_of(const struct usage *usage, const struct usage_moment *moment) {
    struct usage_answer answer;
    usage_decide(usage, moment, &answer);
    return answer.status;
}

enum status do_key_usage(struct call *call, const struct key_usage_req *req,
                         struct key_usage_rep *rep) {
    uint32_t index = 0;
    TRY(access_object(call, req->key, &index) == STATUS_OK ? STATUS_OK : STATUS_KEY_INVALID);
    const struct object *object = &call->hsm->objects.list[index];
    if (!facts_is_key(&object->facts)) {
        return STATUS_KEY_INVALID;
    }
    static const struct usage_left all = {UINT64_MAX, UINT64_MAX, UINT64_MAX,
                                          UINT32_MAX, UINT32_MAX, 0};
    struct usage_moment moment = {port_uptime_ms(), access_time(call), call->session->confirmed};
    struct usage_left left = all;
    const struct usage *usage = objects_usage(&call->hsm->objects, index);
    if (usage != NULL) {
        usage_left(usage, moment.uptime_ms, &left);
        rep->state = (uint32_t)state_of(usage, &moment);
        rep->used = usage->used;
        rep->sequence = usage->sequence;
    }
    if (facts_has(&object->facts, FACT_POLICY)) {
        bool suspended = false;
        TRY(guards_suspended(&call->hsm->guards, &call->hsm->store, object->serial, &suspended));
        rep->state = suspended ? (uint32_t)STATUS_POLICY_SUSPENDED : rep->state;
    }
    rep->uses_left = left.uses;
    rep->rate_left = left.rate;
    rep->wait_ms = left.wait_ms;
    rep->login_left = left.login;
    rep->lease_uses_left = left.lease_uses;
    rep->lease_seconds_left = left.lease_seconds;
    return STATUS_OK;
}
