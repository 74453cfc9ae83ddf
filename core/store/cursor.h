/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the log: walks over the records of one sector and proves each. */
#ifndef CORE_STORE_CURSOR_H
#define CORE_STORE_CURSOR_H

#include "core/store/record.h"

struct cursor {
    uint64_t order;
    uint32_t at;    /* where the next record may begin */
    uint32_t place; /* of the record just read */
    uint32_t good;  /* end of the record just read */
    bool linked;    /* chain is known, so that the next link must fit it */
    bool gap;       /* only a link may come next */
    uint8_t chain[SEAL_TAG_SIZE];
    uint8_t named[SEAL_TAG_SIZE]; /* what the sector's first link says of the record before it */
    uint64_t tail;                /* of the newest link */
    struct record_head head;
    struct record_prefix prefix;
};

/* Reads the sector of an order into store->page and stands before its first record; nothing is
 * known of the chain. STORE_DAMAGED when the sector's label says otherwise, STORE_IO. */
enum status cursor_start(struct cursor *cursor, struct store *store, uint64_t order) MUST_USE;
/* The next record, opened into store->record. NOT_FOUND: the rest is blank; STORE_DAMAGED: what
 * follows is no record that counts; INTERNAL. */
enum status cursor_next(struct cursor *cursor, struct store *store) MUST_USE;
/* Opens the record just read once more. */
enum status cursor_open(struct cursor *cursor, struct store *store) MUST_USE;

/* What a cut left after cursor->good in store->page. Fills *end (0: nothing) and *records, how
 * many are lost. STORE_DAMAGED when what is wrong was durable before a later record was written:
 * no cut does that. */
enum status cursor_torn(const struct cursor *cursor, const struct store *store, uint32_t *end,
                        uint32_t *records) MUST_USE;
/* Whether store->page, a whole sector, holds behind its zone what may be records; `copies`: also
 * such as say nothing new. */
bool cursor_sees_records(const struct store *store, bool copies) MUST_USE;

#endif
