/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: partitions with their own label, PINs, profile and rules of access. */
#ifndef CORE_SESSION_TOKENS_H
#define CORE_SESSION_TOKENS_H

#include "core/session/peer.h"
#include "core/store/store.h"
#include "crypto/crypto.h"
#include "proto/messages.h"

enum { LABEL_SIZE = 32 };

/* A PIN as it is kept: stretched, and how often it was tried in vain. */
struct pin {
    bool set;
    uint32_t cost;
    uint8_t salt[PIN_SALT_SIZE];
    uint8_t verifier[PIN_VERIFIER_SIZE];
    uint32_t tries;     /* persistent; counted before the comparison */
    uint32_t in_flight; /* comparisons under way; their tries are in `tries` */
    enum status denied; /* in a copy that is compared: why no text can be right, or OK */
};

struct token_peer {
    uint32_t kind; /* enum peer_kind */
    uint32_t number;
};

struct token {
    bool initialized;
    uint8_t label[LABEL_SIZE]; /* blank padded */
    uint32_t generation;       /* changes with each initialisation; never 0 */
    uint32_t profile;
    uint32_t access;
    uint32_t options;
    uint32_t peer_count;
    struct token_peer peers[TOKEN_PEERS_MAX];
    struct pin pins[2]; /* by enum user: SO, USER */
};

struct tokens {
    struct store *store;
    struct token list[TOKENS_MAX];
};

/* Reads all tokens from a mounted store. STORE_DAMAGED, STORE_IO. */
enum status tokens_mount(struct tokens *tokens, struct store *store) MUST_USE;
/* Generations of all tokens, 0 where there is none, for objects_mount. */
void tokens_generations(const struct tokens *tokens, uint32_t generations[TOKENS_MAX]);
/* Number of initialised tokens. */
uint32_t tokens_count(const struct tokens *tokens) MUST_USE;

/* Replaces a token by `next`, durably after the body's sync; the tries of both PINs become
 * `next`'s. */
enum status tokens_put(struct tokens *tokens, uint32_t slot, const struct token *next) MUST_USE;

/* Whether a process is let in as the user without a PIN. */
bool token_admits(const struct token *token, const struct peer *peer) MUST_USE;
static inline bool token_is_strict(const struct token *token) {
    return token->profile == PROFILE_OF_TOKEN_STRICT;
}

/* ---- PINs: exact lockout (R-20) ---- */

/* Counts a try, durably after the body's sync, before anything is compared, and fills *tried with
 * the PIN to compare. Where none is set, or no try is left, it writes the count that there is and
 * fills *tried with a decoy that is as slow to compare: the time tells nothing, and pin_end
 * says PIN_NOT_SET or PIN_LOCKED. */
enum status pin_begin(struct tokens *tokens, uint32_t slot, enum user user,
                      struct pin *tried) MUST_USE;
/* Ends a try: `right`, of the PIN that still is the one that was compared, gives back what was
 * counted. PIN_INCORRECT, or PIN_LOCKED after the last try; PIN_NOT_SET. */
enum status pin_end(struct tokens *tokens, uint32_t slot, enum user user, const struct pin *tried,
                    bool right) MUST_USE;
/* Fills a PIN from its text: new salt, stretched; slow, pure. PIN_LENGTH. */
enum status pin_make(struct pin *pin, struct bytes text) MUST_USE;
/* Whether the text is the PIN; the same time for every answer. Slow, pure. */
bool pin_matches(const struct pin *pin, struct bytes text) MUST_USE;
static inline bool pin_is_locked(const struct pin *pin) {
    return pin->tries >= PIN_TRIES_MAX;
}

#endif
