/* SPDX-License-Identifier: Apache-2.0 */
/* The elliptic curves: which there are, how CKA_EC_PARAMS names them, and points on them. */
#ifndef CRYPTO_OPENSSL_CURVE_H
#define CRYPTO_OPENSSL_CURVE_H

#include "base/bytes.h"
#include "base/status.h"
#include "proto/algorithms.h"

#include <openssl/ec.h>
#include <openssl/evp.h>

enum { FIELD_SIZE_MAX = 66, POINT_SIZE_MAX = 1 + 2 * FIELD_SIZE_MAX, CURVE25519_SIZE = 32 };

struct curve {
    enum key_type type;
    const char *name; /* OpenSSL's name of the curve or of the key's type */
    int nid;          /* the NIST curves: OpenSSL's number, else 0 */
    uint32_t bits;
    size_t size; /* of a coordinate, and of a private key */
    struct bytes oid;
    const char *printable; /* the other name that PKCS #11 allows, as a PrintableString */
};

enum status curve_start(void) MUST_USE;
void curve_stop(void);

/* The curve that DER parameters name for a key of this type. Statuses: DOMAIN_PARAMS_INVALID (no
 * name, or explicit parameters), CURVE_NOT_SUPPORTED. */
enum status curve_find(enum key_type type, struct bytes ec_params,
                       const struct curve **curve) MUST_USE;
/* The curve that a key of OpenSSL is on, NULL where it is none of these. */
const struct curve *curve_of_pkey(const EVP_PKEY *pkey) MUST_USE;
/* OpenSSL's group of a NIST curve. */
const EC_GROUP *curve_group(const struct curve *curve) MUST_USE;

/* Whether `point` is an uncompressed point on a NIST curve, or has the size of a point elsewhere:
 * PUBLIC_KEY_INVALID. */
enum status curve_check_point(const struct curve *curve, struct bytes point) MUST_USE;
/* The public point of the private number d; fills 1 + 2 * size bytes. ATTRIBUTE_VALUE_INVALID
 * where d is not in 1 .. order - 1. */
enum status curve_public(const struct curve *curve, const BIGNUM *d, uint8_t *point) MUST_USE;

#endif
