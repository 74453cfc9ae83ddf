/* SPDX-License-Identifier: Apache-2.0 */
/* Asking people. */
#include "core/command/consent.h"

#include "core/command/access.h"

enum status consent_roles(struct call *call, struct roles *roles, struct bytes *file) {
    struct span room = {call->hsm->room, sizeof(call->hsm->room)};
    TRY(quorum_roles(&call->hsm->store, call->session->slot, access_token(call)->generation, &room,
                     roles));
    *file = bytes_of(room.data + 4, room.size - 4);
    return STATUS_OK;
}

enum status consent_tellers(struct call *call, struct roles *roles, uint32_t *tellers) {
    struct bytes file;
    enum status status = consent_roles(call, roles, &file);
    *tellers = 0;
    if (status != STATUS_NOT_FOUND) {
        TRY(status);
        for (uint32_t i = 0; i < roles->role_count; i++) {
            const struct role *role = &roles->roles[i];
            bool alone = role->threshold == 1;
            if (alone && bytes_equal(role->name, bytes_of_text(TOLD_TIME_ROLE))) {
                *tellers = role->members;
            }
        }
    }
    return *tellers != 0 ? STATUS_OK : STATUS_TIME_NOBODY;
}

static enum status ask(struct call *call, struct quorum_subject *subject,
                       const struct roles *roles) {
    uint8_t device[DEVICE_ID_SIZE];
    const struct token *token = access_token(call);
    uint64_t number = 0;
    store_device_id(&call->hsm->store, device);
    subject->slot = call->session->slot;
    subject->generation = token->generation;
    subject->label = bytes_of(token->label, LABEL_SIZE);
    subject->device = bytes_of(device, sizeof(device));
    enum status status = quorum_ask(&call->hsm->quorum, subject, roles, &number);
    subject->device = bytes_of(NULL, 0);
    if (status == STATUS_APPROVAL_NEEDED) {
        call->object = number;
        call->why = "the number of the object is that of the request";
    }
    return status;
}

enum status consent_ask(struct call *call, enum approval_class class,
                        const struct request_item *items, uint32_t count) {
    struct roles roles;
    struct bytes file;
    enum status status = consent_roles(call, &roles, &file);
    if (status == STATUS_NOT_FOUND && class != APPROVAL_ROLES) {
        return STATUS_OK;
    }
    bool first = status == STATUS_NOT_FOUND;
    if (!first) {
        TRY(status);
    }
    struct quorum_subject subject = {.class = class, .item_count = count};
    for (uint32_t i = 0; i < count; i++) {
        subject.items[i] = items[i];
    }
    return ask(call, &subject, first ? NULL : &roles);
}

/* Apart, so that these roles have left the stack when the others are looked at. */
static NO_INLINE enum status check_roles(struct call *call) {
    struct roles roles;
    struct bytes file;
    return consent_roles(call, &roles, &file);
}

enum status consent_insist(struct call *call, enum approval_class class,
                           const struct request_item *items, uint32_t count,
                           enum status without) {
    enum status status = check_roles(call);
    TRY(status == STATUS_NOT_FOUND ? without : status);
    return consent_ask(call, class, items, count);
}

/* ---- messages ---- */

/* Everybody in a role of the file that has the name of one of the rule's roles. */
static uint32_t members_of(const struct consent_rule *who, const struct roles *roles) {
    uint32_t members = 0;
    for (uint32_t i = 0; i < who->policy->role_count; i++) {
        for (uint32_t k = 0; (who->rule->roles >> i & 1) != 0 && k < roles->role_count; k++) {
            bool same = bytes_equal(who->policy->roles[i], roles->roles[k].name);
            members |= same ? roles->roles[k].members : 0;
        }
    }
    return members;
}

static uint32_t count_members(uint32_t set) {
    uint32_t count = 0;
    for (; set != 0; set &= set - 1) {
        count++;
    }
    return count;
}

enum status consent_ask_for_message(struct call *call, const struct consent_rule *who,
                                    const struct request_item items[5]) {
    struct roles roles;
    struct bytes file;
    enum status status = consent_roles(call, &roles, &file);
    if (status == STATUS_NOT_FOUND) {
        return call_refuse(call, STATUS_POLICY_APPROVAL, "the token has no roles file");
    }
    TRY(status);
    struct quorum_subject subject = {.class = APPROVAL_MESSAGE,
                                     .needs = who->rule->needs,
                                     .members = members_of(who, &roles),
                                     .within_ms = who->rule->within_ms,
                                     .item_count = 5};
    if (count_members(subject.members) < subject.needs) {
        return call_refuse(call, STATUS_POLICY_APPROVAL,
                           "too few people have the policy's roles in the roles file");
    }
    memcpy(subject.items, items, 5 * sizeof(items[0]));
    return ask(call, &subject, &roles);
}

void consent_names(struct bytes attributes, struct request_item items[2]) {
    static const uint32_t types[2] = {ATTRIBUTE_LABEL, ATTRIBUTE_UNIQUE_ID};
    for (size_t i = 0; i < COUNT(types); i++) {
        items[i] = (struct request_item){.is_text = true};
        if (attributes_find(attributes, types[i], &items[i].value) != STATUS_OK) {
            items[i].value = bytes_of("", 0);
        }
    }
}

enum status consent_object(struct call *call, uint32_t index, struct span *room,
                           struct request_item items[2]) {
    TRY(objects_load(&call->hsm->objects, index, room));
    consent_names(bytes_of_span(*room), items);
    return STATUS_OK;
}
