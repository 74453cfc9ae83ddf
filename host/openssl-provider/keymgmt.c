/* SPDX-License-Identifier: Apache-2.0 */
/* Key management: what OpenSSL asks about a key. The public half answers. */
#include "host/openssl-provider/key.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

static OSSL_FUNC_keymgmt_new_fn make;
static OSSL_FUNC_keymgmt_free_fn release;
static OSSL_FUNC_keymgmt_load_fn load;
static OSSL_FUNC_keymgmt_has_fn has;
static OSSL_FUNC_keymgmt_match_fn match;
static OSSL_FUNC_keymgmt_validate_fn validate;
static OSSL_FUNC_keymgmt_get_params_fn get_params;
static OSSL_FUNC_keymgmt_gettable_params_fn gettable;
static OSSL_FUNC_keymgmt_set_params_fn set_params;
static OSSL_FUNC_keymgmt_settable_params_fn settable;
static OSSL_FUNC_keymgmt_export_fn export;
static OSSL_FUNC_keymgmt_import_types_fn types;
static OSSL_FUNC_keymgmt_dup_fn duplicate;

static void *make(void *context) {
    return key_new(context);
}

static void release(void *data) {
    key_free(data);
}

/* The reference is the key itself; with it goes the ownership. */
static void *load(const void *reference, size_t size) {
    struct key **place = (struct key **)(uintptr_t)reference;
    if (size != sizeof(*place)) {
        return NULL;
    }
    struct key *key = *place;
    *place = NULL;
    return key;
}

static int has(const void *data, int selection) {
    const struct key *key = data;
    if (key == NULL || key->public == NULL) {
        return 0;
    }
    return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 || key_is_private(key);
}

static int match(const void *one, const void *other, int selection) {
    const struct key *a = one, *b = other;
    if (a->public == NULL || b->public == NULL) {
        return 0;
    }
    if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0) {
        return EVP_PKEY_parameters_eq(a->public, b->public) == 1;
    }
    return EVP_PKEY_eq(a->public, b->public) == 1;
}

/* The private half is the module's care. */
static int validate(const void *data, int selection, int check) {
    const struct key *key = data;
    (void)selection;
    EVP_PKEY_CTX *state =
        key->public == NULL ? NULL
                            : EVP_PKEY_CTX_new_from_pkey(key->provider->libctx, key->public, NULL);
    bool quick = check == OSSL_KEYMGMT_VALIDATE_QUICK_CHECK;
    int good = 0;
    if (state != NULL) {
        good = quick ? EVP_PKEY_public_check_quick(state) : EVP_PKEY_public_check(state);
    }
    EVP_PKEY_CTX_free(state);
    return good == 1;
}

static int get_params(void *data, OSSL_PARAM params[]) {
    const struct key *key = data;
    return key->public != NULL && EVP_PKEY_get_params(key->public, params) == 1;
}

static const OSSL_PARAM *gettable(void *context) {
    static const OSSL_PARAM table[] = {
        OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_MANDATORY_DIGEST, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_EC_PUB_X, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_EC_PUB_Y, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
        OSSL_PARAM_END,
    };
    (void)context;
    return table;
}

/* A key with a private half is never given away as a whole; OpenSSL then lets this provider do the
 * operation. */
static int export(void *data, int selection, OSSL_CALLBACK *callback, void *argument) {
    const struct key *key = data;
    if (key->public == NULL ||
        (key_is_private(key) && (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0)) {
        return 0;
    }
    return EVP_PKEY_export(key->public, selection & ~OSSL_KEYMGMT_SELECT_PRIVATE_KEY, callback,
                           argument) == 1;
}

/* Only public keys come in: peers of a key agreement, and keys to compare with. */
static int import(struct key *key, const char *name, int selection, const OSSL_PARAM params[]) {
    if (key->public != NULL || OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_PRIV_KEY) != NULL ||
        OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_RSA_D) != NULL) {
        return 0;
    }
    EVP_PKEY_CTX *state = EVP_PKEY_CTX_new_from_name(key->provider->libctx, name, NULL);
    selection &= OSSL_KEYMGMT_SELECT_PUBLIC_KEY | OSSL_KEYMGMT_SELECT_ALL_PARAMETERS;
    int done =
        state != NULL && EVP_PKEY_fromdata_init(state) == 1 &&
        EVP_PKEY_fromdata(state, &key->public, selection, (OSSL_PARAM *)(uintptr_t)params) == 1;
    EVP_PKEY_CTX_free(state);
    return done;
}

static const OSSL_PARAM *types(int selection) {
    static const OSSL_PARAM table[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
        OSSL_PARAM_END,
    };
    (void)selection;
    return table;
}

/* A peer's public half may be set on parameters that were copied from a key: what has one owner and
 * no private half may still change. */
static int set_params(void *data, const OSSL_PARAM params[]) {
    struct key *key = data;
    return key->public != NULL && !key_is_private(key) && atomic_load(&key->owners) == 1 &&
           EVP_PKEY_set_params(key->public, (OSSL_PARAM *)(uintptr_t)params) == 1;
}

static const OSSL_PARAM *settable(void *context) {
    static const OSSL_PARAM table[] = {
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, NULL, 0),
        OSSL_PARAM_END,
    };
    (void)context;
    return table;
}

/* A new key with the parameters alone, where this kind of key has any. */
static EVP_PKEY *parameters_of(EVP_PKEY *key) {
    EVP_PKEY *fresh = EVP_PKEY_new();
    if (fresh != NULL && EVP_PKEY_copy_parameters(fresh, key) != 1) {
        EVP_PKEY_free(fresh);
        return NULL;
    }
    return fresh;
}

static void *duplicate(const void *data, int selection) {
    struct key *key = (struct key *)(uintptr_t)data;
    if (key_is_private(key) && (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) {
        return key_share(key);
    }
    struct key *copy = key_new(key->provider);
    if (copy != NULL && key->public != NULL) {
        copy->public = (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0
                           ? EVP_PKEY_dup(key->public)
                           : parameters_of(key->public);
    }
    return copy;
}

static const char *rsa_operation(int operation) {
    (void)operation;
    return "RSA";
}

static const char *ec_operation(int operation) {
    return operation == OSSL_OP_SIGNATURE ? "ECDSA" : "ECDH";
}

static const char *ed25519_operation(int operation) {
    return operation == OSSL_OP_SIGNATURE ? "ED25519" : NULL;
}

static const char *x25519_operation(int operation) {
    return operation == OSSL_OP_KEYEXCH ? "X25519" : NULL;
}

#define KEYMGMT(kind, name)                                                         \
    static int kind##_import(void *key, int selection, const OSSL_PARAM params[]) { \
        return import(key, name, selection, params);                                \
    }                                                                               \
    static const OSSL_DISPATCH kind##_functions[] = {                               \
        ROW(OSSL_FUNC_KEYMGMT_NEW, make),                                           \
        ROW(OSSL_FUNC_KEYMGMT_FREE, release),                                       \
        ROW(OSSL_FUNC_KEYMGMT_LOAD, load),                                          \
        ROW(OSSL_FUNC_KEYMGMT_HAS, has),                                            \
        ROW(OSSL_FUNC_KEYMGMT_MATCH, match),                                        \
        ROW(OSSL_FUNC_KEYMGMT_VALIDATE, validate),                                  \
        ROW(OSSL_FUNC_KEYMGMT_GET_PARAMS, get_params),                              \
        ROW(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, gettable),                           \
        ROW(OSSL_FUNC_KEYMGMT_SET_PARAMS, set_params),                              \
        ROW(OSSL_FUNC_KEYMGMT_SETTABLE_PARAMS, settable),                           \
        ROW(OSSL_FUNC_KEYMGMT_EXPORT, export),                                      \
        ROW(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, types),                                 \
        ROW(OSSL_FUNC_KEYMGMT_IMPORT, kind##_import),                               \
        ROW(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, types),                                 \
        ROW(OSSL_FUNC_KEYMGMT_DUP, duplicate),                                      \
        ROW(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, kind##_operation),              \
        ROW_END,                                                                    \
    };

KEYMGMT(rsa, "RSA")
KEYMGMT(ec, "EC")
KEYMGMT(ed25519, "ED25519")
KEYMGMT(x25519, "X25519")

const OSSL_ALGORITHM keymgmt_algorithms[] = {
    {NAMES_RSA, PROVIDER_PROPERTIES, rsa_functions, "RSA keys of the module"},
    {NAMES_EC, PROVIDER_PROPERTIES, ec_functions, "EC keys of the module"},
    {NAMES_ED25519, PROVIDER_PROPERTIES, ed25519_functions, "Ed25519 keys of the module"},
    {NAMES_X25519, PROVIDER_PROPERTIES, x25519_functions, "X25519 keys of the module"},
    {NULL, NULL, NULL, NULL},
};
