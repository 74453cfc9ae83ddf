/* SPDX-License-Identifier: Apache-2.0 */
/* Command object_set (C_SetAttributeValue). What would let a key do more waits for people: another
 * policy, and looser limits. */
#include "core/command/access.h"
#include "core/command/consent.h"
#include "core/keys/template.h"

/* ---- another policy ---- */

/* The log has the hash of the new policy, and in words that of the old one. */
static enum status log_hashes(struct call *call, struct bytes form, const uint8_t before[32]) {
    struct text note = text_in((struct span){call->note, sizeof(call->note)});
    struct span words;
    text_add(&note, "in place of the policy ");
    text_add_hex(&note, bytes_of(before, 32));
    TRY(text_end(&note, &words));
    call->note_size = words.size;
    TRY(crypto_hash(HASH_SHA256, &form, 1, call->payload_hash));
    call->hashed = true;
    return STATUS_OK;
}

/* People approve exactly this policy, for exactly this key, in place of exactly the one it has. */
static enum status ask_to_exchange(struct call *call, uint32_t index, struct bytes form) {
    struct hsm *hsm = call->hsm;
    struct guard_policy *bound = &call->bound;
    struct span room = {hsm->room, sizeof(hsm->room)};
    uint8_t before[32];
    struct request_item items[5] = {[3] = {form, false}, [4] = {bytes_of(before, 32), false}};
    TRY(guards_read(&hsm->objects, index, room, bound));
    uint32_t version = bound->policy.version;
    memcpy(before, bound->hash, sizeof(before));
    TRY(guards_check(&hsm->objects.list[index].facts, form, &bound->policy, &call->why));
    if (bound->policy.version <= version) {
        return call_refuse(call, STATUS_VERSION_OLD, "POLICY");
    }
    items[2] = (struct request_item){bound->policy.name, true};
    room = (struct span){call->attributes, sizeof(call->attributes)};
    call->attributes_dirty = sizeof(call->attributes);
    TRY(consent_object(call, index, &room, items));
    call->why = "POLICY: without a roles file nobody can approve another one";
    TRY(consent_insist(call, APPROVAL_POLICY, items, COUNT(items), STATUS_ATTRIBUTE_READ_ONLY));
    TRY(log_hashes(call, form, before));
    return guards_settle(&hsm->guards, &hsm->store, hsm->objects.list[index].serial);
}

/* A policy is exchanged by itself: people see all that changes. */
static enum status check_exchange(struct call *call, uint32_t index, struct bytes template,
                                  bool *exchanges) {
    struct attribute_entry entry;
    struct bytes form;
    *exchanges = attributes_find(template, ATTRIBUTE_POLICY, &form) == STATUS_OK;
    if (!*exchanges) {
        return STATUS_OK;
    }
    TRY(attributes_next(&template, &entry));
    if (template.size > 0) {
        return call_refuse(call, STATUS_TEMPLATE_INCONSISTENT, "POLICY is changed by itself");
    }
    return ask_to_exchange(call, index, form);
}

/* ---- looser limits ---- */

static enum status list_limits(const struct limits *limits, struct span room, struct bytes *list) {
    size_t used = 0;
    for (uint32_t type = ATTRIBUTE_USES_MAX; type < ATTRIBUTE_LEASE_KEY; type++) {
        TRY(limits_add(limits, type, room, &used));
    }
    *list = bytes_of(room.data, used);
    return STATUS_OK;
}

/* Limits that get looser (call->why says which one): people see the old ones and the new ones. */
static enum status ask_to_loosen(struct call *call, struct bytes before, struct bytes after) {
    enum { LIST_MAX = (ATTRIBUTE_LEASE_KEY - ATTRIBUTE_USES_MAX) * 12 };
    uint8_t rooms[2][LIST_MAX];
    const char *looser = call->why;
    struct limits now, next;
    struct request_item items[4] = {[2] = {.is_text = false}};
    TRY(limits_read(before, &now, &call->why));
    TRY(limits_read(after, &next, &call->why));
    if (!bytes_equal(now.lease_key, next.lease_key)) {
        return call_refuse(call, STATUS_ATTRIBUTE_READ_ONLY, "LEASE_KEY stays as it is");
    }
    TRY(list_limits(&now, (struct span){rooms[0], LIST_MAX}, &items[2].value));
    TRY(list_limits(&next, (struct span){rooms[1], LIST_MAX}, &items[3].value));
    consent_names(before, items);
    call->why = looser;
    TRY(consent_insist(call, APPROVAL_LIMITS, items, COUNT(items), STATUS_ATTRIBUTE_READ_ONLY));
    call->why = "looser limits";
    return STATUS_OK;
}

/* ---- the command ---- */

static enum status apply(struct call *call, uint32_t index, struct bytes template,
                         struct span *changed) {
    struct span original = {call->attributes_private, sizeof(call->attributes_private)};
    size_t used = 0;
    call->private_dirty = sizeof(call->attributes_private);
    call->attributes_dirty = sizeof(call->attributes);
    TRY(objects_load(&call->hsm->objects, index, &original));
    enum status status =
        template_apply(bytes_of_span(original), template, *changed, &used, &call->why);
    changed->size = used;
    return status == STATUS_ATTRIBUTE_READ_ONLY
               ? ask_to_loosen(call, bytes_of_span(original), bytes_of_span(*changed))
               : status;
}

enum status do_object_set(struct call *call, const struct object_set_req *req,
                          struct object_set_rep *rep) {
    struct hsm *hsm = call->hsm;
    struct span changed = {call->attributes, sizeof(call->attributes)};
    bool exchanges = false;
    uint32_t index = 0;
    (void)rep;
    TRY(access_object(call, req->object, &index));
    const struct facts *facts = &hsm->objects.list[index].facts;
    TRY(template_check(req->attributes, &call->why));
    TRY(access_may_write(call, facts));
    TRY(template_check_change(req->attributes, facts, &call->why));
    TRY(check_exchange(call, index, req->attributes, &exchanges));
    TRY(apply(call, index, req->attributes, &changed));
    call->sync = facts_has(facts, FACT_TOKEN);
    TRY(objects_replace(&hsm->objects, index, access_token(call)->generation,
                        bytes_of_span(changed)));
    if (exchanges) {
        guards_exchanged(&hsm->guards, hsm->objects.list[index].serial);
    }
    return STATUS_OK;
}
