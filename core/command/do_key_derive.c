/* SPDX-License-Identifier: Apache-2.0 */
/* Command key_derive (C_DeriveKey). */
#include "base/wipe.h"
#include "core/command/access.h"
#include "core/command/creation.h"
#include "core/keys/parts.h"

/* The salt of HKDF may be a key: its value goes into the request's mechanism. */
static enum status take_salt_key(struct call *call, const struct key_derive_req *req) {
    struct hsm *hsm = call->hsm;
    struct span attributes = {call->attributes_private, sizeof(call->attributes_private)};
    uint32_t index = 0;
    if (req->other_key == 0) {
        return STATUS_OK;
    }
    if (req->mechanism.algorithm != ALGORITHM_HKDF || req->mechanism.salt.size > 0) {
        return STATUS_MECHANISM_PARAM_INVALID;
    }
    if (access_object(call, req->other_key, &index) != STATUS_OK ||
        hsm->objects.list[index].facts.class != CLASS_SECRET_KEY) {
        return STATUS_KEY_INVALID;
    }
    if (!facts_has(&hsm->objects.list[index].facts, FACT_DERIVE)) {
        return STATUS_KEY_FUNCTION_NOT_PERMITTED;
    }
    call->private_dirty = sizeof(call->attributes_private);
    TRY(objects_load(&hsm->objects, index, &attributes));
    return access_admit(call, index);
}

/* Begins the draft; the key that is made has the limits of the base key. */
static enum status begin(struct call *call, uint32_t base, struct draft_origin *origin,
                         struct bytes template) {
    struct hsm *hsm = call->hsm;
    struct span attributes = {hsm->room, sizeof(hsm->room)};
    struct limits limits;
    if (!facts_has(&call->parent, FACT_LIMITED)) {
        return creation_begin(call, &call->draft, origin, template);
    }
    TRY(objects_load(&hsm->objects, base, &attributes));
    enum status status = limits_read(bytes_of_span(attributes), &limits, &call->why);
    origin->limits = &limits;
    if (status == STATUS_OK) {
        status = creation_begin(call, &call->draft, origin, template);
    }
    origin->limits = NULL;
    wipe(hsm->room, sizeof(hsm->room));
    return status;
}

static struct bytes salt_of(const struct call *call, const struct key_derive_req *req) {
    struct bytes key = bytes_of(call->attributes_private, sizeof(call->attributes_private));
    struct bytes salt = {NULL, 0};
    if (req->other_key == 0) {
        return req->mechanism.salt;
    }
    return attributes_find(key, ATTRIBUTE_VALUE, &salt) == STATUS_OK ? salt : bytes_of(NULL, 0);
}

/* Bytes asked for; 0: as many as the mechanism gives. */
static size_t size_of(const struct call *call, const struct key_derive_req *req) {
    uint32_t size = attributes_num(req->attributes, ATTRIBUTE_VALUE_LEN, 0);
    return size == 0 && call->draft.facts.type == KEY_CHACHA20 ? 32 : size;
}

/* What can be tried out is known: a piece of a few bytes that may be used gives its bytes away, and
 * piece by piece the whole base key, or the longer key that begins like the piece (HKDF and ECDH
 * give the same bytes whatever the length). So a key that is hidden is not taken apart, and no
 * short key comes out of it. */
enum { DERIVED_MIN = 14 }; /* 112 bits */

static enum status check_pieces(struct call *call, const struct key_derive_req *req) {
    size_t size = size_of(call, req);
    if (!facts_hide(&call->parent, ATTRIBUTE_VALUE)) {
        return STATUS_OK;
    }
    switch (req->mechanism.algorithm) {
    case ALGORITHM_CONCATENATE_BASE_AND_DATA:
    case ALGORITHM_CONCATENATE_DATA_AND_BASE:
    case ALGORITHM_XOR_BASE_AND_DATA:
    case ALGORITHM_EXTRACT_KEY:
        return call_refuse(call, STATUS_KEY_FUNCTION_NOT_PERMITTED,
                           "a key whose value is hidden is not taken apart");
    default:
        break;
    }
    if (size != 0 && size < DERIVED_MIN) {
        return call_refuse(call, STATUS_KEY_SIZE, "VALUE_LEN: a hidden key gives no short keys");
    }
    return STATUS_OK;
}

enum status check_key_derive(struct call *call, const struct key_derive_req *req) {
    uint32_t index = 0;
    TRY(access_key(call, req->base_key, F_DERIVE, &req->mechanism, &index));
    call->parent = call->hsm->objects.list[index].facts;
    if (call->parent.class == CLASS_PUBLIC_KEY) {
        return STATUS_KEY_FUNCTION_NOT_PERMITTED;
    }
    bool typed = attributes_num(req->attributes, ATTRIBUTE_KEY_TYPE, KEY_NONE) != KEY_NONE;
    struct draft_origin origin = {.creation = CREATION_DERIVE,
                                  .class = CLASS_SECRET_KEY,
                                  .type = typed ? KEY_NONE : KEY_GENERIC,
                                  .parent = &call->parent};
    TRY(begin(call, index, &origin, req->attributes));
    TRY(check_pieces(call, req));
    TRY(take_salt_key(call, req));
    return access_admit(call, index);
}

enum status compute_key_derive(struct call *call, const struct key_derive_req *req,
                               struct key_derive_rep *rep) {
    struct mechanism mechanism = req->mechanism;
    struct span value = creation_room(call);
    uint8_t *rest = value.data + value.size / 2;
    struct span room = {rest, value.size / 2};
    (void)rep;
    value.size /= 2;
    mechanism.peer = parts_point(call->parent.type, mechanism.peer);
    mechanism.salt = salt_of(call, req);
    TRY(crypto_derive(&call->key->key, &mechanism, size_of(call, req), &value));
    struct key_parts parts = {.type = call->draft.facts.type, .value = bytes_of_span(value)};
    TRY(crypto_key_complete(&parts, &room));
    return creation_finish(call, &parts);
}

enum status commit_key_derive(struct call *call, const struct key_derive_req *req,
                              struct key_derive_rep *rep) {
    (void)req;
    return creation_commit(call, &rep->key);
}
