/* SPDX-License-Identifier: Apache-2.0 */
/* The elliptic curves as OpenSSL knows them. */
#include "crypto/openssl/curve.h"

#include "crypto/openssl/library.h"

#include <openssl/bn.h>
#include <openssl/objects.h>

static EC_GROUP *groups[CURVE_COUNT];

static const struct {
    const char *name;
    int nid; /* the NIST curves: OpenSSL's number, else 0 */
} names[CURVE_COUNT] = {
    [CURVE_P256] = {"P-256", NID_X9_62_prime256v1},
    [CURVE_P384] = {"P-384", NID_secp384r1},
    [CURVE_P521] = {"P-521", NID_secp521r1},
    [CURVE_ED25519] = {"ED25519", 0},
    [CURVE_X25519] = {"X25519", 0},
};

enum status curve_start(void) {
    for (size_t i = 0; i < CURVE_COUNT; i++) {
        if (names[i].nid == 0) {
            continue;
        }
        groups[i] = EC_GROUP_new_by_curve_name_ex(library.context, NULL, names[i].nid);
        if (groups[i] == NULL) {
            return library_failure();
        }
    }
    return STATUS_OK;
}

void curve_stop(void) {
    for (size_t i = 0; i < CURVE_COUNT; i++) {
        EC_GROUP_free(groups[i]);
        groups[i] = NULL;
    }
}

bool curve_offered(enum curve_id id) {
    return id < CURVE_COUNT;
}

const char *curve_name(const struct curve *curve) {
    return names[curve->id].name;
}

const EC_GROUP *curve_group(const struct curve *curve) {
    return groups[curve->id];
}

enum status curve_check_point(const struct curve *curve, struct bytes point) {
    if (curve->type != KEY_EC) {
        return point.size == curve->size ? STATUS_OK : STATUS_PUBLIC_KEY_INVALID;
    }
    if (point.size != 1 + 2 * curve->size || point.data[0] != POINT_UNCOMPRESSED) {
        return STATUS_PUBLIC_KEY_INVALID;
    }
    /* Reading checks the range of the coordinates and the equation; the cofactor is 1. */
    EC_POINT *read = EC_POINT_new(curve_group(curve));
    if (read == NULL) {
        return library_failure();
    }
    int valid = EC_POINT_oct2point(curve_group(curve), read, point.data, point.size, NULL);
    EC_POINT_free(read);
    return valid == 1 ? STATUS_OK : library_refusal(STATUS_PUBLIC_KEY_INVALID);
}

enum status curve_public(const struct curve *curve, const BIGNUM *d, uint8_t *point) {
    const EC_GROUP *group = curve_group(curve);
    if (BN_is_zero(d) || BN_is_negative(d) || BN_cmp(d, EC_GROUP_get0_order(group)) >= 0) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    EC_POINT *q = EC_POINT_new(group);
    size_t size = 1 + 2 * curve->size;
    bool done =
        q != NULL && EC_POINT_mul(group, q, d, NULL, NULL, NULL) == 1 &&
        EC_POINT_point2oct(group, q, POINT_CONVERSION_UNCOMPRESSED, point, size, NULL) == size;
    EC_POINT_free(q);
    return done ? STATUS_OK : library_failure();
}
