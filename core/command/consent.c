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

enum status consent_ask(struct call *call, enum approval_class class,
                        const struct request_item *items, uint32_t count) {
    uint8_t device[DEVICE_ID_SIZE];
    struct roles roles;
    struct bytes file;
    const struct token *token = access_token(call);
    enum status status = consent_roles(call, &roles, &file);
    if (status == STATUS_NOT_FOUND && class != APPROVAL_ROLES) {
        return STATUS_OK;
    }
    bool first = status == STATUS_NOT_FOUND;
    if (!first) {
        TRY(status);
    }
    store_device_id(&call->hsm->store, device);
    struct quorum_subject subject = {.slot = call->session->slot,
                                     .generation = token->generation,
                                     .label = bytes_of(token->label, LABEL_SIZE),
                                     .device = bytes_of(device, sizeof(device)),
                                     .class = class,
                                     .item_count = count};
    for (uint32_t i = 0; i < count; i++) {
        subject.items[i] = items[i];
    }
    uint64_t number = 0;
    status = quorum_ask(&call->hsm->quorum, &subject, first ? NULL : &roles, &number);
    if (status == STATUS_APPROVAL_NEEDED) {
        call->object = number;
        call->why = "the number of the object is that of the request";
    }
    return status;
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
