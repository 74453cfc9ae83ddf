/* SPDX-License-Identifier: Apache-2.0 */
/* The elliptic curves. */
#include "crypto/openssl/curve.h"

#include "crypto/openssl/library.h"

#include <openssl/bn.h>
#include <openssl/objects.h>

#define OID(...)                                                                                   \
    { (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}) }

static const struct curve curves[] = {
    {KEY_EC, "P-256", NID_X9_62_prime256v1, 256, 32,
     OID(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07), NULL},
    {KEY_EC, "P-384", NID_secp384r1, 384, 48, OID(0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22), NULL},
    {KEY_EC, "P-521", NID_secp521r1, 521, 66, OID(0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23), NULL},
    {KEY_ED25519, "ED25519", 0, 255, CURVE25519_SIZE, OID(0x06, 0x03, 0x2b, 0x65, 0x70),
     "edwards25519"},
    {KEY_X25519, "X25519", 0, 255, CURVE25519_SIZE, OID(0x06, 0x03, 0x2b, 0x65, 0x6e),
     "curve25519"},
};

static EC_GROUP *groups[COUNT(curves)];

enum status curve_start(void) {
    for (size_t i = 0; i < COUNT(curves); i++) {
        if (curves[i].nid == 0) {
            continue;
        }
        groups[i] = EC_GROUP_new_by_curve_name_ex(library.context, NULL, curves[i].nid);
        if (groups[i] == NULL) {
            return library_failure();
        }
    }
    return STATUS_OK;
}

void curve_stop(void) {
    for (size_t i = 0; i < COUNT(curves); i++) {
        EC_GROUP_free(groups[i]);
        groups[i] = NULL;
    }
}

const EC_GROUP *curve_group(const struct curve *curve) {
    return groups[curve - curves];
}

static bool is_named(const struct curve *curve, struct bytes der) {
    if (bytes_equal(der, curve->oid)) {
        return true;
    }
    return curve->printable != NULL &&
           bytes_equal(bytes_of(der.data + 2, der.size - 2), bytes_of_text(curve->printable)) &&
           der.data[0] == 0x13;
}

enum status curve_find(enum key_type type, struct bytes ec_params, const struct curve **curve) {
    enum { DER_OID = 0x06, DER_PRINTABLE = 0x13 };
    if (ec_params.size < 3 || ec_params.data[1] != ec_params.size - 2 ||
        (ec_params.data[0] != DER_OID && ec_params.data[0] != DER_PRINTABLE)) {
        return STATUS_DOMAIN_PARAMS_INVALID;
    }
    for (size_t i = 0; i < COUNT(curves); i++) {
        if (curves[i].type == type && is_named(&curves[i], ec_params)) {
            *curve = &curves[i];
            return STATUS_OK;
        }
    }
    return STATUS_CURVE_NOT_SUPPORTED;
}

const struct curve *curve_of_pkey(const EVP_PKEY *pkey) {
    char name[32] = "";
    bool nist = EVP_PKEY_is_a(pkey, "EC") == 1;
    if (nist && EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) != 1) {
        return NULL;
    }
    for (size_t i = 0; i < COUNT(curves); i++) {
        bool same = curves[i].nid != 0 ? nist && OBJ_txt2nid(name) == curves[i].nid
                                       : EVP_PKEY_is_a(pkey, curves[i].name) == 1;
        if (same) {
            return &curves[i];
        }
    }
    return NULL;
}

enum status curve_check_point(const struct curve *curve, struct bytes point) {
    enum { UNCOMPRESSED = 0x04 };
    if (curve->nid == 0) {
        return point.size == curve->size ? STATUS_OK : STATUS_PUBLIC_KEY_INVALID;
    }
    if (point.size != 1 + 2 * curve->size || point.data[0] != UNCOMPRESSED) {
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
