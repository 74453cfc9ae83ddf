/* SPDX-License-Identifier: Apache-2.0 */
/* The renewal of a key's lease, as whoever holds its lease key signs it and the module reads it: a
 * COSE_Sign1 (RFC 9052) over deterministic CBOR. Both forms of key sign the same text. */
#ifndef PROTO_LEASE_H
#define PROTO_LEASE_H

#include "base/bytes.h"
#include "base/status.h"

enum {
    LEASE_DEVICE_SIZE = 16,
    LEASE_SIGNATURE_SIZE = 64, /* r || s, or Ed25519's */
    LEASE_PAYLOAD_MAX = 160,
    LEASE_TEXT_MAX = 224, /* what is signed */
    LEASE_COSE_MAX = 320,
};

enum lease_key_form { LEASE_KEY_OTHER, LEASE_KEY_P256, LEASE_KEY_ED25519 };

/* Which of the two forms a SubjectPublicKeyInfo has, by its fixed beginning and its length. */
enum lease_key_form lease_key_form(struct bytes spki) MUST_USE;
/* The public key in it: an uncompressed point, or 32 bytes. */
struct bytes lease_key_point(struct bytes spki) MUST_USE;

/* Keys of the payload's map; all are there, in this order. */
enum lease_field {
    LEASE_PURPOSE = 1,   /* text LEASE_PURPOSE_TEXT: what this signature is for */
    LEASE_DEVICE = 2,    /* bytes: the module's device id */
    LEASE_UNIQUE_ID = 3, /* text: CKA_UNIQUE_ID of the key */
    LEASE_SEQUENCE = 4,  /* higher than in every renewal before */
    LEASE_USES = 5,      /* from now on; 0 where the key has no such limit */
    LEASE_SECONDS = 6,
};
#define LEASE_PURPOSE_TEXT "edgehsm lease"

struct lease {
    struct bytes device;
    struct bytes unique_id; /* up to 64 bytes */
    uint64_t sequence;
    uint32_t uses;
    uint32_t seconds;
};

/* Writes the payload. TOO_LARGE. */
enum status lease_write(const struct lease *lease, struct span *payload) MUST_USE;
/* The text that is signed (RFC 9052, 4.4). TOO_LARGE. */
enum status lease_signed(enum lease_key_form form, struct bytes payload,
                         struct span *out) MUST_USE;
/* The whole renewal. TOO_LARGE. */
enum status lease_cose_write(enum lease_key_form form, struct bytes payload,
                             const uint8_t signature[LEASE_SIGNATURE_SIZE],
                             struct span *out) MUST_USE;

/* Takes a renewal apart; *payload and *signature point into it. DATA_INVALID. */
enum status lease_cose_read(struct bytes cose, enum lease_key_form *form, struct bytes *payload,
                            struct bytes *signature) MUST_USE;
/* Reads a payload; the lease points into it. DATA_INVALID. */
enum status lease_read(struct bytes payload, struct lease *lease) MUST_USE;

#endif
