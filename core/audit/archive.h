/* SPDX-License-Identifier: Apache-2.0 */
/* The entries that the log gave to the archive: each is followed by a tag of the running key, so
 * that after a restart the module takes over only what it wrote itself. Why so: doc/AUDIT.md.
 *
 *     u32 kind, body, 16 bytes of tag */
#ifndef CORE_AUDIT_ARCHIVE_H
#define CORE_AUDIT_ARCHIVE_H

#include "core/audit/audit.h"

enum { ENTRY_KIND_SIZE = 4, ENTRY_TAG_SIZE = 16 };
enum { ENTRY_BODY_MAX = LOG_ENTRY_MAX - ENTRY_KIND_SIZE - ENTRY_TAG_SIZE };

/* An entry being made: the body stands behind the kind, with room for the tag behind it. */
struct entry {
    uint8_t bytes[LOG_ENTRY_MAX];
    size_t body_size;
};
static inline uint8_t *entry_body(struct entry *entry) {
    return entry->bytes + ENTRY_KIND_SIZE;
}

/* Whether `slots` further entries have room, leaving `spare` slots free; asks the port when the
 * number last heard does not do. */
bool archive_has_room(struct audit *audit, uint64_t slots, uint64_t spare) MUST_USE;

/* Appends an entry; `hash` is the leaf hash of a leaf, else SHA-256 of the body. On failure
 * (STORE_IO, INTERNAL) nothing was appended. */
enum status archive_append(struct audit *audit, enum log_kind kind, struct entry *entry,
                           const uint8_t hash[LOG_HASH_SIZE]) MUST_USE;

/* Takes over the entries beyond the stored frontier that prove to be the module's own. Fills the
 * number of entries that are missing, and of those from audit->entries on that must be dropped. */
enum status archive_resume(struct audit *audit, uint64_t *missing, uint64_t *dropped) MUST_USE;

#endif
