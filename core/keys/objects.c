/* SPDX-License-Identifier: Apache-2.0 */
/* All live objects. A stored object is: slot u32, generation u32, attributes. */
#include "core/keys/objects.h"

#include "base/wipe.h"
#include "crypto/crypto.h"

enum { STORED_HEADER = 8, STALE_BATCH = 64 };

enum status objects_start(struct objects *objects, struct store *store) {
    objects->store = store;
    objects->count = 0;
    objects->built_in = 0;
    objects->first_free = NO_OBJECT;
    objects->last_free = NO_OBJECT;
    return crypto_random((uint8_t *)objects->hash_key, sizeof(objects->hash_key));
}

/* ---- look-ups ---- */

/* Keyed, so that nobody chooses what collides: SipHash's shape is not needed, the answer is
 * compared again. 0: there is no name. */
static enum status tag_of(const struct objects *objects, struct bytes text, uint64_t *tag) {
    uint8_t out[HASH_SIZE_MAX];
    struct bytes parts[2] = {bytes_of(objects->hash_key, sizeof(objects->hash_key)), text};
    *tag = 0;
    if (text.size == 0) {
        return STATUS_OK;
    }
    TRY(crypto_hash(HASH_SHA256, parts, 2, out));
    *tag = load_u64(out) | 1;
    return STATUS_OK;
}

static uint32_t bucket_of(uint64_t tag) {
    return (uint32_t)(tag >> 8) & (OBJECT_BUCKETS - 1);
}

static void index_name(struct objects *objects, uint32_t index, enum name_kind kind,
                       uint64_t tag) {
    struct object_name *name = &objects->list[index].names[kind];
    name->tag = tag;
    if (tag == 0) {
        return;
    }
    uint32_t *bucket = &objects->buckets[kind][bucket_of(tag)];
    name->next = *bucket - 1;
    name->previous = NO_OBJECT;
    if (name->next != NO_OBJECT) {
        objects->list[name->next].names[kind].previous = index;
    }
    *bucket = index + 1;
}

static void unindex_name(struct objects *objects, uint32_t index, enum name_kind kind) {
    struct object_name *name = &objects->list[index].names[kind];
    if (name->tag == 0) {
        return;
    }
    if (name->previous == NO_OBJECT) {
        objects->buckets[kind][bucket_of(name->tag)] = name->next + 1;
    } else {
        objects->list[name->previous].names[kind].next = name->next;
    }
    if (name->next != NO_OBJECT) {
        objects->list[name->next].names[kind].previous = name->previous;
    }
    name->tag = 0;
}

/* The tags of an object's names, before anything is changed for it. */
static enum status tags_of(const struct objects *objects, struct bytes attributes,
                           uint64_t tags[NAME_COUNT]) {
    static const uint32_t of_kind[NAME_COUNT] = {
        [NAME_ID] = ATTRIBUTE_ID, [NAME_LABEL] = ATTRIBUTE_LABEL};
    for (int kind = 0; kind < NAME_COUNT; kind++) {
        struct bytes text = {NULL, 0};
        if (attributes_find(attributes, of_kind[kind], &text) != STATUS_OK) {
            text.size = 0;
        }
        TRY(tag_of(objects, text, &tags[kind]));
    }
    return STATUS_OK;
}

static void index_names(struct objects *objects, uint32_t index, const uint64_t tags[NAME_COUNT]) {
    for (int kind = 0; kind < NAME_COUNT; kind++) {
        index_name(objects, index, (enum name_kind)kind, tags[kind]);
    }
}

static void unindex_names(struct objects *objects, uint32_t index) {
    for (int kind = 0; kind < NAME_COUNT; kind++) {
        unindex_name(objects, index, (enum name_kind)kind);
    }
}

static uint32_t first_with(const struct objects *objects, enum name_kind kind, uint32_t at,
                           uint64_t tag) {
    while (at != NO_OBJECT && objects->list[at].names[kind].tag != tag) {
        at = objects->list[at].names[kind].next;
    }
    return at;
}

enum status objects_first(const struct objects *objects, enum name_kind kind, struct bytes name,
                          uint32_t *index) {
    uint64_t tag = 0;
    TRY(tag_of(objects, name, &tag));
    *index = tag == 0 ? NO_OBJECT
                      : first_with(objects, kind, objects->buckets[kind][bucket_of(tag)] - 1, tag);
    return STATUS_OK;
}

uint32_t objects_next(const struct objects *objects, enum name_kind kind, uint32_t index) {
    const struct object_name *name = &objects->list[index].names[kind];
    return first_with(objects, kind, name->next, name->tag);
}

struct object *objects_at(struct objects *objects, uint32_t index) {
    if (index >= objects->untouched || objects->list[index].serial == 0) {
        return NULL;
    }
    return &objects->list[index];
}

/* ---- places ---- */

static uint32_t take_place(struct objects *objects) {
    uint32_t index = objects->first_free;
    if (objects->untouched < OBJECTS_MAX) {
        return objects->untouched++;
    }
    if (index != NO_OBJECT) {
        objects->first_free = objects->list[index].next_free;
        if (objects->first_free == NO_OBJECT) {
            objects->last_free = NO_OBJECT;
        }
    }
    return index;
}

static void free_place(struct objects *objects, uint32_t index) {
    objects->list[index] = (struct object){.next_free = NO_OBJECT};
    if (objects->last_free == NO_OBJECT) {
        objects->first_free = index;
    } else {
        objects->list[objects->last_free].next_free = index;
    }
    objects->last_free = index;
}

static void fill_place(struct objects *objects, uint32_t index, const struct object_place *place,
                       struct bytes attributes, const uint64_t tags[NAME_COUNT]) {
    struct object *object = &objects->list[index];
    *object = (struct object){.serial = place->serial,
                              .next_free = NO_OBJECT,
                              .size = (uint32_t)attributes.size,
                              .connection = NOT_CONNECTED,
                              .slot = place->slot};
    facts_read(&object->facts, attributes);
    if (!facts_has(&object->facts, FACT_TOKEN)) {
        object->connection = place->connection;
        object->session = place->session;
    }
    index_names(objects, index, tags);
    objects->count++;
    objects->count_of_slot[place->slot]++;
}

void objects_forget(struct objects *objects, uint32_t index) {
    struct object *object = &objects->list[index];
    unindex_names(objects, index);
    objects->built_in -= object->blocks != 0 && object->connection == NOT_CONNECTED;
    usages_drop(&objects->usages, object->usage);
    blocks_free(&objects->blocks, object->blocks);
    objects->count--;
    objects->count_of_slot[object->slot]--;
    free_place(objects, index);
}

static void keep_usage(struct objects *objects, uint32_t index, const struct usage *usage) {
    struct object *object = &objects->list[index];
    object->usage = (uint16_t)usages_keep(&objects->usages, object->usage, usage);
}

struct usage *objects_usage(struct objects *objects, uint32_t index) {
    const struct object *object = &objects->list[index];
    return usages_at(&objects->usages, object->usage, object->serial);
}

/* ---- stored form ---- */

static enum status put_stored(struct objects *objects, const struct object_place *place,
                              struct bytes attributes, enum store_end end) {
    if (attributes.size > OBJECT_SIZE_MAX) {
        return STATUS_OBJECT_TOO_LARGE;
    }
    save_u32(objects->scratch, place->slot);
    save_u32(objects->scratch + 4, place->generation);
    bytes_copy(objects->scratch + STORED_HEADER, attributes);
    enum status status =
        store_put(objects->store, record_id(RECORD_OBJECT, place->serial),
                  bytes_of(objects->scratch, STORED_HEADER + attributes.size), end);
    wipe(objects->scratch, STORED_HEADER + attributes.size);
    return status;
}

/* Reads a stored object into the scratch; fills its slot, TOKENS_MAX when it belongs to no token
 * any more. */
static enum status read_stored(struct objects *objects, uint64_t id,
                               const uint32_t generations[TOKENS_MAX], uint32_t *slot,
                               struct span *stored) {
    *stored = (struct span){objects->scratch, sizeof(objects->scratch)};
    TRY(store_get(objects->store, id, stored));
    *slot = stored->size >= STORED_HEADER ? load_u32(stored->data) : TOKENS_MAX;
    if (*slot >= TOKENS_MAX || generations[*slot] == 0 ||
        generations[*slot] != load_u32(stored->data + 4)) {
        *slot = TOKENS_MAX;
    }
    return STATUS_OK;
}

static enum status mount_one(struct objects *objects, uint64_t id,
                             const uint32_t generations[TOKENS_MAX], bool *stale) {
    struct span stored;
    uint32_t slot = TOKENS_MAX;
    TRY(read_stored(objects, id, generations, &slot, &stored));
    *stale = slot == TOKENS_MAX;
    if (!*stale) {
        struct bytes attributes =
            bytes_of(stored.data + STORED_HEADER, stored.size - STORED_HEADER);
        struct object_place place = {.serial = record_number_of(id), .slot = (uint8_t)slot};
        uint64_t tags[NAME_COUNT];
        TRY(tags_of(objects, attributes, tags));
        uint32_t index = take_place(objects);
        if (index == NO_OBJECT) {
            return STATUS_OBJECT_COUNT;
        }
        struct usage usage;
        TRY(usages_mount(&objects->usages, objects->store, attributes, place.serial, &usage));
        fill_place(objects, index, &place, attributes, tags);
        keep_usage(objects, index, &usage);
    }
    wipe(objects->scratch, stored.size);
    return STATUS_OK;
}

/* Removes a batch of the objects that an initialisation of their token left behind when it was cut.
 */
static enum status sweep(struct objects *objects, const uint32_t generations[TOKENS_MAX],
                         size_t *swept) {
    uint64_t ids[STALE_BATCH];
    uint32_t cursor = 0;
    uint64_t id = 0;
    *swept = 0;
    while (*swept < STALE_BATCH &&
           store_next(objects->store, RECORD_OBJECT, &cursor, &id) == STATUS_OK) {
        struct span stored;
        uint32_t slot = TOKENS_MAX;
        TRY(read_stored(objects, id, generations, &slot, &stored));
        wipe(objects->scratch, stored.size);
        if (slot == TOKENS_MAX) {
            ids[(*swept)++] = id;
        }
    }
    for (size_t i = 0; i < *swept; i++) {
        TRY(store_remove(objects->store, ids[i], STORE_LAST));
    }
    return STATUS_OK;
}

enum status objects_mount(struct objects *objects, const uint32_t generations[TOKENS_MAX]) {
    uint32_t cursor = 0;
    uint64_t id = 0;
    bool any_stale = false;
    while (store_next(objects->store, RECORD_OBJECT, &cursor, &id) == STATUS_OK) {
        bool stale = false;
        TRY(mount_one(objects, id, generations, &stale));
        any_stale = any_stale || stale;
    }
    size_t swept = any_stale ? STALE_BATCH : 0;
    while (swept == STALE_BATCH) {
        TRY(sweep(objects, generations, &swept));
    }
    return usages_sweep(&objects->usages, objects->store);
}

/* ---- add, replace, remove, load ---- */

/* A stored object and the record of its uses come and change together. */
static enum status put_both(struct objects *objects, const struct object_place *place,
                            struct bytes attributes, const struct usage *usage,
                            enum store_end end) {
    enum status status = usages_put(objects->store, usage, STORE_MORE);
    if (status == STATUS_OK) {
        status = put_stored(objects, place, attributes, end);
    }
    if (status != STATUS_OK) {
        store_abandon(objects->store);
    }
    return status;
}

enum status objects_add(struct objects *objects, const struct object_place *place,
                        struct bytes attributes, enum store_end end, uint32_t *index) {
    uint32_t chain = 0;
    uint64_t tags[NAME_COUNT];
    struct usage usage;
    bool stored = attributes_bool(attributes, ATTRIBUTE_TOKEN, false) && !place->built_in;
    TRY(tags_of(objects, attributes, tags));
    uint32_t others = objects->count - objects->built_in;
    bool full = !place->built_in && others >= OBJECTS_MAX - OBJECTS_BUILT_IN;
    TRY(usages_begin(&objects->usages, attributes, place->serial, stored, &usage));
    uint32_t at = full ? NO_OBJECT : take_place(objects);
    if (at == NO_OBJECT) {
        return STATUS_OBJECT_COUNT;
    }
    enum status status = stored ? put_both(objects, place, attributes, &usage, end)
                                : blocks_put(&objects->blocks, attributes, &chain);
    if (status != STATUS_OK) {
        free_place(objects, at);
        return status;
    }
    fill_place(objects, at, place, attributes, tags);
    objects->list[at].blocks = chain;
    objects->built_in += place->built_in;
    keep_usage(objects, at, &usage);
    *index = at;
    return STATUS_OK;
}

enum status objects_replace(struct objects *objects, uint32_t index, uint32_t generation,
                            struct bytes attributes) {
    struct object *object = &objects->list[index];
    uint32_t chain = 0;
    uint64_t tags[NAME_COUNT];
    struct usage usage;
    bool stored = object->blocks == 0;
    TRY(tags_of(objects, attributes, tags));
    TRY(object->usage == 0
            ? usages_begin(&objects->usages, attributes, object->serial, stored, &usage)
            : usages_tighten(&objects->usages, object->usage, attributes, stored, &usage));
    if (stored) {
        struct object_place place = {
            .serial = object->serial, .slot = object->slot, .generation = generation};
        TRY(put_both(objects, &place, attributes, &usage, STORE_BOUND));
    } else {
        TRY(blocks_put(&objects->blocks, attributes, &chain));
        blocks_free(&objects->blocks, object->blocks);
    }
    object->blocks = chain;
    unindex_names(objects, index);
    object->size = (uint32_t)attributes.size;
    facts_read(&object->facts, attributes);
    index_names(objects, index, tags);
    keep_usage(objects, index, &usage);
    return STATUS_OK;
}

static enum status remove_both(struct objects *objects, uint32_t index, enum store_end end) {
    uint64_t id = record_id(RECORD_OBJECT, objects->list[index].serial);
    enum status status = usages_remove(objects->store, objects_usage(objects, index), STORE_MORE);
    if (status == STATUS_OK) {
        status = store_remove(objects->store, id, end);
    }
    if (status != STATUS_OK) {
        store_abandon(objects->store);
    }
    return status;
}

static enum status remove_object(struct objects *objects, uint32_t index, enum store_end end) {
    if (objects->list[index].blocks == 0) {
        TRY(remove_both(objects, index, end));
    }
    objects_forget(objects, index);
    return STATUS_OK;
}

enum status objects_remove(struct objects *objects, uint32_t index) {
    return remove_object(objects, index, STORE_BOUND);
}

enum status objects_clear(struct objects *objects, uint32_t index) {
    return remove_object(objects, index, STORE_LAST);
}

enum status objects_load(struct objects *objects, uint32_t index, struct span *out) {
    const struct object *object = &objects->list[index];
    if (object->blocks != 0) {
        if (out->size < object->size) {
            return STATUS_OBJECT_TOO_LARGE;
        }
        blocks_get(&objects->blocks, object->blocks, object->size, out->data);
        out->size = object->size;
        return STATUS_OK;
    }
    struct span stored = {objects->scratch, sizeof(objects->scratch)};
    TRY(store_get(objects->store, record_id(RECORD_OBJECT, object->serial), &stored));
    if (stored.size < STORED_HEADER || stored.size - STORED_HEADER > out->size) {
        wipe(objects->scratch, sizeof(objects->scratch));
        return STATUS_STORE_DAMAGED;
    }
    out->size = stored.size - STORED_HEADER;
    bytes_copy(out->data, bytes_of(stored.data + STORED_HEADER, out->size));
    wipe(objects->scratch, stored.size);
    return STATUS_OK;
}
