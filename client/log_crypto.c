/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and Ed25519 for the log's verifier. */
#include "client/log_crypto.h"

#include <openssl/evp.h>

enum status log_sha256(const struct bytes *parts, size_t count, uint8_t *out) {
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    int good = digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
    for (size_t i = 0; good && i < count; i++) {
        good = EVP_DigestUpdate(digest, parts[i].data, parts[i].size);
    }
    good = good && EVP_DigestFinal_ex(digest, out, NULL);
    EVP_MD_CTX_free(digest);
    return good ? STATUS_OK : STATUS_INTERNAL;
}

bool log_ed25519_verifies(const uint8_t public_key[32], struct bytes data,
                          const uint8_t signature[64]) {
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool good = key != NULL && digest != NULL &&
                EVP_DigestVerifyInit(digest, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(digest, signature, 64, data.data, data.size) == 1;
    EVP_MD_CTX_free(digest);
    EVP_PKEY_free(key);
    return good;
}
