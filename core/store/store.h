/* SPDX-License-Identifier: Apache-2.0 */
/* The store: an append-only, authenticated, encrypted log of records on pages with flash
 * semantics. Formats and reasons: doc/STORE.md.
 *
 * A record has an id (kind and number) and a value of up to STORE_RECORD_MAX bytes; putting an
 * id again replaces its value. Every record is AES-256-GCM sealed under a key made from the
 * port's root key and the store's own anchor secret, and chained to the record before it, so
 * that a swapped, stale or foreign record never counts. A cut at any point leaves each record
 * with its old or its new value.
 *
 * What put and remove wrote is durable after port_flash_sync(), which the caller (or the body,
 * once for many commands) does; the store itself syncs only where its own order depends on it. */
#ifndef CORE_STORE_STORE_H
#define CORE_STORE_STORE_H

#include "base/bytes.h"
#include "base/limits.h"
#include "base/status.h"

enum record_kind {
    RECORD_MODULE = 1, /* boot counter, log head: core */
    RECORD_TOKEN = 2,
    RECORD_OBJECT = 3,
    RECORD_LOG = 4,
    RECORD_PIN = 5,
    RECORD_USAGE = 6, /* of a key with limits; numbered as its object */
    RECORD_ROLES = 7, /* who may approve, by slot */
    RECORD_GUARD = 8, /* what is kept of a key bound to a policy, by its serial */
};

/* Id of a record. */
static inline uint64_t record_id(enum record_kind kind, uint64_t number) {
    return (uint64_t)kind << 56 | (number & 0x00ffffffffffffffu);
}
static inline enum record_kind record_kind_of(uint64_t id) {
    return (enum record_kind)(id >> 56);
}
static inline uint64_t record_number_of(uint64_t id) {
    return id & 0x00ffffffffffffffu;
}

/* How a put or remove ends. */
enum store_end {
    STORE_LAST,  /* the change stands alone, or ends a group */
    STORE_MORE,  /* the next put or remove belongs to it: after a cut all of the group counts, or
                    none */
    STORE_BOUND, /* as LAST, and bound to the port's monotonic counter where there is one, so that
                    an older image is refused at the next mount; syncs. For PIN tries, removals,
                    policy. */
};

enum { DEVICE_ID_SIZE = 16 };

struct store_bucket {
    uint64_t id; /* 0: empty */
    uint32_t at; /* place of the newest record, in units */
    uint32_t size;
};

struct store_usage {
    uint64_t used; /* bytes that live records take, with what large ones may waste */
    uint64_t size; /* bytes there are for objects */
    uint32_t records;
    uint32_t cut_records; /* records dropped at mount because their write was cut */
    uint64_t erasures;    /* since format */
};

/* The state of a mounted store; large: the body gives the memory. Private to core/store. */
struct store;

/* Reads the whole store and builds its index. Results:
 *   STATUS_OK
 *   STATUS_NOT_FOUND          blank flash: format it
 *   STATUS_ZEROIZED           it was zeroized; a zeroization that was cut is finished first (then
 *                             *finished_wipe is true)
 *   STATUS_STORE_DAMAGED      a bit is wrong, a record is stale, swapped or from another device
 *   STATUS_STORE_ROLLED_BACK  older than the monotonic counter says
 *   STATUS_STORE_IO */
enum status store_mount(struct store *store, bool *finished_wipe) MUST_USE;

/* Erases everything, makes a new anchor and device id, and starts an empty store; also after
 * ZEROIZED. The root key must exist (port_root_read with create). */
enum status store_format(struct store *store) MUST_USE;

/* Writes a record. STATUS_STORE_FULL (nothing changed; removals still work), STATUS_STORE_IO,
 * STATUS_NO_ENTROPY, STATUS_OBJECT_TOO_LARGE. */
enum status store_put(struct store *store, uint64_t id, struct bytes value,
                      enum store_end end) MUST_USE;
/* Removes a record. STATUS_NOT_FOUND, STATUS_STORE_IO. */
enum status store_remove(struct store *store, uint64_t id, enum store_end end) MUST_USE;
/* Drops the changes of an unfinished STORE_MORE group, as a cut would. Also after a put or
 * remove of the group failed. Until its LAST the group's changes do not show in store_get and
 * store_next; a group has at most STORE_GROUP_MAX changes. */
void store_abandon(struct store *store);

/* Where the log ends now, and the body's word that it is durable up to such a place: a
 * port_flash_sync() that began after store_position() has returned. Lets the next mount tell
 * damage from a cut; where it is not said, records since the store's own last sync count as cut
 * when one of them is wrong. */
uint64_t store_position(const struct store *store) MUST_USE;
void store_durable(struct store *store, uint64_t position);

/* Reads a record into `out` (size: capacity, then length). STATUS_NOT_FOUND, STATUS_STORE_DAMAGED,
 * STATUS_STORE_IO, STATUS_OBJECT_TOO_LARGE when out is too small. */
enum status store_get(struct store *store, uint64_t id, struct span *out) MUST_USE;

/* Walks over the ids of one kind in no particular order: start with *cursor = 0;
 * STATUS_NOT_FOUND at the end. Nothing may be put or removed meanwhile. */
enum status store_next(const struct store *store, enum record_kind kind, uint32_t *cursor,
                       uint64_t *id) MUST_USE;

void store_usage(const struct store *store, struct store_usage *usage);
/* Public, random, made at format. */
void store_device_id(const struct store *store, uint8_t out[DEVICE_ID_SIZE]);
/* A key for another purpose of the core, made from the store's root with HKDF; `purpose` is a
 * constant text. */
enum status store_derive_key(const struct store *store, const char *purpose,
                             struct span out) MUST_USE;

/* Zeroizes: destroys the root key first (the anchor secret with one program operation,
 * then the port's root), then erases every sector. After the first completed flash write nothing
 * can be read any more; a cut is finished by the next mount. The store is unusable afterwards. */
enum status store_zeroize(struct store *store) MUST_USE;

#endif
