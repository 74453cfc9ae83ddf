/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys as PrivateKeyInfo (PKCS #8, RFC 5958), read and written by OpenSSL. */
#include "base/limits.h"
#include "base/wipe.h"
#include "crypto/openssl/key.h"
#include "crypto/openssl/library.h"
#include "crypto/openssl/rsa_numbers.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

static enum status write_der(const struct loaded *key, struct span *out) {
    unsigned char *der = NULL;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key->pkey);
    int size = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : 0;
    PKCS8_PRIV_KEY_INFO_free(info);
    if (size <= 0) {
        return library_failure();
    }
    bool fits = (size_t)size <= out->size;
    if (fits) {
        memcpy(out->data, der, (size_t)size);
        out->size = (size_t)size;
    }
    OPENSSL_clear_free(der, (size_t)size);
    return fits ? STATUS_OK : STATUS_TOO_LARGE;
}

enum status crypto_key_to_pkcs8(const struct key_parts *parts, struct span *out) {
    struct crypto_key key;
    TRY(crypto_key_load(&key, parts));
    struct loaded *loaded = key_loaded(&key);
    enum status status = loaded->pkey != NULL && loaded->is_private ? write_der(loaded, out)
                                                                    : STATUS_KEY_TYPE_INCONSISTENT;
    crypto_key_unload(&key);
    return status;
}

/* NULL where the bytes are not one whole PrivateKeyInfo that OpenSSL understands. */
static EVP_PKEY *read_der(struct bytes der) {
    const unsigned char *at = der.data;
    EVP_PKEY *pkey = NULL;
    if (der.size == 0 || der.size > OBJECT_SIZE_MAX) {
        return NULL;
    }
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.size);
    if (info != NULL && at == der.data + der.size) {
        pkey = EVP_PKCS82PKEY_ex(info, library.context, NULL);
    }
    PKCS8_PRIV_KEY_INFO_free(info);
    return pkey;
}

static enum status read_rsa(const EVP_PKEY *pkey, struct key_parts *parts, struct span *room) {
    struct rsa_numbers numbers = {0};
    parts->type = KEY_RSA;
    enum status status = rsa_numbers_read_pkey(pkey, &numbers);
    if (status == STATUS_OK) {
        status = rsa_numbers_complete(&numbers);
    }
    if (status == STATUS_OK) {
        status = rsa_numbers_check_primes(&numbers);
    }
    if (status == STATUS_OK) {
        status = rsa_numbers_write(&numbers, RSA_NUMBERS, parts, room);
    }
    rsa_numbers_free(&numbers);
    return status;
}

/* The private value of a key on a NIST curve, as long as the field. */
static bool read_nist(const EVP_PKEY *pkey, const struct curve *curve, uint8_t *value) {
    BIGNUM *d = BN_secure_new();
    bool done = d != NULL && EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1 &&
                BN_bn2binpad(d, value, (int)curve->size) == (int)curve->size;
    BN_clear_free(d);
    return done;
}

/* The curve that a key of OpenSSL is on, NULL where it is none of these. */
static const struct curve *curve_of_pkey(const EVP_PKEY *pkey) {
    char name[32] = "";
    bool nist = EVP_PKEY_is_a(pkey, "EC") == 1;
    if (nist && EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) != 1) {
        return NULL;
    }
    for (int i = 0; i < CURVE_COUNT; i++) {
        const struct curve *curve = curve_at((enum curve_id)i);
        bool same = nist && curve->type == KEY_EC
                        ? OBJ_txt2nid(name) == EC_GROUP_get_curve_name(curve_group(curve))
                        : EVP_PKEY_is_a(pkey, curve_name(curve)) == 1;
        if (same) {
            return curve;
        }
    }
    return NULL;
}

static enum status read_curve(const EVP_PKEY *pkey, struct key_parts *parts, struct span *room) {
    SECRET_BYTES(value, FIELD_SIZE_MAX);
    size_t size = sizeof(value);
    const struct curve *curve = curve_of_pkey(pkey);
    if (curve == NULL) {
        return STATUS_CURVE_NOT_SUPPORTED;
    }
    bool done = curve->type == KEY_EC ? read_nist(pkey, curve, value)
                                : EVP_PKEY_get_raw_private_key(pkey, value, &size) == 1;
    if (!done) {
        return library_failure();
    }
    parts->type = curve->type;
    parts->ec_params = curve->oid;
    parts->value = bytes_of(value, curve->size);
    enum status status = ec_key_complete(parts, room);
    if (status != STATUS_OK) {
        parts->value = bytes_of(NULL, 0);
    }
    return status;
}

enum status crypto_key_from_pkcs8(struct bytes der, struct key_parts *parts, struct span *room) {
    struct key_parts read = {.is_private = true};
    EVP_PKEY *pkey = read_der(der);
    if (pkey == NULL) {
        return library_refusal(STATUS_WRAPPED_KEY_INVALID);
    }
    enum status status = EVP_PKEY_is_a(pkey, "RSA") == 1 ? read_rsa(pkey, &read, room)
                                                         : read_curve(pkey, &read, room);
    EVP_PKEY_free(pkey);
    if (status == STATUS_OK) {
        *parts = read;
        return STATUS_OK;
    }
    wipe(room->data, room->size);
    /* Whatever the key lacks is the wrapper's fault; want of entropy is ours. */
    return status == STATUS_NO_ENTROPY ? status : library_refusal(STATUS_WRAPPED_KEY_INVALID);
}
