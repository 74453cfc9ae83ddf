/* SPDX-License-Identifier: Apache-2.0 */
/* Command object_set (C_SetAttributeValue). */
#include "core/command/access.h"
#include "core/keys/template.h"

enum status do_object_set(struct call *call, const struct object_set_req *req,
                          struct object_set_rep *rep) {
    struct hsm *hsm = call->hsm;
    struct span original = {call->attributes_private, sizeof(call->attributes_private)};
    struct span room = {call->attributes, sizeof(call->attributes)};
    uint32_t index = 0;
    size_t used = 0;
    (void)rep;
    TRY(access_object(call, req->object, &index));
    const struct facts *facts = &hsm->objects.list[index].facts;
    TRY(template_check(req->attributes, &call->why));
    TRY(access_may_write(call, facts));
    TRY(template_check_change(req->attributes, facts, &call->why));
    call->private_dirty = sizeof(call->attributes_private);
    call->attributes_dirty = sizeof(call->attributes);
    TRY(objects_load(&hsm->objects, index, &original));
    TRY(template_apply(bytes_of_span(original), req->attributes, room, &used, &call->why));
    call->sync = facts_has(facts, FACT_TOKEN);
    return objects_replace(&hsm->objects, index, access_token(call)->generation,
                           bytes_of(room.data, used));
}
