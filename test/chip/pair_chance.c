/* SPDX-License-Identifier: Apache-2.0 */
/* Chance for commands that look valid: bytes, sizes, mechanisms. */
#include "test/chip/pair_chance.h"
#include "test/chip/pair_keys.h"

uint64_t chance_state;
uint8_t chance_noise[DATA_SIZE];
static const uint8_t fixed_iv[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

uint32_t chance_below(uint32_t end) {
    chance_state = chance_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(chance_state >> 33) % end;
}

bool chance_one_in(uint32_t many) {
    return chance_below(many) == 0;
}

/* Bytes by chance; sizes around blocks are likelier. */
struct bytes chance_bytes(size_t max) {
    static const size_t likely[] = {0, 1, 8, 15, 16, 17, 24, 32, 33, 40, 48, 64, 128, 256};
    size_t size =
        chance_one_in(2) ? likely[chance_below(COUNT(likely))] : chance_below((uint32_t)max);
    size_t start = chance_below(64);
    size = size < max ? size : max;
    return bytes_of(chance_noise + start, size < DATA_SIZE - start ? size : DATA_SIZE - start);
}

void chance_begin(void) {
    for (size_t i = 0; i < sizeof(chance_noise); i++) {
        chance_noise[i] = (uint8_t)chance_below(256);
    }
}

/* ---- mechanisms ---- */

static const struct algorithm_row *some_algorithm(uint32_t type, uint32_t function) {
    size_t count = 0;
    const struct algorithm_row *rows = algorithm_rows(&count);
    const struct algorithm_row *row = &rows[chance_below((uint32_t)count)];
    for (int i = 0; i < 200 && !chance_one_in(200); i++) {
        if (algorithm_takes(row, (enum key_type)type) && (row->functions & function) != 0) {
            break;
        }
        row = &rows[chance_below((uint32_t)count)];
    }
    return row;
}

uint32_t chance_hash(void) {
    static const uint32_t hashes[] = {HASH_SHA256, HASH_SHA384, HASH_SHA512, HASH_SHA224,
                                      HASH_SHA1};
    return chance_one_in(12) ? chance_below(HASH_COUNT + 1)
                             : hashes[chance_below(chance_one_in(3) ? 5 : 3)];
}

static struct bytes some_iv(uint32_t algorithm) {
    static const size_t others[] = {0, 7, 13, 16, 11, 12};
    bool twelve = algorithm == ALGORITHM_AES_GCM || algorithm == ALGORITHM_AES_CCM ||
                  algorithm == ALGORITHM_CHACHA20_POLY1305;
    return bytes_of(fixed_iv, chance_one_in(6) ? others[chance_below(COUNT(others))]
                              : twelve         ? 12
                                               : 16);
}

struct mechanism chance_mechanism(uint32_t type, uint32_t function) {
    static const uint32_t tags[] = {128, 128, 96, 64, 32, 104, 0};
    static const uint32_t macs[] = {0, 0, 16, 8, 4, 20, 33};
    const struct algorithm_row *row = some_algorithm(type, function);
    uint32_t hash = chance_hash(), has = row->parameters;
    bool plain = (has & P_HASH) != 0 && chance_one_in(6);
    struct mechanism mechanism = {
        .algorithm = row->algorithm,
        .hash = (has & P_HASH) != 0 && !plain ? hash : 0,
        .digest = (has & P_DIGEST) != 0 ? (chance_one_in(10) ? chance_hash() : hash) : 0,
        .mgf = (has & P_MGF) != 0 ? (chance_one_in(10) ? chance_hash() : hash) : 0,
        .salt_size = (has & P_SALT_SIZE) == 0 ? 0
                     : chance_one_in(5)       ? chance_below(80)
                                              : (uint32_t)hash_size(hash),
        .tag_bits = (has & P_TAG_BITS) != 0 ? tags[chance_below(COUNT(tags))] : 0,
        .counter_bits =
            (has & P_COUNTER_BITS) != 0 ? (chance_one_in(6) ? chance_below(140) : 128) : 0,
        .mac_size = (has & P_MAC_SIZE) != 0 ? macs[chance_below(COUNT(macs))] : 0,
        .kdf = (has & P_KDF) != 0 && chance_one_in(2) ? hash : 0,
        .steps = (has & P_STEPS) != 0 ? (chance_one_in(10) ? 0 : 1 + chance_below(3)) : 0,
    };
    mechanism.iv = (has & P_IV) != 0 ? some_iv(row->algorithm) : bytes_of(NULL, 0);
    mechanism.aad = (has & P_AAD) != 0 && chance_one_in(2) ? chance_bytes(60) : bytes_of(NULL, 0);
    mechanism.label =
        (has & P_LABEL) != 0 && chance_one_in(2) ? chance_bytes(60) : bytes_of(NULL, 0);
    mechanism.salt = (has & P_SALT) != 0 && chance_one_in(2) ? chance_bytes(60) : bytes_of(NULL, 0);
    if ((has & P_PEER) != 0) {
        mechanism.peer = chance_one_in(5)                     ? chance_bytes(97)
                         : row->algorithm == ALGORITHM_X25519 ? pair_x25519_peer
                                                              : pair_p256_peer;
    }
    if (chance_one_in(60)) {
        mechanism.hash ^= 1 + chance_below(3); /* a parameter that may not belong there */
    }
    return mechanism;
}
