/* SPDX-License-Identifier: Apache-2.0 */
/* The one way an object comes to be. Every creation path makes a draft out of the caller's
 * template, which is checked against the table of attributes, the conflict table and the object it
 * comes from; then the key material is put in; then core/keys/objects takes it. */
#ifndef CORE_KEYS_DRAFT_H
#define CORE_KEYS_DRAFT_H

#include "core/keys/conflicts.h"
#include "core/keys/limits.h"
#include "crypto/crypto.h"

/* Where the new object comes from, as the command knows it. */
struct draft_origin {
    enum creation creation;
    bool strict;    /* the token's profile */
    bool so;        /* the security officer asks */
    bool any_class; /* the template says the class (import); else class and type are given */
    enum object_class class;
    enum key_type type;         /* KEY_NONE: the template says it */
    uint32_t mechanism;         /* CREATION_GENERATE: algorithm, for CKA_KEY_GEN_MECHANISM */
    const struct facts *parent; /* CREATION_UNWRAP, _DERIVE: the key it comes from */
    const struct limits *limits; /* CREATION_DERIVE: its limits, which are inherited; or NULL */
};

struct draft {
    struct bytes template; /* borrowed until the draft is finished */
    struct facts facts;
    uint32_t mechanism;
    uint64_t serial;
    struct limits limits;
    uint8_t lease_key[LEASE_KEY_MAX]; /* what limits.lease_key points to */
    struct bytes attributes; /* after draft_finish: the object, in the room given there */
};

/* Checks a template and decides every attribute but the key material. On failure *why may say which
 * attribute or rule (constant text). Statuses: ATTRIBUTE_TYPE_INVALID, ATTRIBUTE_VALUE_INVALID,
 * ATTRIBUTE_READ_ONLY, TEMPLATE_INCOMPLETE, TEMPLATE_INCONSISTENT, BAD_FRAME. */
enum status draft_begin(struct draft *draft, const struct draft_origin *origin,
                        struct bytes template, const char **why) MUST_USE;

/* Key material that the template itself carries (import), completed and checked by crypto/; fills
 * *parts, pointing into the template and into `room` (8 KiB, secret). */
enum status draft_import(const struct draft *draft, struct key_parts *parts,
                         struct span *room) MUST_USE;

/* Writes all attributes of the object into `room`: those of the template, those the module decides
 * and, for keys, the parts (NULL otherwise). Pure: touches nothing else. OBJECT_TOO_LARGE, and
 * crypto_key_spki's statuses. */
enum status draft_finish(struct draft *draft, const struct key_parts *parts,
                         struct span room) MUST_USE;

/* Puts the draft's serial into CKA_UNIQUE_ID of its attributes, which lie at `attributes` (a copy
 * gets its own). */
void draft_write_serial(const struct draft *draft, uint8_t *attributes);

#endif
