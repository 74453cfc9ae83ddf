/* SPDX-License-Identifier: Apache-2.0 */
/* RSA encryption. A context for encryption with the public half keeps the parameters and encrypts;
 * the module decrypts. */
#include "host/openssl-provider/signing.h"

#include "base/wipe.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <stdlib.h>

struct cipher {
    const struct provider *provider;
    struct key *key;
    EVP_PKEY_CTX *state;
};

static OSSL_FUNC_asym_cipher_newctx_fn make;
static OSSL_FUNC_asym_cipher_freectx_fn release;
static OSSL_FUNC_asym_cipher_dupctx_fn duplicate;
static OSSL_FUNC_asym_cipher_decrypt_init_fn start;
static OSSL_FUNC_asym_cipher_encrypt_fn encrypt;
static OSSL_FUNC_asym_cipher_decrypt_fn decrypt;
static OSSL_FUNC_asym_cipher_get_ctx_params_fn get_params;
static OSSL_FUNC_asym_cipher_set_ctx_params_fn set_params;
static OSSL_FUNC_asym_cipher_gettable_ctx_params_fn gettable;
static OSSL_FUNC_asym_cipher_settable_ctx_params_fn settable;

static void *make(void *context) {
    struct cipher *cipher = calloc(1, sizeof(*cipher));
    if (cipher != NULL) {
        cipher->provider = context;
    }
    return cipher;
}

static void empty(struct cipher *cipher) {
    EVP_PKEY_CTX_free(cipher->state);
    key_free(cipher->key);
    *cipher = (struct cipher){.provider = cipher->provider};
}

static void release(void *context) {
    if (context != NULL) {
        empty(context);
        free(context);
    }
}

static void *duplicate(void *context) {
    const struct cipher *from = context;
    struct cipher *to = make((void *)(uintptr_t)from->provider);
    if (to == NULL || from->key == NULL) {
        return to;
    }
    to->key = key_share(from->key);
    to->state = EVP_PKEY_CTX_dup(from->state);
    if (to->state == NULL) {
        release(to);
        return NULL;
    }
    return to;
}

static int set_params(void *context, const OSSL_PARAM params[]) {
    struct cipher *cipher = context;
    if (params == NULL) {
        return 1;
    }
    return cipher->state != NULL &&
           EVP_PKEY_CTX_set_params(cipher->state, (OSSL_PARAM *)(uintptr_t)params) > 0;
}

static int start(void *context, void *data, const OSSL_PARAM params[]) {
    struct cipher *cipher = context;
    struct key *key = data != NULL ? data : cipher->key;
    if (key == NULL || key->public == NULL) {
        return 0;
    }
    key_share(key);
    empty(cipher);
    cipher->key = key;
    cipher->state = EVP_PKEY_CTX_new_from_pkey(cipher->provider->libctx, key->public, NULL);
    return cipher->state != NULL && EVP_PKEY_encrypt_init(cipher->state) == 1 &&
           set_params(cipher, params);
}

static int encrypt(void *context, unsigned char *out, size_t *size, size_t room,
                   const unsigned char *in, size_t in_size) {
    struct cipher *cipher = context;
    *size = room;
    return EVP_PKEY_encrypt(cipher->state, out, size, in, in_size) == 1;
}

/* OAEP's parameters; without a hash it is SHA-1, as RFC 8017 has it. */
static enum status oaep_prepare(const struct cipher *cipher, struct mechanism *mechanism) {
    char name[SIGNING_NAME_ROOM], mgf[SIGNING_NAME_ROOM];
    unsigned char *label = NULL;
    signing_text(cipher->state, OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, name);
    signing_text(cipher->state, OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, mgf);
    const char *hash = name[0] != 0 ? name : "SHA1";
    mechanism->algorithm = ALGORITHM_RSA_OAEP;
    mechanism->digest = signing_hash(cipher->provider, hash);
    mechanism->mgf = signing_hash(cipher->provider, mgf[0] != 0 ? mgf : hash);
    int size = EVP_PKEY_CTX_get0_rsa_oaep_label(cipher->state, &label);
    mechanism->label = bytes_of(label, size > 0 ? (size_t)size : 0);
    return mechanism->digest != HASH_NONE && mechanism->mgf != HASH_NONE
               ? STATUS_OK
               : STATUS_MECHANISM_PARAM_INVALID;
}

static enum status prepare(const struct cipher *cipher, struct mechanism *mechanism) {
    switch (signing_number(cipher->state, OSSL_ASYM_CIPHER_PARAM_PAD_MODE, RSA_PKCS1_PADDING)) {
    case RSA_PKCS1_OAEP_PADDING:
        return oaep_prepare(cipher, mechanism);
    case RSA_PKCS1_PADDING:
        mechanism->algorithm = ALGORITHM_RSA_PKCS1;
        return STATUS_OK;
    case RSA_NO_PADDING:
        mechanism->algorithm = ALGORITHM_RSA_RAW;
        return STATUS_OK;
    default:
        return STATUS_MECHANISM_INVALID;
    }
}

static int decrypt(void *context, unsigned char *out, size_t *size, size_t room,
                   const unsigned char *in, size_t in_size) {
    struct cipher *cipher = context;
    SECRET_BYTES(place, FRAME_HEADER_SIZE + 2048);
    struct decrypt_req request = {.data = bytes_of(in, in_size)};
    const struct key_request asked = {COMMAND_decrypt, &request, offsetof(struct decrypt_req, key),
                                      "decrypt"};
    struct decrypt_rep reply;
    if (out == NULL) {
        *size = (size_t)EVP_PKEY_get_size(cipher->key->public);
        return 1;
    }
    enum status status = prepare(cipher, &request.mechanism);
    if (status != STATUS_OK) {
        return provider_fail(cipher->provider, status, NULL, "decrypt with the key '%s'",
                             cipher->key->name);
    }
    if (key_ask(cipher->key, &asked, &reply, (struct span){place, sizeof(place)}) != STATUS_OK) {
        return 0;
    }
    if (reply.data.size > room) {
        return provider_fail(cipher->provider, STATUS_DATA_LENGTH, NULL, "put %zu bytes into %zu",
                             reply.data.size, room);
    }
    bytes_copy(out, reply.data);
    *size = reply.data.size;
    return 1;
}

static int get_params(void *context, OSSL_PARAM params[]) {
    struct cipher *cipher = context;
    return cipher->state != NULL && EVP_PKEY_CTX_get_params(cipher->state, params) == 1;
}

static const OSSL_PARAM names[] = {
    OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST_PROPS, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST_PROPS, NULL, 0),
    OSSL_PARAM_octet_string(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, NULL, 0),
    OSSL_PARAM_END,
};

static const OSSL_PARAM *gettable(void *context, void *provider) {
    (void)context;
    (void)provider;
    return names;
}

static const OSSL_PARAM *settable(void *context, void *provider) {
    return gettable(context, provider);
}

static const OSSL_DISPATCH functions[] = {
    ROW(OSSL_FUNC_ASYM_CIPHER_NEWCTX, make),
    ROW(OSSL_FUNC_ASYM_CIPHER_FREECTX, release),
    ROW(OSSL_FUNC_ASYM_CIPHER_DUPCTX, duplicate),
    ROW(OSSL_FUNC_ASYM_CIPHER_ENCRYPT_INIT, start),
    ROW(OSSL_FUNC_ASYM_CIPHER_ENCRYPT, encrypt),
    ROW(OSSL_FUNC_ASYM_CIPHER_DECRYPT_INIT, start),
    ROW(OSSL_FUNC_ASYM_CIPHER_DECRYPT, decrypt),
    ROW(OSSL_FUNC_ASYM_CIPHER_GET_CTX_PARAMS, get_params),
    ROW(OSSL_FUNC_ASYM_CIPHER_GETTABLE_CTX_PARAMS, gettable),
    ROW(OSSL_FUNC_ASYM_CIPHER_SET_CTX_PARAMS, set_params),
    ROW(OSSL_FUNC_ASYM_CIPHER_SETTABLE_CTX_PARAMS, settable),
    ROW_END,
};

const OSSL_ALGORITHM cipher_algorithms[] = {
    {NAMES_RSA, PROVIDER_PROPERTIES, functions, "RSA decryption by the module"},
    {NULL, NULL, NULL, NULL},
};
