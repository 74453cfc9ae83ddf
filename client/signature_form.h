/* SPDX-License-Identifier: Apache-2.0 */
/* The forms that other programs expect around what the module signs and gives. */
#ifndef CLIENT_SIGNATURE_FORM_H
#define CLIENT_SIGNATURE_FORM_H

#include "base/bytes.h"
#include "base/status.h"

#include <openssl/evp.h>

/* Fills *out with the DigestInfo that PKCS #1 v1.5 puts around a hash (RFC 8017, 9.2).
 * STATUS_INTERNAL when it does not fit or OpenSSL has no name for the hash. */
enum status signature_form_digest_info(const EVP_MD *md, struct bytes digest,
                                       struct span *out) MUST_USE;

/* Fills *out with the DER form of an ECDSA signature r || s (RFC 3279, 2.2.3). */
enum status signature_form_ecdsa(struct bytes raw, struct span *out) MUST_USE;

#endif
