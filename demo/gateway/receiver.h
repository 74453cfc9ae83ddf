/* SPDX-License-Identifier: Apache-2.0 */
/* What a receiver of signed messages must check before it believes one (doc/GATEWAY.md), in this
 * order: the form, the signature by the one key that it knows, the policy that it knows, the
 * counter. It knows key and policy from its commissioning, never from the wire. */
#ifndef DEMO_GATEWAY_RECEIVER_H
#define DEMO_GATEWAY_RECEIVER_H

#include "demo/gateway/fields.h"
#include "policy/statement.h"

#include <openssl/types.h>

/* After a start of the module the counter may skip what was reserved before (doc/POLICY.md). */
enum { RECEIVER_SKIP_MAX = 256 };

enum verdict {
    VERDICT_GOOD = 0,
    VERDICT_FORM,      /* not a COSE_Sign1 of this kind */
    VERDICT_SIGNATURE, /* not signed by the key that is known */
    VERDICT_POLICY,    /* signed under another policy */
    VERDICT_REPLAY,    /* seen already, or older than what was seen */
    VERDICT_GAP,       /* good, but others before it never came; the next one can be good again */
    VERDICT_PAYLOAD,   /* what is signed cannot be read */
};

struct receiver {
    EVP_PKEY *key;
    uint8_t policy_hash[STATEMENT_HASH_SIZE];
    uint64_t boot, counter, uptime_ms; /* of the newest statement that was good */
};

struct received {
    struct statement statement;
    struct fields fields;
    uint64_t skipped; /* counters between the one before and this one */
    bool restarted;   /* the module started anew since the one before */
};

/* Reads the sender's public key (P-256, PEM) and the compiled policy; told on stderr. */
bool receiver_open(struct receiver *receiver, const char *key_file,
                   const char *policy_file) MUST_USE;
/* Judges one message and, where it is authentic and newer, remembers its counter. *received is
 * filled as far as the checks came; it points into `encoding`. */
enum verdict receiver_take(struct receiver *receiver, struct bytes encoding,
                           struct received *received) MUST_USE;
/* In words, for people. */
const char *receiver_verdict(enum verdict verdict) MUST_USE;
void receiver_close(struct receiver *receiver);

#endif
