/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on elliptic curves, NIST's and 25519: loading, completing, generating. */
#include "base/ct.h"
#include "base/wipe.h"
#include "crypto/common/parts.h"
#include "crypto/openssl/key.h"
#include "crypto/openssl/library.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

/* A NIST key from its point, and its private number d where there is one. */
static enum status make_nist(const struct curve *curve, const BIGNUM *d, struct bytes point,
                             EVP_PKEY **pkey) {
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(library.context, "EC", NULL);
    bool done = builder != NULL && maker != NULL &&
                OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME,
                                                curve_name(curve), 0) == 1 &&
                OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data,
                                                 point.size) == 1 &&
                (d == NULL || OSSL_PARAM_BLD_push_BN_pad(builder, OSSL_PKEY_PARAM_PRIV_KEY, d,
                                                         curve->size) == 1);
    if (done) {
        params = OSSL_PARAM_BLD_to_param(builder);
        int selection = d == NULL ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR;
        done = params != NULL && EVP_PKEY_fromdata_init(maker) == 1 &&
               EVP_PKEY_fromdata(maker, pkey, selection, params) == 1;
    }
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(maker);
    return done ? STATUS_OK : library_failure();
}

/* The private number, wiped when freed, and its public point. */
static enum status read_nist(const struct curve *curve, struct bytes value, BIGNUM **d,
                             uint8_t *point) {
    if (value.size == 0 || value.size > curve->size) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    *d = BN_secure_new();
    if (*d == NULL || BN_bin2bn(value.data, (int)value.size, *d) == NULL) {
        return library_failure();
    }
    BN_set_flags(*d, BN_FLG_CONSTTIME);
    return curve_public(curve, *d, point);
}

/* OpenSSL's key for private parts; fills in the public point, which must agree with one given. */
static enum status make_private(const struct curve *curve, const struct key_parts *parts,
                                EVP_PKEY **pkey, struct span *point) {
    enum status status = STATUS_INTERNAL;
    if (curve->type == KEY_EC) {
        BIGNUM *d = NULL;
        point->size = 1 + 2 * curve->size;
        status = read_nist(curve, parts->value, &d, point->data);
        if (status == STATUS_OK) {
            status = make_nist(curve, d, bytes_of_span(*point), pkey);
        }
        BN_clear_free(d);
    } else if (parts->value.size != curve->size) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    } else {
        *pkey = EVP_PKEY_new_raw_private_key_ex(library.context, curve_name(curve), NULL,
                                                parts->value.data, parts->value.size);
        bool done =
            *pkey != NULL && EVP_PKEY_get_raw_public_key(*pkey, point->data, &point->size) == 1;
        status = done ? STATUS_OK : library_failure();
    }
    if (status == STATUS_OK && parts->ec_point.size != 0 &&
        !bytes_equal(parts->ec_point, bytes_of_span(*point))) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    return status;
}

enum status ec_key_make_public(const struct curve *curve, struct bytes point, EVP_PKEY **pkey) {
    TRY(curve_check_point(curve, point));
    if (curve->type == KEY_EC) {
        return make_nist(curve, NULL, point, pkey);
    }
    *pkey = EVP_PKEY_new_raw_public_key_ex(library.context, curve_name(curve), NULL, point.data,
                                           point.size);
    return *pkey != NULL ? STATUS_OK : library_failure();
}

enum status ec_key_build(const struct key_parts *parts, struct loaded *loaded) {
    uint8_t room[POINT_SIZE_MAX];
    struct span point = {room, sizeof(room)};
    TRY(curve_find(parts->type, parts->ec_params, &loaded->curve));
    loaded->size = loaded->curve->size;
    return parts->is_private ? make_private(loaded->curve, parts, &loaded->pkey, &point)
                             : ec_key_make_public(loaded->curve, parts->ec_point, &loaded->pkey);
}

enum status ec_key_fill(struct key_parts *parts, struct span *room) {
    const struct curve *curve = NULL;
    uint8_t point_room[POINT_SIZE_MAX];
    struct span point = {point_room, sizeof(point_room)};
    EVP_PKEY *pkey = NULL;
    TRY(curve_find(parts->type, parts->ec_params, &curve));
    if (!parts->is_private) {
        TRY(curve_check_point(curve, parts->ec_point));
        room->size = 0;
        return STATUS_OK;
    }
    enum status status = make_private(curve, parts, &pkey, &point);
    EVP_PKEY_free(pkey);
    TRY(status);
    return parts_write_curve(curve, parts->value, bytes_of_span(point), parts, room);
}

/* New private value and point of OpenSSL's making. */
static enum status generate_raw(const struct curve *curve, struct span *value, struct span *point) {
    EVP_PKEY *pkey = curve->type == KEY_EC
                         ? EVP_PKEY_Q_keygen(library.context, NULL, "EC", curve_name(curve))
                         : EVP_PKEY_Q_keygen(library.context, NULL, curve_name(curve));
    bool done = pkey != NULL;
    if (done && curve->type != KEY_EC) {
        done = EVP_PKEY_get_raw_private_key(pkey, value->data, &value->size) == 1 &&
               EVP_PKEY_get_raw_public_key(pkey, point->data, &point->size) == 1;
    } else if (done) {
        BIGNUM *d = BN_secure_new();
        value->size = curve->size;
        done = d != NULL && EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1 &&
               BN_bn2binpad(d, value->data, (int)value->size) == (int)value->size &&
               EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, point->data,
                                               point->size, &point->size) == 1;
        BN_clear_free(d);
    }
    EVP_PKEY_free(pkey);
    return done ? STATUS_OK : library_failure();
}

enum status ec_key_make(struct key_parts *parts, struct span *room) {
    const struct curve *curve = NULL;
    SECRET_BYTES(value_room, FIELD_SIZE_MAX);
    uint8_t point_room[POINT_SIZE_MAX];
    struct span value = {value_room, sizeof(value_room)};
    struct span point = {point_room, sizeof(point_room)};
    TRY(curve_find(parts->type, parts->ec_params, &curve));
    TRY(generate_raw(curve, &value, &point));
    *parts =
        (struct key_parts){.type = parts->type, .is_private = true, .ec_params = parts->ec_params};
    return parts_write_curve(curve, bytes_of_span(value), bytes_of_span(point), parts, room);
}
