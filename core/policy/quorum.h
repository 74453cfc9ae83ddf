/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that wait for people to approve them. A command that needs approval asks here: it finds
 * that enough members of the right role approved exactly this, and uses that up; or it is refused,
 * and the request that people can approve waits. All of it is in memory: a nonce dies with a
 * restart. Every function is for check and commit. */
#ifndef CORE_POLICY_QUORUM_H
#define CORE_POLICY_QUORUM_H

#include "approval/approval.h"
#include "base/limits.h"
#include "core/store/store.h"
#include "crypto/crypto.h"

enum { SIGNER_SIZE = 16 };

struct waiting {
    bool used;
    uint32_t slot, generation;
    uint32_t class; /* enum approval_class */
    uint64_t id;
    uint64_t expires_ms;
    uint32_t roles_version;
    uint32_t needs, members; /* as its subject has them */
    uint8_t subject[32]; /* hash of all that it is about */
    uint32_t signer_count;
    uint8_t signers[MEMBERS_MAX][SIGNER_SIZE]; /* starts of the hashes of their keys */
    uint32_t size;
    uint8_t encoding[APPROVAL_REQUEST_MAX]; /* the request, as people sign it */
};

struct quorum {
    struct waiting list[REQUESTS_MAX];
};

/* What a command wants to do. */
struct quorum_subject {
    uint32_t slot, generation; /* of the token */
    struct bytes label;        /* of the token, blank padded */
    struct bytes device;
    uint32_t class;
    /* MESSAGE only: so many of these members (a bit set), within so long; a policy says it */
    uint32_t needs, members;
    uint64_t within_ms;
    uint32_t item_count;
    struct request_item items[REQUEST_ITEMS_MAX];
};

/* The roles of a token: its file, read into `room` (ROLES_FILE_MAX + 4), and what it says.
 * NOT_FOUND where it has none; STORE_DAMAGED, STORE_IO. */
enum status quorum_roles(struct store *store, uint32_t slot, uint32_t generation, struct span *room,
                         struct roles *roles) MUST_USE;
/* Stores another file, durably after the body's sync. */
enum status quorum_put_roles(struct store *store, uint32_t slot, uint32_t generation,
                             struct bytes file) MUST_USE;

/* OK: enough people approved exactly this; that is used up. APPROVAL_NEEDED: the request waits, new
 * or as before, and *id names it. `roles` NULL: the token has none yet, and its first file must be
 * approved by those it names. BUSY: too many wait that were approved in part. */
enum status quorum_ask(struct quorum *quorum, const struct quorum_subject *subject,
                       const struct roles *roles, uint64_t *id) MUST_USE;

/* Forgets what waits on a token, which is made anew. */
void quorum_forget(struct quorum *quorum, uint32_t slot);
/* The request with this number on a token; NULL where there is none, or not any more. */
struct waiting *quorum_find(struct quorum *quorum, uint32_t slot, uint64_t id) MUST_USE;
/* The roles of which members may answer a request: those of the token and, for a roles file, those
 * it brings. False where there is no such file in it. */
bool quorum_brings_roles(const struct waiting *waiting, struct roles *roles) MUST_USE;
/* How many of the people needed have approved, and how many are needed; of a roles file, the old
 * and the new threshold together. */
void quorum_count(const struct waiting *waiting, const struct roles *roles, uint32_t *given,
                  uint32_t *needed);

/* An approval on its way through compute. */
struct quorum_vote {
    uint8_t signer[SIGNER_SIZE];
    uint32_t member; /* its place in the roles file */
    int32_t algorithm;
    size_t key_size, rp_size;
    uint8_t key[MEMBER_KEY_MAX];
    uint8_t rp_id_hash[RP_ID_HASH_SIZE];
};
/* Finds who an approval says it is from: fills *vote. APPROVER_UNKNOWN. */
enum status quorum_voter(const struct approval *approval, const struct roles *roles,
                         struct quorum_vote *vote) MUST_USE;
/* Verifies it over the request; pure. `room` takes APPROVAL_SIGNED_MAX bytes. SIGNATURE_INVALID. */
enum status quorum_verify(const struct quorum_vote *vote, const struct approval *approval,
                          struct bytes request, struct span room) MUST_USE;
/* Makes a member's public key ready; the caller unloads it. PUBLIC_KEY_INVALID. */
enum status quorum_load_key(int32_t algorithm, struct bytes point,
                            struct crypto_key *key) MUST_USE;
/* Counts it; the same person twice counts once. */
void quorum_vote(struct waiting *waiting, const struct quorum_vote *vote);

#endif
