/* SPDX-License-Identifier: Apache-2.0 */
/* Command object_get (C_GetAttributeValue). An attribute that is not shown has an empty value and
 * ATTRIBUTE_SIZE_SENSITIVE or ATTRIBUTE_SIZE_INVALID as its size. */
#include "core/command/access.h"

static enum status answer(const struct facts *facts, struct bytes attributes, uint32_t type,
                          struct span out, size_t *used) {
    struct bytes value = {NULL, 0};
    const struct attribute_row *row = attribute_row(type);
    uint32_t mark = 0;
    if (row == NULL || (row->classes & (1u << facts->class)) == 0) {
        mark = ATTRIBUTE_SIZE_INVALID;
    } else if (facts_hide(facts, type)) {
        mark = ATTRIBUTE_SIZE_SENSITIVE;
    } else if (attributes_find(attributes, type, &value) != STATUS_OK &&
               (row->set != SET_CALLER || limits_name(type))) {
        mark = ATTRIBUTE_SIZE_INVALID;
    }
    size_t at = *used;
    TRY(attributes_add(out, used, type, value));
    if (mark != 0) {
        save_u32(out.data + at + 4, mark);
    }
    return STATUS_OK;
}

enum status do_object_get(struct call *call, const struct object_get_req *req,
                          struct object_get_rep *rep) {
    uint32_t index = 0;
    size_t used = 0;
    struct span attributes = {call->attributes, sizeof(call->attributes)};
    TRY(access_object(call, req->object, &index));
    if (req->types.size % 4 != 0) {
        return STATUS_BAD_FRAME;
    }
    call->attributes_dirty = sizeof(call->attributes);
    TRY(objects_load(&call->hsm->objects, index, &attributes));
    call->attributes_dirty = attributes.size;
    const struct object *object = &call->hsm->objects.list[index];
    for (size_t i = 0; i < req->types.size; i += 4) {
        TRY(answer(&object->facts, bytes_of_span(attributes), load_u32(req->types.data + i),
                   call->out, &used));
    }
    rep->attributes = bytes_of(call->out.data, used);
    rep->size = object->size;
    return STATUS_OK;
}
