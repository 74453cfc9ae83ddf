/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions without branches, for padding that an attacker must not learn about. A mask is all ones
 * or zero. */
#ifndef CRYPTO_COMMON_MASK_H
#define CRYPTO_COMMON_MASK_H

#include <stdint.h>

/* The compiler must not see that there are two cases only. */
static inline uint32_t mask_hide(uint32_t mask) {
    __asm__("" : "+r"(mask));
    return mask;
}

static inline uint32_t mask_is_zero(uint32_t x) {
    return mask_hide(0u - ((~x & (x - 1)) >> 31));
}

/* a < b, both below 2^31 */
static inline uint32_t mask_is_less(uint32_t a, uint32_t b) {
    return mask_hide(0u - ((a - b) >> 31));
}

static inline uint32_t mask_choose(uint32_t mask, uint32_t yes, uint32_t no) {
    return (mask & yes) | (~mask & no);
}

#endif
