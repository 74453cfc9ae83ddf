/* SPDX-License-Identifier: Apache-2.0 */
/* Deriving: key agreement, key derivation functions, and the plain combinations of PKCS #11. */
#include "base/wipe.h"
#include "crypto/common/combine.h"
#include "crypto/common/kdf.h"
#include "crypto/openssl/key.h"
#include "crypto/openssl/library.h"

/* The shared secret, `key->size` bytes (SP 800-56A, 5.7.1; RFC 7748, 6.1). */
static enum status agree(struct loaded *key, const struct mechanism *mechanism, uint8_t *secret) {
    struct mechanism shape = {.algorithm = mechanism->algorithm};
    struct ready *ready = NULL;
    EVP_PKEY *peer = NULL;
    bool is_new = false;
    size_t size = key->size;
    /* This is the whole check: the cofactor of the NIST curves is 1. */
    TRY(ec_key_make_public(key->curve, mechanism->peer, &peer));
    enum status status = key_take(key, READY_PKEY, key_shape(&shape, F_DERIVE), &ready, &is_new);
    if (status != STATUS_OK) {
        EVP_PKEY_free(peer);
        return status;
    }
    if ((is_new && EVP_PKEY_derive_init(ready->pkey) != 1) ||
        EVP_PKEY_derive_set_peer_ex(ready->pkey, peer, 0) != 1) {
        status = library_failure();
    } else if (EVP_PKEY_derive(ready->pkey, secret, &size) != 1) {
        /* X25519 gives no secret for a peer of small order. */
        status = library_refusal(STATUS_PUBLIC_KEY_INVALID);
    } else {
        status = size == key->size ? STATUS_OK : STATUS_INTERNAL;
    }
    ready_end(&key->pool, ready, status);
    EVP_PKEY_free(peer);
    return status;
}

static enum status derive_agreed(struct loaded *key, const struct mechanism *mechanism, size_t size,
                                 struct span *out) {
    SECRET_BYTES(secret, FIELD_SIZE_MAX);
    TRY(agree(key, mechanism, secret));
    struct bytes shared = bytes_of(secret, key->size);
    if (mechanism->kdf == KDF_NONE) {
        return combine_give(shared, size, out);
    }
    TRY(kdf_x963(shared, mechanism, (struct span){out->data, size}));
    out->size = size;
    return STATUS_OK;
}

static enum status derive_hkdf(struct bytes key, const struct mechanism *mechanism, size_t size,
                               struct span *out) {
    SECRET_BYTES(prk, HASH_SIZE_MAX);
    size_t length = hash_size(mechanism->hash);
    if ((mechanism->steps & HKDF_EXPAND) == 0) {
        TRY(kdf_hkdf(key, mechanism, (struct span){prk, length}));
        return combine_give(bytes_of(prk, length), size, out);
    }
    if (size > 255 * length) {
        return STATUS_DATA_LENGTH;
    }
    TRY(kdf_hkdf(key, mechanism, (struct span){out->data, size}));
    out->size = size;
    return STATUS_OK;
}

static enum status derive_counter(struct bytes key, const struct mechanism *mechanism, size_t size,
                                  struct span *out) {
    TRY(kdf_counter(key, mechanism, (struct span){out->data, size}));
    out->size = size;
    return STATUS_OK;
}

enum status crypto_derive(const struct crypto_key *key, const struct mechanism *mechanism,
                          size_t size, struct span *out) {
    struct loaded *loaded = key_loaded(key);
    TRY(crypto_mechanism_check(key, mechanism, F_DERIVE));
    if (size == 0 && !combine_has_natural_size(mechanism)) {
        return STATUS_DATA_LENGTH;
    }
    if (size > out->size) {
        return STATUS_TOO_LARGE;
    }
    struct bytes secret = bytes_of(loaded->secret, loaded->pkey == NULL ? loaded->size : 0);
    switch (mechanism->algorithm) {
    case ALGORITHM_ECDH:
    case ALGORITHM_X25519:
        return derive_agreed(loaded, mechanism, size, out);
    case ALGORITHM_HKDF:
        return derive_hkdf(secret, mechanism, size, out);
    case ALGORITHM_KBKDF_COUNTER:
        return derive_counter(secret, mechanism, size, out);
    default:
        return combine(secret, mechanism, size, out);
    }
}
