/* SPDX-License-Identifier: Apache-2.0 */
/* Stretching of PINs: PBKDF2-HMAC-SHA-256 (SP 800-132); the cost is the number of iterations. A
 * function that needs much memory would let parallel logins exhaust the locked arena. */
#include "crypto/crypto.h"
#include "crypto/openssl/library.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>

enum { ITERATIONS = 150000 };

uint32_t crypto_pin_cost(void) {
    return ITERATIONS;
}

enum status crypto_pin_stretch(struct bytes pin, const uint8_t *salt, uint32_t cost, uint8_t *out) {
    unsigned int iterations = cost;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                         (char *)(uintptr_t)library_hash_name(HASH_SHA256), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)(uintptr_t)pin.data,
                                          pin.size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt,
                                          PIN_SALT_SIZE),
        OSSL_PARAM_construct_uint(OSSL_KDF_PARAM_ITER, &iterations),
        OSSL_PARAM_construct_end(),
    };
    if (cost == 0 || pin.size == 0) {
        return STATUS_PIN_LENGTH;
    }
    EVP_KDF_CTX *kdf = EVP_KDF_CTX_new(library.pbkdf2);
    bool done = kdf != NULL && EVP_KDF_derive(kdf, out, PIN_VERIFIER_SIZE, params) == 1;
    EVP_KDF_CTX_free(kdf);
    return done ? STATUS_OK : library_failure();
}
