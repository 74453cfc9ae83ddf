/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's signatures, broken when a test says so. */
#include "test/component/quick.h"

#include <openssl/evp.h>

int __real_EVP_PKEY_sign(EVP_PKEY_CTX *context, unsigned char *signature, size_t *size,
                         const unsigned char *data, size_t data_size);
int __wrap_EVP_PKEY_sign(EVP_PKEY_CTX *context, unsigned char *signature, size_t *size,
                         const unsigned char *data, size_t data_size);
int __real_EVP_DigestSign(EVP_MD_CTX *context, unsigned char *signature, size_t *size,
                          const unsigned char *data, size_t data_size);
int __wrap_EVP_DigestSign(EVP_MD_CTX *context, unsigned char *signature, size_t *size,
                          const unsigned char *data, size_t data_size);

static int broken(int done, unsigned char *signature, const size_t *size) {
    if (done == 1 && signature != NULL && quick.break_signatures) {
        signature[*size - 1] ^= 4;
    }
    return done;
}

int __wrap_EVP_PKEY_sign(EVP_PKEY_CTX *context, unsigned char *signature, size_t *size,
                         const unsigned char *data, size_t data_size) {
    return broken(__real_EVP_PKEY_sign(context, signature, size, data, data_size), signature, size);
}

int __wrap_EVP_DigestSign(EVP_MD_CTX *context, unsigned char *signature, size_t *size,
                          const unsigned char *data, size_t data_size) {
    return broken(__real_EVP_DigestSign(context, signature, size, data, data_size), signature,
                  size);
}
