/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the log: sectors in a ring, opened in strict order, filled with records, and collected
 * again from the oldest end. */
#include "core/store/journal.h"

#include "base/wipe.h"
#include "core/store/bucket.h"
#include "core/store/cursor.h"
#include "core/store/record.h"

enum {
    ORDER_FIRST = 1,
    /* The last free sector is never opened, so that a sector being erased is never taken for the
     * newest; the one before it is for collecting alone, so that collecting can always be done
     * (doc/STORE.md). */
    FREE_FOR_COLLECTING = 2,
    FREE_FOR_CHANGE = 3,
    /* Free sectors before a change begins: it may open two. */
    FREE_BEFORE_CHANGE = 4,
    /* Sectors that live records never fill: the free ones, and one half-full at each end. */
    SECTORS_SPARE = FREE_BEFORE_CHANGE + 2,
};

uint32_t journal_ring(const struct store *store) {
    return store->geometry.sectors - 1;
}

uint32_t journal_sector(const struct store *store, uint64_t order) {
    return 1 + (uint32_t)((order - ORDER_FIRST) % journal_ring(store));
}

uint64_t journal_start(const struct store *store, uint64_t order) {
    return (uint64_t)journal_sector(store, order) * store->geometry.sector_size;
}

uint32_t journal_whole(const struct store *store) {
    return store->gap ? store->whole : store->end;
}

uint32_t journal_free(const struct store *store) {
    return journal_ring(store) - (uint32_t)(store->head + 1 - store->tail);
}

static uint32_t link_length(const struct store *store) {
    return record_length(store->geometry.unit, LINK_SIZE);
}

uint32_t journal_zone(const struct store *store) {
    return record_label_length(store->geometry.unit) + link_length(store);
}

/* Room for records in one sector; one link is kept free in each, so that its successor's tail
 * can move. */
static uint32_t usable(const struct store *store) {
    return store->geometry.sector_size - journal_zone(store) - link_length(store);
}

/* A record that does not fit leaves less than its own size unused at the end of a sector. Small
 * records leave less than an eighth, which is taken off each sector; a larger one pays for what
 * it leaves. */
uint64_t journal_charge(const struct store *store, uint32_t size) {
    uint32_t length = record_length(store->geometry.unit, size);
    return length > usable(store) / 8 ? 2 * (uint64_t)length : length;
}

uint64_t journal_limit(const struct store *store, bool reserved) {
    uint64_t each = usable(store) - usable(store) / 8;
    uint64_t all = (journal_ring(store) - SECTORS_SPARE) * each;
    return reserved ? all : all - each / 2;
}

enum status journal_blank(struct store *store, uint32_t sector, bool *blank) {
    uint64_t start = (uint64_t)sector * store->geometry.sector_size;
    uint32_t done = 0;
    *blank = true;
    while (done < store->geometry.sector_size && *blank) {
        uint32_t part = store->geometry.sector_size - done;
        if (part > STORE_RECORD_ROOM) {
            part = STORE_RECORD_ROOM;
        }
        TRY(port_flash_read(start + done, store->record, part));
        *blank = bytes_all(bytes_of(store->record, part), 0xff);
        done += part;
    }
    return STATUS_OK;
}

enum status journal_clear(struct store *store, uint32_t sector) {
    bool blank = false;
    TRY(journal_blank(store, sector, &blank));
    return blank ? STATUS_OK : port_flash_erase(sector);
}

static void chain_to(struct store *store, const uint8_t *record, uint32_t length) {
    memcpy(store->chain, record + length - SEAL_TAG_SIZE, SEAL_TAG_SIZE);
    memcpy(store->previous, store->chain, SEAL_TAG_SIZE);
}

/* Opens the next sector if as many as `least` are free. What was written before is durable
 * first, for the link says that it all counts; the first link is durable before records follow
 * it. */
static enum status open_next(struct store *store, uint32_t least) {
    if (journal_free(store) < least) {
        return STATUS_STORE_FULL;
    }
    uint64_t order = store->head + 1;
    uint32_t unit = store->geometry.unit;
    uint32_t label = record_label_length(unit);
    uint32_t zone = journal_zone(store);
    /* Whatever happens from here, nothing may follow the record that the link names. */
    store->end = store->geometry.sector_size;
    TRY(journal_clear(store, journal_sector(store, order)));
    TRY(port_flash_sync());

    record_label_save(store->record, unit, order);
    struct record_place place = {order, label, store->record + label - SEAL_TAG_SIZE};
    struct record_head head = {RECORD_COPY, LINK_SIZE, 0};
    struct record_prefix prefix = {0, store->counter};
    struct link link = {store->tail, store->chain};
    record_link_save(store->record + label + RECORD_VALUE_AT, &link);
    TRY(record_seal(store, &place, &head, &prefix, store->record + label));
    TRY(port_flash_program(journal_start(store, order), bytes_of(store->record, zone)));
    TRY(port_flash_sync());

    store->head = order;
    store->end = zone;
    store->durable = zone;
    store->gap = false;
    chain_to(store, store->record, zone);
    return STATUS_OK;
}

enum status journal_begin(struct store *store) {
    store->tail = ORDER_FIRST;
    store->head = ORDER_FIRST - 1;
    return open_next(store, FREE_FOR_CHANGE);
}

/* Turns what a cut or a failed write left after the newest record into zeros, so that it can
 * never count later. */
static enum status void_torn(struct store *store) {
    if (store->torn == 0) {
        return STATUS_OK;
    }
    uint32_t piece = STORE_RECORD_ROOM & ~(store->geometry.unit - 1);
    memset(store->record, 0, piece);
    for (uint32_t at = store->end; at < store->torn; at += piece) {
        uint32_t part = store->torn - at < piece ? store->torn - at : piece;
        TRY(port_flash_program(journal_start(store, store->head) + at,
                               bytes_of(store->record, part)));
    }
    if (!store->gap) {
        store->whole = store->end;
    }
    store->end = store->torn;
    store->torn = 0;
    store->gap = true;
    memset(store->previous, 0, SEAL_TAG_SIZE);
    return STATUS_OK;
}

enum status journal_append(struct store *store, const struct journal_entry *entry, uint32_t *at) {
    uint32_t length = record_length(store->geometry.unit, entry->size);
    uint64_t start = journal_start(store, store->head) + store->end;
    uint64_t counter = store->counter + (entry->bound && store->counter_bound ? 1 : 0);
    struct record_place place = {store->head, store->end, store->previous};
    struct record_head head = {entry->flags, entry->size, store->durable};
    struct record_prefix prefix = {entry->id, counter};

    TRY(record_seal(store, &place, &head, &prefix, store->record));
    enum status status = port_flash_program(start, bytes_of(store->record, length));
    if (status == STATUS_OK && entry->bound) {
        status = port_flash_sync();
    }
    if (status != STATUS_OK) {
        store->torn = store->end + length;
        return status;
    }
    *at = (uint32_t)(start / store->geometry.unit);
    store->counter = counter;
    store->end += length;
    if (entry->bound) {
        store->durable = store->end;
    }
    chain_to(store, store->record, length);
    return STATUS_OK;
}

static enum status write_link(struct store *store, uint64_t tail) {
    uint32_t at;
    struct link link = {tail, store->chain};
    record_link_save(store->record + RECORD_VALUE_AT, &link);
    struct journal_entry entry = {.size = LINK_SIZE, .flags = RECORD_COPY};
    TRY(journal_append(store, &entry, &at));
    store->gap = false;
    return STATUS_OK;
}

static enum status make_room(struct store *store, uint32_t size, uint32_t least) {
    TRY(void_torn(store));
    uint32_t need = record_length(store->geometry.unit, size) + link_length(store);
    if (store->gap) {
        need += link_length(store);
    }
    if (store->geometry.sector_size - store->end < need) {
        return open_next(store, least);
    }
    return store->gap ? write_link(store, store->tail) : STATUS_OK;
}

enum status journal_room(struct store *store, uint32_t size) {
    return make_room(store, size, FREE_FOR_CHANGE);
}

/* Says durably that the oldest sector is not in use any more. Never in the first link of a
 * sector: that one says nothing new, so that the sector can be given up. */
static enum status move_tail(struct store *store) {
    TRY(void_torn(store));
    if (store->geometry.sector_size - store->end < link_length(store)) {
        TRY(open_next(store, FREE_FOR_COLLECTING));
    }
    TRY(write_link(store, store->tail + 1));
    TRY(port_flash_sync());
    store->durable = store->end;
    store->tail++;
    store->tail_dirty = true;
    return STATUS_OK;
}

static enum status erase_dirty(struct store *store) {
    if (store->tail_dirty) {
        TRY(port_flash_erase(journal_sector(store, store->tail - 1)));
        store->tail_dirty = false;
    }
    return STATUS_OK;
}

/* Appends the record under the cursor again if it is the newest of its id. */
static enum status keep_record(struct store *store, struct cursor *cursor) {
    uint64_t start = journal_start(store, cursor->order);
    struct store_bucket *bucket = bucket_find(store, cursor->prefix.id);
    if (bucket == NULL || bucket->at != (start + cursor->place) / store->geometry.unit) {
        return STATUS_OK;
    }
    struct journal_entry entry = {
        .id = bucket->id, .size = bucket->size, .flags = RECORD_FIRST | RECORD_LAST | RECORD_COPY};
    TRY(make_room(store, entry.size, FREE_FOR_COLLECTING));
    TRY(cursor_open(cursor, store)); /* again: making room used the same memory */
    return journal_append(store, &entry, &bucket->at);
}

/* Takes the oldest sector out of use: what still counts in it is written again, and it is
 * erased. */
static enum status collect(struct store *store) {
    struct cursor cursor;
    TRY(cursor_start(&cursor, store, store->tail));
    enum status status = STATUS_INTERNAL;
    while ((status = cursor_next(&cursor, store)) == STATUS_OK) {
        TRY(keep_record(store, &cursor));
    }
    if (status != STATUS_NOT_FOUND) {
        return status;
    }
    TRY(move_tail(store));
    return erase_dirty(store);
}

enum status journal_prepare(struct store *store) {
    TRY(erase_dirty(store));
    for (uint32_t i = 0; journal_free(store) < FREE_BEFORE_CHANGE; i++) {
        if (i > 2 * journal_ring(store)) {
            return STATUS_STORE_FULL;
        }
        enum status status = collect(store);
        wipe(store->record, sizeof(store->record));
        TRY(status);
    }
    return STATUS_OK;
}
