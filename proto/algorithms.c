/* SPDX-License-Identifier: Apache-2.0 */
/* The table of algorithms. */
#include "proto/algorithms.h"

enum { PROFILE_STRICT = 0, PROFILE_COMPATIBLE = 1 };

static const struct algorithm_row rows[] = {
#define ALGORITHM(name, number, key, functions, parameters, profile) \
    {ALGORITHM_##name, #name, KEY_##key, (functions), (parameters), PROFILE_##profile != 0},
#include "proto/algorithms.def"
#undef ALGORITHM
};

static const struct {
    size_t size;
    const char *name;
} hashes[HASH_COUNT] = {
    [HASH_NONE] = {0, "none"},          [HASH_SHA1] = {20, "SHA-1"},
    [HASH_SHA224] = {28, "SHA-224"},    [HASH_SHA256] = {32, "SHA-256"},
    [HASH_SHA384] = {48, "SHA-384"},    [HASH_SHA512] = {64, "SHA-512"},
    [HASH_SHA3_224] = {28, "SHA3-224"}, [HASH_SHA3_256] = {32, "SHA3-256"},
    [HASH_SHA3_384] = {48, "SHA3-384"}, [HASH_SHA3_512] = {64, "SHA3-512"},
};

const struct algorithm_row *algorithm_rows(size_t *count) {
    *count = COUNT(rows);
    return rows;
}

const struct algorithm_row *algorithm_row(uint32_t number) {
    for (size_t i = 0; i < COUNT(rows); i++) {
        if ((uint32_t)rows[i].algorithm == number) {
            return &rows[i];
        }
    }
    return NULL;
}

bool algorithm_takes(const struct algorithm_row *row, enum key_type type) {
    if (row->key == KEY_SECRET) {
        return type == KEY_AES || type == KEY_GENERIC || type == KEY_CHACHA20;
    }
    return row->key == type;
}

size_t hash_size(uint32_t hash) {
    return hash < HASH_COUNT ? hashes[hash].size : 0;
}

const char *hash_name(uint32_t hash) {
    return hash < HASH_COUNT ? hashes[hash].name : "unknown";
}

static uint32_t parameters_given(const struct mechanism *m) {
    uint32_t set = 0;
    set |= m->hash != 0 ? (uint32_t)P_HASH : 0;
    set |= m->digest != 0 ? (uint32_t)P_DIGEST : 0;
    set |= m->mgf != 0 ? (uint32_t)P_MGF : 0;
    set |= m->salt_size != 0 ? (uint32_t)P_SALT_SIZE : 0;
    set |= m->tag_bits != 0 ? (uint32_t)P_TAG_BITS : 0;
    set |= m->counter_bits != 0 ? (uint32_t)P_COUNTER_BITS : 0;
    set |= m->mac_size != 0 ? (uint32_t)P_MAC_SIZE : 0;
    set |= m->data_size != 0 ? (uint32_t)P_DATA_SIZE : 0;
    set |= m->kdf != 0 ? (uint32_t)P_KDF : 0;
    set |= m->steps != 0 ? (uint32_t)P_STEPS : 0;
    set |= m->make_iv != 0 ? (uint32_t)P_MAKE_IV : 0;
    set |= m->cofactor != 0 ? (uint32_t)P_COFACTOR : 0;
    set |= m->iv.size != 0 ? (uint32_t)P_IV : 0;
    set |= m->aad.size != 0 ? (uint32_t)P_AAD : 0;
    set |= m->label.size != 0 ? (uint32_t)P_LABEL : 0;
    set |= m->salt.size != 0 ? (uint32_t)P_SALT : 0;
    set |= m->peer.size != 0 ? (uint32_t)P_PEER : 0;
    return set;
}

enum status mechanism_check(const struct mechanism *mechanism) {
    const struct algorithm_row *row = algorithm_row(mechanism->algorithm);
    if (row == NULL) {
        return STATUS_MECHANISM_INVALID;
    }
    if ((parameters_given(mechanism) & ~row->parameters) != 0) {
        return STATUS_MECHANISM_PARAM_INVALID;
    }
    if (mechanism->hash >= HASH_COUNT || mechanism->digest >= HASH_COUNT ||
        mechanism->mgf >= HASH_COUNT || mechanism->kdf >= HASH_COUNT || mechanism->make_iv > 1 ||
        mechanism->cofactor > 1) {
        return STATUS_MECHANISM_PARAM_INVALID;
    }
    return STATUS_OK;
}
