/* SPDX-License-Identifier: Apache-2.0 */
/* The paddings of RSA (RFC 8017): blocks as long as the modulus. Mechanisms have been checked. */
#ifndef CRYPTO_MCU_RSA_PADDING_H
#define CRYPTO_MCU_RSA_PADDING_H

#include "crypto/mcu/rsa.h"

/* Fill a block of `size` bytes with the message to be signed, which fits: PKCS #1 v1.5 (9.2; hash
 * NONE: the message as it is), or the bare number. */
enum status padding_pkcs1_sign(uint32_t hash, struct bytes data, uint8_t *block,
                               size_t size) MUST_USE;
void padding_raw(struct bytes data, uint8_t *block, size_t size);

/* PSS (9.1), for a modulus of `bits` bits. Makes a block with a fresh salt; says whether a block
 * goes with the digest. */
enum status padding_pss_make(const struct mechanism *mechanism, struct bytes digest, uint32_t bits,
                             uint8_t *block) MUST_USE;
bool padding_pss_check(const struct mechanism *mechanism, struct bytes digest, uint32_t bits,
                       uint8_t *block) MUST_USE;

/* PKCS #1 v1.5 for encryption (7.2.1), with random bytes. */
enum status padding_pkcs1_encrypt(struct bytes data, uint8_t *block, size_t size) MUST_USE;

/* OAEP (7.1). Opening: CIPHERTEXT_INVALID for every fault; time and memory accesses do not depend
 * on which it is. `message` becomes the part of the block that holds the message. */
enum status padding_oaep_make(const struct mechanism *mechanism, struct bytes data, uint8_t *block,
                              size_t size) MUST_USE;
enum status padding_oaep_open(const struct mechanism *mechanism, uint8_t *block, size_t size,
                              struct span *message) MUST_USE;

#endif
