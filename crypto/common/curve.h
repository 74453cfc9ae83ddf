/* SPDX-License-Identifier: Apache-2.0 */
/* The elliptic curves: which there are, and how CKA_EC_PARAMS names them. */
#ifndef CRYPTO_COMMON_CURVE_H
#define CRYPTO_COMMON_CURVE_H

#include "base/bytes.h"
#include "base/status.h"
#include "proto/algorithms.h"

enum { FIELD_SIZE_MAX = 66, POINT_SIZE_MAX = 1 + 2 * FIELD_SIZE_MAX, CURVE25519_SIZE = 32 };
enum { POINT_UNCOMPRESSED = 0x04 };

enum curve_id { CURVE_P256, CURVE_P384, CURVE_P521, CURVE_ED25519, CURVE_X25519, CURVE_COUNT };

struct curve {
    enum key_type type; /* KEY_EC: one of the NIST curves */
    enum curve_id id;
    uint32_t bits;
    size_t size;           /* of a coordinate, and of a private key */
    struct bytes oid;      /* DER */
    const char *printable; /* the other name that PKCS #11 allows, as a PrintableString */
};

const struct curve *curve_at(enum curve_id id) MUST_USE;

/* The curve that DER parameters name for a key of this type. Statuses: DOMAIN_PARAMS_INVALID (no
 * name, or explicit parameters), CURVE_NOT_SUPPORTED. */
enum status curve_find(enum key_type type, struct bytes ec_params,
                       const struct curve **curve) MUST_USE;

/* Answered by the library's folder: whether it has this curve. */
bool curve_offered(enum curve_id id) MUST_USE;

#endif
