/* SPDX-License-Identifier: Apache-2.0 */
/* Command object_find (C_FindObjects): by CKA_ID or label through the index, else by walking over
 * all. */
#include "base/wipe.h"
#include "core/command/access.h"

enum { HANDLE_SIZE = 8 };

/* What is being looked for, and how far the search has come. */
struct search {
    struct bytes template;
    struct bytes id;
    struct bytes label;
    bool by_id;
    bool by_label;
    bool facts_only;    /* every wish can be answered by the index */
    enum status status; /* an object that cannot be read is not one that does not fit */
};

static bool is_fact(uint32_t type) {
    return type == ATTRIBUTE_CLASS || type == ATTRIBUTE_KEY_TYPE || fact_of_attribute(type) != 0;
}

static void read_wishes(struct search *search, struct bytes template) {
    *search = (struct search){.template = template, .facts_only = true, .status = STATUS_OK};
    struct attribute_entry entry;
    while (attributes_next(&template, &entry) == STATUS_OK) {
        search->facts_only = search->facts_only && is_fact(entry.type);
    }
    search->by_id = attributes_find(search->template, ATTRIBUTE_ID, &search->id) == STATUS_OK &&
                    search->id.size > 0;
    search->by_label =
        attributes_find(search->template, ATTRIBUTE_LABEL, &search->label) == STATUS_OK &&
        search->label.size > 0;
}

static bool fact_fits(const struct facts *facts, const struct attribute_entry *wish) {
    if (wish->type == ATTRIBUTE_CLASS) {
        return wish->value.size == 4 && load_u32(wish->value.data) == (uint32_t)facts->class;
    }
    if (wish->type == ATTRIBUTE_KEY_TYPE) {
        return wish->value.size == 4 && facts_is_key(facts) &&
               load_u32(wish->value.data) == (uint32_t)facts->type;
    }
    const struct attribute_row *row = attribute_row(wish->type);
    bool is = facts_has(facts, fact_of_attribute(wish->type));
    return (row->classes & (1u << facts->class)) != 0 && wish->value.size == 1 &&
           (wish->value.data[0] != 0) == is;
}

static bool facts_fit(const struct facts *facts, struct bytes template) {
    struct attribute_entry wish;
    while (attributes_next(&template, &wish) == STATUS_OK) {
        if (is_fact(wish.type) && !fact_fits(facts, &wish)) {
            return false;
        }
    }
    return true;
}

/* Hidden values are never compared: a search must not confirm a guess. */
static bool values_fit(const struct facts *facts, struct bytes attributes, struct bytes template) {
    struct attribute_entry wish;
    struct bytes value;
    while (attributes_next(&template, &wish) == STATUS_OK) {
        if (is_fact(wish.type)) {
            continue;
        }
        if (facts_hide(facts, wish.type)) {
            return false;
        }
        if (attributes_find(attributes, wish.type, &value) != STATUS_OK) {
            const struct attribute_row *row = attribute_row(wish.type);
            if (row == NULL || (row->classes & (1u << facts->class)) == 0 || wish.value.size > 0) {
                return false;
            }
            continue;
        }
        if (!bytes_equal(value, wish.value)) {
            return false;
        }
    }
    return true;
}

static bool fits(struct call *call, struct search *search, uint32_t index) {
    struct object *object = objects_at(&call->hsm->objects, index);
    if (object == NULL || !access_sees(call, object) ||
        !facts_fit(&object->facts, search->template)) {
        return false;
    }
    if (search->facts_only) {
        return true;
    }
    struct span attributes = {call->attributes, sizeof(call->attributes)};
    enum status status = objects_load(&call->hsm->objects, index, &attributes);
    if (status != STATUS_OK) {
        search->status = status;
        return false;
    }
    bool fit = values_fit(&object->facts, bytes_of_span(attributes), search->template);
    wipe(call->attributes, object->size);
    return fit;
}

static size_t page_size(const struct call *call) {
    size_t room = call->out.size / HANDLE_SIZE - 1; /* the cursor follows */
    return room < FIND_PAGE ? room : FIND_PAGE;
}

/* Walks all places; the cursor is the next one to look at. */
static uint64_t scan(struct call *call, struct search *search, uint64_t cursor, size_t *found) {
    const struct objects *objects = &call->hsm->objects;
    uint64_t end = cursor + (search->facts_only ? 16u * FIND_SCAN : FIND_SCAN);
    uint64_t at = cursor;
    for (; at < objects->untouched && at < end && *found < page_size(call); at++) {
        if (fits(call, search, (uint32_t)at)) {
            save_u64(call->out.data + *found * HANDLE_SIZE, access_handle(call, (uint32_t)at));
            (*found)++;
        }
    }
    return at < objects->untouched ? at : 0;
}

/* Walks the objects with one CKA_ID or label; the cursor counts those passed. */
static uint64_t look_up(struct call *call, struct search *search, uint64_t cursor, size_t *found) {
    struct objects *objects = &call->hsm->objects;
    uint64_t passed = 0;
    enum name_kind kind = search->by_id ? NAME_ID : NAME_LABEL;
    uint32_t at = NO_OBJECT;
    search->status = objects_first(objects, kind, search->by_id ? search->id : search->label, &at);
    while (at != NO_OBJECT && *found < page_size(call) && passed < cursor + FIND_SCAN) {
        if (passed >= cursor && fits(call, search, at)) {
            save_u64(call->out.data + *found * HANDLE_SIZE, access_handle(call, at));
            (*found)++;
        }
        passed++;
        at = objects_next(objects, kind, at);
    }
    return at == NO_OBJECT ? 0 : passed;
}

enum status do_object_find(struct call *call, const struct object_find_req *req,
                           struct object_find_rep *rep) {
    struct search search;
    struct attribute_entry entry;
    struct bytes rest = req->attributes;
    size_t found = 0;
    enum status status = attributes_next(&rest, &entry);
    while (status == STATUS_OK) {
        status = attributes_next(&rest, &entry);
    }
    if (status != STATUS_NOT_FOUND) {
        return status;
    }
    read_wishes(&search, req->attributes);
    rep->cursor = search.by_id || search.by_label ? look_up(call, &search, req->cursor, &found)
                                                  : scan(call, &search, req->cursor, &found);
    rep->objects = bytes_of(call->out.data, found * HANDLE_SIZE);
    return search.status;
}
