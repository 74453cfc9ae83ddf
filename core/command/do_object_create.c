/* SPDX-License-Identifier: Apache-2.0 */
/* Command object_create (C_CreateObject). */
#include "core/command/creation.h"

enum status check_object_create(struct call *call, const struct object_create_req *req) {
    struct draft_origin origin = {.creation = CREATION_IMPORT, .any_class = true, .type = KEY_NONE};
    return creation_begin(call, &call->draft, &origin, req->attributes);
}

enum status compute_object_create(struct call *call, const struct object_create_req *req,
                                  struct object_create_rep *rep) {
    struct key_parts parts;
    (void)req;
    (void)rep;
    if (!facts_is_key(&call->draft.facts)) {
        return creation_finish(call, NULL);
    }
    struct span room = creation_room(call);
    TRY(draft_import(&call->draft, &parts, &room));
    return creation_finish(call, &parts);
}

enum status commit_object_create(struct call *call, const struct object_create_req *req,
                                 struct object_create_rep *rep) {
    (void)req;
    return creation_commit(call, &rep->object);
}
