/* SPDX-License-Identifier: Apache-2.0 */
/* Key agreement, and the bytes that keys are derived from. */
#include "crypto/common/use.h"
#include "crypto/openssl/key.h"
#include "crypto/openssl/library.h"

struct bytes use_secret(const struct crypto_key *key) {
    const struct loaded *loaded = key_loaded(key);
    return bytes_of(loaded->secret, loaded->pkey == NULL ? loaded->size : 0);
}

enum status use_agreement(const struct crypto_key *loaded, const struct mechanism *mechanism,
                          uint8_t *secret) {
    struct loaded *key = key_loaded(loaded);
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
