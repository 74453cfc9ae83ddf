/* SPDX-License-Identifier: Apache-2.0 */
/* Keys ready for use. */
#include "core/keys/home_soft.h"

#include "base/wipe.h"
#include "core/keys/parts.h"

static void unload(struct soft_key *ready) {
    if (ready->loaded) {
        crypto_key_unload(&ready->key);
    }
    *ready = (struct soft_key){.object = 0};
}

static struct soft_key *find_place(struct home_soft *keys, struct objects *objects) {
    for (uint32_t tries = 0; tries < 2 * SOFT_KEYS_MAX; tries++) {
        struct soft_key *ready = &keys->list[keys->hand];
        keys->hand = (keys->hand + 1) % SOFT_KEYS_MAX;
        if (ready->pins > 0) {
            continue;
        }
        if (ready->recent) {
            ready->recent = false;
            continue;
        }
        if (ready->object != 0) {
            objects->list[ready->object - 1].ready = 0;
        }
        unload(ready);
        return ready;
    }
    return NULL;
}

static enum status load(struct soft_key *ready, struct objects *objects, uint32_t index,
                        struct span room) {
    struct key_parts parts;
    struct span attributes = room;
    TRY(objects_load(objects, index, &attributes));
    parts_of_attributes(&parts, &objects->list[index].facts, bytes_of_span(attributes));
    enum status status = crypto_key_load(&ready->key, &parts);
    wipe(attributes.data, attributes.size);
    ready->loaded = status == STATUS_OK;
    return status;
}

enum status home_soft_get(struct home_soft *keys, struct objects *objects, uint32_t index,
                          struct span room, struct soft_key **ready) {
    struct object *object = &objects->list[index];
    struct soft_key *place = object->ready != 0 ? &keys->list[object->ready - 1] : NULL;
    if (!facts_is_key(&object->facts)) {
        return STATUS_KEY_INVALID;
    }
    if (place == NULL) {
        place = find_place(keys, objects);
        if (place == NULL) {
            return STATUS_BUSY;
        }
        TRY(load(place, objects, index, room));
        place->object = index + 1;
        object->ready = (uint32_t)(place - keys->list) + 1;
    }
    place->pins++;
    place->recent = true;
    *ready = place;
    return STATUS_OK;
}

void home_soft_release(struct soft_key *ready) {
    ready->pins--;
    if (ready->pins == 0 && ready->object == 0) {
        unload(ready);
    }
}

void home_soft_drop(struct home_soft *keys, struct object *object) {
    if (object->ready == 0) {
        return;
    }
    struct soft_key *ready = &keys->list[object->ready - 1];
    object->ready = 0;
    ready->object = 0;
    if (ready->pins == 0) {
        unload(ready);
    }
}

void home_soft_clear(struct home_soft *keys) {
    for (uint32_t i = 0; i < SOFT_KEYS_MAX; i++) {
        keys->list[i].object = 0;
        if (keys->list[i].pins == 0) {
            unload(&keys->list[i]);
        }
    }
}
