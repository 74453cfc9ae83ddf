/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the log: walks over the records of one sector and proves each. */
#include "core/store/cursor.h"

#include "base/ct.h"
#include "core/store/journal.h"

static struct bytes unit_at(const struct store *store, uint32_t at) {
    return bytes_of(store->page + at, store->geometry.unit);
}

static struct bytes rest_at(const struct store *store, uint32_t at) {
    return bytes_of(store->page + at, store->geometry.sector_size - at);
}

enum status cursor_start(struct cursor *cursor, struct store *store, uint64_t order) {
    uint64_t found = 0;
    TRY(port_flash_read(journal_start(store, order), store->page, store->geometry.sector_size));
    if (!record_label_load(store->page, store->geometry.unit, &found) || found != order) {
        return STATUS_STORE_DAMAGED;
    }
    uint32_t label = record_label_length(store->geometry.unit);
    *cursor = (struct cursor){.order = order, .at = label, .good = label, .gap = true};
    return STATUS_OK;
}

enum status cursor_open(struct cursor *cursor, struct store *store) {
    const uint8_t *sealed = store->page + cursor->place;
    struct record_place place = {cursor->order, cursor->place, sealed - SEAL_TAG_SIZE};
    return record_open(store, &place, sealed, store->record, &cursor->prefix);
}

/* A link must name the record that counted before it, and nothing else may follow a gap. */
static bool follows_chain(struct cursor *cursor, const struct store *store) {
    struct link link;
    if (cursor->prefix.id != 0) {
        return !cursor->gap;
    }
    if (cursor->head.size != LINK_SIZE || cursor->head.flags != RECORD_COPY) {
        return false;
    }
    record_link_load(store->record + RECORD_VALUE_AT, &link);
    if (cursor->good == record_label_length(store->geometry.unit)) {
        memcpy(cursor->named, link.chain, SEAL_TAG_SIZE);
    }
    if (cursor->linked && !ct_equal(link.chain, cursor->chain, SEAL_TAG_SIZE)) {
        return false;
    }
    cursor->tail = link.tail;
    return true;
}

enum status cursor_next(struct cursor *cursor, struct store *store) {
    uint32_t unit = store->geometry.unit;
    while (cursor->at < store->geometry.sector_size && bytes_all(unit_at(store, cursor->at), 0)) {
        cursor->at += unit; /* voided */
        cursor->gap = true;
    }
    struct bytes rest = rest_at(store, cursor->at);
    if (rest.size == 0 || bytes_all(unit_at(store, cursor->at), 0xff)) {
        return bytes_all(rest, 0xff) ? STATUS_NOT_FOUND : STATUS_STORE_DAMAGED;
    }
    if (!record_parse(rest, unit, cursor->at, &cursor->head)) {
        return STATUS_STORE_DAMAGED;
    }
    cursor->place = cursor->at;
    enum status status = cursor_open(cursor, store);
    if (status != STATUS_OK) {
        return status == STATUS_AEAD_FAILED ? STATUS_STORE_DAMAGED : status;
    }
    if (!follows_chain(cursor, store)) {
        return STATUS_STORE_DAMAGED;
    }
    cursor->at += record_length(unit, cursor->head.size);
    cursor->good = cursor->at;
    cursor->linked = true;
    cursor->gap = false;
    memcpy(cursor->chain, store->page + cursor->at - SEAL_TAG_SIZE, SEAL_TAG_SIZE);
    return STATUS_OK;
}

enum status cursor_torn(const struct cursor *cursor, const struct store *store, uint32_t *end,
                        uint32_t *records) {
    uint32_t unit = store->geometry.unit;
    *end = 0;
    *records = 0;
    for (uint32_t at = cursor->good; at < store->geometry.sector_size; at += unit) {
        struct record_head head;
        if (record_parse(rest_at(store, at), unit, at, &head)) {
            if (head.durable > cursor->good) {
                return STATUS_STORE_DAMAGED;
            }
            ++*records;
        }
        if (!bytes_all(unit_at(store, at), 0xff)) {
            *end = at + unit;
        }
    }
    if (*records == 0) {
        *records = 1;
    }
    return STATUS_OK;
}

bool cursor_sees_records(const struct store *store, bool copies) {
    uint32_t unit = store->geometry.unit;
    if (bytes_all(rest_at(store, 0), 0xff)) {
        return false; /* the usual case, and quick */
    }
    for (uint32_t at = journal_zone(store); at < store->geometry.sector_size; at += unit) {
        struct record_head head;
        if (record_parse(rest_at(store, at), unit, at, &head) &&
            (copies || (head.flags & RECORD_COPY) == 0)) {
            return true;
        }
    }
    return false;
}
