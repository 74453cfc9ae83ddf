/* SPDX-License-Identifier: Apache-2.0 */
/* Command object_destroy (C_DestroyObject). */
#include "core/command/access.h"
#include "core/command/places.h"

enum status do_object_destroy(struct call *call, const struct object_destroy_req *req,
                              struct object_destroy_rep *rep) {
    uint32_t index = 0;
    (void)rep;
    TRY(access_object(call, req->object, &index));
    const struct facts *facts = &call->hsm->objects.list[index].facts;
    if (!facts_has(facts, FACT_DESTROYABLE)) {
        return call_refuse(call, STATUS_ACTION_PROHIBITED, "DESTROYABLE is false");
    }
    TRY(access_may_write(call, facts));
    call->sync = facts_has(facts, FACT_TOKEN);
    return places_remove(call->hsm, index);
}
