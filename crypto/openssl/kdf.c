/* SPDX-License-Identifier: Apache-2.0 */
/* Key derivation functions. */
#include "crypto/common/kdf.h"

#include "base/wipe.h"
#include "crypto/crypto.h"
#include "crypto/openssl/library.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>

static OSSL_PARAM text(const char *name, const char *value) {
    return OSSL_PARAM_construct_utf8_string(name, (char *)(uintptr_t)value, 0);
}

static OSSL_PARAM octets(const char *name, struct bytes value) {
    static const uint8_t nothing[1] = {0};
    const uint8_t *data = value.size > 0 ? value.data : nothing;
    return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)data, value.size);
}

static enum status run(EVP_KDF *kdf, const OSSL_PARAM *params, struct span out) {
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
    bool done = context != NULL && EVP_KDF_derive(context, out.data, out.size, params) == 1;
    EVP_KDF_CTX_free(context);
    if (!done) {
        wipe(out.data, out.size);
        return library_failure();
    }
    return STATUS_OK;
}

enum status kdf_hkdf(struct bytes key, const struct mechanism *mechanism, struct span out) {
    bool extract = (mechanism->steps & HKDF_EXTRACT) != 0;
    bool expand = (mechanism->steps & HKDF_EXPAND) != 0;
    int mode = !expand    ? EVP_KDF_HKDF_MODE_EXTRACT_ONLY
               : !extract ? EVP_KDF_HKDF_MODE_EXPAND_ONLY
                          : EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        text(OSSL_KDF_PARAM_DIGEST, library_hash_name(mechanism->hash)),
        octets(OSSL_KDF_PARAM_KEY, key),
        octets(OSSL_KDF_PARAM_SALT, mechanism->salt),
        octets(OSSL_KDF_PARAM_INFO, mechanism->label),
        OSSL_PARAM_construct_end(),
    };
    if (mechanism->label.size > INFO_SIZE_MAX) {
        return STATUS_MECHANISM_PARAM_INVALID;
    }
    return run(library.hkdf, params, out);
}

enum status kdf_counter(struct bytes key, const struct mechanism *mechanism, struct span out) {
    OSSL_PARAM params[] = {
        text(OSSL_KDF_PARAM_MODE, "counter"),
        text(OSSL_KDF_PARAM_MAC, "HMAC"),
        text(OSSL_KDF_PARAM_DIGEST, library_hash_name(mechanism->hash)),
        octets(OSSL_KDF_PARAM_KEY, key),
        octets(OSSL_KDF_PARAM_SALT, mechanism->label),
        octets(OSSL_KDF_PARAM_INFO, mechanism->salt),
        OSSL_PARAM_construct_end(),
    };
    return run(library.kbkdf, params, out);
}

enum status kdf_x963(struct bytes secret, const struct mechanism *mechanism, struct span out) {
    OSSL_PARAM params[] = {
        text(OSSL_KDF_PARAM_DIGEST, library_hash_name(mechanism->kdf)),
        octets(OSSL_KDF_PARAM_KEY, secret),
        octets(OSSL_KDF_PARAM_INFO, mechanism->label),
        OSSL_PARAM_construct_end(),
    };
    return run(library.x963, params, out);
}

enum status crypto_hkdf(struct bytes key, struct bytes salt, struct bytes info, struct span out) {
    const struct mechanism mechanism = {
        .hash = HASH_SHA256, .salt = salt, .label = info, .steps = HKDF_EXTRACT | HKDF_EXPAND};
    return kdf_hkdf(key, &mechanism, out);
}
