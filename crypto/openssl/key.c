/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: loading and unloading, and the contexts that wait in them. */
#include "crypto/openssl/key.h"

#include "base/wipe.h"
#include "crypto/openssl/library.h"

#include <openssl/crypto.h>

_Static_assert(sizeof(struct loaded *) <= CRYPTO_KEY_ROOM, "a pointer fits into the room");

struct loaded *key_loaded(const struct crypto_key *key) {
    struct loaded *loaded = NULL;
    memcpy(&loaded, key->room, sizeof(struct loaded *));
    return loaded;
}

void key_share(struct loaded *loaded) {
    (void)atomic_fetch_add(&loaded->users, 1u);
}

void key_release(struct loaded *loaded) {
    if (loaded == NULL || atomic_fetch_sub(&loaded->users, 1u) != 1) {
        return;
    }
    pool_drain(&loaded->pool);
    EVP_PKEY_free(loaded->pkey);
    OPENSSL_clear_free(loaded, loaded->allocated);
}

bool key_facts(const struct crypto_key *key, struct key_facts *facts) {
    const struct loaded *loaded = key_loaded(key);
    if (loaded == NULL) {
        return false;
    }
    *facts = (struct key_facts){.type = loaded->type,
                                .is_private = loaded->is_private,
                                .size = loaded->size};
    if (loaded->type == KEY_RSA) {
        facts->bits = (uint32_t)EVP_PKEY_get_bits(loaded->pkey);
    }
    return true;
}

static enum status build(const struct key_parts *parts, struct loaded *loaded) {
    loaded->type = parts->type;
    loaded->is_private = parts->is_private;
    switch (parts->type) {
    case KEY_RSA:
        return rsa_key_build(parts, loaded);
    case KEY_EC:
    case KEY_ED25519:
    case KEY_X25519:
        return ec_key_build(parts, loaded);
    case KEY_AES:
    case KEY_GENERIC:
    case KEY_CHACHA20:
        loaded->size = parts->value.size;
        bytes_copy(loaded->secret, parts->value);
        return STATUS_OK;
    default:
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
}

enum status crypto_key_load(struct crypto_key *key, const struct key_parts *parts) {
    *key = (struct crypto_key){0};
    size_t secret_size = 0;
    if (key_is_secret(parts->type)) {
        TRY(key_secret_check(parts->type, parts->value.size));
        secret_size = parts->value.size;
    }
    size_t allocated = sizeof(struct loaded) + secret_size;
    struct loaded *loaded = OPENSSL_zalloc(allocated);
    if (loaded == NULL) {
        return library_refusal(STATUS_MEMORY);
    }
    loaded->allocated = allocated;
    atomic_init(&loaded->users, 1u);
    enum status status = build(parts, loaded);
    if (status != STATUS_OK) {
        key_release(loaded);
        return status;
    }
    memcpy(key->room, &loaded, sizeof(struct loaded *));
    return STATUS_OK;
}

void crypto_key_unload(struct crypto_key *key) {
    key_release(key_loaded(key));
    wipe(key, sizeof(*key));
}

enum status key_take(struct loaded *loaded, enum ready_kind kind, uint64_t shape,
                     struct ready **ready, bool *is_new) {
    *ready = pool_take(&loaded->pool, shape);
    *is_new = *ready == NULL;
    if (!*is_new) {
        return STATUS_OK;
    }
    *ready = ready_new(kind, shape);
    if (*ready != NULL && kind == READY_PKEY) {
        (*ready)->pkey = EVP_PKEY_CTX_new_from_pkey(library.context, loaded->pkey, NULL);
    }
    if (*ready == NULL || (kind != READY_MAC && (*ready)->any == NULL)) {
        ready_drop(*ready);
        *ready = NULL;
        return library_refusal(STATUS_MEMORY);
    }
    return STATUS_OK;
}

uint64_t key_shape(const struct mechanism *mechanism, enum function function) {
    uint64_t number = mechanism->salt_size != 0 ? mechanism->salt_size : mechanism->iv.size;
    return (uint64_t)mechanism->algorithm << 48 | (uint64_t)function << 32 |
           (uint64_t)mechanism->hash << 28 | (uint64_t)mechanism->digest << 24 |
           (uint64_t)mechanism->mgf << 20 | (number & 0xfffff);
}

uint32_t crypto_functions(const struct algorithm_row *row) {
    return row->functions;
}

uint32_t crypto_rsa_bits_max(void) {
    return RSA_BITS_MAX;
}
