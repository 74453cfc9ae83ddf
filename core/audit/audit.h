/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: a Merkle tree of leaves, one for each command and event, with signed checkpoints.
 * Form and reasons: doc/AUDIT.md; numbers of fields: proto/log_format.h.
 *
 * The module keeps the frontier of the tree, the log's Ed25519 key and a running key for the
 * entries it gave to the archive (port_log_*). The archive is not trusted: what was altered there
 * is found by whoever has the log's public key, and never taken for its own by the module. Every
 * function is for check and commit: none may overlap another. */
#ifndef CORE_AUDIT_AUDIT_H
#define CORE_AUDIT_AUDIT_H

#include "base/bytes.h"
#include "base/limits.h"
#include "base/status.h"
#include "crypto/crypto.h"
#include "port/port.h"
#include "proto/log_format.h"
#include "proto/merkle.h"
#include "proto/messages.h"

struct store;

/* Bytes of `detail` that a leaf keeps; longer ones are cut off. */
enum { AUDIT_DETAIL_MAX = 256 };

/* What happened, to become a leaf. Zero and empty mean: nothing to say. */
struct audit_record {
    uint32_t event;     /* enum command or enum event */
    uint64_t session;   /* who asked: number or hash of the session */
    uint64_t object;    /* first 8 bytes of the hash of the object's unique id */
    enum status status; /* result */
    bool has_uid;
    uint32_t uid;
    uint32_t role;      /* enum command_role */
    uint64_t rule;
    uint64_t counter;          /* of the statement that was signed */
    struct bytes payload_hash; /* up to HASH_SIZE_MAX */
    struct bytes detail;       /* for people; any bytes, never a secret */
    enum command_audit class;  /* RESERVED for what happens inside the module */
    bool held;                 /* uses the slot that audit_hold kept for this class */
    /* of several uses in one: how many, their smallest and largest number, uptime at the first;
     * with no detail. For core/audit alone. */
    uint32_t count;
    uint64_t first, last, since_ms;
};

/* Uses of a key that will share a leaf. Private to core/audit. */
struct audit_sum {
    uint64_t session, object, rule;
    uint64_t first, last; /* their numbers; the last one stays when the sum ends */
    uint64_t since_ms;
    uint32_t event, uid, role;
    uint32_t count; /* 0: it does not run */
    bool has_uid;
    uint8_t hash_size;
    uint8_t hash[32]; /* of the newest payload */
};

/* State of the log, about 2.8 KiB and its sums; zeroed before audit_start. Private to core/audit.
 */
struct audit {
    struct store *store;
    bool started;
    bool hurry; /* see audit_hurry */
    uint32_t boot;
    struct merkle tree;
    uint8_t link[8];        /* bytes 8..15 of the newest leaf's hash */
    uint8_t entry_key[32];  /* running key of the entries; each entry replaces it */
    uint64_t entries;       /* number of the next archive entry */
    uint64_t lost;          /* archive entries known to be lost */
    uint64_t suppressed;    /* records that found no room, since the newest leaf */
    uint64_t suppressed_refused;
    uint64_t checkpoint_size; /* tree size at the newest checkpoint in the archive */
    uint64_t checkpoint_ms;   /* uptime when one was last due by time */
    uint64_t stored_size;     /* tree size in the store */
    uint64_t stored_entries;
    uint64_t space; /* free slots, as last asked, less those used since */
    uint32_t held;
    uint32_t running; /* sums that do */
    uint32_t marked;  /* what the store knows of them: see core/audit/sums.h */
    struct audit_sum sums[AUDIT_SUMS_MAX];
    struct crypto_key key;
    uint8_t public_key[LOG_KEY_SIZE];
    uint8_t key_id[4];
    char origin[LOG_ORIGIN_MAX + 1];
};

/* Starts or goes on: makes the log key at the first start, else loads key and frontier, and takes
 * over the entries that the archive holds beyond the stored frontier as far as each proves to be
 * the module's own. What does not is dropped from the archive and counted; a leaf log_gap then says
 * how many entries were lost, and numbers go on. Ends with a checkpoint. The frontier is durable
 * after the next port_flash_sync. `boot` must be higher than at every earlier start. The store is
 * kept until audit_stop. Statuses: those of store_get and store_put, STORE_IO, STORE_DAMAGED. */
enum status audit_start(struct audit *audit, struct store *store, uint32_t boot) MUST_USE;

/* Whether a record of this class has room now, slots held included. RESERVED always has: beyond the
 * last slot it is counted, and the next leaf tells how many were. Others leave AUDIT_RESERVED_SLOTS
 * free. */
bool audit_has_room(struct audit *audit, enum command_audit class) MUST_USE;
/* The same, and keeps the slot for a record that comes later: for calls between check and commit.
 * True must end with audit_append of a record of this class with `held`, or with audit_drop. */
bool audit_hold(struct audit *audit, enum command_audit class) MUST_USE;
void audit_drop(struct audit *audit, enum command_audit class);

/* The same as audit_append for a use of a key that was done, of class ROUTINE, held and without
 * detail, but up to `each` uses that are alike become one leaf: when so many are there, when their
 * place is needed, after a minute, before a checkpoint on demand and at audit_stop. *wants_sync:
 * the store was written, and must be durable before the reply leaves. Statuses as audit_append. */
enum status audit_use(struct audit *audit, const struct audit_record *use, uint32_t each,
                      bool *wants_sync) MUST_USE;
/* Makes leaves of the uses that wait: of one session, or of all (0). What cannot be stored is
 * counted. ERROR_STATE as audit_append. */
enum status audit_flush(struct audit *audit, uint64_t session) MUST_USE;

/* Adds a leaf, and a checkpoint when AUDIT_CHECKPOINT_LEAVES were added. The leaf is in the archive
 * when the function returns, durable after port_log_sync. No store group may be open (STORE_MORE).
 * Where it may have no slot, a record of class RESERVED or of a refusal is counted and the result
 * is OK; any other is LOG_FULL. Records that hold no slot leave the reserve alone, but for
 * RESERVED. STORE_IO, INTERNAL: nothing was added, and it is counted; ERROR_STATE: the leaf was
 * added, but a signature of the log key does not verify: the module is broken.
 * Uses that wait become leaves before a record of class MUST that was done. */
enum status audit_append(struct audit *audit, const struct audit_record *record) MUST_USE;

/* Signs the head of the log; fills `cose` (LOG_COSE_MAX bytes) and `note` (LOG_NOTE_MAX), NULL
 * where not wanted; what they hold counts only with STATUS_OK, when all that was signed is durable
 * in the archive. REASON_DEMAND: with the nonce (up to LOG_NONCE_MAX bytes, may be empty), handed
 * out only. Other reasons: it also goes to the archive with the frontier behind it, where there is
 * room, and the frontier goes to the store. DATA_LENGTH: the nonce; ERROR_STATE: a signature does
 * not verify; STORE_IO, STORE_FULL. */
enum status audit_checkpoint(struct audit *audit, enum checkpoint_reason reason, struct bytes nonce,
                             struct span *cose, struct span *note) MUST_USE;

/* To be called about once a second: a checkpoint when 60 s have passed and leaves were added. Sets
 * *wants_sync when the store was written. */
enum status audit_tick(struct audit *audit, bool *wants_sync) MUST_USE;

/* One page of the log for log_read. */
struct audit_page {
    uint64_t first; /* number of the first entry in the page: `from`, or the first one kept */
    uint64_t next;  /* number to ask for next; equals first when there is none */
};
/* Fills `out` with entries from number `from` on, as many as fit, as the wire has them. An entry
 * the archive cannot read is there as LOG_UNREADABLE. Works without audit_start too (error and
 * zeroized states). A reply that carries it should wait for port_log_sync: what was shown must not
 * be lost. */
enum status audit_read(uint64_t from, struct audit_page *page, struct span *out) MUST_USE;

/* Frees the room of the entries below `up_to`. Stores the frontier first where it must. */
enum status audit_release(struct audit *audit, uint64_t up_to) MUST_USE;

/* Public key and origin of the log. */
void audit_identity(const struct audit *audit, uint8_t public_key[LOG_KEY_SIZE],
                    struct bytes *origin);
/* Leaves in the log. */
uint64_t audit_size(const struct audit *audit) MUST_USE;
/* Free slots. */
uint64_t audit_space(struct audit *audit) MUST_USE;

/* For the last words of a module whose store is gone: no checkpoint until that of audit_stop, and
 * nothing more goes to the store. */
void audit_hurry(struct audit *audit);
/* Ends: a last checkpoint, archive synced, keys wiped. Wipes whatever the result. */
enum status audit_stop(struct audit *audit) MUST_USE;

#endif
