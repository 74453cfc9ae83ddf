/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the log: sectors in a ring, opened in strict order, filled with records, and collected
 * again from the oldest end. */
#ifndef CORE_STORE_JOURNAL_H
#define CORE_STORE_JOURNAL_H

#include "core/store/store_state.h"

/* Sectors of the ring, and the one where an order lives. Orders start at 1. */
uint32_t journal_ring(const struct store *store) MUST_USE;
uint32_t journal_sector(const struct store *store, uint64_t order) MUST_USE;
/* Where a sector begins on flash. */
uint64_t journal_start(const struct store *store, uint64_t order) MUST_USE;
/* Where the newest record that counts ends in the head sector. Voided space behind it must not be
 * called durable: the link that is to follow can still be lost, with what follows it. */
uint32_t journal_whole(const struct store *store) MUST_USE;
/* Sectors of the ring that are not in use. */
uint32_t journal_free(const struct store *store) MUST_USE;
/* What a sector begins with: its label and its first link. */
uint32_t journal_zone(const struct store *store) MUST_USE;
/* What a record of this size counts, and how much may count in all; `reserved`: with the room
 * that is kept for what is not an object. */
uint64_t journal_charge(const struct store *store, uint32_t size) MUST_USE;
uint64_t journal_limit(const struct store *store, bool reserved) MUST_USE;

/* Makes sure that a change, alone or a group, can be written without collecting in between. Uses
 * page and record. STORE_FULL, STORE_IO, STORE_DAMAGED. */
enum status journal_prepare(struct store *store) MUST_USE;

/* Makes room for one record of this size at the end of the log. Uses record. STORE_FULL,
 * STORE_IO. */
enum status journal_room(struct store *store, uint32_t size) MUST_USE;

struct journal_entry {
    uint64_t id;
    uint32_t size; /* of the value, which stands in store->record at RECORD_VALUE_AT */
    uint8_t flags;
    bool bound; /* raises the counter; durable before it counts */
};
/* Appends it where journal_room made room. Fills *at with its place, in units. On failure
 * nothing counts and what may have been written is void. STORE_IO, NO_ENTROPY. */
enum status journal_append(struct store *store, const struct journal_entry *entry,
                           uint32_t *at) MUST_USE;

/* Starts an empty log on blank sectors; chain is zero, counter set. */
enum status journal_begin(struct store *store) MUST_USE;

/* Whether a whole sector reads as erased. Uses record. */
enum status journal_blank(struct store *store, uint32_t sector, bool *blank) MUST_USE;
/* Erases a sector unless it is blank. Uses record. */
enum status journal_clear(struct store *store, uint32_t sector) MUST_USE;

#endif
