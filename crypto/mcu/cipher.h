/* SPDX-License-Identifier: Apache-2.0 */
/* Symmetric encryption with the bytes of a key. The mechanism has been checked; out has room for
 * what mechanism_output_size() says. All of AES is BearSSL's bit-sliced "ct" code, whose time and
 * memory accesses depend on sizes alone. Where data goes in and comes out at once, both may be the
 * same place. */
#ifndef CRYPTO_MCU_CIPHER_H
#define CRYPTO_MCU_CIPHER_H

#include "crypto/common/mechanism.h"

#include <bearssl.h>

/* AES of single blocks. */
void aes_encrypt_block(const br_aes_ct_ctrcbc_keys *aes, uint8_t block[AES_BLOCK]);
void aes_decrypt_block(const br_aes_ct_cbcdec_keys *aes, uint8_t block[AES_BLOCK]);

/* ECB, CBC, CBC_PAD, CTR. DATA_LENGTH, CIPHERTEXT_LENGTH, CIPHERTEXT_INVALID. */
enum status cipher_run(struct bytes key, const struct mechanism *mechanism, bool encrypt,
                       struct bytes data, struct span *out) MUST_USE;

/* The same in parts, and GCM's encryption. The caller checks lengths, and wipes the state. */
struct cipher {
    uint32_t algorithm;
    bool encrypts;
    union {
        br_aes_ct_ctrcbc_keys single; /* CTR, ECB one way */
        br_aes_ct_cbcenc_keys enc;
        br_aes_ct_cbcdec_keys dec;
        struct {
            br_aes_ct_ctr_keys keys;
            br_gcm_context state;
        } gcm;
    } as;
    uint8_t chain[AES_BLOCK]; /* CBC: the block before; CTR: the counter */
    uint8_t held[AES_BLOCK];  /* input that is no block yet; CTR: the rest of the key stream */
    size_t count;             /* bytes in `held` */
};
void cipher_begin(struct cipher *cipher, struct bytes key, const struct mechanism *mechanism,
                  bool encrypt);
/* Writes what can be written: at most data.size + AES_BLOCK bytes; returns how many. */
size_t cipher_step(struct cipher *cipher, struct bytes data, uint8_t *out);
/* The last block (CBC_PAD) or tag (GCM, whole) into AES_BLOCK bytes: CIPHERTEXT_INVALID. */
enum status cipher_end(struct cipher *cipher, struct span *out) MUST_USE;

/* GCM, CCM, ChaCha20-Poly1305. DATA_LENGTH; CIPHERTEXT_LENGTH, AEAD_FAILED. */
enum status aead_encrypt(struct bytes key, const struct mechanism *mechanism, struct bytes data,
                         struct span *out) MUST_USE;
enum status aead_decrypt(struct bytes key, const struct mechanism *mechanism, struct bytes data,
                         struct span *out) MUST_USE;
/* GCM, ready for data; `keys` must stay where it is. */
void aead_begin_gcm(br_aes_ct_ctr_keys *keys, br_gcm_context *gcm, struct bytes key,
                    const struct mechanism *mechanism);

/* AES key wrap, KW and KWP (SP 800-38F; RFC 3394, 5649). wrap: DATA_LENGTH; unwrap:
 * WRAPPED_KEY_INVALID for every fault. */
enum status kw_wrap(struct bytes key, const struct mechanism *mechanism, struct bytes plain,
                    struct span *out) MUST_USE;
enum status kw_unwrap(struct bytes key, const struct mechanism *mechanism, struct bytes wrapped,
                      struct span *out) MUST_USE;

#endif
