/* SPDX-License-Identifier: Apache-2.0 */
/* What people are asked to approve: the module's request, with the exact parameters, and the text
 * made of them that people read (doc/APPROVAL.md). The tool of whoever approves makes the text anew
 * from the parameters and never shows the one it was sent. */
#ifndef APPROVAL_REQUEST_H
#define APPROVAL_REQUEST_H

#include "approval/roles.h"

enum {
    REQUEST_ID_SIZE = 8,
    REQUEST_NONCE_SIZE = 32,
    REQUEST_DEVICE_MAX = 16,
    REQUEST_ITEMS_MAX = 6,
    REQUEST_TEXT_MAX = 400,
};

/* A parameter: text for people, or bytes that a text tells the size of. */
struct request_item {
    struct bytes value;
    bool is_text;
};

struct request {
    struct bytes id;     /* REQUEST_ID_SIZE; names it among those that wait */
    struct bytes device; /* the module's device id: nobody else's request */
    uint32_t class;      /* enum approval_class */
    struct bytes token;  /* label, without blanks at its end */
    struct bytes nonce;  /* REQUEST_NONCE_SIZE, random; dies with the request and at a restart */
    uint32_t roles_version;
    uint64_t expires_ms; /* the module's uptime when it is void */
    uint32_t item_count;
    struct request_item items[REQUEST_ITEMS_MAX];
    struct bytes text; /* what the module says; compare it with request_text() */
};

/* Parameters of each class, in order:
 *   ROLES       roles file (bytes)
 *   POLICY      key's label, its unique id, name of the new policy, compiled (bytes), hash of the
 *               one that it takes the place of (bytes)
 *   WRAP        key's label, its unique id, wrapping key's label, its unique id, algorithm
 *   TRUSTED     key's label, hash of its template (bytes)
 *   DESTROY     key's label, its unique id
 *   UNLOCK      (none)
 *   TOKEN       what gets looser, in words; all the rules that are set (bytes)
 *   RESUME      key's label, its unique id
 *   MESSAGE     key's label, its unique id, name of the policy, message (bytes), hash of the
 *               compiled policy (bytes)
 *   LIMITS      key's label, its unique id, its limits as they are (bytes: a list of attributes),
 *               as they are to be */
uint32_t request_items_of(uint32_t class) MUST_USE;

/* The text for people, at most REQUEST_TEXT_MAX bytes, of the parameters alone. Texts that come
 * from outside stand in quotes and have no control characters. Fills `out`; DATA_INVALID. */
enum status request_text(const struct request *request, struct span *out) MUST_USE;

/* Writes the request as deterministic CBOR, text included. Fills `out`; TOO_LARGE. */
enum status request_write(const struct request *request, struct span *out) MUST_USE;
/* Reads one; everything points into it. DATA_INVALID: not exactly that form. */
enum status request_read(struct bytes encoding, struct request *request) MUST_USE;

#endif
