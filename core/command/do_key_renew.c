/* SPDX-License-Identifier: Apache-2.0 */
/* Command key_renew: a key's lease begins anew, when its lease key says so. */
#include "core/command/access.h"
#include "core/command/lease.h"
#include "core/keys/renewal.h"
#include "port/port.h"

static enum status read_renewal(struct call *call, uint32_t index, const struct usage *usage,
                                struct usage_grant *grant) {
    struct span attributes = {call->attributes, sizeof(call->attributes)};
    uint8_t device_id[DEVICE_ID_SIZE];
    struct renewal_for target = {.device_id = device_id, .usage = usage};
    store_device_id(&call->hsm->store, device_id);
    call->attributes_dirty = sizeof(call->attributes);
    TRY(objects_load(&call->hsm->objects, index, &attributes));
    call->attributes_dirty = attributes.size;
    struct bytes list = bytes_of_span(attributes);
    TRY(attributes_find(list, ATTRIBUTE_UNIQUE_ID, &target.unique_id));
    TRY(attributes_find(list, ATTRIBUTE_LEASE_KEY, &target.lease_key));
    return renewal_read(call->req.key_renew.renewal, &target, grant, &call->why);
}

enum status do_key_renew(struct call *call, const struct key_renew_req *req,
                         struct key_renew_rep *rep) {
    struct usage *usage = NULL;
    struct usage_grant grant;
    struct usage_left left;
    uint64_t now = port_uptime_ms();
    uint32_t index = 0;
    TRY(lease_find(call, req->key, &index, &usage));
    TRY(read_renewal(call, index, usage, &grant));
    struct usage next = *usage;
    usage_renew(&next, &grant, now);
    TRY(lease_change(call, usage, &next));
    if (facts_has(&call->hsm->objects.list[index].facts, FACT_POLICY)) {
        TRY(guards_resume(&call->hsm->guards, &call->hsm->store, usage->serial));
        call->sync = true;
    }
    usage_left(usage, now, &left);
    rep->uses_left = left.lease_uses;
    rep->seconds_left = left.lease_seconds;
    return STATUS_OK;
}
