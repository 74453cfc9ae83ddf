/* SPDX-License-Identifier: Apache-2.0 */
/* Who may approve what: a roles file names people by their public keys, roles as sets of people
 * with a threshold, and the role that each kind of request needs (doc/APPROVAL.md). Deterministic
 * CBOR, read the same by the module and by the command line. */
#ifndef APPROVAL_ROLES_H
#define APPROVAL_ROLES_H

#include "proto/cose.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "base/status.h"

enum {
    ROLES_FORMAT = 1,
    ROLES_MAX = 8,
    MEMBERS_MAX = 16,
    ROLE_NAME_MAX = 32, /* bytes of a role's or a member's name */
    MEMBER_KEY_MAX = 65,
    RP_ID_HASH_SIZE = 32,
};

/* What a request is about. Numbers are kept in roles files and logs: never reused. */
enum approval_class {
    APPROVAL_ROLES = 1,      /* another roles file: the old and the new one's threshold */
    APPROVAL_POLICY = 2,     /* another policy for a key that has one */
    APPROVAL_WRAP = 3,       /* a secret leaves the module, wrapped */
    APPROVAL_TRUSTED = 4,    /* a key that others may be wrapped with is called trusted */
    APPROVAL_DESTROY = 5,    /* a protected key is destroyed */
    APPROVAL_UNLOCK = 6,     /* the user PIN is replaced, which also unlocks it */
    APPROVAL_TOKEN = 7,      /* the token's rules get looser */
    APPROVAL_MESSAGE = 8,    /* a message that a policy wants approved */
    APPROVAL_LIMITS = 9,     /* the limits of a key get looser */
    APPROVAL_RESUME = 10,    /* a key that an alarm suspended works again */
    APPROVAL_CLASSES = 11,
};

enum member_algorithm { MEMBER_ES256 = COSE_ES256, MEMBER_EDDSA = COSE_EDDSA };

struct member {
    struct bytes name;
    int32_t algorithm;       /* enum member_algorithm */
    struct bytes key;        /* ES256: the point, 0x04 || x || y; EdDSA (Ed25519): 32 bytes */
    struct bytes rp_id_hash; /* WebAuthn: SHA-256 of the relying party's name; else empty */
};

struct role {
    struct bytes name;
    uint32_t threshold; /* distinct members that must agree */
    uint32_t members;   /* bit set */
};

struct roles {
    uint32_t version; /* never goes back */
    uint32_t member_count, role_count;
    struct member members[MEMBERS_MAX];
    struct role roles[ROLES_MAX];       /* the first one decides about the file itself */
    uint8_t needed[APPROVAL_CLASSES];   /* by class: which role */
};

/* Reads a roles file; texts and keys point into it. STATUS_DATA_INVALID: not exactly that form, a
 * threshold of 0 or above its role's members, a key or a name twice, more than the bounds above. */
enum status roles_read(struct bytes file, struct roles *roles) MUST_USE;
/* Writes one that roles_read takes. Fills `out`; STATUS_TOO_LARGE. */
enum status roles_write(const struct roles *roles, struct span *out) MUST_USE;

#endif
