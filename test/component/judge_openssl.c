/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL judges. */
#include "test/component/judge.h"

#include <openssl/ecdsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

void judge_sha256(struct bytes text, uint8_t digest[32]) {
    SHA256(text.data, text.size, digest);
}

/* r and s as DER; 0: they are no numbers. */
static int write_pair(const uint8_t signature[64], unsigned char *der) {
    ECDSA_SIG *pair = ECDSA_SIG_new();
    int size = 0;
    if (ECDSA_SIG_set0(pair, BN_bin2bn(signature, 32, NULL), BN_bin2bn(signature + 32, 32, NULL)) ==
        1) {
        size = i2d_ECDSA_SIG(pair, &der);
    }
    ECDSA_SIG_free(pair);
    return size;
}

bool judge_es256(struct bytes public_key_info, struct bytes text, const uint8_t signature[64]) {
    unsigned char der[128], digest[32];
    const unsigned char *at = public_key_info.data;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)public_key_info.size);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    const int size = write_pair(signature, der);
    judge_sha256(text, digest);
    bool good = key != NULL && size > 0 && EVP_PKEY_verify_init(context) == 1 &&
                EVP_PKEY_verify(context, der, (size_t)size, digest, sizeof(digest)) == 1;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    return good;
}
