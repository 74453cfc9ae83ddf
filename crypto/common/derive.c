/* SPDX-License-Identifier: Apache-2.0 */
/* Deriving: key agreement, key derivation functions, and the plain combinations of PKCS #11. */
#include "base/wipe.h"
#include "crypto/common/combine.h"
#include "crypto/common/curve.h"
#include "crypto/common/kdf.h"
#include "crypto/common/mechanism.h"
#include "crypto/common/use.h"

static enum status derive_agreed(const struct crypto_key *key, const struct mechanism *mechanism,
                                 size_t size, struct span *out) {
    SECRET_BYTES(secret, FIELD_SIZE_MAX);
    struct key_facts facts;
    if (!key_facts(key, &facts)) {
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
    TRY(use_agreement(key, mechanism, secret));
    struct bytes shared = bytes_of(secret, facts.size);
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
    TRY(crypto_mechanism_check(key, mechanism, F_DERIVE));
    if (size == 0 && !combine_has_natural_size(mechanism)) {
        return STATUS_DATA_LENGTH;
    }
    if (size > out->size) {
        return STATUS_TOO_LARGE;
    }
    switch (mechanism->algorithm) {
    case ALGORITHM_ECDH:
    case ALGORITHM_X25519:
        return derive_agreed(key, mechanism, size, out);
    case ALGORITHM_HKDF:
        return derive_hkdf(use_secret(key), mechanism, size, out);
    case ALGORITHM_KBKDF_COUNTER:
        return derive_counter(use_secret(key), mechanism, size, out);
    default:
        return combine(use_secret(key), mechanism, size, out);
    }
}
