/* SPDX-License-Identifier: Apache-2.0 */
/* Comparison of secrets in constant time. */
#include "base/ct.h"

NO_INLINE bool ct_equal(const uint8_t *a, const uint8_t *b, size_t size) {
    const volatile uint8_t *va = a;
    const volatile uint8_t *vb = b;
    uint8_t different = 0;
    for (size_t i = 0; i < size; i++) {
        different = (uint8_t)(different | (va[i] ^ vb[i]));
    }
    return different == 0;
}
