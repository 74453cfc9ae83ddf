/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of signatures behind crypto_sign and crypto_verify, one file each. What is signed has
 * been hashed already where the mechanism says so; the mechanism and all sizes have been checked.
 */
#ifndef CRYPTO_OPENSSL_SIGNATURE_H
#define CRYPTO_OPENSSL_SIGNATURE_H

#include "crypto/openssl/key.h"

/* Fill signature->data, which has the full size of a signature, and verify it themselves first. */
enum status rsa_sign(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                     uint8_t *signature) MUST_USE;
enum status ecdsa_sign(struct loaded *key, struct bytes digest, bool verify,
                       uint8_t *signature) MUST_USE;
enum status eddsa_sign(struct loaded *key, struct bytes message, bool verify,
                       uint8_t *signature) MUST_USE;

/* SIGNATURE_INVALID; the signature has the full size. */
enum status rsa_verify(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                       struct bytes signature) MUST_USE;
enum status ecdsa_verify(struct loaded *key, struct bytes digest,
                         const uint8_t *signature) MUST_USE;
enum status eddsa_verify(struct loaded *key, struct bytes message, struct bytes signature) MUST_USE;

/* What follows when a new signature was verified: one that is not valid is the module's own fault.
 */
enum status signature_own(enum status verified) MUST_USE;

/* HMAC and CMAC: a context that is ready for the first part of a message. */
enum status mac_begin(struct loaded *key, const struct mechanism *mechanism,
                      struct ready **ready) MUST_USE;
/* Fills the whole MAC, before truncation. */
enum status mac_finish(struct ready *ready, const struct mechanism *mechanism,
                       uint8_t *mac) MUST_USE;

/* Sign and verify what has been hashed already: the end of crypto_sign and of a stream. */
enum status signature_make(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                           bool verify, struct span *signature) MUST_USE;
enum status signature_check(struct loaded *key, const struct mechanism *mechanism,
                            struct bytes data, struct bytes signature) MUST_USE;

#endif
