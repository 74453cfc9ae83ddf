/* SPDX-License-Identifier: Apache-2.0 */
/* What every command that makes objects does alike. */
#include "core/command/access.h"
#include "core/command/consent.h"
#include "core/command/creation.h"
#include "core/command/places.h"

/* The template can hold a secret: people approve its hash. */
static enum status ask_for_trust(struct call *call, struct bytes template) {
    uint8_t hash[HASH_SIZE_MAX] = {0};
    struct request_item items[2] = {{bytes_of(hash, 0), true}, {bytes_of(hash, 32), false}};
    TRY(crypto_hash(HASH_SHA256, &template, 1, hash));
    bool named = attributes_find(template, ATTRIBUTE_LABEL, &items[0].value) == STATUS_OK;
    (void)named; /* a key without a label has an empty name */
    return consent_ask(call, APPROVAL_TRUSTED, items, COUNT(items));
}

static enum status check_policy(struct call *call, const struct draft *draft,
                                struct bytes template) {
    struct bytes form;
    if (!facts_has(&draft->facts, FACT_POLICY)) {
        return STATUS_OK;
    }
    TRY(attributes_find(template, ATTRIBUTE_POLICY, &form));
    return guards_check(&draft->facts, form, &call->bound.policy, &call->why);
}

enum status creation_begin(struct call *call, struct draft *draft, struct draft_origin *origin,
                           struct bytes template) {
    origin->strict = token_is_strict(access_token(call));
    origin->so = access_is_so(call);
    TRY(draft_begin(draft, origin, template, &call->why));
    TRY(check_policy(call, draft, template));
    TRY(access_may_write(call, &draft->facts));
    return facts_has(&draft->facts, FACT_TRUSTED) ? ask_for_trust(call, template) : STATUS_OK;
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
