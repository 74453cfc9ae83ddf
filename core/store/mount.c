/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the whole store at start: finds the newest sector, proves the log from its oldest
 * record to its newest, and builds the index. */
#include "core/store/mount.h"

#include "base/ct.h"
#include "base/wipe.h"
#include "core/store/anchor.h"
#include "core/store/bucket.h"
#include "core/store/cursor.h"
#include "core/store/journal.h"
#include "core/store/wipeout.h"

/* No flash lives to see it; counting from it does not overflow. */
#define ORDER_LAST ((uint64_t)1 << 56)

static bool is_power_of_two(uint32_t n) {
    return n != 0 && (n & (n - 1)) == 0;
}

enum status mount_reset(struct store *store) {
    wipe(store, sizeof(*store));
    port_flash_geometry(&store->geometry);
    const struct flash_geometry *g = &store->geometry;
    bool fits = is_power_of_two(g->unit) && g->unit <= STORE_UNIT_MAX &&
                is_power_of_two(g->sector_size) && g->sector_size <= STORE_SECTOR_MAX &&
                g->sectors >= STORE_SECTORS_MIN &&
                g->sector_size >= STORE_RECORD_ROOM + 3 * STORE_UNIT_MAX;
    return fits ? STATUS_OK : STATUS_INTERNAL;
}

void mount_forget(struct store *store) {
    struct flash_geometry geometry = store->geometry;
    wipe(store, sizeof(*store));
    store->geometry = geometry;
}

enum status mount_apply(struct store *store, const struct store_pending *change) {
    const struct store_bucket *old = bucket_find(store, change->id);
    uint64_t old_charge = old == NULL ? 0 : journal_charge(store, old->size);
    if (change->at == 0) {
        bucket_drop(store, change->id);
    } else if (bucket_set(store, change->id, change->at, change->size)) {
        store->charge += journal_charge(store, change->size);
    } else {
        return STATUS_STORE_FULL;
    }
    store->charge -= old_charge;
    return STATUS_OK;
}

static enum status read_sector(struct store *store, uint32_t sector, uint32_t size) {
    return port_flash_read((uint64_t)sector * store->geometry.sector_size, store->page, size);
}

enum status mount_empty(struct store *store, bool *empty) {
    *empty = true;
    for (uint32_t sector = 1; sector < store->geometry.sectors && *empty; sector++) {
        TRY(read_sector(store, sector, store->geometry.sector_size));
        *empty = !cursor_sees_records(store, true);
    }
    return STATUS_OK;
}

/* The highest order that a label names; 0: there is no label. */
static enum status find_newest_label(struct store *store, uint64_t *newest) {
    *newest = 0;
    for (uint32_t sector = 1; sector < store->geometry.sectors; sector++) {
        uint64_t order = 0;
        TRY(read_sector(store, sector, record_label_length(store->geometry.unit)));
        if (!record_label_load(store->page, store->geometry.unit, &order)) {
            continue;
        }
        if (order == 0 || order > ORDER_LAST || journal_sector(store, order) != sector) {
            return STATUS_STORE_DAMAGED; /* moved here from another place */
        }
        if (order > *newest) {
            *newest = order;
        }
    }
    return STATUS_OK;
}

/* Starts the cursor on the newest sector of which the first link is genuine. Where opening a
 * sector was cut, that is the one before; where the first was never opened, there is no store:
 * NOT_FOUND. */
static enum status find_head(struct store *store, struct cursor *cursor) {
    uint64_t newest = 0;
    bool empty = false;
    TRY(find_newest_label(store, &newest));
    if (newest != 0) {
        TRY(cursor_start(cursor, store, newest));
        enum status status = cursor_next(cursor, store);
        if (status != STATUS_STORE_DAMAGED && status != STATUS_NOT_FOUND) {
            return status;
        }
        if (newest > 1 && !cursor_sees_records(store, false)) {
            TRY(cursor_start(cursor, store, newest - 1));
            status = cursor_next(cursor, store);
            return status == STATUS_NOT_FOUND ? STATUS_STORE_DAMAGED : status;
        }
    }
    TRY(mount_empty(store, &empty));
    return empty && newest <= 1 ? STATUS_NOT_FOUND : STATUS_STORE_DAMAGED;
}

/* Walks to the end of the sector of which the cursor has read the first link. NOT_FOUND: it ends
 * well. Fills *news: whether it may hold anything that no other sector does. */
static enum status walk_sector(struct store *store, struct cursor *cursor, bool *news) {
    uint64_t tail = cursor->tail;
    enum status status = STATUS_OK;
    *news = false;
    while (status == STATUS_OK) {
        store->counter = cursor->prefix.counter;
        *news = *news || (cursor->head.flags & RECORD_COPY) == 0 || cursor->tail != tail;
        status = cursor_next(cursor, store);
    }
    *news = *news || cursor_sees_records(store, false);
    return status;
}

/* The newest sector holds nothing but copies of records that the oldest still has: collecting
 * was cut. It counts as not opened, so that cuts never use up the room that collecting needs.
 * The cursor goes back to the sector before it, in which nothing may follow any more. */
static enum status walk_sector_before(struct store *store, struct cursor *cursor) {
    uint8_t named[SEAL_TAG_SIZE];
    bool news;
    memcpy(named, cursor->named, SEAL_TAG_SIZE);
    TRY(cursor_start(cursor, store, cursor->order - 1));
    enum status status = cursor_next(cursor, store);
    if (status == STATUS_OK) {
        status = walk_sector(store, cursor, &news);
        cursor->at = store->geometry.sector_size;
    }
    if (status == STATUS_NOT_FOUND && !ct_equal(named, cursor->chain, SEAL_TAG_SIZE)) {
        status = STATUS_STORE_DAMAGED;
    }
    return status;
}

/* Learns from the newest sector how the log ends. */
static enum status survey_head(struct store *store) {
    struct cursor cursor;
    bool news = false;
    TRY(find_head(store, &cursor));
    enum status status = walk_sector(store, &cursor, &news);
    bool torn = status == STATUS_STORE_DAMAGED;
    if (!news && cursor.order > cursor.tail && (torn || status == STATUS_NOT_FOUND)) {
        store->cut_records = torn ? 1 : 0;
        torn = false;
        status = walk_sector_before(store, &cursor);
    }
    store->head = cursor.order;
    store->tail = cursor.tail;
    store->gap = cursor.gap;
    store->whole = cursor.good;
    store->end = cursor.at;
    if (torn) {
        store->end = cursor.good;
        TRY(cursor_torn(&cursor, store, &store->torn, &store->cut_records));
    } else if (status != STATUS_NOT_FOUND) {
        return status;
    }
    memcpy(store->chain, cursor.chain, SEAL_TAG_SIZE);
    memcpy(store->previous, store->page + store->end - SEAL_TAG_SIZE, SEAL_TAG_SIZE);
    bool plausible = store->tail >= 1 && store->tail <= store->head &&
                     store->head - store->tail < journal_ring(store) - 1;
    return plausible ? STATUS_OK : STATUS_STORE_DAMAGED;
}

/* Sectors that are not in use hold nothing that may have counted: no sector is newer than the
 * newest, and none is left from before, but for the one whose erasing may have been cut. */
static enum status check_free(struct store *store) {
    uint64_t last = store->tail - 1 + journal_ring(store);
    for (uint64_t order = store->head + 1; order <= last; order++) {
        uint32_t sector = journal_sector(store, order);
        uint64_t label = 0;
        if (order == store->head + 1) {
            TRY(read_sector(store, sector, store->geometry.sector_size));
            if (cursor_sees_records(store, false)) {
                return STATUS_STORE_DAMAGED;
            }
        } else if (order == last && store->tail > 1) {
            bool blank = false;
            TRY(journal_blank(store, sector, &blank));
            store->tail_dirty = !blank;
        } else {
            TRY(read_sector(store, sector, record_label_length(store->geometry.unit)));
            if (record_label_load(store->page, store->geometry.unit, &label)) {
                return STATUS_STORE_DAMAGED;
            }
        }
    }
    return STATUS_OK;
}

/* Takes the record under the cursor into account. */
static enum status replay_record(struct store *store, const struct cursor *cursor) {
    uint64_t place = journal_start(store, cursor->order) + cursor->place;
    bool removed = (cursor->head.flags & RECORD_REMOVE) != 0;
    if (cursor->prefix.id == 0) {
        return STATUS_OK;
    }
    if ((cursor->head.flags & RECORD_FIRST) != 0) {
        store->pending_count = 0;
    }
    if (store->pending_count == STORE_GROUP_MAX) {
        return STATUS_STORE_DAMAGED;
    }
    store->pending[store->pending_count++] = (struct store_pending){
        cursor->prefix.id, removed ? 0 : (uint32_t)(place / store->geometry.unit),
        cursor->head.size};
    if ((cursor->head.flags & RECORD_LAST) == 0) {
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < store->pending_count; i++) {
        TRY(mount_apply(store, &store->pending[i]));
    }
    store->pending_count = 0;
    return STATUS_OK;
}

/* Walks over all records from the oldest to the newest. */
static enum status replay(struct store *store) {
    struct cursor cursor = {0};
    for (uint64_t order = store->tail; order <= store->head; order++) {
        struct cursor before = cursor;
        TRY(cursor_start(&cursor, store, order));
        cursor.linked = before.linked;
        memcpy(cursor.chain, before.chain, SEAL_TAG_SIZE);
        enum status status = STATUS_INTERNAL;
        while ((status = cursor_next(&cursor, store)) == STATUS_OK) {
            TRY(replay_record(store, &cursor));
        }
        /* How the newest sector ends was judged by survey_head. */
        if (status != STATUS_NOT_FOUND &&
            !(status == STATUS_STORE_DAMAGED && order == store->head && store->torn != 0)) {
            return status;
        }
        if (cursor.good == record_label_length(store->geometry.unit)) {
            return STATUS_STORE_DAMAGED; /* not even its first link fits */
        }
    }
    store->cut_records += store->pending_count;
    store->pending_count = 0;
    bool ends_alike = ct_equal(cursor.chain, store->chain, SEAL_TAG_SIZE);
    return ends_alike ? STATUS_OK : STATUS_STORE_DAMAGED;
}

/* an older image does not know of the counter's newest value. */
static enum status check_counter(struct store *store) {
    uint64_t value = 0;
    store->counter_bound = port_counter_exists();
    if (!store->counter_bound) {
        return STATUS_OK;
    }
    TRY(port_counter_read(&value));
    if (store->counter == value) {
        return STATUS_OK;
    }
    if (store->counter < value) {
        return STATUS_STORE_ROLLED_BACK;
    }
    if (store->counter - 1 != value) {
        return STATUS_STORE_DAMAGED;
    }
    return port_counter_increment(); /* a cut came between the record and the counter */
}

static enum status mount_log(struct store *store) {
    TRY(survey_head(store));
    TRY(check_free(store));
    TRY(replay(store));
    TRY(check_counter(store));
    if (store->tail_dirty) {
        TRY(port_flash_erase(journal_sector(store, store->tail - 1)));
        store->tail_dirty = false;
    }
    /* After the death of a process what was read may not have been durable yet. */
    TRY(port_flash_sync());
    store->durable = journal_whole(store);
    return STATUS_OK;
}

static enum status mount_anchored(struct store *store, const struct anchor *anchor) {
    enum status status = anchor_derive(store, anchor);
    if (status == STATUS_NOT_FOUND) {
        return STATUS_STORE_DAMAGED; /* its root key is gone: not this module's own */
    }
    TRY(status);
    return mount_log(store);
}

enum status store_mount(struct store *store, bool *finished_wipe) {
    struct anchor anchor;
    WIPE_AT_END(anchor, sizeof(anchor));
    bool empty = false;
    *finished_wipe = false;
    TRY(mount_reset(store));

    enum status status = anchor_read(store, &anchor);
    if (status == STATUS_OK) {
        status = mount_anchored(store, &anchor);
    } else if (status == STATUS_ZEROIZED) {
        status = wipeout_finish(store, finished_wipe);
        status = status == STATUS_OK ? STATUS_ZEROIZED : status;
    } else if (status == STATUS_NOT_FOUND) {
        status = mount_empty(store, &empty);
        if (status == STATUS_OK) {
            status = empty ? STATUS_NOT_FOUND : STATUS_STORE_DAMAGED;
        }
    }
    wipe(store->record, sizeof(store->record));
    if (status != STATUS_OK) {
        mount_forget(store);
        return status;
    }
    store->ready = true;
    return STATUS_OK;
}
