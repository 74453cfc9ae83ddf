/* SPDX-License-Identifier: Apache-2.0 */
/* What people sign with their own keys: a COSE_Sign1 (RFC 9052) with ES256 or EdDSA, whose
 * protected header says who signed and, by its type (RFC 9596), what for. One encoding of each. */
#ifndef APPROVAL_COSE_H
#define APPROVAL_COSE_H

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

struct cose {
    int32_t algorithm; /* enum cose_algorithm */
    struct bytes key_id;
    struct bytes header; /* the protected one, encoded */
    bool detached;       /* the payload is left out */
    struct bytes payload;
    struct bytes signature;
};

/* The protected header {1 algorithm, 4 key id, 16 type}; and with it what is signed (the
 * Sig_structure), and the whole, with its payload left out where that is NULL. Each fills `out`;
 * TOO_LARGE. */
enum status cose_header(int32_t algorithm, struct bytes key_id, const char *type,
                        struct span *out) MUST_USE;
enum status cose_signed(struct bytes header, struct bytes payload, struct span *out) MUST_USE;
enum status cose_write(struct bytes header, const struct bytes *payload, struct bytes signature,
                       struct span *out) MUST_USE;

/* Takes one of this type apart, from behind its tag on; everything points into it. DATA_INVALID.
 * Nothing is verified, nor that it ends there. */
enum status cose_read(struct cbor_reader *reader, const char *type, struct cose *cose) MUST_USE;

#endif
