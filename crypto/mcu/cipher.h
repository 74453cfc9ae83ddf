/* SPDX-License-Identifier: Apache-2.0 */
/* Symmetric encryption with the bytes of a key. The mechanism has been checked; out has room for
 * what mechanism_output_size() says. All of AES is BearSSL's bit-sliced "ct" code, whose time and
 * memory accesses depend on sizes alone. in and out may be the same place. */
#ifndef CRYPTO_MCU_CIPHER_H
#define CRYPTO_MCU_CIPHER_H

#include "crypto/common/mechanism.h"

#include <bearssl.h>

/* AES of single blocks; the key has 16, 24 or 32 bytes. */
void aes_encrypt_block(const br_aes_ct_ctrcbc_keys *aes, uint8_t block[AES_BLOCK]);
void aes_decrypt_block(const br_aes_ct_cbcdec_keys *aes, uint8_t block[AES_BLOCK]);

/* ECB, CBC, CBC_PAD, CTR. DATA_LENGTH, CIPHERTEXT_LENGTH, CIPHERTEXT_INVALID. */
enum status cipher_run(struct bytes key, const struct mechanism *mechanism, bool encrypt,
                       struct bytes data, struct span *out) MUST_USE;
/* GCM, CCM, ChaCha20-Poly1305. DATA_LENGTH; CIPHERTEXT_LENGTH, AEAD_FAILED. */
enum status aead_encrypt(struct bytes key, const struct mechanism *mechanism, struct bytes data,
                         struct span *out) MUST_USE;
enum status aead_decrypt(struct bytes key, const struct mechanism *mechanism, struct bytes data,
                         struct span *out) MUST_USE;

/* AES key wrap, KW and KWP (SP 800-38F; RFC 3394, 5649). wrap: DATA_LENGTH; unwrap:
 * WRAPPED_KEY_INVALID for every fault. */
enum status kw_wrap(struct bytes key, const struct mechanism *mechanism, struct bytes plain,
                    struct span *out) MUST_USE;
enum status kw_unwrap(struct bytes key, const struct mechanism *mechanism, struct bytes wrapped,
                      struct span *out) MUST_USE;
/* The module's own wrapping: a random IV in front of AES-GCM. unwrap: as aead_decrypt. */
enum status wrap_with_attributes(struct bytes key, const struct mechanism *mechanism,
                                 struct bytes plain, struct span *out) MUST_USE;
enum status unwrap_with_attributes(struct bytes key, const struct mechanism *mechanism,
                                   struct bytes wrapped, struct span *out) MUST_USE;

#endif
