/* SPDX-License-Identifier: Apache-2.0 */
/* Command key_resume: people let a key work again that an alarm of its policy suspended. */
#include "core/command/access.h"
#include "core/command/consent.h"

static enum status ask_to_resume(struct call *call, uint32_t index) {
    struct request_item items[2];
    struct span room = {call->attributes, sizeof(call->attributes)};
    call->attributes_dirty = sizeof(call->attributes);
    TRY(consent_object(call, index, &room, items));
    call->why = "the token has no roles file: nobody can resume the key";
    return consent_insist(call, APPROVAL_RESUME, items, COUNT(items), STATUS_ACTION_PROHIBITED);
}

enum status do_key_resume(struct call *call, const struct key_resume_req *req,
                          struct key_resume_rep *rep) {
    struct hsm *hsm = call->hsm;
    uint32_t index = 0;
    bool suspended = false;
    (void)rep;
    TRY(access_object(call, req->key, &index) == STATUS_OK ? STATUS_OK : STATUS_KEY_INVALID);
    const struct object *object = &hsm->objects.list[index];
    TRY(facts_is_key(&object->facts) ? STATUS_OK : STATUS_KEY_INVALID);
    TRY(access_may_write(call, &object->facts));
    if (!facts_has(&object->facts, FACT_POLICY)) {
        return call_refuse(call, STATUS_ACTION_PROHIBITED, "the key is bound to no policy");
    }
    TRY(guards_suspended(&hsm->guards, &hsm->store, object->serial, &suspended));
    if (!suspended) {
        return STATUS_OK;
    }
    TRY(ask_to_resume(call, index));
    call->sync = true;
    return guards_resume(&hsm->guards, &hsm->store, object->serial);
}
