/* SPDX-License-Identifier: Apache-2.0 */
/* RSA contexts and signatures (RFC 8017). OpenSSL blinds every private operation. */
#include "crypto/openssl/rsa.h"

#include "crypto/openssl/library.h"
#include "crypto/openssl/signature.h"

#include <openssl/rsa.h>

static bool initialise(EVP_PKEY_CTX *context, enum function function) {
    switch (function) {
    case F_SIGN:
        return EVP_PKEY_sign_init(context) == 1;
    case F_VERIFY:
        return EVP_PKEY_verify_init(context) == 1;
    case F_ENCRYPT:
        return EVP_PKEY_encrypt_init(context) == 1;
    default:
        return EVP_PKEY_decrypt_init(context) == 1;
    }
}

static bool set_padding(EVP_PKEY_CTX *context, const struct mechanism *mechanism) {
    const EVP_MD *digest = library.hash[mechanism->digest];
    const EVP_MD *mgf = library.hash[mechanism->mgf];
    switch (mechanism->algorithm) {
    case ALGORITHM_RSA_PKCS1:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
               (mechanism->hash == HASH_NONE ||
                EVP_PKEY_CTX_set_signature_md(context, library.hash[mechanism->hash]) == 1);
    case ALGORITHM_RSA_PSS:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_signature_md(context, digest) == 1 &&
               EVP_PKEY_CTX_set_rsa_mgf1_md(context, mgf) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context, (int)mechanism->salt_size) == 1;
    case ALGORITHM_RSA_OAEP:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_oaep_md(context, digest) == 1 &&
               EVP_PKEY_CTX_set_rsa_mgf1_md(context, mgf) == 1;
    default:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1;
    }
}

enum status rsa_take(struct loaded *key, const struct mechanism *mechanism, enum function function,
                     struct ready **ready) {
    bool is_new = false;
    TRY(key_take(key, READY_PKEY, key_shape(mechanism, function), ready, &is_new));
    if (is_new &&
        (!initialise((*ready)->pkey, function) || !set_padding((*ready)->pkey, mechanism))) {
        ready_drop(*ready);
        *ready = NULL;
        return library_failure();
    }
    return STATUS_OK;
}

struct bytes rsa_fill(const struct loaded *key, struct bytes data, uint8_t *room) {
    memset(room, 0, key->size - data.size);
    bytes_copy(room + key->size - data.size, data);
    return bytes_of(room, key->size);
}

enum status rsa_verify(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                       struct bytes signature) {
    struct ready *ready = NULL;
    uint8_t filled[RSA_SIZE_MAX];
    if (mechanism->algorithm == ALGORITHM_RSA_RAW) {
        data = rsa_fill(key, data, filled);
    }
    TRY(rsa_take(key, mechanism, F_VERIFY, &ready));
    int valid = EVP_PKEY_verify(ready->pkey, signature.data, signature.size, data.data, data.size);
    enum status status = valid == 1 ? STATUS_OK : library_refusal(STATUS_SIGNATURE_INVALID);
    ready_end(&key->pool, ready, status);
    return status;
}

enum status rsa_sign(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                     uint8_t *signature) {
    struct ready *ready = NULL;
    uint8_t filled[RSA_SIZE_MAX];
    uint8_t made[RSA_SIZE_MAX];
    size_t size = sizeof(made);
    bool raw = mechanism->algorithm == ALGORITHM_RSA_RAW;
    if (raw) {
        data = rsa_fill(key, data, filled);
    }
    TRY(rsa_take(key, mechanism, F_SIGN, &ready));
    bool done = EVP_PKEY_sign(ready->pkey, made, &size, data.data, data.size) == 1;
    /* The one fault of a caller that is left to see: a number above the modulus. */
    enum status status =
        done ? STATUS_OK : library_refusal(raw ? STATUS_DATA_INVALID : STATUS_INTERNAL);
    ready_end(&key->pool, ready, status);
    TRY(status);
    if (size != key->size) {
        return STATUS_ERROR_STATE;
    }
    TRY(signature_own(rsa_verify(key, mechanism, data, bytes_of(made, size))));
    memcpy(signature, made, size);
    return STATUS_OK;
}
