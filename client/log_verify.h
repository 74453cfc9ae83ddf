/* SPDX-License-Identifier: Apache-2.0 */
/* Verifies the audit log away from the module: given the log's public key, entries in order, and
 * where there is one a checkpoint fresh from the module, it says "whole" or names the first leaf
 * that is wrong and how.
 *
 *     log_verify_start(&verifier, &identity, on_finding, context);
 *     log_verify_expect(&verifier, &checkpoint, nonce);   up to LOG_EXPECTED_MAX times, maybe never
 *     log_verify_place(&verifier, number);                where entries do not follow on
 *     log_verify_entry(&verifier, &entry);                for each entry
 *     log_verify_end(&verifier, &result);
 *
 * Or log_verify_file() for one export file in memory. */
#ifndef CLIENT_LOG_VERIFY_H
#define CLIENT_LOG_VERIFY_H

#include "client/log_entry.h"
#include "proto/merkle.h"

enum log_fault {
    LOG_FAULT_NONE = 0,
    LOG_FAULT_MALFORMED = 1,  /* bytes that are not an entry */
    LOG_FAULT_UNREADABLE = 2, /* the module's archive could not read the entry any more */
    LOG_FAULT_EDITED = 3,     /* leaf `first` was altered */
    /* leaves `first` to `last` are not there (for other entries: see text) */
    LOG_FAULT_MISSING = 4,
    LOG_FAULT_ORDER = 5,      /* leaf `first` stands in a wrong place, or twice */
    /* one of the leaves `first` to `last` was altered: they do not give the signed root */
    LOG_FAULT_RANGE = 6,
    /* a checkpoint was altered or is not this log's; `first`: leaf it stands before */
    LOG_FAULT_CHECKPOINT = 7,
    /* leaves `first` to `last` were signed but the entries end before them */
    LOG_FAULT_TRUNCATED = 8,
    /* leaf `first` does not follow the one before it: it comes from elsewhere */
    LOG_FAULT_SPLICED = 9,
};

/* One thing that is wrong. */
struct log_finding {
    enum log_fault fault;
    uint64_t first, last; /* leaves */
    uint64_t entry;       /* number of the entry where it showed */
    const char *text;     /* in words, one line, printable; until the function returns */
};

/* Called for each finding, in order of the entries; no more than LOG_FINDINGS_MAX times. */
enum { LOG_FINDINGS_MAX = 32, LOG_EXPECTED_MAX = 8 };

struct log_result {
    bool ok;             /* nothing was found wrong */
    /* an expected checkpoint or a head showed that nothing is missing at the end */
    bool end_proved;
    uint32_t findings;   /* number of things wrong, all of them */
    uint64_t first;      /* first leaf seen */
    uint64_t size;       /* leaves in the tree up to the last entry */
    uint64_t signed_size; /* leaves under a signed checkpoint; those after it wait for the next */
    /* leaves before the first frontier, when the entries begin in the middle: their marks were
       checked, their signatures need the entries before them */
    uint64_t unproved;
    uint64_t checkpoints; /* verified */
    uint64_t lost;       /* archive entries the module itself knows to be lost */
    uint64_t time_first, time_last; /* seconds since 1970 as the leaves say; 0: none said */
    uint8_t root[LOG_HASH_SIZE];    /* of the tree of signed_size */
    /* entries below this number can be released, and what stays still verifies alone; 0: none */
    uint64_t release;
};

/* Private to client/log_verify. */
struct log_verifier {
    struct log_identity identity;
    void (*report)(void *context, const struct log_finding *finding);
    void *context;
    struct log_expected {
        uint64_t size;
        uint64_t entry;
        uint8_t root[LOG_HASH_SIZE];
        bool met;
    } expected[LOG_EXPECTED_MAX];
    size_t expected_count;
    struct log_result result;
    struct merkle tree; /* of the leaves so far, while `known` */
    bool started;       /* an entry was seen */
    bool known;
    bool range_bad;       /* something was found since the last good checkpoint */
    bool link_known;      /* `link` is what the next mark must hold */
    uint8_t link[8];      /* bytes 8..15 of the hash of the last leaf */
    uint64_t next;        /* number of the leaf to come */
    uint64_t entry;       /* number of the entry to come */
    uint64_t range_first; /* first leaf after the last good checkpoint */
    /* a checkpoint whose frontier is being read: */
    uint32_t frontier_left; /* hashes still to come; 0: none */
    uint64_t frontier_entry;
    uint8_t frontier_root[LOG_HASH_SIZE];
    struct merkle frontier;
};

/* Starts. `report` may be NULL. */
void log_verify_start(struct log_verifier *verifier, const struct log_identity *identity,
                      void (*report)(void *context, const struct log_finding *finding),
                      void *context);

/* Tells of a checkpoint kept or fresh from the module: the tree must reach its size and then have
 * its root. Its signatures are verified here: STATUS_SIGNATURE_INVALID; STATUS_TOO_LARGE: no room
 * for another; STATUS_DATA_INVALID: its size was passed already. `nonce`: the one it must carry, or
 * empty. */
enum status log_verify_expect(struct log_verifier *verifier,
                              const struct log_checkpoint *checkpoint, struct bytes nonce) MUST_USE;

/* Says that the next entry has this number in the archive. Not needed when entries follow on. */
void log_verify_place(struct log_verifier *verifier, uint64_t entry);

/* Looks at the next entry; never fails: what is wrong is reported. */
void log_verify_entry(struct log_verifier *verifier, const struct log_entry *entry);

/* Ends and fills *result. */
void log_verify_end(struct log_verifier *verifier, struct log_result *result);

/* Feeds a whole export file that was opened (to a started verifier; end it yourself). Bytes that
 * are no entries are a finding. */
void log_verify_file(struct log_verifier *verifier, const struct log_file *file);

#endif
