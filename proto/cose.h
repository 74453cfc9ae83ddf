/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Sign1 (RFC 9052, section 4.2) in the one encoding that is written here: tagged, with an
 * empty unprotected header, deterministic CBOR (RFC 8949, section 4.2). */
#ifndef PROTO_COSE_H
#define PROTO_COSE_H

#include "base/bytes.h"
#include "base/status.h"
#include "proto/cbor.h"

enum {
    COSE_SIGN1_TAG = 18,
    COSE_HEADER_MAX = 64,
    COSE_SIGNATURE_SIZE = 64, /* r || s, or Ed25519 */
    COSE_KEY_ID_SIZE = 8,     /* the first bytes of SHA-256 of the signer's public key */
};

/* As COSE numbers them. */
enum cose_algorithm { COSE_ES256 = -7, COSE_EDDSA = -8 };

/* Its pieces, which point into it. */
struct cose {
    struct bytes header; /* the protected one, encoded */
    bool detached;       /* the payload is left out */
    struct bytes payload;
    struct bytes signature;
    /* of a header that cose_read_header() has read: */
    int32_t algorithm; /* enum cose_algorithm */
    struct bytes key_id;
};

/* What is signed (the Sig_structure of section 4.4, nothing external); and the whole, with its
 * payload left out where that is NULL. Each fills `out`; TOO_LARGE. */
enum status cose_signed(struct bytes header, struct bytes payload, struct span *out) MUST_USE;
enum status cose_write(struct bytes header, const struct bytes *payload, struct bytes signature,
                       struct span *out) MUST_USE;

/* Takes one apart: the whole, which ends there; or what stands behind the tag in something larger.
 * DATA_INVALID. Nothing is verified, and the header is not looked into. */
enum status cose_open(struct bytes encoding, struct cose *cose) MUST_USE;
enum status cose_read(struct cbor_reader *reader, struct cose *cose) MUST_USE;

/* The header of what people sign with their own keys: {1 algorithm, 4 key id, 16 type}, where the
 * type (RFC 9596) says what for. Writing fills `out`; TOO_LARGE. Reading fills cose->algorithm and
 * cose->key_id; DATA_INVALID where it is not of this type. */
enum status cose_header(int32_t algorithm, struct bytes key_id, const char *type,
                        struct span *out) MUST_USE;
enum status cose_read_header(struct cose *cose, const char *type) MUST_USE;

#endif
