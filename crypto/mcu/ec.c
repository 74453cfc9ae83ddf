/* SPDX-License-Identifier: Apache-2.0 */
/* Points and private numbers on elliptic curves. */
#include "crypto/mcu/ec.h"

#include "base/wipe.h"

#include <sodium/crypto_sign_ed25519.h>

bool curve_offered(enum curve_id id) {
    return id < CURVE_COUNT;
}

const br_ec_impl *ec_implementation(const struct curve *curve) {
    switch (curve->id) {
    case CURVE_P256:
        return &br_ec_p256_m31;
    case CURVE_X25519:
        return &br_ec_c25519_m31;
    default:
        return &br_ec_prime_i31;
    }
}

int ec_number(const struct curve *curve) {
    static const int numbers[CURVE_COUNT] = {
        [CURVE_P256] = BR_EC_secp256r1,
        [CURVE_P384] = BR_EC_secp384r1,
        [CURVE_P521] = BR_EC_secp521r1,
        [CURVE_X25519] = BR_EC_curve25519,
    };
    return numbers[curve->id];
}

size_t ec_point_size(const struct curve *curve) {
    return curve->type == KEY_EC ? 1 + 2 * curve->size : curve->size;
}

enum status ec_check_point(const struct curve *curve, struct bytes point) {
    static const uint8_t one[1] = {1};
    uint8_t product[POINT_SIZE_MAX];
    if (point.size != ec_point_size(curve)) {
        return STATUS_PUBLIC_KEY_INVALID;
    }
    if (curve->type != KEY_EC) {
        return STATUS_OK;
    }
    /* Reading a point checks the range of its coordinates and the equation; the cofactor is 1. */
    bytes_copy(product, point);
    return ec_implementation(curve)->mul(product, point.size, one, 1, ec_number(curve)) == 1
               ? STATUS_OK
               : STATUS_PUBLIC_KEY_INVALID;
}

bool ec_check_scalar(const struct curve *curve, const uint8_t *value) {
    size_t size = 0;
    const uint8_t *order = ec_implementation(curve)->order(ec_number(curve), &size);
    uint32_t borrow = 0;
    uint32_t any = 0;
    for (size_t i = curve->size; i-- > 0;) {
        borrow = ((uint32_t)value[i] - order[i] - borrow) >> 31;
        any |= value[i];
    }
    return (borrow & ((0u - any) >> 31)) == 1;
}

enum status ec_public(const struct curve *curve, const uint8_t *value, uint8_t *point) {
    if (curve->type == KEY_ED25519) {
        SECRET_BYTES(pair, crypto_sign_ed25519_SECRETKEYBYTES);
        return crypto_sign_ed25519_seed_keypair(point, pair, value) == 0 ? STATUS_OK
                                                                         : STATUS_INTERNAL;
    }
    size_t size = ec_implementation(curve)->mulgen(point, value, curve->size, ec_number(curve));
    return size == ec_point_size(curve) ? STATUS_OK : STATUS_INTERNAL;
}

enum status ec_draw(const struct curve *curve, uint8_t *value) {
    enum { TRIES = 64 };
    for (int i = 0; i < TRIES; i++) {
        TRY(crypto_random(value, curve->size));
        if (curve->type != KEY_EC) {
            return STATUS_OK;
        }
        value[0] &= (uint8_t)(0xffu >> (8 * curve->size - curve->bits));
        if (ec_check_scalar(curve, value)) {
            return STATUS_OK;
        }
    }
    return STATUS_INTERNAL;
}

enum status ec_agree(const struct loaded *key, struct bytes peer, uint8_t *secret) {
    const struct curve *curve = curve_at((enum curve_id)key->curve);
    SECRET_BYTES(point, POINT_SIZE_MAX);
    uint32_t any = 0;
    TRY(ec_check_point(curve, peer));
    bytes_copy(point, peer);
    if (ec_implementation(curve)->mul(point, peer.size, key->as.ec.value, curve->size,
                                      ec_number(curve)) != 1) {
        return STATUS_INTERNAL;
    }
    /* NIST: the x coordinate, which follows the form; X25519: the whole point, zero for peers of
     * small order alone. */
    const uint8_t *shared = curve->type == KEY_EC ? point + 1 : point;
    for (size_t i = 0; i < curve->size; i++) {
        any |= shared[i];
    }
    if (curve->type == KEY_X25519 && any == 0) {
        return STATUS_PUBLIC_KEY_INVALID;
    }
    memcpy(secret, shared, curve->size);
    return STATUS_OK;
}
