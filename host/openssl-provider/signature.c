/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures: RSA, ECDSA, Ed25519. A context for verification with the public half keeps and checks
 * the parameters and verifies; the module signs. Messages are hashed here, only the hash goes to
 * the module; Ed25519 takes the message. */
#include "host/openssl-provider/signing.h"

#include <openssl/core_names.h>
#include <stdlib.h>

struct signature {
    const struct provider *provider;
    struct key *key;
    struct signing how; /* for Ed25519 its state belongs to `message` */
    EVP_MD_CTX *hash;
    EVP_MD_CTX *message;
};

static OSSL_FUNC_signature_newctx_fn make;
static OSSL_FUNC_signature_freectx_fn release;
static OSSL_FUNC_signature_dupctx_fn duplicate;
static OSSL_FUNC_signature_sign_init_fn start;
static OSSL_FUNC_signature_sign_fn sign;
static OSSL_FUNC_signature_verify_fn verify;
static OSSL_FUNC_signature_digest_sign_init_fn digest_start;
static OSSL_FUNC_signature_digest_sign_update_fn digest_update;
static OSSL_FUNC_signature_digest_sign_final_fn digest_sign;
static OSSL_FUNC_signature_digest_verify_final_fn digest_verify;
static OSSL_FUNC_signature_digest_sign_fn digest_sign_once;
static OSSL_FUNC_signature_digest_verify_fn digest_verify_once;
static OSSL_FUNC_signature_digest_sign_init_fn message_start;
static OSSL_FUNC_signature_digest_sign_fn message_sign;
static OSSL_FUNC_signature_digest_verify_fn message_verify;
static OSSL_FUNC_signature_get_ctx_params_fn get_params;
static OSSL_FUNC_signature_set_ctx_params_fn set_params;
static OSSL_FUNC_signature_gettable_ctx_params_fn gettable;
static OSSL_FUNC_signature_settable_ctx_params_fn settable;

static void *make(void *context, const char *properties) {
    struct signature *signature = calloc(1, sizeof(*signature));
    (void)properties; /* they choose among providers; what is public is the default provider's */
    if (signature != NULL) {
        signature->provider = context;
    }
    return signature;
}

static void empty(struct signature *signature) {
    if (signature->message == NULL) {
        EVP_PKEY_CTX_free(signature->how.state);
    }
    EVP_MD_free(signature->how.md);
    EVP_MD_CTX_free(signature->message);
    EVP_MD_CTX_free(signature->hash);
    key_free(signature->key);
    *signature = (struct signature){.provider = signature->provider};
}

static void release(void *context) {
    struct signature *signature = context;
    if (signature != NULL) {
        empty(signature);
        free(signature);
    }
}

/* A copy of the running hash, so that a signature can be made of what came until now. */
static void *duplicate(void *context) {
    const struct signature *from = context;
    struct signature *to = make((void *)(uintptr_t)from->provider, NULL);
    bool done = to != NULL && from->message == NULL;
    if (done && from->key != NULL) {
        to->key = key_share(from->key);
    }
    if (done && from->how.md != NULL) {
        done = EVP_MD_up_ref(from->how.md) == 1;
        to->how.md = done ? from->how.md : NULL;
    }
    if (done && from->how.state != NULL) {
        to->how.state = EVP_PKEY_CTX_dup(from->how.state);
        done = to->how.state != NULL;
    }
    if (done && from->hash != NULL) {
        to->hash = EVP_MD_CTX_new();
        done = to->hash != NULL && EVP_MD_CTX_copy_ex(to->hash, from->hash) == 1;
    }
    if (!done) {
        release(to);
        return NULL;
    }
    return to;
}

/* ---- RSA and ECDSA ---- */

/* The context for verification, made when it is first needed. */
static EVP_PKEY_CTX *state_of(struct signature *signature) {
    struct signing *how = &signature->how;
    if (how->state != NULL || signature->key == NULL) {
        return how->state;
    }
    const char *name = how->md != NULL ? EVP_MD_get0_name(how->md) : NULL;
    OSSL_PARAM digest[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, (char *)(uintptr_t)name, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *state =
        EVP_PKEY_CTX_new_from_pkey(signature->provider->libctx, signature->key->public, NULL);
    if (state == NULL || EVP_PKEY_verify_init(state) != 1 ||
        (name != NULL && EVP_PKEY_CTX_set_params(state, digest) <= 0)) {
        EVP_PKEY_CTX_free(state);
        return NULL;
    }
    how->state = state;
    return state;
}

static int set_params(void *context, const OSSL_PARAM params[]) {
    if (params == NULL || params[0].key == NULL) {
        return 1;
    }
    EVP_PKEY_CTX *state = state_of(context);
    return state != NULL && EVP_PKEY_CTX_set_params(state, (OSSL_PARAM *)(uintptr_t)params) > 0;
}

/* Without a key the context keeps the one it has. */
static int take_key(struct signature *signature, void *key) {
    struct key *used = key != NULL ? key : signature->key;
    if (used == NULL || used->public == NULL) {
        return 0;
    }
    key_share(used);
    empty(signature);
    signature->key = used;
    return 1;
}

static int start(void *context, void *key, const OSSL_PARAM params[]) {
    return take_key(context, key) && set_params(context, params);
}

static int sign(void *context, unsigned char *out, size_t *size, size_t room,
                const unsigned char *data, size_t data_size) {
    struct signature *signature = context;
    size_t most = (size_t)EVP_PKEY_get_size(signature->key->public);
    if (out == NULL) {
        *size = most;
        return 1;
    }
    struct span span = {out, room};
    if (room < most ||
        !signing_make(signature->key, &signature->how, bytes_of(data, data_size), &span)) {
        return room < most && provider_fail(signature->provider, STATUS_SIGNATURE_LENGTH, NULL,
                                            "put a signature of %zu bytes into %zu", most, room);
    }
    *size = span.size;
    return 1;
}

static int verify(void *context, const unsigned char *given, size_t size, const unsigned char *data,
                  size_t data_size) {
    struct signature *signature = context;
    EVP_PKEY_CTX *state = state_of(signature);
    return state != NULL && EVP_PKEY_verify(state, given, size, data, data_size) == 1;
}

/* The hash is the one that the parameters name, else `name`, else SHA-256. */
static int hash_start(struct signature *signature, const char *name) {
    signature->hash = EVP_MD_CTX_new();
    EVP_MD *md = EVP_MD_fetch(signature->provider->libctx, name, NULL);
    if (md == NULL || signature->hash == NULL) {
        EVP_MD_free(md);
        return 0;
    }
    EVP_MD_free(signature->how.md);
    signature->how.md = md;
    return EVP_DigestInit_ex2(signature->hash, md, NULL) == 1;
}

static int digest_start(void *context, const char *name, void *key, const OSSL_PARAM params[]) {
    struct signature *signature = context;
    char used[SIGNING_NAME_ROOM];
    const char *wanted = name != NULL && name[0] != 0 ? name : "SHA256";
    if (!take_key(signature, key) || !hash_start(signature, wanted) ||
        !set_params(signature, params)) {
        return 0;
    }
    if (signature->how.state == NULL) {
        return 1;
    }
    signing_text(signature->how.state, OSSL_SIGNATURE_PARAM_DIGEST, used);
    if (EVP_MD_is_a(signature->how.md, used)) {
        return 1;
    }
    EVP_MD_CTX_free(signature->hash);
    return hash_start(signature, used);
}

static int digest_update(void *context, const unsigned char *data, size_t size) {
    struct signature *signature = context;
    return signature->hash != NULL && EVP_DigestUpdate(signature->hash, data, size) == 1;
}

static int digest_sign(void *context, unsigned char *out, size_t *size, size_t room) {
    struct signature *signature = context;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_size = 0;
    if (out == NULL) {
        return sign(signature, NULL, size, 0, NULL, 0);
    }
    return signature->hash != NULL &&
           EVP_DigestFinal_ex(signature->hash, digest, &digest_size) == 1 &&
           sign(signature, out, size, room, digest, digest_size);
}

static int digest_verify(void *context, const unsigned char *given, size_t size) {
    struct signature *signature = context;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_size = 0;
    return signature->hash != NULL &&
           EVP_DigestFinal_ex(signature->hash, digest, &digest_size) == 1 &&
           verify(signature, given, size, digest, digest_size);
}

/* All at once: without these OpenSSL would copy the context first. */
static int digest_sign_once(void *context, unsigned char *out, size_t *size, size_t room,
                            const unsigned char *data, size_t data_size) {
    return (out == NULL || digest_update(context, data, data_size)) &&
           digest_sign(context, out, size, room);
}

static int digest_verify_once(void *context, const unsigned char *given, size_t size,
                              const unsigned char *data, size_t data_size) {
    return digest_update(context, data, data_size) && digest_verify(context, given, size);
}

/* ---- Ed25519 ---- */

static int message_start(void *context, const char *name, void *key, const OSSL_PARAM params[]) {
    struct signature *signature = context;
    if (name != NULL && name[0] != 0) {
        return provider_fail(signature->provider, STATUS_MECHANISM_INVALID,
                             "leave the hash out: Ed25519 has its own", "hash with %s", name);
    }
    if (!take_key(signature, key)) {
        return 0;
    }
    signature->message = EVP_MD_CTX_new();
    return signature->message != NULL &&
           EVP_DigestVerifyInit_ex(signature->message, &signature->how.state, NULL,
                                   signature->provider->libctx, NULL, signature->key->public,
                                   NULL) == 1 &&
           set_params(signature, params);
}

static int message_sign(void *context, unsigned char *out, size_t *size, size_t room,
                        const unsigned char *data, size_t data_size) {
    return sign(context, out, size, room, data, data_size);
}

static int message_verify(void *context, const unsigned char *given, size_t size,
                          const unsigned char *data, size_t data_size) {
    struct signature *signature = context;
    return EVP_DigestVerify(signature->message, given, size, data, data_size) == 1;
}

/* ---- parameters ---- */

static int get_params(void *context, OSSL_PARAM params[]) {
    EVP_PKEY_CTX *state = state_of(context);
    return state != NULL && EVP_PKEY_CTX_get_params(state, params) == 1;
}

static const OSSL_PARAM names[] = {
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PROPERTIES, NULL, 0),
    OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0),
    OSSL_PARAM_size_t(OSSL_SIGNATURE_PARAM_DIGEST_SIZE, NULL),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_PROPERTIES, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
    OSSL_PARAM_END,
};

static const OSSL_PARAM *gettable(void *context, void *provider) {
    (void)context;
    (void)provider;
    return names;
}

/* What the public half's own context takes; without a key, what there can be. */
static const OSSL_PARAM *settable(void *context, void *provider) {
    const struct signature *signature = context;
    (void)provider;
    const OSSL_PARAM *own = signature != NULL && signature->how.state != NULL
                                ? EVP_PKEY_CTX_settable_params(signature->how.state)
                                : NULL;
    return own != NULL ? own : names;
}

#define COMMON                                                                        \
    ROW(OSSL_FUNC_SIGNATURE_NEWCTX, make), ROW(OSSL_FUNC_SIGNATURE_FREECTX, release), \
        ROW(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, get_params),                          \
        ROW(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, gettable),                       \
        ROW(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, set_params),                          \
        ROW(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, settable)

static const OSSL_DISPATCH hashed_functions[] = {
    COMMON,
    ROW(OSSL_FUNC_SIGNATURE_DUPCTX, duplicate),
    ROW(OSSL_FUNC_SIGNATURE_SIGN_INIT, start),
    ROW(OSSL_FUNC_SIGNATURE_SIGN, sign),
    ROW(OSSL_FUNC_SIGNATURE_VERIFY_INIT, start),
    ROW(OSSL_FUNC_SIGNATURE_VERIFY, verify),
    ROW(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, digest_start),
    ROW(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, digest_update),
    ROW(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, digest_sign),
    ROW(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, digest_sign_once),
    ROW(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY, digest_verify_once),
    ROW(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, digest_start),
    ROW(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE, digest_update),
    ROW(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL, digest_verify),
    ROW_END,
};

static const OSSL_DISPATCH message_functions[] = {
    COMMON,
    ROW(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, message_start),
    ROW(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, message_sign),
    ROW(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, message_start),
    ROW(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY, message_verify),
    ROW_END,
};

const OSSL_ALGORITHM signature_algorithms[] = {
    {NAMES_RSA, PROVIDER_PROPERTIES, hashed_functions, "RSA signatures by the module"},
    {"ECDSA", PROVIDER_PROPERTIES, hashed_functions, "ECDSA by the module"},
    {NAMES_ED25519, PROVIDER_PROPERTIES, message_functions, "Ed25519 by the module"},
    {NULL, NULL, NULL, NULL},
};
