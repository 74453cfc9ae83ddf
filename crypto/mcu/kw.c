/* SPDX-License-Identifier: Apache-2.0 */
/* AES key wrap: KW and KWP (SP 800-38F, 6.2 and 6.3; RFC 3394 and 5649). One semiblock, A, goes
 * round over the others, which are wrapped where they lie. */
#include "base/ct.h"
#include "base/limits.h"
#include "base/wipe.h"
#include "crypto/mcu/cipher.h"

enum { ROUNDS = 6 };

static const uint8_t kw_initial[KW_BLOCK] = {0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6};
static const uint8_t kwp_initial[4] = {0xa6, 0x59, 0x59, 0xa6};

/* A ^= step, big-endian. */
static void count(uint8_t a[KW_BLOCK], uint32_t step) {
    for (size_t i = 0; i < 4; i++) {
        a[KW_BLOCK - 1 - i] ^= (uint8_t)(step >> 8 * i);
    }
}

/* W of SP 800-38F, algorithm 1: A and n semiblocks behind it, at `blocks`. */
static void wrap(struct bytes key, uint8_t *blocks, uint32_t n) {
    br_aes_ct_ctrcbc_keys aes;
    WIPE_AT_END(aes, sizeof(aes));
    SECRET_BYTES(pair, AES_BLOCK);
    br_aes_ct_ctrcbc_init(&aes, key.data, key.size);
    memcpy(pair, blocks, KW_BLOCK);
    for (uint32_t step = 1; step <= ROUNDS * n; step++) {
        uint8_t *block = blocks + KW_BLOCK * (1 + (step - 1) % n);
        memcpy(pair + KW_BLOCK, block, KW_BLOCK);
        aes_encrypt_block(&aes, pair);
        memcpy(block, pair + KW_BLOCK, KW_BLOCK);
        count(pair, step);
    }
    memcpy(blocks, pair, KW_BLOCK);
}

/* Its inverse, algorithm 2; A stands apart. */
static void unwrap(struct bytes key, uint8_t a[KW_BLOCK], uint8_t *blocks, uint32_t n) {
    br_aes_ct_cbcdec_keys aes;
    WIPE_AT_END(aes, sizeof(aes));
    SECRET_BYTES(pair, AES_BLOCK);
    br_aes_ct_cbcdec_init(&aes, key.data, key.size);
    memcpy(pair, a, KW_BLOCK);
    for (uint32_t step = ROUNDS * n; step >= 1; step--) {
        uint8_t *block = blocks + KW_BLOCK * ((step - 1) % n);
        count(pair, step);
        memcpy(pair + KW_BLOCK, block, KW_BLOCK);
        aes_decrypt_block(&aes, pair);
        memcpy(block, pair + KW_BLOCK, KW_BLOCK);
    }
    memcpy(a, pair, KW_BLOCK);
}

/* KWP of at most one semiblock is AES alone. */
static void wrap_one(struct bytes key, uint8_t block[AES_BLOCK]) {
    br_aes_ct_ctrcbc_keys aes;
    WIPE_AT_END(aes, sizeof(aes));
    br_aes_ct_ctrcbc_init(&aes, key.data, key.size);
    aes_encrypt_block(&aes, block);
}

static void unwrap_one(struct bytes key, uint8_t a[KW_BLOCK], uint8_t block[KW_BLOCK]) {
    br_aes_ct_cbcdec_keys aes;
    WIPE_AT_END(aes, sizeof(aes));
    SECRET_BYTES(pair, AES_BLOCK);
    br_aes_ct_cbcdec_init(&aes, key.data, key.size);
    memcpy(pair, a, KW_BLOCK);
    memcpy(pair + KW_BLOCK, block, KW_BLOCK);
    aes_decrypt_block(&aes, pair);
    memcpy(a, pair, KW_BLOCK);
    memcpy(block, pair + KW_BLOCK, KW_BLOCK);
}

enum status kw_wrap(struct bytes key, const struct mechanism *mechanism, struct bytes plain,
                    struct span *out) {
    bool padded = mechanism->algorithm == ALGORITHM_AES_KWP;
    size_t n = (plain.size + KW_BLOCK - 1) / KW_BLOCK;
    if (plain.size == 0 || plain.size > OBJECT_SIZE_MAX ||
        (!padded && (plain.size % KW_BLOCK != 0 || n < 2))) {
        return STATUS_DATA_LENGTH;
    }
    memmove(out->data + KW_BLOCK, plain.data, plain.size);
    memcpy(out->data, kw_initial, KW_BLOCK);
    if (padded) {
        memset(out->data + KW_BLOCK + plain.size, 0, n * KW_BLOCK - plain.size);
        memcpy(out->data, kwp_initial, sizeof(kwp_initial));
        memset(out->data + 4, 0, 4);
        count(out->data, (uint32_t)plain.size);
    }
    if (n == 1) {
        wrap_one(key, out->data);
    } else {
        wrap(key, out->data, (uint32_t)n);
    }
    out->size = (n + 1) * KW_BLOCK;
    return STATUS_OK;
}

/* The length that KWP's first semiblock tells, 0 where it or the padding is wrong; in constant
 * time, but for the size of the wrapped key. */
static size_t padded_size(const uint8_t a[KW_BLOCK], const uint8_t *blocks, size_t n) {
    uint32_t size = (uint32_t)a[4] << 24 | (uint32_t)a[5] << 16 | (uint32_t)a[6] << 8 | a[7];
    uint32_t most = (uint32_t)(n * KW_BLOCK);
    uint32_t rest = most - size; /* bytes of padding: less than a semiblock */
    uint32_t wrong = ct_equal(a, kwp_initial, sizeof(kwp_initial)) ? 0 : 1;
    wrong |= rest & ~(uint32_t)(KW_BLOCK - 1);
    for (uint32_t i = 0; i < KW_BLOCK; i++) {
        uint32_t within = (i - rest) >> 31;
        wrong |= -within & blocks[most - 1 - i];
    }
    uint32_t right = (wrong | -wrong) >> 31 ^ 1;
    return -right & size;
}

enum status kw_unwrap(struct bytes key, const struct mechanism *mechanism, struct bytes wrapped,
                      struct span *out) {
    bool padded = mechanism->algorithm == ALGORITHM_AES_KWP;
    size_t least = padded ? 2 * KW_BLOCK : 3 * KW_BLOCK;
    SECRET_BYTES(a, KW_BLOCK);
    if (wrapped.size % KW_BLOCK != 0 || wrapped.size < least ||
        wrapped.size > OBJECT_SIZE_MAX + 2 * KW_BLOCK) {
        return STATUS_WRAPPED_KEY_INVALID;
    }
    size_t n = wrapped.size / KW_BLOCK - 1;
    memcpy(a, wrapped.data, KW_BLOCK);
    memmove(out->data, wrapped.data + KW_BLOCK, n * KW_BLOCK);
    if (n == 1) {
        unwrap_one(key, a, out->data);
    } else {
        unwrap(key, a, out->data, (uint32_t)n);
    }
    size_t size = padded ? padded_size(a, out->data, n)
                         : n * KW_BLOCK * (ct_equal(a, kw_initial, KW_BLOCK) ? 1 : 0);
    if (size == 0) {
        wipe(out->data, n * KW_BLOCK);
        return STATUS_WRAPPED_KEY_INVALID;
    }
    out->size = size;
    return STATUS_OK;
}
