/* SPDX-License-Identifier: Apache-2.0 */
/* The usages of all keys with limits, and their records in the store. A record holds marks that are
 * written before anything above them is counted: where the store cannot take a mark, the key
 * is not used. */
#ifndef CORE_KEYS_USAGES_H
#define CORE_KEYS_USAGES_H

#include "base/limits.h"
#include "core/keys/usage.h"
#include "core/store/store.h"

struct usages {
    uint32_t count;
    struct usage list[LIMITED_KEYS_MAX];
};

/* What a new key is to have: fills *usage from the attributes, with serial 0 where they have no
 * limit. `stored`: the key goes to the store. LIMITED_COUNT, and those of limits_read. */
enum status usages_begin(const struct usages *usages, struct bytes attributes, uint64_t serial,
                         bool stored, struct usage *usage) MUST_USE;
/* The same for a stored key after a restart. STORE_DAMAGED where its record is gone, STORE_IO. */
enum status usages_mount(const struct usages *usages, struct store *store, struct bytes attributes,
                         uint64_t serial, struct usage *usage) MUST_USE;
/* The same for a key whose attributes were tightened; `place` as in struct object. */
enum status usages_tighten(const struct usages *usages, uint32_t place, struct bytes attributes,
                           bool stored, struct usage *usage) MUST_USE;

/* Puts its record, where it has one. The statuses of store_put. */
enum status usages_put(struct store *store, const struct usage *usage,
                       enum store_end end) MUST_USE;
/* Removes its record, where it has one. */
enum status usages_remove(struct store *store, const struct usage *usage,
                          enum store_end end) MUST_USE;

/* Takes it into the table, at its place or (0) a new one; returns the place + 1, 0 where there is
 * no limit. */
uint32_t usages_keep(struct usages *usages, uint32_t place, const struct usage *usage) MUST_USE;
void usages_drop(struct usages *usages, uint32_t place);
/* The usage at a place (as in struct object); NULL for 0, and where it is another key's. */
struct usage *usages_at(struct usages *usages, uint32_t place, uint64_t serial) MUST_USE;

/* Decides about one use and counts it, whatever becomes of it. Durable when it returns. The
 * statuses of usage_decide and store_put. */
enum status usages_take(struct store *store, struct usage *usage,
                        const struct usage_moment *moment, const char **why) MUST_USE;

/* Sets marks ahead of the time that goes on without any use. STORE_FULL, STORE_IO. */
enum status usages_tick(struct usages *usages, struct store *store, uint64_t uptime_ms) MUST_USE;
/* Writes the exact counts at an orderly end. */
enum status usages_stop(struct usages *usages, struct store *store, uint64_t uptime_ms) MUST_USE;
/* Removes records whose key is gone, after all objects are mounted. */
enum status usages_sweep(const struct usages *usages, struct store *store) MUST_USE;

#endif
