/* SPDX-License-Identifier: Apache-2.0 */
/* Command key_wrap (C_WrapKey). */
#include "base/wipe.h"
#include "core/command/access.h"
#include "core/command/consent.h"
#include "core/command/creation.h"
#include "core/keys/parts.h"

/* Bits of a secret key, 0 for others. */
static enum status secret_bits(struct call *call, uint32_t index, uint32_t *bits) {
    struct hsm *hsm = call->hsm;
    struct span attributes = {hsm->room, sizeof(hsm->room)};
    *bits = 0;
    if (hsm->objects.list[index].facts.class != CLASS_SECRET_KEY) {
        return STATUS_OK;
    }
    TRY(objects_load(&hsm->objects, index, &attributes));
    *bits = 8 * attributes_num(bytes_of_span(attributes), ATTRIBUTE_VALUE_LEN, 0);
    wipe(hsm->room, attributes.size);
    return STATUS_OK;
}

/* What must stay secret goes out only under a key that nobody outside knows and that decrypts
 * nothing here, and that is not weaker than what it wraps. */
static enum status check_pair(struct call *call, const struct mechanism *mechanism,
                              uint32_t wrapping, uint32_t target) {
    const struct facts *by = &call->hsm->objects.list[wrapping].facts;
    const struct facts *key = &call->hsm->objects.list[target].facts;
    uint32_t by_bits = 0;
    uint32_t key_bits = 0;
    if (!facts_is_secret(key)) {
        return call_refuse(call, STATUS_KEY_NOT_WRAPPABLE,
                           "only secret and private keys are wrapped");
    }
    if (!facts_has(key, FACT_EXTRACTABLE)) {
        return STATUS_KEY_UNEXTRACTABLE;
    }
    if (facts_has(key, FACT_WRAP_WITH_TRUSTED) && !facts_has(by, FACT_TRUSTED)) {
        return call_refuse(call, STATUS_KEY_NOT_WRAPPABLE, "WRAP_WITH_TRUSTED");
    }
    bool with_attributes = mechanism->algorithm == ALGORITHM_WRAP_WITH_ATTRIBUTES;
    if (!facts_has(key, FACT_SENSITIVE) && !with_attributes) {
        return STATUS_OK;
    }
    if (!facts_wraps_sensitive(by)) {
        return call_refuse(call, STATUS_KEY_NOT_WRAPPABLE,
                           "the wrapping key is not TRUSTED, nor made here for wrapping alone");
    }
    TRY(secret_bits(call, wrapping, &by_bits));
    TRY(secret_bits(call, target, &key_bits));
    if (by->class == CLASS_SECRET_KEY && by_bits < key_bits && by_bits < 256) {
        return call_refuse(call, STATUS_KEY_NOT_WRAPPABLE, "the wrapping key is the weaker one");
    }
    return STATUS_OK;
}

static enum status ask_to_give_out(struct call *call, const struct mechanism *mechanism,
                                   uint32_t wrapping) {
    struct request_item items[5];
    struct span room = {call->attributes_private, sizeof(call->attributes_private)};
    call->private_dirty = sizeof(call->attributes_private);
    TRY(consent_object(call, wrapping, &room, items + 2));
    consent_names(call->draft.attributes, items);
    items[4] = (struct request_item){
        bytes_of_text(algorithm_row(mechanism->algorithm)->name), true};
    return consent_ask(call, APPROVAL_WRAP, items, COUNT(items));
}

enum status check_key_wrap(struct call *call, const struct key_wrap_req *req) {
    struct hsm *hsm = call->hsm;
    uint32_t wrapping = 0;
    uint32_t target = 0;
    TRY(access_key(call, req->wrapping_key, F_WRAP, &req->mechanism, &wrapping));
    if (access_object(call, req->key, &target) != STATUS_OK) {
        return STATUS_KEY_INVALID;
    }
    TRY(check_pair(call, &req->mechanism, wrapping, target));
    TRY(access_admits(call, wrapping));
    struct span attributes = {call->attributes, sizeof(call->attributes)};
    call->attributes_dirty = sizeof(call->attributes);
    TRY(objects_load(&hsm->objects, target, &attributes));
    call->attributes_dirty = attributes.size;
    call->draft.attributes = bytes_of_span(attributes);
    call->draft.facts = hsm->objects.list[target].facts;
    TRY(ask_to_give_out(call, &req->mechanism, wrapping));
    return access_admit(call, wrapping);
}

/* What is encrypted: all attributes; or the key's value; or a private key as PKCS #8. */
static enum status plain_of(struct call *call, const struct mechanism *mechanism,
                            struct bytes *plain) {
    struct key_parts parts;
    *plain = call->draft.attributes;
    if (mechanism->algorithm == ALGORITHM_WRAP_WITH_ATTRIBUTES) {
        return STATUS_OK;
    }
    parts_of_attributes(&parts, &call->draft.facts, call->draft.attributes);
    *plain = parts.value;
    if (call->draft.facts.class == CLASS_SECRET_KEY) {
        return STATUS_OK;
    }
    struct span der = creation_room(call);
    TRY(crypto_key_to_pkcs8(&parts, &der));
    *plain = bytes_of_span(der);
    return STATUS_OK;
}

enum status compute_key_wrap(struct call *call, const struct key_wrap_req *req,
                             struct key_wrap_rep *rep) {
    struct mechanism mechanism = req->mechanism;
    struct span out = call->out;
    struct bytes plain;
    if (mechanism.make_iv != 0) {
        TRY(crypto_random(call->iv, SEAL_NONCE_SIZE));
        mechanism.iv = rep->iv = bytes_of(call->iv, SEAL_NONCE_SIZE);
    }
    TRY(plain_of(call, &mechanism, &plain));
    TRY(crypto_wrap(&call->key->key, &mechanism, plain, &out));
    rep->wrapped = bytes_of_span(out);
    return STATUS_OK;
}

enum status commit_key_wrap(struct call *call, const struct key_wrap_req *req,
                            struct key_wrap_rep *rep) {
    (void)req;
    (void)rep;
    return call->status;
}
