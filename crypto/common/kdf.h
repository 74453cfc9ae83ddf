/* SPDX-License-Identifier: Apache-2.0 */
/* Key derivation functions over bytes; all fill out.size bytes. Answered by the library's folder.
 */
#ifndef CRYPTO_COMMON_KDF_H
#define CRYPTO_COMMON_KDF_H

#include "base/bytes.h"
#include "base/status.h"
#include "proto/algorithms.h"

enum { INFO_SIZE_MAX = 1024 };

/* HKDF (RFC 5869): hash, salt, label (info) and steps of the mechanism. */
enum status kdf_hkdf(struct bytes key, const struct mechanism *mechanism, struct span out) MUST_USE;
/* KBKDF in counter mode with HMAC (SP 800-108, 4.1): hash, label, and salt as the context. */
enum status kdf_counter(struct bytes key, const struct mechanism *mechanism,
                        struct span out) MUST_USE;
/* X9.63 (SEC 1, 3.6.1): kdf is the hash, label the shared info. SHA-1 is allowed for old clients.
 */
enum status kdf_x963(struct bytes secret, const struct mechanism *mechanism,
                     struct span out) MUST_USE;

#endif
