/* SPDX-License-Identifier: Apache-2.0 */
/* What a loaded key does in each library; answered by the library's folder. The mechanism has been
 * checked, and sizes as mechanism_begin() does; statuses are those of crypto.h's functions. */
#ifndef CRYPTO_COMMON_USE_H
#define CRYPTO_COMMON_USE_H

#include "crypto/crypto.h"

/* The bytes of a secret key; empty for any other. They lie in the key itself. */
struct bytes use_secret(const struct crypto_key *key) MUST_USE;

/* The shared secret with the mechanism's peer, as long as a coordinate (SP 800-56A, 5.7.1; RFC
 * 7748, 6.1). PUBLIC_KEY_INVALID. */
enum status use_agreement(const struct crypto_key *key, const struct mechanism *mechanism,
                          uint8_t *secret) MUST_USE;

/* All mechanisms of crypto_encrypt and crypto_decrypt. */
enum status use_encryption(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes data, struct span *out) MUST_USE;
enum status use_decryption(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes data, struct span *out) MUST_USE;

/* AES key wrap, KW and KWP (SP 800-38F; RFC 3394, 5649). */
enum status use_key_wrap(const struct crypto_key *key, const struct mechanism *mechanism,
                         struct bytes plain, struct span *out) MUST_USE;
enum status use_key_unwrap(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes wrapped, struct span *out) MUST_USE;

#endif
