/* SPDX-License-Identifier: Apache-2.0 */
/* Points and private numbers on elliptic curves, by BearSSL: one implementation for P-256, one for
 * P-384 and P-521, one for Curve25519. Ed25519 is libsodium's. */
#ifndef CRYPTO_MCU_EC_H
#define CRYPTO_MCU_EC_H

#include "crypto/mcu/key.h"

#include <bearssl.h>

const br_ec_impl *ec_implementation(const struct curve *curve) MUST_USE;
/* BearSSL's number of a curve. */
int ec_number(const struct curve *curve) MUST_USE;
/* The size of a point: 1 + 2 * field, or 32 bytes. */
size_t ec_point_size(const struct curve *curve) MUST_USE;

/* Whether `point` is an uncompressed point on a NIST curve, or has the size of a point elsewhere:
 * PUBLIC_KEY_INVALID. No secret is needed for it. */
enum status ec_check_point(const struct curve *curve, struct bytes point) MUST_USE;
/* Whether a private number of a NIST curve, as long as the field, is in 1 .. order - 1. */
bool ec_check_scalar(const struct curve *curve, const uint8_t *value) MUST_USE;
/* The public point of a private value of any curve; fills ec_point_size() bytes. */
enum status ec_public(const struct curve *curve, const uint8_t *value, uint8_t *point) MUST_USE;
/* A new private value, as long as the field (FIPS 186-5, A.2.2: by rejection). */
enum status ec_draw(const struct curve *curve, uint8_t *value) MUST_USE;

/* The shared secret, as long as a coordinate (SP 800-56A, 5.7.1; RFC 7748, 6.1). The peer is
 * checked first: PUBLIC_KEY_INVALID, also for an all-zero result. */
enum status ec_agree(const struct loaded *key, struct bytes peer, uint8_t *secret) MUST_USE;

#endif
