/* SPDX-License-Identifier: Apache-2.0 */
/* What a signature under a policy says: a COSE_Sign1 (RFC 9052) over the message, whose protected
 * header holds what only the module can know. */
#ifndef POLICY_STATEMENT_H
#define POLICY_STATEMENT_H

#include "policy/message.h"

enum statement_algorithm {
    STATEMENT_ES256 = -7,
    STATEMENT_EDDSA = -8,
    STATEMENT_ES384 = -35,
    STATEMENT_ES512 = -36,
};

/* Header labels, besides 1 (algorithm), 3 (content: CBOR) and 4 (key id); private use. */
enum statement_label {
    STATEMENT_COUNTER = -70001,     /* one more than the statement before, of this key */
    STATEMENT_BOOT = -70002,        /* number of the module's start */
    STATEMENT_UPTIME_MS = -70003,   /* since then */
    STATEMENT_TIME = -70004,        /* seconds since 1970, or null */
    STATEMENT_QUALITY = -70005,     /* enum statement_quality */
    STATEMENT_POLICY_HASH = -70006, /* SHA-256 of the compiled policy */
    STATEMENT_VERSION = -70007,     /* of the policy */
    STATEMENT_RULE = -70008,        /* which line allowed it; 1 is the first */
};

/* What the time is worth. */
enum statement_quality { QUALITY_NONE = 0, QUALITY_HOST = 1, QUALITY_TRUSTED = 2 };

enum {
    STATEMENT_HASH_SIZE = 32,
    STATEMENT_KEY_ID_MAX = 64,
    STATEMENT_HEADER_MAX = 256,
    /* the message, and at most a key and a number for each field of the module */
    STATEMENT_PAYLOAD_MAX = POLICY_CONTENT_MAX + 12 * POLICY_FIELDS_MAX + 8,
    STATEMENT_SIGNED_MAX = STATEMENT_HEADER_MAX + STATEMENT_PAYLOAD_MAX + 32,
    STATEMENT_SIZE_MAX = STATEMENT_HEADER_MAX + STATEMENT_PAYLOAD_MAX + 160,
};

struct statement {
    int32_t algorithm;   /* enum statement_algorithm */
    struct bytes key_id; /* empty: none */
    struct bytes policy_hash;
    struct message_facts facts;
    uint32_t quality; /* enum statement_quality */
    uint32_t version;
    uint32_t rule;
};

/* Writes the protected header. Fills `out`; STATUS_TOO_LARGE. */
enum status statement_header(const struct statement *statement, struct span *out) MUST_USE;
/* Writes what is signed: the Sig_structure of RFC 9052 section 4.4, nothing external. */
enum status statement_signed(struct bytes header, struct bytes payload, struct span *out) MUST_USE;
/* Header and payload inside of what is signed. STATUS_DATA_INVALID. */
enum status statement_pieces(struct bytes whole, struct bytes *header,
                             struct bytes *payload) MUST_USE;
/* Writes the COSE_Sign1 with its tag, once the signature (r || s) is there. */
enum status statement_write(struct bytes header, struct bytes payload, struct bytes signature,
                            struct span *out) MUST_USE;

/* The pieces of a COSE_Sign1, pointing into it. */
struct statement_parts {
    struct bytes header, payload, signature;
};
/* Takes one apart that statement_write made; fills *statement with what its header says.
 * STATUS_DATA_INVALID: it is not exactly of that form. The signature is not looked at. */
enum status statement_read(struct bytes encoding, struct statement_parts *parts,
                           struct statement *statement) MUST_USE;

#endif
