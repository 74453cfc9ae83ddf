/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 (RFC 8032, 5.1). */
#include "crypto/openssl/library.h"
#include "crypto/openssl/signature.h"

static const struct mechanism eddsa = {.algorithm = ALGORITHM_EDDSA};

enum { EDDSA_SIZE = 2 * CURVE25519_SIZE };

/* OpenSSL signs one message per initialisation; without a key that is cheap. */
static bool initialise(struct loaded *key, struct ready *ready, bool is_new, bool sign) {
    EVP_PKEY *pkey = is_new ? key->pkey : NULL;
    OSSL_LIB_CTX *context = is_new ? library.context : NULL;
    return (sign ? EVP_DigestSignInit_ex(ready->digest, NULL, NULL, context, NULL, pkey, NULL)
                 : EVP_DigestVerifyInit_ex(ready->digest, NULL, NULL, context, NULL, pkey, NULL)) ==
           1;
}

enum status eddsa_verify(struct loaded *key, struct bytes message, struct bytes signature) {
    struct ready *ready = NULL;
    bool is_new = false;
    TRY(key_take(key, READY_DIGEST, key_shape(&eddsa, F_VERIFY), &ready, &is_new));
    enum status status = STATUS_SIGNATURE_INVALID;
    if (!initialise(key, ready, is_new, false)) {
        status = library_failure();
    } else if (EVP_DigestVerify(ready->digest, signature.data, signature.size, message.data,
                                message.size) == 1) {
        status = STATUS_OK;
    } else {
        status = library_refusal(STATUS_SIGNATURE_INVALID);
    }
    ready_end(&key->pool, ready, status);
    return status;
}

enum status eddsa_sign(struct loaded *key, struct bytes message, bool verify, uint8_t *signature) {
    struct ready *ready = NULL;
    bool is_new = false;
    uint8_t made[EDDSA_SIZE];
    size_t size = sizeof(made);
    TRY(key_take(key, READY_DIGEST, key_shape(&eddsa, F_SIGN), &ready, &is_new));
    bool done = initialise(key, ready, is_new, true) &&
                EVP_DigestSign(ready->digest, made, &size, message.data, message.size) == 1 &&
                size == sizeof(made);
    enum status status = done ? STATUS_OK : library_failure();
    ready_end(&key->pool, ready, status);
    TRY(status);
    if (verify) {
        TRY(signature_own(eddsa_verify(key, message, bytes_of(made, size))));
    }
    memcpy(signature, made, size);
    return STATUS_OK;
}
