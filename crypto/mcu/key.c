/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: loading, unloading, and what is in one. */
#include "crypto/mcu/key.h"

#include "base/wipe.h"

const struct loaded *key_loaded(const struct crypto_key *key) {
    const struct loaded *loaded = (const struct loaded *)(const void *)key->room;
    return loaded->is_loaded ? loaded : NULL;
}

struct bytes key_secret(const struct loaded *key) {
    return key_is_secret((enum key_type)key->type) ? bytes_of(key->as.secret, key->size)
                                                   : bytes_of(NULL, 0);
}

bool key_facts(const struct crypto_key *key, struct key_facts *facts) {
    const struct loaded *loaded = key_loaded(key);
    if (loaded == NULL) {
        return false;
    }
    *facts = (struct key_facts){.type = (enum key_type)loaded->type,
                                .is_private = loaded->is_private,
                                .size = loaded->size,
                                .bits = loaded->bits};
    return true;
}

static enum status build_secret(const struct key_parts *parts, struct loaded *loaded) {
    TRY(key_secret_check(parts->type, parts->value.size));
    loaded->size = (uint16_t)parts->value.size;
    bytes_copy(loaded->as.secret, parts->value);
    return STATUS_OK;
}

static enum status build(const struct key_parts *parts, struct loaded *loaded) {
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
        return build_secret(parts, loaded);
    default:
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
}

enum status crypto_key_load(struct crypto_key *key, const struct key_parts *parts) {
    struct loaded *loaded = (struct loaded *)(void *)key->room;
    *key = (struct crypto_key){0};
    loaded->type = (uint8_t)parts->type;
    loaded->is_private = parts->is_private;
    enum status status = build(parts, loaded);
    if (status != STATUS_OK) {
        crypto_key_unload(key);
        return status;
    }
    loaded->is_loaded = true;
    return STATUS_OK;
}

void crypto_key_unload(struct crypto_key *key) {
    wipe(key, sizeof(*key));
}

uint32_t crypto_functions(const struct algorithm_row *row) {
    return row->algorithm == ALGORITHM_RSA_KEY_PAIR_GEN ? 0 : row->functions;
}

uint32_t crypto_rsa_bits_max(void) {
    return CHIP_RSA_BITS_MAX;
}
