/* SPDX-License-Identifier: Apache-2.0 */
/* The paddings of RSA for encryption. */
#include "base/wipe.h"
#include "crypto/common/mask.h"
#include "crypto/mcu/hash.h"
#include "crypto/mcu/rsa_padding.h"

#include <inner.h>

enum status padding_pkcs1_encrypt(struct bytes data, uint8_t *block, size_t size) {
    enum { TRIES = 1000 };
    size_t padding = size - data.size - 3;
    block[0] = 0x00;
    block[1] = 0x02;
    TRY(crypto_random(block + 2, padding));
    for (size_t i = 0; i < padding; i++) {
        for (int tries = 0; block[2 + i] == 0; tries++) {
            if (tries == TRIES) {
                return STATUS_NO_ENTROPY;
            }
            TRY(crypto_random(block + 2 + i, 1));
        }
    }
    block[2 + padding] = 0x00;
    bytes_copy(block + 3 + padding, data);
    return STATUS_OK;
}

/* Block: 0x00 || masked seed || masked data; data: hash of the label || zeros || 0x01 || message.
 */
enum status padding_oaep_make(const struct mechanism *mechanism, struct bytes data, uint8_t *block,
                              size_t size) {
    const br_hash_class *mgf = hash_class(mechanism->mgf);
    size_t hash = hash_size(mechanism->digest);
    uint8_t *seed = block + 1;
    uint8_t *whole = seed + hash;
    size_t whole_size = size - hash - 1;
    memset(block, 0, size);
    TRY(crypto_random(seed, hash));
    TRY(crypto_hash((enum hash)mechanism->digest, &mechanism->label, 1, whole));
    whole[whole_size - data.size - 1] = 0x01;
    bytes_copy(whole + whole_size - data.size, data);
    br_mgf1_xor(whole, whole_size, mgf, seed, hash);
    br_mgf1_xor(seed, hash, mgf, whole, whole_size);
    return STATUS_OK;
}

/* Where the message starts in data that has been unmasked; *bad becomes other than zero where it is
 * not padded well. */
static uint32_t find_message(const uint8_t *data, uint32_t size, uint32_t from, uint32_t *bad) {
    uint32_t found = 0;
    uint32_t at = 0;
    uint32_t byte = 0;
    for (uint32_t i = from; i < size; i++) {
        uint32_t first = ~found & ~mask_is_zero(data[i]);
        at = mask_choose(first, i, at);
        byte = mask_choose(first, data[i], byte);
        found |= first;
    }
    *bad |= ~found | (byte ^ 0x01u);
    return at + 1;
}

enum status padding_oaep_open(const struct mechanism *mechanism, uint8_t *block, size_t size,
                              struct span *message) {
    const br_hash_class *mgf = hash_class(mechanism->mgf);
    size_t hash = hash_size(mechanism->digest);
    uint8_t *seed = block + 1;
    uint8_t *data = seed + hash;
    size_t data_size = size - hash - 1;
    uint8_t label[HASH_SIZE_MAX];
    TRY(crypto_hash((enum hash)mechanism->digest, &mechanism->label, 1, label));
    br_mgf1_xor(seed, hash, mgf, data, data_size);
    br_mgf1_xor(data, data_size, mgf, seed, hash);
    uint32_t bad = block[0];
    for (size_t i = 0; i < hash; i++) {
        bad |= (uint32_t)(data[i] ^ label[i]);
    }
    uint32_t start = find_message(data, (uint32_t)data_size, (uint32_t)hash, &bad);
    if (bad != 0) {
        return STATUS_CIPHERTEXT_INVALID;
    }
    *message = (struct span){data + start, data_size - start};
    return STATUS_OK;
}
