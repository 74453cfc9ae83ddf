/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS #1 v1.5 encryption padding, opened with implicit rejection. */
#ifndef CRYPTO_COMMON_PKCS1_H
#define CRYPTO_COMMON_PKCS1_H

#include "crypto/crypto.h"

enum { PKCS1_OVERHEAD = 11, REJECTION_KEY_SIZE = 32 };

/* Takes the padding off `block` (ciphertext.size bytes, what the ciphertext decrypted to). A block
 * that is not padded well gives a message too: one that depends on the ciphertext and a secret of
 * the key alone (`rejection`, REJECTION_KEY_SIZE bytes: the SHA-256 of its private exponent), with
 * a length that does so too. Who sends ciphertexts learns nothing about their padding
 * (draft-irtf-cfrg-rsa-guidance, 7.2). Time and memory accesses depend on the length given out
 * only. Writes over `block`; `message` becomes the part of it that holds the message. */
enum status pkcs1_open(const uint8_t *rejection, struct bytes ciphertext, uint8_t *block,
                       struct span *message) MUST_USE;

#endif
