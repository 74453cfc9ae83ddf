/* SPDX-License-Identifier: Apache-2.0 */
/* The elliptic curves and their names. */
#include "crypto/common/curve.h"

#define OID(...) \
    { (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}) }

static const struct curve curves[CURVE_COUNT] = {
    {KEY_EC, CURVE_P256, 256, 32, OID(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07),
     NULL},
    {KEY_EC, CURVE_P384, 384, 48, OID(0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22), NULL},
    {KEY_EC, CURVE_P521, 521, 66, OID(0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23), NULL},
    {KEY_ED25519, CURVE_ED25519, 255, CURVE25519_SIZE, OID(0x06, 0x03, 0x2b, 0x65, 0x70),
     "edwards25519"},
    {KEY_X25519, CURVE_X25519, 255, CURVE25519_SIZE, OID(0x06, 0x03, 0x2b, 0x65, 0x6e),
     "curve25519"},
};

const struct curve *curve_at(enum curve_id id) {
    return &curves[id];
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
