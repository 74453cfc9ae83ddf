/* SPDX-License-Identifier: Apache-2.0 */
/* From OpenSSL's parameters to one request of the module. */
#include "host/openssl-provider/signing.h"

#include "client/signature_form.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

enum { SIGN_ROOM = FRAME_HEADER_SIZE + 1024 + 64, INFO_ROOM = 160, MD5_SHA1_SIZE = 36 };

void signing_text(EVP_PKEY_CTX *state, const char *name, char out[SIGNING_NAME_ROOM]) {
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(name, out, SIGNING_NAME_ROOM),
        OSSL_PARAM_construct_end(),
    };
    out[0] = 0;
    if (EVP_PKEY_CTX_get_params(state, params) != 1 || !OSSL_PARAM_modified(&params[0])) {
        out[0] = 0;
    }
}

int signing_number(EVP_PKEY_CTX *state, const char *name, int otherwise) {
    int value = otherwise;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(name, &value),
        OSSL_PARAM_construct_end(),
    };
    bool given = EVP_PKEY_CTX_get_params(state, params) == 1 && OSSL_PARAM_modified(&params[0]);
    return given ? value : otherwise;
}

enum hash signing_hash(const struct provider *provider, const char *name) {
    static const struct {
        const char *name;
        enum hash hash;
    } hashes[] = {
        {"SHA2-256", HASH_SHA256},   {"SHA2-384", HASH_SHA384},   {"SHA2-512", HASH_SHA512},
        {"SHA2-224", HASH_SHA224},   {"SHA3-256", HASH_SHA3_256}, {"SHA3-384", HASH_SHA3_384},
        {"SHA3-512", HASH_SHA3_512}, {"SHA3-224", HASH_SHA3_224}, {"SHA1", HASH_SHA1},
    };
    EVP_MD *md = EVP_MD_fetch(provider->libctx, name, NULL);
    enum hash found = HASH_NONE;
    for (size_t i = 0; md != NULL && i < COUNT(hashes); i++) {
        if (EVP_MD_is_a(md, hashes[i].name)) {
            found = hashes[i].hash;
        }
    }
    EVP_MD_free(md);
    return found;
}

/* The hash, to be freed; *md is NULL where none is set. Refuses data of another size. */
static enum status digest_read(const struct key *key, const struct signing *how, struct bytes data,
                               EVP_MD **md) {
    char name[SIGNING_NAME_ROOM] = "";
    *md = how->md;
    if (how->state != NULL) {
        signing_text(how->state, OSSL_SIGNATURE_PARAM_DIGEST, name);
        *md = name[0] != 0 ? EVP_MD_fetch(key->provider->libctx, name, NULL) : NULL;
        if (name[0] != 0 && *md == NULL) {
            return STATUS_MECHANISM_INVALID;
        }
    } else if (*md != NULL && EVP_MD_up_ref(*md) != 1) {
        *md = NULL;
        return STATUS_INTERNAL;
    }
    bool fits = *md == NULL || (size_t)EVP_MD_get_size(*md) == data.size;
    return fits ? STATUS_OK : STATUS_DATA_LENGTH;
}

/* PKCS #1 v1.5: the module pads what it gets, so a hash gets its DigestInfo here. */
static enum status pkcs1_prepare(const EVP_MD *md, struct bytes *data, struct span info,
                                 struct mechanism *mechanism) {
    mechanism->algorithm = ALGORITHM_RSA_PKCS1;
    if (md != NULL && data->size != MD5_SHA1_SIZE) {
        TRY(signature_form_digest_info(md, *data, &info));
        *data = bytes_of_span(info);
    }
    return STATUS_OK;
}

/* OpenSSL's special salt lengths, resolved as it does itself. */
static uint32_t salt_size(const struct key *key, EVP_PKEY_CTX *state, size_t hash_length) {
    enum { DIGEST = -1, AUTO = -2, MAX = -3, AUTO_DIGEST_MAX = -4 };
    int given = signing_number(state, OSSL_SIGNATURE_PARAM_PSS_SALTLEN, AUTO);
    size_t encoded = ((size_t)EVP_PKEY_get_bits(key->public) - 1 + 7) / 8;
    size_t most = encoded > hash_length + 2 ? encoded - hash_length - 2 : 0;
    switch (given) {
    case DIGEST:
        return (uint32_t)hash_length;
    case AUTO_DIGEST_MAX:
        return (uint32_t)(hash_length < most ? hash_length : most);
    case AUTO:
    case MAX:
        return (uint32_t)most;
    default:
        return (uint32_t)given;
    }
}

static enum status pss_prepare(const struct key *key, EVP_PKEY_CTX *state, size_t size,
                               struct mechanism *mechanism) {
    char name[SIGNING_NAME_ROOM], mgf[SIGNING_NAME_ROOM];
    signing_text(state, OSSL_SIGNATURE_PARAM_DIGEST, name);
    signing_text(state, OSSL_SIGNATURE_PARAM_MGF1_DIGEST, mgf);
    mechanism->algorithm = ALGORITHM_RSA_PSS;
    mechanism->digest = signing_hash(key->provider, name);
    mechanism->mgf = mgf[0] != 0 ? (uint32_t)signing_hash(key->provider, mgf) : mechanism->digest;
    mechanism->salt_size = salt_size(key, state, size);
    return mechanism->digest != HASH_NONE && mechanism->mgf != HASH_NONE
               ? STATUS_OK
               : STATUS_MECHANISM_PARAM_INVALID;
}

static enum status rsa_prepare(const struct key *key, const struct signing *how, struct bytes *data,
                               struct span info, struct mechanism *mechanism) {
    EVP_MD *md = NULL;
    enum status status = digest_read(key, how, *data, &md);
    int padding = how->state == NULL ? RSA_PKCS1_PADDING
                                     : signing_number(how->state, OSSL_SIGNATURE_PARAM_PAD_MODE,
                                                      RSA_PKCS1_PADDING);
    if (status == STATUS_OK && padding == RSA_PKCS1_PADDING) {
        status = pkcs1_prepare(md, data, info, mechanism);
    } else if (status == STATUS_OK && padding == RSA_PKCS1_PSS_PADDING) {
        status = pss_prepare(key, how->state, data->size, mechanism);
    } else if (status == STATUS_OK && padding == RSA_NO_PADDING) {
        mechanism->algorithm = ALGORITHM_RSA_RAW;
    } else if (status == STATUS_OK) {
        status = STATUS_MECHANISM_INVALID;
    }
    EVP_MD_free(md);
    return status;
}

static enum status prepare(const struct key *key, const struct signing *how, struct bytes *data,
                           struct span info, struct mechanism *mechanism) {
    if (EVP_PKEY_is_a(key->public, "RSA")) {
        return rsa_prepare(key, how, data, info, mechanism);
    }
    if (EVP_PKEY_is_a(key->public, "ED25519")) {
        mechanism->algorithm = ALGORITHM_EDDSA;
        return data->size <= DATA_MAX ? STATUS_OK : STATUS_TOO_LARGE;
    }
    EVP_MD *md = NULL;
    mechanism->algorithm = ALGORITHM_ECDSA;
    enum status status = digest_read(key, how, *data, &md);
    EVP_MD_free(md);
    return status;
}

static enum status give(const struct sign_req *request, struct bytes raw, struct span *signature) {
    if (request->mechanism.algorithm == ALGORITHM_ECDSA) {
        return signature_form_ecdsa(raw, signature);
    }
    if (raw.size > signature->size) {
        return STATUS_SIGNATURE_LENGTH;
    }
    bytes_copy(signature->data, raw);
    signature->size = raw.size;
    return STATUS_OK;
}

int signing_make(struct key *key, const struct signing *how, struct bytes data,
                 struct span *signature) {
    uint8_t info[INFO_ROOM], room[SIGN_ROOM];
    struct sign_req request = {0};
    const struct key_request asked = {COMMAND_sign, &request, offsetof(struct sign_req, key),
                                      "sign"};
    struct sign_rep reply;
    enum status status =
        prepare(key, how, &data, (struct span){info, sizeof(info)}, &request.mechanism);
    if (status == STATUS_OK) {
        request.data = data;
        if (key_ask(key, &asked, &reply, (struct span){room, sizeof(room)}) != STATUS_OK) {
            return 0;
        }
        status = give(&request, reply.signature, signature);
    }
    return status == STATUS_OK ||
           provider_fail(key->provider, status, NULL, "sign with the key '%s'", key->name);
}
