/* SPDX-License-Identifier: Apache-2.0 */
/* Deriving without a cryptographic function: the plain combinations of PKCS #11, and the way a
 * derived value is given out. */
#ifndef CRYPTO_COMMON_COMBINE_H
#define CRYPTO_COMMON_COMBINE_H

#include "crypto/crypto.h"

/* Whether zero, as "all of it", is a size the mechanism knows. */
bool combine_has_natural_size(const struct mechanism *mechanism) MUST_USE;
/* Gives the left end of what is there; 0 asks for all of it. DATA_LENGTH, TOO_LARGE. */
enum status combine_give(struct bytes all, size_t size, struct span *out) MUST_USE;
/* CONCATENATE_*, XOR_BASE_AND_DATA, EXTRACT_KEY with the bytes of the base key; MECHANISM_INVALID
 * for any other algorithm. DATA_LENGTH, TOO_LARGE, MECHANISM_PARAM_INVALID. */
enum status combine(struct bytes key, const struct mechanism *mechanism, size_t size,
                    struct span *out) MUST_USE;

#endif
