/* SPDX-License-Identifier: Apache-2.0 */
/* Command object_copy (C_CopyObject): keys only under the compatible profile, and never weaker. */
#include "core/command/access.h"
#include "core/command/places.h"
#include "core/keys/template.h"

static enum status check_copy(struct call *call, const struct object *object,
                              struct bytes template) {
    const struct facts *facts = &object->facts;
    if (!facts_has(facts, FACT_COPYABLE)) {
        return call_refuse(call, STATUS_ACTION_PROHIBITED, "COPYABLE is false");
    }
    if (facts_is_key(facts) && token_is_strict(access_token(call))) {
        return call_refuse(call, STATUS_ACTION_PROHIBITED, "keys are not copied");
    }
    if (facts_has(facts, FACT_LIMITED) || facts_has(facts, FACT_POLICY)) {
        return call_refuse(call, STATUS_ACTION_PROHIBITED,
                           "a key with limits or a policy is not copied");
    }
    TRY(template_check(template, &call->why));
    return template_check_copy(template, facts, &call->why);
}

/* A copy's history is the original's; it was not made here anew. */
static enum status make_copy(struct call *call, uint32_t index, struct bytes template) {
    struct span original = {call->attributes_private, sizeof(call->attributes_private)};
    struct span room = {call->attributes, sizeof(call->attributes)};
    uint8_t serial[8];
    size_t used = 0;
    call->private_dirty = sizeof(call->attributes_private);
    call->attributes_dirty = sizeof(call->attributes);
    TRY(objects_load(&call->hsm->objects, index, &original));
    TRY(crypto_random(serial, sizeof(serial)));
    call->draft.serial = (load_u64(serial) & 0x00ffffffffffffffu) | 1;
    TRY(template_apply(bytes_of_span(original), template, room, &used, &call->why));
    call->draft.attributes = bytes_of(room.data, used);
    draft_write_serial(&call->draft, room.data);
    facts_read(&call->draft.facts, call->draft.attributes);
    return STATUS_OK;
}

enum status do_object_copy(struct call *call, const struct object_copy_req *req,
                           struct object_copy_rep *rep) {
    uint32_t index = 0;
    TRY(access_object(call, req->object, &index));
    TRY(check_copy(call, &call->hsm->objects.list[index], req->attributes));
    TRY(make_copy(call, index, req->attributes));
    TRY(places_add(call, &call->draft, STORE_LAST, &index));
    rep->object = access_handle(call, index);
    return STATUS_OK;
}
