/* SPDX-License-Identifier: Apache-2.0 */
/* Finding objects, reading attributes. */
#include "host/openssl-provider/object.h"

#include <stdlib.h>

enum { TEMPLATE_ROOM = 1024 };

static enum status template_make(const struct key_uri *uri, enum object_class class,
                                 struct span *template) {
    size_t used = 0;
    TRY(attributes_add_bool(*template, &used, ATTRIBUTE_TOKEN, true));
    TRY(attributes_add_num(*template, &used, ATTRIBUTE_CLASS, class));
    if (uri->object[0] != 0) {
        TRY(attributes_add(*template, &used, ATTRIBUTE_LABEL, bytes_of_text(uri->object)));
    }
    if (uri->id_size > 0) {
        TRY(attributes_add(*template, &used, ATTRIBUTE_ID, bytes_of(uri->id, uri->id_size)));
    }
    template->size = used;
    return STATUS_OK;
}

static enum status search(struct token *token, struct bytes template, struct objects_found *found,
                          struct span room) {
    struct object_find_req request = {.attributes = template};
    struct object_find_rep reply;
    do {
        TRY(token_ask(token, COMMAND_object_find, &request, &reply, room));
        objects_take(found, reply.objects);
        request.cursor = reply.cursor;
    } while (reply.cursor != 0 && !found->more);
    return STATUS_OK;
}

enum status object_find(struct token *token, const struct key_uri *uri, enum object_class class,
                        struct objects_found *found) {
    uint8_t template[TEMPLATE_ROOM];
    struct span span = {template, sizeof(template)};
    found->count = 0;
    found->more = false;
    found->size = OBJECT_FOUND_MAX;
    TRY(template_make(uri, class, &span));
    uint8_t *room = malloc(CLIENT_ROOM_SIZE);
    if (room == NULL) {
        return STATUS_MEMORY;
    }
    enum status status =
        search(token, bytes_of_span(span), found, (struct span){room, CLIENT_ROOM_SIZE});
    free(room);
    return status;
}

enum status object_get(struct token *token, uint64_t handle, const uint32_t *types,
                       struct span *attributes) {
    uint8_t wanted[4 * OBJECTS_TYPES_MAX];
    struct object_get_req request = {.object = handle, .types = objects_types(types, wanted)};
    struct object_get_rep reply;
    uint8_t *room = malloc(CLIENT_ROOM_SIZE);
    uint8_t *given = malloc(CLIENT_ROOM_SIZE);
    enum status status = STATUS_MEMORY;
    if (room != NULL && given != NULL) {
        status = token_ask(token, COMMAND_object_get, &request, &reply,
                           (struct span){room, CLIENT_ROOM_SIZE});
    }
    if (status == STATUS_OK) {
        *attributes = (struct span){given, objects_given(reply.attributes, given)};
        given = NULL;
    }
    free(room);
    free(given);
    return status;
}
