/* SPDX-License-Identifier: Apache-2.0 */
/* Command key_unwrap (C_UnwrapKey). */
#include "core/command/access.h"
#include "core/command/creation.h"
#include "core/keys/parts.h"
#include "core/keys/template.h"

static bool with_attributes(const struct key_unwrap_req *req) {
    return req->mechanism.algorithm == ALGORITHM_WRAP_WITH_ATTRIBUTES;
}

enum status check_key_unwrap(struct call *call, const struct key_unwrap_req *req) {
    uint32_t index = 0;
    TRY(access_key(call, req->unwrapping_key, F_UNWRAP, &req->mechanism, &index));
    call->parent = call->hsm->objects.list[index].facts;
    if (with_attributes(req)) {
        if (!facts_wraps_sensitive(&call->parent)) {
            return call_refuse(call, STATUS_UNWRAPPING_KEY_TYPE,
                               "the key is not TRUSTED, nor made here for wrapping alone");
        }
        TRY(template_check(req->attributes, &call->why));
        return access_admit(call, index);
    }
    struct draft_origin origin = {
        .creation = CREATION_UNWRAP, .any_class = true, .type = KEY_NONE, .parent = &call->parent};
    TRY(creation_begin(call, &call->draft, &origin, req->attributes));
    if (!facts_is_secret(&call->draft.facts)) {
        return call_refuse(call, STATUS_TEMPLATE_INCONSISTENT, "CLASS");
    }
    return access_admit(call, index);
}

/* ---- a blob that carries its attributes: they are restored, and never weakened ---- */

static void set_bool(uint8_t *list, struct bytes attributes, uint32_t type, uint8_t to) {
    struct bytes value;
    if (attributes_find(attributes, type, &value) == STATUS_OK && value.size == 1) {
        list[value.data - attributes.data] = to;
    }
}

static enum status restore(struct call *call, struct bytes attributes, struct bytes template) {
    struct span room = {call->attributes, sizeof(call->attributes)};
    struct facts facts;
    size_t used = 0;
    uint8_t serial[8];
    call->attributes_dirty = sizeof(call->attributes);
    facts_read(&facts, attributes);
    /* Who knows the wrapping key can write anything: also an attribute twice, of which only one
     * would be looked at below. */
    if (template_check(attributes, &call->why) != STATUS_OK || !facts_is_secret(&facts) ||
        !facts_type_fits(&facts)) {
        return STATUS_WRAPPED_KEY_INVALID;
    }
    TRY(template_check_copy(template, &facts, &call->why));
    TRY(template_apply(attributes, template, room, &used, &call->why));
    call->draft.attributes = bytes_of(room.data, used);
    /* It was outside: its history says so. */
    set_bool(room.data, call->draft.attributes, ATTRIBUTE_LOCAL, 0);
    set_bool(room.data, call->draft.attributes, ATTRIBUTE_NEVER_EXTRACTABLE, 0);
    set_bool(room.data, call->draft.attributes, ATTRIBUTE_TRUSTED, 0);
    TRY(crypto_random(serial, sizeof(serial)));
    call->draft.serial = (load_u64(serial) & 0x00ffffffffffffffu) | 1;
    draft_write_serial(&call->draft, room.data);
    facts_read(&call->draft.facts, call->draft.attributes);
    return STATUS_OK;
}

static enum status unwrap_with_attributes(struct call *call, const struct key_unwrap_req *req) {
    struct span plain = {call->attributes_private, sizeof(call->attributes_private)};
    struct key_parts parts;
    struct span room = creation_room(call);
    call->private_dirty = sizeof(call->attributes_private);
    TRY(crypto_unwrap(&call->key->key, &req->mechanism, req->wrapped, &plain));
    TRY(restore(call, bytes_of_span(plain), req->attributes));
    parts_of_attributes(&parts, &call->draft.facts, call->draft.attributes);
    return crypto_key_complete(&parts, &room) == STATUS_OK ? STATUS_OK : STATUS_WRAPPED_KEY_INVALID;
}

/* ---- a blob of the standard's mechanisms: the value alone ---- */

static enum status unwrap_value(struct call *call, const struct key_unwrap_req *req) {
    struct span plain = {call->attributes_private, sizeof(call->attributes_private)};
    struct key_parts parts = {.type = call->draft.facts.type};
    struct span room = creation_room(call);
    call->private_dirty = sizeof(call->attributes_private);
    TRY(crypto_unwrap(&call->key->key, &req->mechanism, req->wrapped, &plain));
    parts.value = bytes_of_span(plain);
    if (call->draft.facts.class == CLASS_PRIVATE_KEY) {
        TRY(crypto_key_from_pkcs8(bytes_of_span(plain), &parts, &room));
        if (parts.type != call->draft.facts.type) {
            return STATUS_TEMPLATE_INCONSISTENT;
        }
    } else {
        uint32_t asked = attributes_num(req->attributes, ATTRIBUTE_VALUE_LEN, (uint32_t)plain.size);
        if (crypto_key_complete(&parts, &room) != STATUS_OK || asked != parts.value.size) {
            return STATUS_WRAPPED_KEY_INVALID;
        }
    }
    return creation_finish(call, &parts);
}

enum status compute_key_unwrap(struct call *call, const struct key_unwrap_req *req,
                               struct key_unwrap_rep *rep) {
    (void)rep;
    return with_attributes(req) ? unwrap_with_attributes(call, req) : unwrap_value(call, req);
}

enum status commit_key_unwrap(struct call *call, const struct key_unwrap_req *req,
                              struct key_unwrap_rep *rep) {
    (void)req;
    return creation_commit(call, &rep->key);
}
