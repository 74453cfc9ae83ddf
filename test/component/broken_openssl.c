/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's key derivation, of which a call fails. */
#include "test/component/broken.h"

#include <openssl/kdf.h>

/* The names are the linker's: HKDF and the stretching of PINs. */
int __real_EVP_KDF_derive(EVP_KDF_CTX *context, unsigned char *key, size_t size,
                          const OSSL_PARAM params[]);
int __wrap_EVP_KDF_derive(EVP_KDF_CTX *context, unsigned char *key, size_t size,
                          const OSSL_PARAM params[]);
int __wrap_EVP_KDF_derive(EVP_KDF_CTX *context, unsigned char *key, size_t size,
                          const OSSL_PARAM params[]) {
    return broken_fails() ? 0 : __real_EVP_KDF_derive(context, key, size, params);
}
