/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share of OpenSSL: a library context of our own, and every algorithm
 * fetched once at the start, so that no operation looks one up by its name. */
#ifndef CRYPTO_OPENSSL_LIBRARY_H
#define CRYPTO_OPENSSL_LIBRARY_H

#include "base/bytes.h"
#include "base/status.h"
#include "proto/algorithms.h"

#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/encoder.h>
#include <openssl/evp.h>

/* Rows of library.cipher; the column is the key size: 16, 24, 32 bytes. */
enum cipher {
    CIPHER_ECB,
    CIPHER_CBC,
    CIPHER_CTR,
    CIPHER_GCM,
    CIPHER_CCM,
    CIPHER_KW,
    CIPHER_KWP,
    CIPHER_CHACHA20_POLY1305,
    CIPHER_COUNT,
};

struct library {
    OSSL_LIB_CTX *context;
    OSSL_PROVIDER *provider;
    EVP_RAND *generator;
    EVP_MD *hash[HASH_COUNT];
    EVP_CIPHER *cipher[CIPHER_COUNT][3];
    EVP_MAC *hmac;
    EVP_MAC *cmac;
    EVP_KDF *hkdf;
    EVP_KDF *kbkdf;
    EVP_KDF *x963;
    EVP_KDF *pbkdf2;
    struct public_methods {
        EVP_KEYMGMT *keys;
        EVP_SIGNATURE *signatures;
        EVP_KEYEXCH *agreement;
        EVP_ASYM_CIPHER *encryption;
        OSSL_ENCODER *writing;
        OSSL_DECODER *reading;
    } public_methods;
};

/* Written by crypto_start and crypto_stop alone. */
extern struct library library;

/* The fetched cipher for a key of `key_size` bytes. */
const EVP_CIPHER *library_cipher(enum cipher cipher, size_t key_size);
/* A context that wants a key only; NULL when memory is short. Looks the hash or cipher up by its
 * name: for contexts that are kept. */
EVP_MAC_CTX *library_hmac_new(uint32_t hash);
EVP_MAC_CTX *library_cmac_new(size_t key_size);
/* The name OpenSSL knows a hash by. */
const char *library_hash_name(uint32_t hash);

/* Drops OpenSSL's notes about an error and says what it was: STATUS_MEMORY where memory was short,
 * STATUS_NO_ENTROPY where a draw failed in this thread since the last call, else STATUS_INTERNAL.
 */
enum status library_failure(void) MUST_USE;
/* The same, where any other failure is the caller's: returns `otherwise`. */
enum status library_refusal(enum status otherwise) MUST_USE;

#endif
