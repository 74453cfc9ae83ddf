/* SPDX-License-Identifier: Apache-2.0 */
/* Symmetric encryption with loaded keys. The mechanism has been checked. */
#ifndef CRYPTO_OPENSSL_CIPHER_H
#define CRYPTO_OPENSSL_CIPHER_H

#include "crypto/openssl/key.h"

/* A context with the key and the mechanism's IV, ready for data (and of an AEAD for its aad first);
 * not for CCM, which wants to know the sizes before. */
enum status cipher_begin(struct loaded *key, const struct mechanism *mechanism, bool encrypt,
                         struct ready **ready) MUST_USE;
/* Puts the additional data of an AEAD in. */
bool cipher_add(EVP_CIPHER_CTX *context, struct bytes aad) MUST_USE;

/* ECB, CBC, CBC_PAD, CTR. out has room for crypto_output_size(). */
enum status cipher_run(struct loaded *key, const struct mechanism *mechanism, bool encrypt,
                       struct bytes data, struct span *out) MUST_USE;
/* GCM, CCM, ChaCha20-Poly1305. */
enum status aead_encrypt(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                         struct span *out) MUST_USE;
enum status aead_decrypt(struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                         struct span *out) MUST_USE;

#endif
