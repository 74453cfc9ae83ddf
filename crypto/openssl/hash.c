/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, and HMAC with keys of the core's own. */
#include "crypto/openssl/hash.h"

#include "crypto/common/mechanism.h"
#include "crypto/openssl/library.h"

bool hash_offered(uint32_t hash) {
    return hash > HASH_NONE && hash < HASH_COUNT;
}

enum status hash_begin(uint32_t hash, struct ready **ready) {
    if (!hash_offered(hash)) {
        return STATUS_MECHANISM_PARAM_INVALID;
    }
    *ready = pool_take(&pool_shared, SHAPE_HASH + hash);
    if (*ready == NULL) {
        *ready = ready_new(READY_DIGEST, SHAPE_HASH + hash);
    }
    if (*ready == NULL) {
        return library_refusal(STATUS_MEMORY);
    }
    if (EVP_DigestInit_ex2((*ready)->digest, library.hash[hash], NULL) != 1) {
        ready_drop(*ready);
        *ready = NULL;
        return library_failure();
    }
    return STATUS_OK;
}

enum status crypto_hash(enum hash hash, const struct bytes *parts, size_t count, uint8_t *out) {
    struct ready *ready = NULL;
    TRY(hash_begin(hash, &ready));
    bool done = true;
    for (size_t i = 0; done && i < count; i++) {
        done = EVP_DigestUpdate(ready->digest, parts[i].data, parts[i].size) == 1;
    }
    done = done && EVP_DigestFinal_ex(ready->digest, out, NULL) == 1;
    enum status status = done ? STATUS_OK : library_failure();
    ready_end(&pool_shared, ready, status);
    return status;
}

enum status hash_message(const struct mechanism *mechanism, struct bytes message, uint8_t *digest,
                         struct bytes *result) {
    if (mechanism->hash == HASH_NONE) {
        *result = message;
        return STATUS_OK;
    }
    TRY(crypto_hash((enum hash)mechanism->hash, &message, 1, digest));
    *result = bytes_of(digest, hash_size(mechanism->hash));
    return STATUS_OK;
}

static bool set_key(EVP_MAC_CTX *mac, struct bytes key) {
    static const uint8_t no_key[1] = {0};
    /* A NULL key would leave the one of the use before. */
    return EVP_MAC_init(mac, key.size > 0 ? key.data : no_key, key.size, NULL) == 1;
}

static enum status hmac_begin(enum hash hash, struct bytes key, struct ready **ready) {
    if (!hash_offered((uint32_t)hash)) {
        return STATUS_MECHANISM_PARAM_INVALID;
    }
    *ready = pool_take(&pool_shared, SHAPE_HMAC + (uint64_t)hash);
    if (*ready == NULL) {
        *ready = ready_new(READY_MAC, SHAPE_HMAC + (uint64_t)hash);
        if (*ready != NULL) {
            (*ready)->mac = library_hmac_new((uint32_t)hash);
        }
    }
    if (*ready == NULL || (*ready)->mac == NULL || !set_key((*ready)->mac, key)) {
        ready_drop(*ready);
        *ready = NULL;
        return library_failure();
    }
    return STATUS_OK;
}

enum status crypto_hmac(enum hash hash, struct bytes key, const struct bytes *parts, size_t count,
                        uint8_t *out) {
    struct ready *ready = NULL;
    size_t size = 0;
    TRY(hmac_begin(hash, key, &ready));
    bool done = true;
    for (size_t i = 0; done && i < count; i++) {
        done = EVP_MAC_update(ready->mac, parts[i].data, parts[i].size) == 1;
    }
    done = done && EVP_MAC_final(ready->mac, out, &size, hash_size(hash)) == 1 &&
           set_key(ready->mac, bytes_of(NULL, 0)); /* the context waits without the key */
    enum status status = done ? STATUS_OK : library_failure();
    ready_end(&pool_shared, ready, status);
    return status;
}
