/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA (FIPS 186-5, 6) with signatures r || s. The nonce comes from an HMAC_DRBG that is seeded
 * with the private key, the digest and fresh random bytes together, as RFC 6979 has it with the
 * random bytes as its additional data (3.6): neither a bad generator nor a fault alone gives it
 * away. BearSSL's own signing knows no additional data; the arithmetic here is its arithmetic. */
#include "crypto/mcu/ec.h"
#include "crypto/mcu/public.h"

#include "base/wipe.h"

#include <inner.h>

enum { WORDS = (BR_MAX_EC_SIZE + 61) / 31, FRESH_SIZE = 32 };

/* Numbers modulo the order n of the group, in BearSSL's form. */
struct signing {
    const struct curve *curve;
    uint32_t n[WORDS], n0i;
    uint32_t d[WORDS]; /* private key */
    uint32_t z[WORDS]; /* digest */
    uint32_t k[WORDS]; /* nonce */
    uint32_t r[WORDS], s[WORDS];
    uint32_t work[3 * WORDS];
    uint8_t bytes[2 * FIELD_SIZE_MAX + FRESH_SIZE];
    uint8_t point[POINT_SIZE_MAX];
    br_hmac_drbg_context drbg;
};

/* x below 2 n becomes x modulo n. */
static void reduce_once(uint32_t *x, const uint32_t *n) {
    (void)br_i31_sub(x, n, br_i31_sub(x, n, 0) ^ 1);
}

/* The order, the key and the digest, cut to the order's length. */
static bool begin(struct signing *signing, const struct loaded *key, struct bytes digest) {
    size_t size = 0;
    signing->curve = curve_at((enum curve_id)key->curve);
    const uint8_t *order =
        ec_implementation(signing->curve)->order(ec_number(signing->curve), &size);
    if (size != signing->curve->size) {
        return false;
    }
    br_i31_decode(signing->n, order, size);
    signing->n0i = br_i31_ninv31(signing->n[1]);
    br_ecdsa_i31_bits2int(signing->z, digest.data, digest.size, signing->n[0]);
    reduce_once(signing->z, signing->n);
    return br_i31_decode_mod(signing->d, key->as.ec.value, size, signing->n) == 1 &&
           br_i31_iszero(signing->d) == 0;
}

static enum status seed(struct signing *signing) {
    size_t size = signing->curve->size;
    br_i31_encode(signing->bytes, size, signing->d);
    br_i31_encode(signing->bytes + size, size, signing->z);
    TRY(crypto_random(signing->bytes + 2 * size, FRESH_SIZE));
    br_hmac_drbg_init(&signing->drbg, &br_sha256_vtable, signing->bytes, 2 * size + FRESH_SIZE);
    return STATUS_OK;
}

/* The next nonce, in 1 .. n - 1, also as bytes. */
static bool draw_nonce(struct signing *signing) {
    enum { TRIES = 64 };
    size_t size = signing->curve->size;
    for (int i = 0; i < TRIES; i++) {
        br_hmac_drbg_generate(&signing->drbg, signing->bytes, size);
        br_ecdsa_i31_bits2int(signing->k, signing->bytes, size, signing->n[0]);
        if (br_i31_iszero(signing->k) == 0 && br_i31_sub(signing->k, signing->n, 0) == 1) {
            br_i31_encode(signing->bytes, size, signing->k);
            return true;
        }
    }
    return false;
}

/* r: the x coordinate of k G, modulo n; the field is less than twice as large as n. */
static bool compute_r(struct signing *signing) {
    const struct curve *curve = signing->curve;
    if (ec_public(curve, signing->bytes, signing->point) != STATUS_OK) {
        return false;
    }
    br_i31_zero(signing->r, signing->n[0]);
    br_i31_decode(signing->r, signing->point + 1, curve->size);
    signing->r[0] = signing->n[0];
    reduce_once(signing->r, signing->n);
    return br_i31_iszero(signing->r) == 0;
}

/* s = (z + r d) / k. */
static bool compute_s(struct signing *signing) {
    uint32_t *s = signing->s;
    const uint32_t *n = signing->n;
    br_i31_to_monty(signing->d, n);
    br_i31_montymul(s, signing->d, signing->r, n, signing->n0i);
    uint32_t over = br_i31_add(s, signing->z, 1);
    (void)br_i31_sub(s, n, over | (br_i31_sub(s, n, 0) ^ 1));
    return br_i31_moddiv(s, signing->k, n, signing->n0i, signing->work) == 1 &&
           br_i31_iszero(s) == 0;
}

static enum status make(struct signing *signing, uint8_t *signature) {
    size_t size = signing->curve->size;
    TRY(seed(signing));
    /* That r or s is zero happens to nobody: then there is no signature. */
    if (!draw_nonce(signing) || !compute_r(signing) || !compute_s(signing)) {
        return STATUS_INTERNAL;
    }
    br_i31_encode(signature, size, signing->r);
    br_i31_encode(signature + size, size, signing->s);
    return STATUS_OK;
}

enum status ecdsa_verify(const struct loaded *key, struct bytes digest, const uint8_t *signature) {
    const struct curve *curve = curve_at((enum curve_id)key->curve);
    uint8_t point[POINT_SIZE_MAX];
    memcpy(point, key->as.ec.point, sizeof(point));
    br_ec_public_key public = {ec_number(curve), point, ec_point_size(curve)};
    return br_ecdsa_i31_vrfy_raw(ec_implementation(curve), digest.data, digest.size, &public,
                                 signature, 2 * curve->size) == 1
               ? STATUS_OK
               : STATUS_SIGNATURE_INVALID;
}

enum status ecdsa_sign(const struct loaded *key, struct bytes digest, uint8_t *signature) {
    struct signing signing;
    uint8_t made[2 * FIELD_SIZE_MAX];
    WIPE_AT_END(signing, sizeof(signing));
    if (!begin(&signing, key, digest)) {
        return STATUS_INTERNAL;
    }
    TRY(make(&signing, made));
    if (ecdsa_verify(key, digest, made) != STATUS_OK) {
        return STATUS_ERROR_STATE;
    }
    memcpy(signature, made, 2 * signing.curve->size);
    return STATUS_OK;
}
