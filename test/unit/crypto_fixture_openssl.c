/* SPDX-License-Identifier: Apache-2.0 */
/* An RSA key by OpenSSL. */
#include "test/unit/crypto_fixture.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

struct bytes rsa_pkcs8(void) {
    static uint8_t room[4096];
    unsigned char *der = NULL;
    EVP_PKEY *pkey = EVP_RSA_gen(2048);
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
    int size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    assert_true(size > 0 && (size_t)size <= sizeof(room));
    memcpy(room, der, (size_t)size);
    OPENSSL_free(der);
    PKCS8_PRIV_KEY_INFO_free(info);
    EVP_PKEY_free(pkey);
    return bytes_of(room, (size_t)size);
}
