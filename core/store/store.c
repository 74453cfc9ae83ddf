/* SPDX-License-Identifier: Apache-2.0 */
/* The store's door: put, remove, get, and the walk over what there is. */
#include "core/store/bucket.h"
#include "core/store/journal.h"
#include "core/store/mount.h"
#include "core/store/record.h"

#include "base/wipe.h"

/* Records of which no object may take the place. */
enum { RECORDS_RESERVED = STORE_RECORDS_MAX - OBJECTS_MAX };

struct change {
    uint64_t id;
    struct bytes value;
    enum store_end end;
    bool remove;
};

/* The newest change to an id in the unfinished group; NULL where there is none. */
static const struct store_pending *find_pending(const struct store *store, uint64_t id) {
    for (uint32_t i = store->pending_count; i > 0; i--) {
        if (store->pending[i - 1].id == id) {
            return &store->pending[i - 1];
        }
    }
    return NULL;
}

/* Whether the records that count, the group and this value fit. What does not grow always fits. */
static enum status check_limits(struct store *store, uint64_t id, uint32_t size) {
    const struct store_bucket *old = bucket_find(store, id);
    bool reserved =
        record_kind_of(id) != RECORD_OBJECT && record_kind_of(id) != RECORD_USAGE;
    uint64_t charge = journal_charge(store, size);
    uint64_t old_charge = old == NULL ? 0 : journal_charge(store, old->size);
    uint64_t others = store->charge - old_charge;
    uint32_t records = store->records + (old == NULL ? 1 : 0);
    for (uint32_t i = 0; i < store->pending_count; i++) {
        if (store->pending[i].at != 0) {
            others += journal_charge(store, store->pending[i].size);
            records += bucket_find(store, store->pending[i].id) == NULL ? 1 : 0;
        }
    }
    bool grows = old == NULL || charge > old_charge || store->pending_count > 0;
    if (grows && others + charge > journal_limit(store, reserved)) {
        return STATUS_STORE_FULL;
    }
    if (old == NULL && records > STORE_RECORDS_MAX - (reserved ? 0 : RECORDS_RESERVED)) {
        return STATUS_STORE_FULL;
    }
    return STATUS_OK;
}

/* Everything that can refuse a change before a byte is written. */
static enum status check_change(struct store *store, const struct change *change) {
    if (!store->ready) {
        return STATUS_ZEROIZED;
    }
    if (record_kind_of(change->id) == 0) {
        return STATUS_INTERNAL;
    }
    if (store->pending_count == STORE_GROUP_MAX) {
        return STATUS_STORE_FULL;
    }
    if (change->remove) {
        const struct store_pending *pending = find_pending(store, change->id);
        bool exists = pending != NULL ? pending->at != 0 : bucket_find(store, change->id) != NULL;
        return exists ? STATUS_OK : STATUS_NOT_FOUND;
    }
    if (change->value.size > STORE_RECORD_MAX) {
        return STATUS_OBJECT_TOO_LARGE;
    }
    return check_limits(store, change->id, (uint32_t)change->value.size);
}

/* After a failed increment, which may have been done all the same: brings the port's counter to
 * what the newest bound record says. */
static enum status settle_counter(struct store *store) {
    uint64_t value = 0;
    if (!store->counter_due) {
        return STATUS_OK;
    }
    TRY(port_counter_read(&value));
    if (value != store->counter) {
        TRY(port_counter_increment());
    }
    store->counter_due = false;
    return STATUS_OK;
}

/* The record is on flash: notes the change, and lets the group count where it ends. */
static enum status count_change(struct store *store, const struct change *change, uint32_t at) {
    store->pending[store->pending_count++] =
        (struct store_pending){change->id, change->remove ? 0 : at, (uint32_t)change->value.size};
    store->in_group = change->end == STORE_MORE;
    if (store->in_group) {
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < store->pending_count; i++) {
        TRY(mount_apply(store, &store->pending[i]));
    }
    store->pending_count = 0;
    if (change->end == STORE_BOUND && store->counter_bound) {
        store->counter_due = true;
        TRY(port_counter_increment());
        store->counter_due = false;
    }
    return STATUS_OK;
}

static enum status make_change(struct store *store, const struct change *change) {
    uint32_t at = 0;
    struct journal_entry entry = {
        .id = change->id,
        .size = (uint32_t)change->value.size,
        .flags = (uint8_t)((store->in_group ? 0 : RECORD_FIRST) |
                           (change->end == STORE_MORE ? 0 : RECORD_LAST) |
                           (change->remove ? RECORD_REMOVE : 0)),
        .bound = change->end == STORE_BOUND,
    };
    TRY(check_change(store, change));
    if (entry.bound) {
        TRY(settle_counter(store));
    }
    if (!store->in_group) {
        TRY(journal_prepare(store));
    }
    TRY(journal_room(store, entry.size));
    bytes_copy(store->record + RECORD_VALUE_AT, change->value);
    TRY(journal_append(store, &entry, &at));
    return count_change(store, change, at);
}

enum status store_put(struct store *store, uint64_t id, struct bytes value, enum store_end end) {
    return make_change(store, &(struct change){id, value, end, false});
}

enum status store_remove(struct store *store, uint64_t id, enum store_end end) {
    return make_change(store, &(struct change){id, bytes_of(NULL, 0), end, true});
}

void store_abandon(struct store *store) {
    store->pending_count = 0;
    store->in_group = false;
}

/* Opens the record of a bucket into store->record; it was proved at mount, so that anything
 * wrong now is damage that came later. */
static enum status open_bucket(struct store *store, const struct store_bucket *bucket) {
    uint32_t unit = store->geometry.unit;
    uint32_t length = record_length(unit, bucket->size);
    uint64_t at = (uint64_t)bucket->at * unit;
    uint32_t offset = (uint32_t)(at % store->geometry.sector_size);
    uint64_t sector = at / store->geometry.sector_size;
    uint64_t lag =
        (sector + journal_ring(store) - journal_sector(store, store->tail)) % journal_ring(store);
    struct record_place place = {store->tail + lag, offset, store->page};
    struct record_head head;
    struct record_prefix prefix;

    TRY(port_flash_read(at - SEAL_TAG_SIZE, store->page, SEAL_TAG_SIZE + length));
    const uint8_t *sealed = store->page + SEAL_TAG_SIZE;
    if (!record_parse(bytes_of(sealed, length), unit, offset, &head) || head.size != bucket->size) {
        return STATUS_STORE_DAMAGED;
    }
    enum status status = record_open(store, &place, sealed, store->record, &prefix);
    if (status == STATUS_AEAD_FAILED || (status == STATUS_OK && prefix.id != bucket->id)) {
        return STATUS_STORE_DAMAGED;
    }
    return status;
}

enum status store_get(struct store *store, uint64_t id, struct span *out) {
    const struct store_bucket *bucket = id == 0 ? NULL : bucket_find(store, id);
    if (bucket == NULL) {
        return STATUS_NOT_FOUND;
    }
    if (bucket->size > out->size) {
        return STATUS_OBJECT_TOO_LARGE;
    }
    enum status status = open_bucket(store, bucket);
    if (status == STATUS_OK) {
        bytes_copy(out->data, bytes_of(store->record + RECORD_VALUE_AT, bucket->size));
        out->size = bucket->size;
    }
    wipe(store->record, RECORD_OVERHEAD + bucket->size);
    return status;
}

enum status store_next(const struct store *store, enum record_kind kind, uint32_t *cursor,
                       uint64_t *id) {
    while (*cursor < STORE_BUCKETS) {
        uint64_t found = store->buckets[(*cursor)++].id;
        if (found != 0 && record_kind_of(found) == kind) {
            *id = found;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

uint64_t store_position(const struct store *store) {
    return store->head * store->geometry.sector_size + journal_whole(store);
}

void store_durable(struct store *store, uint64_t position) {
    uint32_t offset = (uint32_t)(position % store->geometry.sector_size);
    bool in_head = position / store->geometry.sector_size == store->head;
    if (in_head && offset > store->durable && offset <= store->end) {
        store->durable = offset;
    }
}

void store_usage(const struct store *store, struct store_usage *usage) {
    *usage = (struct store_usage){0};
    if (store->ready) {
        usage->used = store->charge;
        usage->size = journal_limit(store, false);
        usage->records = store->records;
        usage->cut_records = store->cut_records;
        usage->erasures = store->tail - 1;
    }
}

void store_device_id(const struct store *store, uint8_t out[DEVICE_ID_SIZE]) {
    memcpy(out, store->device_id, DEVICE_ID_SIZE);
}

enum status store_derive_key(const struct store *store, const char *purpose, struct span out) {
    static const char prefix[] = "edgehsm key ";
    uint8_t info[64];
    struct bytes text = bytes_of_text(purpose);
    if (!store->ready || text.size > sizeof(info) - sizeof(prefix)) {
        return STATUS_INTERNAL;
    }
    memcpy(info, prefix, sizeof(prefix));
    memcpy(info + sizeof(prefix), text.data, text.size);
    return crypto_hkdf(bytes_of(store->root, sizeof(store->root)),
                       bytes_of(store->device_id, DEVICE_ID_SIZE),
                       bytes_of(info, sizeof(prefix) + text.size), out);
}
