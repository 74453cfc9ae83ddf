/* SPDX-License-Identifier: Apache-2.0 */
/* Start and end of OpenSSL. */
#include "crypto/openssl/library.h"

#include "crypto/crypto.h"
#include "crypto/openssl/curve.h"
#include "crypto/openssl/pool.h"
#include "crypto/openssl/random.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/provider.h>

struct library library;

static const char *const hash_names[HASH_COUNT] = {
    [HASH_SHA1] = "SHA1",         [HASH_SHA224] = "SHA2-224",   [HASH_SHA256] = "SHA2-256",
    [HASH_SHA384] = "SHA2-384",   [HASH_SHA512] = "SHA2-512",   [HASH_SHA3_224] = "SHA3-224",
    [HASH_SHA3_256] = "SHA3-256", [HASH_SHA3_384] = "SHA3-384", [HASH_SHA3_512] = "SHA3-512",
};

static const char *const cipher_names[CIPHER_COUNT][3] = {
    [CIPHER_ECB] = {"AES-128-ECB", "AES-192-ECB", "AES-256-ECB"},
    [CIPHER_CBC] = {"AES-128-CBC", "AES-192-CBC", "AES-256-CBC"},
    [CIPHER_CTR] = {"AES-128-CTR", "AES-192-CTR", "AES-256-CTR"},
    [CIPHER_GCM] = {"AES-128-GCM", "AES-192-GCM", "AES-256-GCM"},
    [CIPHER_CCM] = {"AES-128-CCM", "AES-192-CCM", "AES-256-CCM"},
    [CIPHER_KW] = {"AES-128-WRAP", "AES-192-WRAP", "AES-256-WRAP"},
    [CIPHER_KWP] = {"AES-128-WRAP-PAD", "AES-192-WRAP-PAD", "AES-256-WRAP-PAD"},
    [CIPHER_CHACHA20_POLY1305] = {NULL, NULL, "ChaCha20-Poly1305"},
};

const char *library_hash_name(uint32_t hash) {
    return hash < HASH_COUNT ? hash_names[hash] : NULL;
}

static size_t column(size_t key_size) {
    return key_size == 16 ? 0 : key_size == 24 ? 1 : 2;
}

const EVP_CIPHER *library_cipher(enum cipher cipher, size_t key_size) {
    return library.cipher[cipher][column(key_size)];
}

enum status library_refusal(enum status otherwise) {
    bool starved = random_was_starved();
    bool short_of_memory = false;
    for (unsigned long error = ERR_get_error(); error != 0; error = ERR_get_error()) {
        short_of_memory = short_of_memory || ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE;
    }
    return short_of_memory ? STATUS_MEMORY : starved ? STATUS_NO_ENTROPY : otherwise;
}

enum status library_failure(void) {
    return library_refusal(STATUS_INTERNAL);
}

static EVP_MAC_CTX *mac_new(EVP_MAC *mac, const char *parameter, const char *name) {
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(parameter, (char *)(uintptr_t)name, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    if (context != NULL && EVP_MAC_CTX_set_params(context, params) == 1) {
        return context;
    }
    EVP_MAC_CTX_free(context);
    return NULL;
}

EVP_MAC_CTX *library_hmac_new(uint32_t hash) {
    return mac_new(library.hmac, OSSL_MAC_PARAM_DIGEST, hash_names[hash]);
}

EVP_MAC_CTX *library_cmac_new(size_t key_size) {
    return mac_new(library.cmac, OSSL_MAC_PARAM_CIPHER, cipher_names[CIPHER_CBC][column(key_size)]);
}

static bool fetch_hashes(void) {
    bool all = true;
    for (uint32_t i = HASH_NONE + 1; i < HASH_COUNT; i++) {
        library.hash[i] = EVP_MD_fetch(library.context, hash_names[i], NULL);
        all = all && library.hash[i] != NULL;
    }
    library.hmac = EVP_MAC_fetch(library.context, "HMAC", NULL);
    return all && library.hmac != NULL;
}

static bool fetch_ciphers(void) {
    bool all = true;
    for (size_t i = 0; i < CIPHER_COUNT; i++) {
        for (size_t j = 0; j < 3; j++) {
            if (cipher_names[i][j] != NULL) {
                library.cipher[i][j] = EVP_CIPHER_fetch(library.context, cipher_names[i][j], NULL);
                all = all && library.cipher[i][j] != NULL;
            }
        }
    }
    library.cmac = EVP_MAC_fetch(library.context, "CMAC", NULL);
    return all && library.cmac != NULL;
}

static bool fetch_derivations(void) {
    library.hkdf = EVP_KDF_fetch(library.context, "HKDF", NULL);
    library.kbkdf = EVP_KDF_fetch(library.context, "KBKDF", NULL);
    library.x963 = EVP_KDF_fetch(library.context, "X963KDF", NULL);
    library.pbkdf2 = EVP_KDF_fetch(library.context, "PBKDF2", NULL);
    return library.hkdf != NULL && library.kbkdf != NULL && library.x963 != NULL &&
           library.pbkdf2 != NULL;
}

/* One fetch makes OpenSSL take over all methods of that kind. Were memory to run out during a first
 * fetch later on, OpenSSL would never offer the methods it missed. */
static bool fetch_public(void) {
    struct public_methods *methods = &library.public_methods;
    methods->keys = EVP_KEYMGMT_fetch(library.context, "EC", NULL);
    methods->signatures = EVP_SIGNATURE_fetch(library.context, "ECDSA", NULL);
    methods->agreement = EVP_KEYEXCH_fetch(library.context, "ECDH", NULL);
    methods->encryption = EVP_ASYM_CIPHER_fetch(library.context, "RSA", NULL);
    methods->writing = OSSL_ENCODER_fetch(library.context, "EC", "output=der");
    methods->reading = OSSL_DECODER_fetch(library.context, "EC", "input=der");
    return methods->keys != NULL && methods->signatures != NULL && methods->agreement != NULL &&
           methods->encryption != NULL && methods->writing != NULL && methods->reading != NULL;
}

static void free_public(void) {
    EVP_KEYMGMT_free(library.public_methods.keys);
    EVP_SIGNATURE_free(library.public_methods.signatures);
    EVP_KEYEXCH_free(library.public_methods.agreement);
    EVP_ASYM_CIPHER_free(library.public_methods.encryption);
    OSSL_ENCODER_free(library.public_methods.writing);
    OSSL_DECODER_free(library.public_methods.reading);
}

static enum status start(void) {
    /* No configuration file or environment variable may choose the code that sees the keys; the
     * memory may be gone when the process's own exit handlers run. */
    uint64_t options = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT;
    if (OPENSSL_init_crypto(options, NULL) != 1) {
        return STATUS_INTERNAL;
    }
    library.context = OSSL_LIB_CTX_new();
    if (library.context == NULL) {
        return library_failure();
    }
    library.provider = OSSL_PROVIDER_load(library.context, "default");
    library.generator = EVP_RAND_fetch(library.context, "CTR-DRBG", NULL);
    if (library.provider == NULL || library.generator == NULL || !fetch_hashes() ||
        !fetch_ciphers() || !fetch_derivations() || !fetch_public()) {
        return library_failure();
    }
    TRY(curve_start());
    return random_start();
}

enum status crypto_start(void) {
    enum status status = start();
    if (status != STATUS_OK) {
        crypto_stop();
    }
    return status;
}

static void free_fetched(void) {
    for (size_t i = 0; i < HASH_COUNT; i++) {
        EVP_MD_free(library.hash[i]);
    }
    for (size_t j = 0; j < 3; j++) {
        for (size_t i = 0; i < CIPHER_COUNT; i++) {
            EVP_CIPHER_free(library.cipher[i][j]);
        }
    }
    EVP_MAC_free(library.hmac);
    EVP_MAC_free(library.cmac);
    EVP_KDF_free(library.hkdf);
    EVP_KDF_free(library.kbkdf);
    EVP_KDF_free(library.x963);
    EVP_KDF_free(library.pbkdf2);
    EVP_RAND_free(library.generator);
}

void crypto_stop(void) {
    pool_drain(&pool_shared);
    random_stop();
    curve_stop();
    free_fetched();
    free_public();
    if (library.provider != NULL) {
        OSSL_PROVIDER_unload(library.provider);
    }
    OSSL_LIB_CTX_free(library.context);
    library = (struct library){0};
    ERR_clear_error();
}
