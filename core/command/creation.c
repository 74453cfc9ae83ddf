/* SPDX-License-Identifier: Apache-2.0 */
/* What every command that makes objects does alike. */
#include "core/command/access.h"
#include "core/command/creation.h"
#include "core/command/places.h"

enum status creation_begin(struct call *call, struct draft *draft, struct draft_origin *origin,
                           struct bytes template) {
    origin->strict = token_is_strict(access_token(call));
    origin->so = access_is_so(call);
    TRY(draft_begin(draft, origin, template, &call->why));
    return access_may_write(call, &draft->facts);
}

struct span creation_room(struct call *call) {
    call->material_dirty = sizeof(call->material);
    return (struct span){call->material, sizeof(call->material)};
}

enum status creation_finish(struct call *call, const struct key_parts *parts) {
    struct span room = {call->attributes, sizeof(call->attributes)};
    enum status status = draft_finish(&call->draft, parts, room);
    call->attributes_dirty =
        status == STATUS_OK ? call->draft.attributes.size : sizeof(call->attributes);
    return status;
}

enum status creation_finish_private(struct call *call, const struct key_parts *parts) {
    struct span room = {call->attributes_private, sizeof(call->attributes_private)};
    enum status status = draft_finish(&call->draft_private, parts, room);
    call->private_dirty = status == STATUS_OK ? call->draft_private.attributes.size
                                              : sizeof(call->attributes_private);
    return status;
}

enum status creation_commit(struct call *call, uint64_t *handle) {
    uint32_t index = 0;
    TRY(call->status);
    TRY(places_add(call, &call->draft, STORE_LAST, &index));
    *handle = access_handle(call, index);
    return STATUS_OK;
}
