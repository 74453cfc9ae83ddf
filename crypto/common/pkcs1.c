/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS #1 v1.5 encryption padding (RFC 8017, 7.2.2), opened with implicit rejection. OpenSSL does
 * this itself from 3.2 on; the derivation is the same, so that all give the same answers. */
#include "crypto/common/pkcs1.h"

#include "base/wipe.h"
#include "crypto/common/mask.h"
#include "crypto/common/mechanism.h"

enum { LENGTHS = 128, BLOCK = 32, PADDING_MIN = 8 };

/* Fills `size` bytes with HMAC(key, i || label || 8 * size), i = 0, 1, ... */
static enum status expand(struct bytes key, const char *label, uint8_t *out, size_t size) {
    SECRET_BYTES(last, BLOCK);
    uint8_t bits[2] = {(uint8_t)(size * 8 >> 8), (uint8_t)(size * 8)};
    for (size_t at = 0; at < size; at += BLOCK) {
        size_t number = at / BLOCK;
        uint8_t count[2] = {(uint8_t)(number >> 8), (uint8_t)number};
        const struct bytes parts[] = {bytes_of(count, 2), bytes_of_text(label), bytes_of(bits, 2)};
        TRY(crypto_hmac(HASH_SHA256, key, parts, COUNT(parts), last));
        memcpy(out + at, last, size - at < BLOCK ? size - at : (size_t)BLOCK);
    }
    return STATUS_OK;
}

/* The length of the message that stands in: of 128 candidates the last that is not too long. */
static enum status stand_in_length(struct bytes key, uint32_t longest, uint32_t *length) {
    SECRET_BYTES(candidates, 2 * LENGTHS);
    uint32_t limit = longest;
    for (unsigned int shift = 1; shift < 16; shift <<= 1) {
        limit |= limit >> shift;
    }
    TRY(expand(key, "length", candidates, sizeof(candidates)));
    *length = 0;
    for (size_t i = 0; i < LENGTHS; i++) {
        uint32_t candidate = ((uint32_t)candidates[2 * i] << 8 | candidates[2 * i + 1]) & limit;
        *length = mask_choose(mask_is_less(candidate, longest), candidate, *length);
    }
    return STATUS_OK;
}

/* Whether the block is padded well; *start is where its message begins then. */
static uint32_t check_padding(const uint8_t *block, uint32_t size, uint32_t *start) {
    uint32_t good = mask_is_zero(block[0]) & mask_is_zero(block[1] ^ 2u);
    uint32_t found = 0;
    uint32_t zero_at = 0;
    for (uint32_t i = 2; i < size; i++) {
        uint32_t zero = mask_is_zero(block[i]);
        zero_at = mask_choose(~found & zero, i, zero_at);
        found |= zero;
    }
    *start = zero_at + 1;
    return good & found & ~mask_is_less(zero_at, 2 + PADDING_MIN);
}

enum status pkcs1_open(const uint8_t *rejection, struct bytes ciphertext, uint8_t *block,
                       struct span *message) {
    SECRET_BYTES(seed, BLOCK);
    SECRET_BYTES(stand_in, RSA_SIZE_MAX);
    uint32_t size = (uint32_t)ciphertext.size;
    uint32_t length = 0;
    uint32_t start = 0;
    TRY(crypto_hmac(HASH_SHA256, bytes_of(rejection, REJECTION_KEY_SIZE), &ciphertext, 1, seed));
    TRY(stand_in_length(bytes_of(seed, BLOCK), size - PKCS1_OVERHEAD + 1, &length));
    TRY(expand(bytes_of(seed, BLOCK), "message", stand_in, size));
    uint32_t good = check_padding(block, size, &start);
    start = mask_choose(good, start, size - length);
    for (uint32_t i = 0; i < size; i++) {
        block[i] = (uint8_t)mask_choose(good, block[i], stand_in[i]);
    }
    *message = (struct span){block + start, size - start};
    return STATUS_OK;
}
