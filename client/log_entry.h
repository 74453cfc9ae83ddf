/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the audit log taken apart: pages as log_read gives them, leaves, checkpoints, export
 * files. */
#ifndef CLIENT_LOG_ENTRY_H
#define CLIENT_LOG_ENTRY_H

#include "base/bytes.h"
#include "base/status.h"
#include "proto/log_format.h"

/* Whose log it is: what the command log_key answers. */
struct log_identity {
    char origin[LOG_ORIGIN_MAX + 1];
    uint8_t key[LOG_KEY_SIZE];
};

/* One entry; the bytes point into the page or file it came from. */
struct log_entry {
    uint32_t kind; /* enum log_kind */
    struct bytes bytes;
};

/* Takes the first entry off `entries` (the field of log_read, or log_file.entries).
 * STATUS_NOT_FOUND at the end, STATUS_DATA_INVALID when the bytes end inside an entry. */
enum status log_entry_next(struct bytes *entries, struct log_entry *entry) MUST_USE;

/* A leaf; see enum leaf_key. `has` says which of the keys that may be left out are there (bit = key
 * number). */
struct log_leaf {
    struct bytes mark, map; /* the two parts of the entry; the leaf hash covers the map */
    uint32_t has;
    uint64_t sequence;
    uint32_t boot;
    uint64_t uptime_ms;
    uint64_t time;
    uint32_t event;
    uint64_t session;
    struct bytes object;
    uint64_t result;
    uint64_t rule;
    struct bytes payload_hash;
    struct bytes detail;
    uint32_t uid;
    uint32_t role;
    uint32_t status;
    uint64_t suppressed;
    uint64_t suppressed_refused;
    uint32_t count; /* uses of a key that it stands for; 1 where it does not say */
    uint64_t first, last;
    uint64_t since_ms;
};

/* Reads an entry of kind LOG_LEAF. STATUS_DATA_INVALID for anything that the module would not
 * write. */
enum status log_leaf_read(struct bytes bytes, struct log_leaf *leaf) MUST_USE;

/* A checkpoint; see enum checkpoint_key. Read is not verified: see log_checkpoint_verify. */
struct log_checkpoint {
    struct bytes cose, note;
    struct bytes payload, signature; /* of the COSE_Sign1 */
    char origin[LOG_ORIGIN_MAX + 1];
    uint64_t size;
    uint8_t root[LOG_HASH_SIZE];
    uint32_t boot;
    uint64_t uptime_ms;
    uint64_t lost;
    uint32_t reason; /* enum checkpoint_reason */
    uint64_t entry;
    struct bytes nonce;
    uint64_t time; /* 0: none */
};

/* Reads COSE and note as the command log_checkpoint answers them. STATUS_DATA_INVALID. */
enum status log_checkpoint_read(struct bytes cose, struct bytes note,
                                struct log_checkpoint *checkpoint) MUST_USE;
/* Reads an entry of kind LOG_CHECKPOINT or LOG_HEAD. STATUS_DATA_INVALID. */
enum status log_checkpoint_read_entry(struct bytes bytes,
                                      struct log_checkpoint *checkpoint) MUST_USE;
/* Checks both signatures, and that COSE and note say the same. STATUS_SIGNATURE_INVALID. */
enum status log_checkpoint_verify(const struct log_checkpoint *checkpoint,
                                  const struct log_identity *identity) MUST_USE;

/* ---- the export file: one line of text, then entries as they are on the wire ----
 *
 *     edgehsm-log 1 ORIGIN BASE64-KEY NUMBER-OF-FIRST-ENTRY
 *
 * To export: ask log_checkpoint with a fresh nonce; write log_file_header; write log_file_head;
 * then write the `entries` of log_read, asking on from each reply's `next`, until the head's size
 * of leaves is reached. */

enum { LOG_FILE_HEADER_MAX = 192, LOG_FILE_HEAD_MAX = 12 + LOG_COSE_MAX + LOG_NOTE_MAX };

/* Fills `out` with the first line. STATUS_TOO_LARGE. */
enum status log_file_header(const struct log_identity *identity, uint64_t first,
                            struct span *out) MUST_USE;
/* Fills `out` with the entry of kind LOG_HEAD made of what log_checkpoint answered.
 * STATUS_TOO_LARGE. */
enum status log_file_head(struct bytes cose, struct bytes note, struct span *out) MUST_USE;

struct log_file {
    struct log_identity identity; /* what the file says; trust it only as far as the file */
    uint64_t first;               /* number of the first entry */
    struct bytes entries;
};

/* Opens a whole export file in memory (keep it). STATUS_DATA_INVALID when it is none. */
enum status log_file_open(struct bytes whole, struct log_file *file) MUST_USE;

#endif
