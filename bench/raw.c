/* SPDX-License-Identifier: Apache-2.0 */
/* The reference: OpenSSL in this process, with everything prepared once. */
#include "bench/bench.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <stdlib.h>
#include <string.h>

enum { DATA_MAX_SIZE = 65536 };

struct raw {
    EVP_PKEY_CTX *sign;
    EVP_MD_CTX *digest_sign;
    EVP_CIPHER_CTX *cipher;
    size_t size;
    unsigned char data[DATA_MAX_SIZE];
    unsigned char out[DATA_MAX_SIZE + 32];
};

static EVP_PKEY *key;

bool raw_prepare(const char *name) {
    if (strcmp(name, "sign-p256") == 0) {
        key = EVP_EC_gen("P-256");
    } else if (strcmp(name, "sign-p384") == 0) {
        key = EVP_EC_gen("P-384");
    } else if (strcmp(name, "sign-ed25519") == 0) {
        key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    } else if (strcmp(name, "sign-rsa2048") == 0) {
        key = EVP_RSA_gen(2048);
    } else {
        return strncmp(name, "gcm-", 4) == 0;
    }
    return key != NULL;
}

static bool sign_digest(void *state) {
    struct raw *raw = state;
    size_t size = sizeof(raw->out);
    return EVP_PKEY_sign(raw->sign, raw->out, &size, raw->data, raw->size) == 1;
}

static bool sign_message(void *state) {
    struct raw *raw = state;
    size_t size = sizeof(raw->out);
    return EVP_DigestSign(raw->digest_sign, raw->out, &size, raw->data, raw->size) == 1;
}

static bool seal(void *state) {
    struct raw *raw = state;
    unsigned char iv[12];
    int size = 0;
    int last = 0;
    return RAND_bytes(iv, sizeof(iv)) == 1 &&
           EVP_EncryptInit_ex(raw->cipher, NULL, NULL, NULL, iv) == 1 &&
           EVP_EncryptUpdate(raw->cipher, raw->out, &size, raw->data, (int)raw->size) == 1 &&
           EVP_EncryptFinal_ex(raw->cipher, raw->out + size, &last) == 1 &&
           EVP_CIPHER_CTX_ctrl(raw->cipher, EVP_CTRL_AEAD_GET_TAG, 16, raw->out + size) == 1;
}

static bool start_signing(struct raw *raw, const EVP_MD *hash) {
    raw->sign = EVP_PKEY_CTX_new(key, NULL);
    return EVP_PKEY_sign_init(raw->sign) == 1 &&
           (hash == NULL || EVP_PKEY_CTX_set_signature_md(raw->sign, hash) == 1);
}

bool raw_worker(const char *name, struct worker *worker) {
    static const unsigned char zero_key[32];
    struct raw *raw = calloc(1, sizeof(*raw));
    worker->state = raw;
    raw->size = 32;
    worker->once = sign_digest;
    if (strcmp(name, "sign-ed25519") == 0) {
        worker->once = sign_message;
        raw->digest_sign = EVP_MD_CTX_new();
        return EVP_DigestSignInit(raw->digest_sign, NULL, NULL, NULL, key) == 1;
    }
    if (strncmp(name, "gcm-", 4) == 0) {
        worker->once = seal;
        raw->size = strcmp(name, "gcm-64k") == 0 ? 65536 : 1024;
        raw->cipher = EVP_CIPHER_CTX_new();
        return EVP_EncryptInit_ex(raw->cipher, EVP_aes_256_gcm(), NULL, zero_key, NULL) == 1;
    }
    return start_signing(raw, strcmp(name, "sign-rsa2048") == 0 ? EVP_sha256() : NULL);
}
