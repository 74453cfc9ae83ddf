/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes of results, for mechanisms that have been checked. */
#ifndef CRYPTO_OPENSSL_MECHANISM_H
#define CRYPTO_OPENSSL_MECHANISM_H

#include "crypto/openssl/key.h"

/* crypto_output_size() without its checks. */
size_t mechanism_output_size(const struct loaded *key, const struct mechanism *mechanism,
                             enum function function, size_t size) MUST_USE;
/* Tag of an AEAD, in bytes. */
size_t mechanism_tag_size(const struct mechanism *mechanism) MUST_USE;

#endif
