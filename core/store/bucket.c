/* SPDX-License-Identifier: Apache-2.0 */
/* The index: open addressing with linear probing; taking out moves later entries back, so that no
 * markers pile up. */
#include "core/store/bucket.h"

static uint32_t home_of(uint64_t id) {
    uint64_t mixed = id * 0x9e3779b97f4a7c15u;
    return (uint32_t)(mixed >> 32) & (STORE_BUCKETS - 1);
}

/* The bucket that holds the id, or the empty one where it would go. */
static uint32_t place_of(const struct store *store, uint64_t id) {
    uint32_t i = home_of(id);
    while (store->buckets[i].id != 0 && store->buckets[i].id != id) {
        i = (i + 1) & (STORE_BUCKETS - 1);
    }
    return i;
}

struct store_bucket *bucket_find(struct store *store, uint64_t id) {
    struct store_bucket *bucket = &store->buckets[place_of(store, id)];
    return bucket->id == id ? bucket : NULL;
}

bool bucket_set(struct store *store, uint64_t id, uint32_t at, uint32_t size) {
    struct store_bucket *bucket = &store->buckets[place_of(store, id)];
    if (bucket->id == 0) {
        if (store->records >= STORE_RECORDS_MAX) {
            return false;
        }
        store->records++;
    }
    *bucket = (struct store_bucket){id, at, size};
    return true;
}

void bucket_drop(struct store *store, uint64_t id) {
    const uint32_t mask = STORE_BUCKETS - 1;
    uint32_t hole = place_of(store, id);
    if (store->buckets[hole].id != id) {
        return;
    }
    store->records--;
    for (uint32_t i = (hole + 1) & mask; store->buckets[i].id != 0; i = (i + 1) & mask) {
        /* An entry may fill the hole when the hole lies between its home and itself. */
        if (((i - home_of(store->buckets[i].id)) & mask) >= ((i - hole) & mask)) {
            store->buckets[hole] = store->buckets[i];
            hole = i;
        }
    }
    store->buckets[hole] = (struct store_bucket){0};
}
