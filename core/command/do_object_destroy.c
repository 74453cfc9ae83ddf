/* SPDX-License-Identifier: Apache-2.0 */
/* Command object_destroy (C_DestroyObject). */
#include "core/command/access.h"
#include "core/command/consent.h"
#include "core/command/places.h"

/* What is not DESTROYABLE goes only where people can approve it, and did. */
static enum status ask_to_destroy(struct call *call, uint32_t index) {
    struct request_item items[2];
    struct span room = {call->attributes, sizeof(call->attributes)};
    call->attributes_dirty = sizeof(call->attributes);
    TRY(consent_object(call, index, &room, items));
    call->why = "DESTROYABLE is false";
    return consent_insist(call, APPROVAL_DESTROY, items, COUNT(items), STATUS_ACTION_PROHIBITED);
}

enum status do_object_destroy(struct call *call, const struct object_destroy_req *req,
                              struct object_destroy_rep *rep) {
    uint32_t index = 0;
    (void)rep;
    TRY(access_object(call, req->object, &index));
    const struct facts *facts = &call->hsm->objects.list[index].facts;
    TRY(access_may_write(call, facts));
    if (!facts_has(facts, FACT_DESTROYABLE)) {
        TRY(ask_to_destroy(call, index));
    }
    call->sync = facts_has(facts, FACT_TOKEN);
    return places_remove(call->hsm, index);
}
