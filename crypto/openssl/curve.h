/* SPDX-License-Identifier: Apache-2.0 */
/* The elliptic curves as OpenSSL knows them, and points on them. */
#ifndef CRYPTO_OPENSSL_CURVE_H
#define CRYPTO_OPENSSL_CURVE_H

#include "crypto/common/curve.h"

#include <openssl/ec.h>
#include <openssl/evp.h>

enum status curve_start(void) MUST_USE;
void curve_stop(void);

/* OpenSSL's name of the curve or of the key's type. */
const char *curve_name(const struct curve *curve) MUST_USE;
/* OpenSSL's group of a NIST curve. */
const EC_GROUP *curve_group(const struct curve *curve) MUST_USE;

/* Whether `point` is an uncompressed point on a NIST curve, or has the size of a point elsewhere:
 * PUBLIC_KEY_INVALID. */
enum status curve_check_point(const struct curve *curve, struct bytes point) MUST_USE;
/* The public point of the private number d; fills 1 + 2 * size bytes. ATTRIBUTE_VALUE_INVALID
 * where d is not in 1 .. order - 1. */
enum status curve_public(const struct curve *curve, const BIGNUM *d, uint8_t *point) MUST_USE;

#endif
