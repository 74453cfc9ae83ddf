/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of two numbers: the first half of AES-128 of a || b. The room holds the key, which is
 * expanded for each tag. */
#include "base/wipe.h"
#include "crypto/mcu/cipher.h"

enum { TAGGER_KEY_SIZE = 16 };

enum status crypto_tagger_start(struct crypto_tagger *tagger, const uint8_t key[16]) {
    memcpy(tagger->room, key, TAGGER_KEY_SIZE);
    return STATUS_OK;
}

void crypto_tagger_stop(struct crypto_tagger *tagger) {
    wipe(tagger, sizeof(*tagger));
}

uint64_t crypto_tagger_tag(const struct crypto_tagger *tagger, uint64_t a, uint64_t b) {
    uint8_t block[AES_BLOCK];
    br_aes_ct_ctrcbc_keys aes;
    WIPE_AT_END(aes, sizeof(aes));
    save_u64(block, a);
    save_u64(block + 8, b);
    br_aes_ct_ctrcbc_init(&aes, tagger->room, TAGGER_KEY_SIZE);
    aes_encrypt_block(&aes, block);
    return load_u64(block);
}
