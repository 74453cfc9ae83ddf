/* SPDX-License-Identifier: Apache-2.0 */
/* Key agreement: ECDH and X25519. The module derives a key of this session that may be read, which
 * the strict profile refuses for keys that never leave the module. X9.63 KDF is applied here. */
#include "host/openssl-provider/signing.h"

#include "base/wipe.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <stdlib.h>

enum { SHARED_MAX = 66, POINT_MAX = 133, UKM_MAX = 512 };

struct exchange {
    const struct provider *provider;
    struct key *key;
    struct key *peer;
    bool kdf;
    char kdf_digest[SIGNING_NAME_ROOM];
    size_t kdf_size;
    uint8_t ukm[UKM_MAX];
    size_t ukm_size;
};

static OSSL_FUNC_keyexch_newctx_fn make;
static OSSL_FUNC_keyexch_freectx_fn release;
static OSSL_FUNC_keyexch_dupctx_fn duplicate;
static OSSL_FUNC_keyexch_init_fn start;
static OSSL_FUNC_keyexch_set_peer_fn set_peer;
static OSSL_FUNC_keyexch_derive_fn derive;
static OSSL_FUNC_keyexch_set_ctx_params_fn set_params;
static OSSL_FUNC_keyexch_get_ctx_params_fn get_params;
static OSSL_FUNC_keyexch_settable_ctx_params_fn settable;
static OSSL_FUNC_keyexch_gettable_ctx_params_fn gettable;

static void *make(void *context) {
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    if (exchange != NULL) {
        exchange->provider = context;
    }
    return exchange;
}

static void release(void *context) {
    struct exchange *exchange = context;
    if (exchange != NULL) {
        key_free(exchange->key);
        key_free(exchange->peer);
        free(exchange);
    }
}

static void *duplicate(void *context) {
    const struct exchange *from = context;
    struct exchange *to = make((void *)(uintptr_t)from->provider);
    if (to != NULL) {
        *to = *from;
        to->key = from->key != NULL ? key_share(from->key) : NULL;
        to->peer = from->peer != NULL ? key_share(from->peer) : NULL;
    }
    return to;
}

/* ---- parameters ---- */

static bool text_take(const OSSL_PARAM params[], const char *name, char *out, size_t room) {
    const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, name);
    return param == NULL || OSSL_PARAM_get_utf8_string(param, &out, room) == 1;
}

static bool kdf_take(struct exchange *exchange, const OSSL_PARAM params[]) {
    char kind[SIGNING_NAME_ROOM] = "";
    if (!text_take(params, OSSL_EXCHANGE_PARAM_KDF_TYPE, kind, sizeof(kind))) {
        return false;
    }
    if (kind[0] != 0) {
        exchange->kdf = strcmp(kind, OSSL_KDF_NAME_X963KDF) == 0;
        return exchange->kdf ||
               provider_fail(exchange->provider, STATUS_MECHANISM_PARAM_INVALID,
                             "use X963KDF, or none", "derive with the KDF '%s'", kind);
    }
    exchange->kdf =
        exchange->kdf && OSSL_PARAM_locate_const(params, OSSL_EXCHANGE_PARAM_KDF_TYPE) == NULL;
    return true;
}

static int set_params(void *context, const OSSL_PARAM params[]) {
    struct exchange *exchange = context;
    void *ukm = exchange->ukm;
    if (params == NULL) {
        return 1;
    }
    const OSSL_PARAM *size = OSSL_PARAM_locate_const(params, OSSL_EXCHANGE_PARAM_KDF_OUTLEN);
    const OSSL_PARAM *info = OSSL_PARAM_locate_const(params, OSSL_EXCHANGE_PARAM_KDF_UKM);
    return kdf_take(exchange, params) &&
           text_take(params, OSSL_EXCHANGE_PARAM_KDF_DIGEST, exchange->kdf_digest,
                     sizeof(exchange->kdf_digest)) &&
           (size == NULL || OSSL_PARAM_get_size_t(size, &exchange->kdf_size) == 1) &&
           (info == NULL ||
            OSSL_PARAM_get_octet_string(info, &ukm, UKM_MAX, &exchange->ukm_size) == 1);
}

static int get_params(void *context, OSSL_PARAM params[]) {
    struct exchange *exchange = context;
    OSSL_PARAM *kind = OSSL_PARAM_locate(params, OSSL_EXCHANGE_PARAM_KDF_TYPE);
    OSSL_PARAM *digest = OSSL_PARAM_locate(params, OSSL_EXCHANGE_PARAM_KDF_DIGEST);
    OSSL_PARAM *size = OSSL_PARAM_locate(params, OSSL_EXCHANGE_PARAM_KDF_OUTLEN);
    const char *name = exchange->kdf ? OSSL_KDF_NAME_X963KDF : "";
    return (kind == NULL || OSSL_PARAM_set_utf8_string(kind, name) == 1) &&
           (digest == NULL || OSSL_PARAM_set_utf8_string(digest, exchange->kdf_digest) == 1) &&
           (size == NULL || OSSL_PARAM_set_size_t(size, exchange->kdf_size) == 1);
}

static const OSSL_PARAM *settable(void *context, void *provider) {
    static const OSSL_PARAM table[] = {
        OSSL_PARAM_int(OSSL_EXCHANGE_PARAM_EC_ECDH_COFACTOR_MODE, NULL), /* cofactor 1: the same */
        OSSL_PARAM_utf8_string(OSSL_EXCHANGE_PARAM_KDF_TYPE, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_EXCHANGE_PARAM_KDF_DIGEST, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_EXCHANGE_PARAM_KDF_DIGEST_PROPS, NULL, 0),
        OSSL_PARAM_size_t(OSSL_EXCHANGE_PARAM_KDF_OUTLEN, NULL),
        OSSL_PARAM_octet_string(OSSL_EXCHANGE_PARAM_KDF_UKM, NULL, 0),
        OSSL_PARAM_END,
    };
    (void)context;
    (void)provider;
    return table;
}

static const OSSL_PARAM *gettable(void *context, void *provider) {
    return settable(context, provider);
}

/* ---- derivation ---- */

static int start(void *context, void *key, const OSSL_PARAM params[]) {
    struct exchange *exchange = context;
    key_free(exchange->key);
    key_free(exchange->peer);
    exchange->key = key != NULL ? key_share(key) : NULL;
    exchange->peer = NULL;
    exchange->kdf = false;
    return key != NULL && set_params(exchange, params);
}

static int set_peer(void *context, void *peer) {
    struct exchange *exchange = context;
    key_free(exchange->peer);
    exchange->peer = key_share(peer);
    return 1;
}

static enum status template_make(size_t size, struct span *template) {
    size_t used = 0;
    TRY(attributes_add_num(*template, &used, ATTRIBUTE_CLASS, CLASS_SECRET_KEY));
    TRY(attributes_add_num(*template, &used, ATTRIBUTE_KEY_TYPE, KEY_GENERIC));
    TRY(attributes_add_num(*template, &used, ATTRIBUTE_VALUE_LEN, (uint32_t)size));
    TRY(attributes_add_bool(*template, &used, ATTRIBUTE_TOKEN, false));
    TRY(attributes_add_bool(*template, &used, ATTRIBUTE_SENSITIVE, false));
    TRY(attributes_add_bool(*template, &used, ATTRIBUTE_EXTRACTABLE, true));
    template->size = used;
    return STATUS_OK;
}

/* Reads the derived key and destroys it. */
static enum status value_take(const struct key *key, uint64_t derived, uint8_t *out, size_t size) {
    SECRET_BYTES(place, FRAME_HEADER_SIZE + 256);
    const struct span room = {place, sizeof(place)};
    uint8_t type[4];
    struct bytes value = {NULL, 0};
    save_u32(type, ATTRIBUTE_VALUE);
    struct object_get_req get = {.object = derived, .types = bytes_of(type, sizeof(type))};
    struct object_get_rep got;
    struct object_destroy_req destroy = {.object = derived};
    struct object_destroy_rep destroyed;
    enum status status = token_ask(key->token, COMMAND_object_get, &get, &got, room);
    if (status == STATUS_OK) {
        status = attributes_find(got.attributes, ATTRIBUTE_VALUE, &value);
    }
    if (status == STATUS_OK && value.size == size) {
        bytes_copy(out, value);
    } else if (status == STATUS_OK) {
        status = STATUS_DATA_LENGTH;
    }
    enum status gone = token_ask(key->token, COMMAND_object_destroy, &destroy, &destroyed, room);
    return status != STATUS_OK ? status : gone;
}

static bool shared_make(const struct exchange *exchange, uint8_t *out, size_t size) {
    uint8_t point[POINT_MAX], template[128], place[FRAME_HEADER_SIZE + 64];
    struct span span = {template, sizeof(template)};
    bool montgomery = EVP_PKEY_is_a(exchange->key->public, "X25519");
    size_t point_size = 0;
    if (EVP_PKEY_get_octet_string_param(exchange->peer->public, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                        point, sizeof(point), &point_size) != 1 ||
        template_make(size, &span) != STATUS_OK) {
        return false;
    }
    struct key_derive_req request = {
        .mechanism = {.algorithm = montgomery ? ALGORITHM_X25519 : ALGORITHM_ECDH,
                      .peer = bytes_of(point, point_size)},
        .attributes = bytes_of_span(span)};
    struct key_derive_rep reply;
    const struct key_request asked = {COMMAND_key_derive, &request,
                                      offsetof(struct key_derive_req, base_key),
                                      "derive a secret that may be read"};
    enum status status =
        key_ask(exchange->key, &asked, &reply, (struct span){place, sizeof(place)});
    if (status == STATUS_TEMPLATE_INCONSISTENT) {
        provider_fail(exchange->provider, STATUS_STRICT, NULL,
                      "give a secret out of the module: token '%s' is strict",
                      token_label(exchange->key->token));
    }
    if (status != STATUS_OK) {
        return false;
    }
    status = value_take(exchange->key, reply.key, out, size);
    return status == STATUS_OK ||
           provider_fail(exchange->provider, status, NULL, "read the secret derived with '%s'",
                         exchange->key->name);
}

static int kdf_apply(const struct exchange *exchange, struct bytes shared, unsigned char *out) {
    const char *name = exchange->kdf_digest[0] != 0 ? exchange->kdf_digest : "SHA256";
    EVP_KDF *kdf = EVP_KDF_fetch(exchange->provider->libctx, OSSL_KDF_NAME_X963KDF, NULL);
    EVP_KDF_CTX *state = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)name, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)shared.data,
                                          shared.size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)exchange->ukm,
                                          exchange->ukm_size),
        OSSL_PARAM_construct_end(),
    };
    int done = state != NULL && EVP_KDF_derive(state, out, exchange->kdf_size, params) == 1;
    EVP_KDF_CTX_free(state);
    EVP_KDF_free(kdf);
    return done;
}

static int derive(void *context, unsigned char *out, size_t *size, size_t room) {
    struct exchange *exchange = context;
    SECRET_BYTES(shared, SHARED_MAX);
    if (exchange->key == NULL || exchange->peer == NULL) {
        return 0;
    }
    size_t raw = ((size_t)EVP_PKEY_get_bits(exchange->key->public) + 7) / 8;
    size_t wanted = exchange->kdf ? exchange->kdf_size : raw;
    if (out == NULL) {
        *size = wanted;
        return 1;
    }
    if (room < wanted || raw > sizeof(shared) || !shared_make(exchange, shared, raw)) {
        return 0;
    }
    *size = wanted;
    if (exchange->kdf) {
        return kdf_apply(exchange, bytes_of(shared, raw), out);
    }
    memcpy(out, shared, raw);
    return 1;
}

static const OSSL_DISPATCH functions[] = {
    ROW(OSSL_FUNC_KEYEXCH_NEWCTX, make),
    ROW(OSSL_FUNC_KEYEXCH_FREECTX, release),
    ROW(OSSL_FUNC_KEYEXCH_DUPCTX, duplicate),
    ROW(OSSL_FUNC_KEYEXCH_INIT, start),
    ROW(OSSL_FUNC_KEYEXCH_SET_PEER, set_peer),
    ROW(OSSL_FUNC_KEYEXCH_DERIVE, derive),
    ROW(OSSL_FUNC_KEYEXCH_SET_CTX_PARAMS, set_params),
    ROW(OSSL_FUNC_KEYEXCH_SETTABLE_CTX_PARAMS, settable),
    ROW(OSSL_FUNC_KEYEXCH_GET_CTX_PARAMS, get_params),
    ROW(OSSL_FUNC_KEYEXCH_GETTABLE_CTX_PARAMS, gettable),
    ROW_END,
};

const OSSL_ALGORITHM exchange_algorithms[] = {
    {"ECDH", PROVIDER_PROPERTIES, functions, "ECDH by the module"},
    {NAMES_X25519, PROVIDER_PROPERTIES, functions, "X25519 by the module"},
    {NULL, NULL, NULL, NULL},
};
