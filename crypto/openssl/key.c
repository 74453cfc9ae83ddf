/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: loading, unloading, and what their parts say. */
#include "crypto/openssl/key.h"

#include "base/wipe.h"
#include "crypto/openssl/library.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/x509.h>

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

uint8_t *key_room(const struct span *room, size_t *used, size_t size) {
    if (room->size - *used < size) {
        return NULL;
    }
    uint8_t *at = room->data + *used;
    *used += size;
    return at;
}

enum status crypto_key_complete(struct key_parts *parts, struct span *room) {
    switch (parts->type) {
    case KEY_RSA:
        return rsa_key_complete(parts, room);
    case KEY_EC:
    case KEY_ED25519:
    case KEY_X25519:
        return ec_key_complete(parts, room);
    case KEY_AES:
    case KEY_GENERIC:
    case KEY_CHACHA20:
        TRY(key_secret_check(parts->type, parts->value.size));
        room->size = 0;
        return STATUS_OK;
    default:
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
}

enum status crypto_key_spki(const struct key_parts *parts, struct span *out) {
    struct crypto_key key;
    if (key_is_secret(parts->type)) {
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
    TRY(crypto_key_load(&key, parts));
    uint8_t *der = NULL;
    int size = i2d_PUBKEY(key_loaded(&key)->pkey, &der);
    crypto_key_unload(&key);
    if (size <= 0) {
        return library_failure();
    }
    bool fits = (size_t)size <= out->size;
    if (fits) {
        memcpy(out->data, der, (size_t)size);
        out->size = (size_t)size;
    }
    OPENSSL_free(der);
    return fits ? STATUS_OK : STATUS_TOO_LARGE;
}

uint32_t crypto_key_bits(const struct key_parts *parts) {
    const struct curve *curve = NULL;
    struct bytes modulus = parts->modulus;
    switch (parts->type) {
    case KEY_RSA:
        while (modulus.size > 0 && modulus.data[0] == 0) {
            modulus = bytes_of(modulus.data + 1, modulus.size - 1);
        }
        if (modulus.size == 0 || modulus.size > UINT32_MAX / 8) {
            return 0;
        }
        return (uint32_t)(modulus.size * 8) - (uint32_t)__builtin_clz(modulus.data[0]) + 24;
    case KEY_EC:
    case KEY_ED25519:
    case KEY_X25519:
        return curve_find(parts->type, parts->ec_params, &curve) == STATUS_OK ? curve->bits : 0;
    case KEY_AES:
    case KEY_GENERIC:
    case KEY_CHACHA20:
        return (uint32_t)(parts->value.size * 8);
    default:
        return 0;
    }
}

static enum status generate_secret(struct key_parts *parts, uint32_t bits, struct span *room) {
    size_t size = bits / 8;
    parts->value = bytes_of(room->data, size);
    if (bits % 8 != 0 || key_secret_check(parts->type, size) != STATUS_OK || size > room->size) {
        parts->value = bytes_of(NULL, 0);
        return STATUS_KEY_SIZE;
    }
    TRY(crypto_random(room->data, size));
    room->size = size;
    return STATUS_OK;
}

enum status crypto_key_generate(struct key_parts *parts, uint32_t bits, struct span *room) {
    switch (parts->type) {
    case KEY_RSA:
        return rsa_key_generate(parts, bits, room);
    case KEY_EC:
    case KEY_ED25519:
    case KEY_X25519:
        return ec_key_generate(parts, room);
    case KEY_AES:
    case KEY_GENERIC:
    case KEY_CHACHA20:
        return generate_secret(parts, bits, room);
    default:
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
}
