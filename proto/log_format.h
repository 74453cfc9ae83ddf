/* SPDX-License-Identifier: Apache-2.0 */
/* The form of the audit log, as the module writes it and the verifier reads it (doc/AUDIT.md). */
#ifndef PROTO_LOG_FORMAT_H
#define PROTO_LOG_FORMAT_H

#include "base/bytes.h"
#include "base/status.h"

/* Kinds of entries. On the wire and in an export an entry is: u32 size, u32 kind, `size` bytes. */
enum log_kind {
    LOG_UNREADABLE = 0, /* no bytes: the archive cannot read the entry any more */
    LOG_LEAF = 1,       /* LOG_MARK_SIZE bytes of mark, then the leaf: a CBOR map */
    LOG_CHECKPOINT = 2, /* u32 size of the COSE_Sign1, the COSE_Sign1, the C2SP signed note */
    /* follows a checkpoint: u64 tree size, then hashes, largest subtree first */
    LOG_FRONTIER = 3,
    LOG_HEAD = 4,       /* as LOG_CHECKPOINT, signed on demand; only at the start of an export */
};

/* Mark of a leaf: the first 8 bytes of its own leaf hash, then bytes 8..15 of the hash of the leaf
 * before it (zeros for leaf 0). It lets a verifier name the leaf that was altered; it proves
 * nothing. */
enum { LOG_MARK_SIZE = 16, LOG_HASH_SIZE = 32, LOG_FRONTIER_HASHES = 14 };

/* Keys of a leaf's map, ascending. Those that say "maybe" are left out when there is nothing to
 * say. */
enum leaf_key {
    LEAF_SEQUENCE = 1,     /* number of the leaf, from 0 */
    LEAF_BOOT = 2,         /* boot number */
    LEAF_UPTIME_MS = 3,    /* since the module started */
    /* maybe: seconds since 1970 by the host's clock, which nobody vouches for */
    LEAF_TIME = 4,
    LEAF_EVENT = 5,        /* command number or event number */
    LEAF_SESSION = 6,      /* maybe: who asked */
    LEAF_OBJECT = 7,       /* maybe: 8 bytes, the start of the hash of the object's unique id */
    LEAF_RESULT = 8,       /* CK_RV */
    LEAF_RULE = 9,         /* maybe: the rule of the policy that decided */
    LEAF_PAYLOAD_HASH = 10, /* maybe: hash of what was signed */
    LEAF_DETAIL = 11,      /* maybe: bytes, for people */
    LEAF_UID = 12,         /* maybe: user of the process that asked */
    LEAF_ROLE = 13,        /* maybe: enum command_role */
    LEAF_STATUS = 14,      /* maybe: number in base/status.def, when it is not OK */
    /* maybe: records counted, not kept, since the last leaf: the log was full */
    LEAF_SUPPRESSED = 15,
    LEAF_SUPPRESSED_REFUSED = 16, /* maybe: how many of these were refused */
    /* Of a leaf that stands for several uses of a key, all alike but for their numbers; its payload
     * hash is that of the last one. Maybe: */
    LEAF_COUNT = 17,    /* how many */
    LEAF_FIRST = 18,    /* the smallest of their numbers: the counter of statements, else a count */
    LEAF_LAST = 19,     /* the largest */
    LEAF_SINCE_MS = 20, /* uptime at the first; the leaf was made at LEAF_UPTIME_MS */
};

/* Keys of a checkpoint's map, the payload of the COSE_Sign1. All are there but the nonce and the
 * time. */
enum checkpoint_key {
    CHECKPOINT_ORIGIN = 1, /* text */
    CHECKPOINT_SIZE = 2,   /* leaves in the tree */
    CHECKPOINT_ROOT = 3,   /* RFC 9162 root, 32 bytes */
    CHECKPOINT_BOOT = 4,
    CHECKPOINT_UPTIME_MS = 5,
    CHECKPOINT_LOST = 6,   /* archive entries the module knows to be lost, since its first start */
    CHECKPOINT_REASON = 7, /* enum checkpoint_reason */
    CHECKPOINT_ENTRY = 8,  /* number of this entry in the archive; on demand: of the next entry */
    CHECKPOINT_NONCE = 9,  /* only when one was given */
    CHECKPOINT_TIME = 10,  /* as LEAF_TIME */
};

enum checkpoint_reason {
    REASON_COUNT = 1,  /* enough leaves */
    REASON_TIME = 2,   /* enough time */
    REASON_START = 3,  /* the module started */
    REASON_STOP = 4,   /* the module stops */
    REASON_DEMAND = 5, /* asked for */
};

enum { LOG_ORIGIN_MAX = 64, LOG_NONCE_MAX = 64, LOG_KEY_SIZE = 32, LOG_SIGNATURE_SIZE = 64 };
enum { LOG_COSE_MAX = 400, LOG_NOTE_MAX = 320 };

/* Origin name of a log: "edgehsm/" and the device id in hex, ending with a zero byte. */
void log_origin(struct bytes device_id, char out[LOG_ORIGIN_MAX + 1]);

/* What is signed of a COSE_Sign1 with algorithm EdDSA and no external data (RFC 9052 section 4.4).
 * Fills `out`; STATUS_TOO_LARGE. */
enum status log_cose_signed(struct bytes payload, struct span *out) MUST_USE;
/* The whole COSE_Sign1: tag 18, [protected {1: -8}, {}, payload, signature]. STATUS_TOO_LARGE. */
enum status log_cose_write(struct bytes payload, const uint8_t signature[LOG_SIGNATURE_SIZE],
                           struct span *out) MUST_USE;
/* Takes one apart; anything but the one encoding that log_cose_write makes is STATUS_DATA_INVALID.
 * The pieces point into `cose`. */
enum status log_cose_read(struct bytes cose, struct bytes *payload,
                          struct bytes *signature) MUST_USE;

/* The text of a C2SP tlog-checkpoint that is signed: origin, size, root in base64, a line each.
 * STATUS_TOO_LARGE. */
enum status log_note_signed(const char *origin, uint64_t size,
                            const uint8_t root[LOG_HASH_SIZE], struct span *out) MUST_USE;
/* The whole signed note: the text, an empty line, the signature line. `key_id` is the start of
 * SHA-256(origin || "\n" || 0x01 || public key). STATUS_TOO_LARGE. */
enum status log_note_write(struct bytes text, const char *origin, const uint8_t key_id[4],
                           const uint8_t signature[LOG_SIGNATURE_SIZE],
                           struct span *out) MUST_USE;
/* Finds the signature in a note that log_note_write made of `text`; anything else is
 * STATUS_DATA_INVALID. */
enum status log_note_read(struct bytes note, struct bytes text, const char *origin,
                          const uint8_t key_id[4],
                          uint8_t signature[LOG_SIGNATURE_SIZE]) MUST_USE;

#endif
