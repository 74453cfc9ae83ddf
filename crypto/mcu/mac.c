/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC by BearSSL, and CMAC on its CBC-MAC. */
#include "crypto/mcu/mac.h"

#include "base/ct.h"
#include "base/wipe.h"
#include "crypto/mcu/hash.h"

void mac_begin_hmac(struct mac *mac, struct bytes key, uint32_t hash) {
    static const uint8_t no_key[1] = {0};
    br_hmac_key_context schedule;
    WIPE_AT_END(schedule, sizeof(schedule));
    mac->is_cmac = false;
    br_hmac_key_init(&schedule, hash_class(hash), key.size > 0 ? key.data : no_key, key.size);
    br_hmac_init(&mac->as.hmac, &schedule, 0);
}

void mac_begin_cmac(struct mac *mac, struct bytes key) {
    struct cmac *cmac = &mac->as.cmac;
    mac->is_cmac = true;
    br_aes_ct_ctrcbc_init(&cmac->aes, key.data, key.size);
    memset(cmac->chain, 0, sizeof(cmac->chain));
    cmac->held = 0;
}

void mac_begin(struct mac *mac, struct bytes key, const struct mechanism *mechanism) {
    if (mechanism->algorithm == ALGORITHM_AES_CMAC) {
        mac_begin_cmac(mac, key);
    } else {
        mac_begin_hmac(mac, key, mechanism->hash);
    }
}

/* Chains whole blocks, but never the last one: it is held back for the end. */
static void update_cmac(struct cmac *cmac, struct bytes data) {
    while (data.size > 0) {
        if (cmac->held == AES_BLOCK) {
            br_aes_ct_ctrcbc_mac(&cmac->aes, cmac->chain, cmac->last, AES_BLOCK);
            cmac->held = 0;
        }
        size_t whole = (data.size - 1) / AES_BLOCK * AES_BLOCK;
        if (cmac->held == 0 && whole > 0) {
            br_aes_ct_ctrcbc_mac(&cmac->aes, cmac->chain, data.data, whole);
            data = bytes_of(data.data + whole, data.size - whole);
        }
        size_t part = AES_BLOCK - cmac->held < data.size ? AES_BLOCK - cmac->held : data.size;
        memcpy(cmac->last + cmac->held, data.data, part);
        cmac->held += part;
        data = bytes_of(data.data + part, data.size - part);
    }
}

void mac_update(struct mac *mac, struct bytes data) {
    if (mac->is_cmac) {
        update_cmac(&mac->as.cmac, data);
    } else if (data.size > 0) {
        br_hmac_update(&mac->as.hmac, data.data, data.size);
    }
}

/* Twice the block in GF(2^128) (SP 800-38B, 6.1), in constant time. */
static void twice(uint8_t block[AES_BLOCK]) {
    enum { POLYNOMIAL = 0x87 };
    uint8_t carry = (uint8_t)(-(block[0] >> 7) & POLYNOMIAL);
    for (size_t i = 0; i < AES_BLOCK - 1; i++) {
        block[i] = (uint8_t)(block[i] << 1 | block[i + 1] >> 7);
    }
    block[AES_BLOCK - 1] = (uint8_t)(block[AES_BLOCK - 1] << 1 ^ carry);
}

static void finish_cmac(struct cmac *cmac, uint8_t *out) {
    static const uint8_t zero[AES_BLOCK] = {0};
    SECRET_BYTES(subkey, AES_BLOCK);
    memset(subkey, 0, AES_BLOCK);
    br_aes_ct_ctrcbc_mac(&cmac->aes, subkey, zero, AES_BLOCK);
    twice(subkey);
    if (cmac->held < AES_BLOCK) {
        twice(subkey);
        cmac->last[cmac->held] = 0x80;
        memset(cmac->last + cmac->held + 1, 0, AES_BLOCK - cmac->held - 1);
    }
    for (size_t i = 0; i < AES_BLOCK; i++) {
        cmac->last[i] ^= subkey[i];
    }
    br_aes_ct_ctrcbc_mac(&cmac->aes, cmac->chain, cmac->last, AES_BLOCK);
    memcpy(out, cmac->chain, AES_BLOCK);
}

void mac_finish(struct mac *mac, uint8_t *out) {
    if (mac->is_cmac) {
        finish_cmac(&mac->as.cmac, out);
    } else {
        (void)br_hmac_out(&mac->as.hmac, out);
    }
    wipe(mac, sizeof(*mac));
}

/* Both fill HASH_SIZE_MAX bytes at most. */
static void compute(struct bytes key, const struct mechanism *mechanism, struct bytes data,
                    uint8_t *out) {
    struct mac mac;
    mac_begin(&mac, key, mechanism);
    mac_update(&mac, data);
    mac_finish(&mac, out);
}

enum status mac_sign(struct bytes key, const struct mechanism *mechanism, struct bytes data,
                     struct span *out) {
    SECRET_BYTES(whole, HASH_SIZE_MAX);
    size_t size = mechanism_mac_size(mechanism);
    if (out->size < size) {
        return STATUS_TOO_LARGE;
    }
    compute(key, mechanism, data, whole);
    memcpy(out->data, whole, size);
    out->size = size;
    return STATUS_OK;
}

enum status mac_verify(struct bytes key, const struct mechanism *mechanism, struct bytes data,
                       struct bytes signature) {
    SECRET_BYTES(whole, HASH_SIZE_MAX);
    if (signature.size != mechanism_mac_size(mechanism)) {
        return STATUS_SIGNATURE_LENGTH;
    }
    compute(key, mechanism, data, whole);
    return ct_equal(whole, signature.data, signature.size) ? STATUS_OK : STATUS_SIGNATURE_INVALID;
}

enum status crypto_hmac(enum hash hash, struct bytes key, const struct bytes *parts, size_t count,
                        uint8_t *out) {
    struct mac mac;
    if (!hash_offered((uint32_t)hash)) {
        return STATUS_MECHANISM_PARAM_INVALID;
    }
    mac_begin_hmac(&mac, key, (uint32_t)hash);
    for (size_t i = 0; i < count; i++) {
        mac_update(&mac, parts[i]);
    }
    mac_finish(&mac, out);
    return STATUS_OK;
}
