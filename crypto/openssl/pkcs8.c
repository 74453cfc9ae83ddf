/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys as PrivateKeyInfo (PKCS #8, RFC 5958). */
#include "base/wipe.h"
#include "crypto/openssl/key.h"
#include "crypto/openssl/library.h"
#include "crypto/openssl/rsa_numbers.h"

#include <openssl/core_names.h>
#include <openssl/x509.h>

enum status crypto_key_to_pkcs8(const struct key_parts *parts, struct span *out) {
    struct crypto_key key;
    unsigned char *der = NULL;
    if (!parts->is_private) {
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
    TRY(crypto_key_load(&key, parts));
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key_loaded(&key)->pkey);
    int size = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : 0;
    PKCS8_PRIV_KEY_INFO_free(info);
    crypto_key_unload(&key);
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

/* ---- and back ---- */

static enum key_type type_of(const EVP_PKEY *pkey) {
    switch (EVP_PKEY_get_base_id(pkey)) {
    case EVP_PKEY_RSA:
        return KEY_RSA;
    case EVP_PKEY_EC:
        return KEY_EC;
    case EVP_PKEY_ED25519:
        return KEY_ED25519;
    case EVP_PKEY_X25519:
        return KEY_X25519;
    default:
        return KEY_NONE;
    }
}

static enum status read_rsa(const EVP_PKEY *pkey, struct key_parts *parts, struct span *room) {
    struct rsa_numbers numbers = {0};
    enum status status = rsa_numbers_read_pkey(pkey, &numbers);
    if (status == STATUS_OK) {
        status = rsa_numbers_complete(&numbers);
    }
    if (status == STATUS_OK) {
        status = rsa_numbers_write(&numbers, RSA_NUMBERS, parts, room);
    }
    rsa_numbers_free(&numbers);
    return status;
}

/* The curve's name as DER, into out; its size, 0 on failure. */
static size_t write_oid(const EVP_PKEY *pkey, uint8_t *out, size_t capacity) {
    char name[32];
    int nid = EVP_PKEY_get_base_id(pkey);
    if (nid == EVP_PKEY_EC) {
        nid = EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) == 1 ? OBJ_txt2nid(name) : 0;
    }
    const ASN1_OBJECT *object = nid != 0 ? OBJ_nid2obj(nid) : NULL;
    int size = object != NULL ? i2d_ASN1_OBJECT(object, NULL) : 0;
    if (size <= 0 || (size_t)size > capacity) {
        return 0;
    }
    return i2d_ASN1_OBJECT(object, &out) == size ? (size_t)size : 0;
}

static size_t write_value(const EVP_PKEY *pkey, size_t size, uint8_t *out) {
    BIGNUM *d = NULL;
    if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_EC) {
        return EVP_PKEY_get_raw_private_key(pkey, out, &size) == 1 ? size : 0;
    }
    bool done = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1 &&
                BN_bn2binpad(d, out, (int)size) == (int)size;
    BN_clear_free(d);
    return done ? size : 0;
}

/* The first quarter of the room takes name and number, the rest what follows from them. */
static enum status read_ec(const EVP_PKEY *pkey, struct key_parts *parts, struct span *room) {
    enum { NAME_ROOM = 32 };
    const struct curve *curve = NULL;
    size_t used = 0;
    uint8_t *name = key_room(room, &used, NAME_ROOM);
    uint8_t *value = key_room(room, &used, FIELD_SIZE_MAX);
    if (name == NULL || value == NULL) {
        return STATUS_TOO_LARGE;
    }
    parts->ec_params = bytes_of(name, write_oid(pkey, name, NAME_ROOM));
    TRY(curve_find(parts->type, parts->ec_params, &curve));
    parts->value = bytes_of(value, write_value(pkey, curve->size, value));
    struct span rest = {room->data + used, room->size - used};
    TRY(ec_key_complete(parts, &rest));
    room->size = used + rest.size;
    return STATUS_OK;
}

enum status crypto_key_from_pkcs8(struct bytes der, struct key_parts *parts, struct span *room) {
    const unsigned char *at = der.data;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.size);
    EVP_PKEY *pkey = info != NULL && at == der.data + der.size
                         ? EVP_PKCS82PKEY_ex(info, library.context, NULL)
                         : NULL;
    PKCS8_PRIV_KEY_INFO_free(info);
    if (pkey == NULL) {
        return library_refusal(STATUS_WRAPPED_KEY_INVALID);
    }
    *parts = (struct key_parts){.type = type_of(pkey), .is_private = true};
    enum status status = STATUS_WRAPPED_KEY_INVALID;
    if (parts->type == KEY_RSA) {
        status = read_rsa(pkey, parts, room);
    } else if (parts->type != KEY_NONE) {
        status = read_ec(pkey, parts, room);
    }
    EVP_PKEY_free(pkey);
    bool ours = status == STATUS_OK || status == STATUS_INTERNAL || status == STATUS_NO_ENTROPY;
    return ours ? status : STATUS_WRAPPED_KEY_INVALID;
}
