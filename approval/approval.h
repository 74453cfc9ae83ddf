/* SPDX-License-Identifier: Apache-2.0 */
/* One person's yes to one request: a COSE_Sign1 (RFC 9052) over the request, which is not in it; or
 * a WebAuthn assertion (Web Authentication level 2, section 7.2) whose challenge is the request's
 * SHA-256. */
#ifndef APPROVAL_APPROVAL_H
#define APPROVAL_APPROVAL_H

#include "proto/cose.h"
#include "approval/request.h"

enum {
    APPROVAL_KEY_ID_SIZE = COSE_KEY_ID_SIZE,
    APPROVAL_SIGNATURE_SIZE = COSE_SIGNATURE_SIZE,
    APPROVAL_AUTHENTICATOR_MIN = 37,
    APPROVAL_AUTHENTICATOR_MAX = 256,
    APPROVAL_CLIENT_DATA_MAX = 512,
    APPROVAL_HEADER_MAX = COSE_HEADER_MAX,
    APPROVAL_SIGNED_MAX = APPROVAL_REQUEST_MAX + APPROVAL_HEADER_MAX + 64,
    CHALLENGE_SIZE = 32,
};

struct approval {
    bool webauthn;
    struct bytes key_id;
    struct bytes signature;     /* r || s, or Ed25519 */
    int32_t algorithm;          /* COSE only: enum member_algorithm */
    struct bytes header;        /* COSE only: the protected header, encoded */
    struct bytes authenticator; /* WebAuthn only: authenticatorData */
    struct bytes client_data;   /* WebAuthn only: clientDataJSON */
};

/* Takes an approval apart; everything points into it. DATA_INVALID: not exactly one of the two
 * forms. Nothing is verified. */
enum status approval_read(struct bytes encoding, struct approval *approval) MUST_USE;

/* The protected header, of type "application/hsm-approval+cbor"; and the whole COSE_Sign1, with the
 * request left out. What is signed, cose_signed() makes of header and request. Each fills `out`;
 * TOO_LARGE. */
enum status approval_header(int32_t algorithm, struct bytes key_id, struct span *out) MUST_USE;
enum status approval_write(struct bytes header, struct bytes signature, struct span *out) MUST_USE;

/* A WebAuthn assertion as an approval: an array of the word "webauthn", key id, authenticatorData,
 * clientDataJSON, signature (ES256 as r || s). Signed is authenticatorData || SHA-256 of
 * clientDataJSON. */
enum status approval_write_webauthn(const struct approval *approval, struct span *out) MUST_USE;
/* Whether an assertion is about this challenge, from this relying party, by a person who was
 * present and verified. Of clientDataJSON it wants the beginning that every browser writes (level
 * 2, section 5.8.1.1), so that no JSON is parsed. DATA_INVALID. */
enum status approval_check_webauthn(const struct approval *approval,
                                    const uint8_t challenge[CHALLENGE_SIZE],
                                    struct bytes rp_id_hash) MUST_USE;

#endif
