/* SPDX-License-Identifier: Apache-2.0 */
/* What libsodium's Ed25519 asks of the rest of libsodium, answered by base/: wiping and comparing.
 * It draws no randomness: the one function that would is dropped by the linker. */
#include "base/ct.h"
#include "base/wipe.h"

#include <sodium/utils.h>

void sodium_memzero(void *const pnt, const size_t len) {
    wipe(pnt, len);
}

int sodium_memcmp(const void *const b1_, const void *const b2_, size_t len) {
    return ct_equal(b1_, b2_, len) ? 0 : -1;
}

int sodium_is_zero(const unsigned char *n, const size_t nlen) {
    unsigned char any = 0;
    for (size_t i = 0; i < nlen; i++) {
        any |= n[i];
    }
    return any == 0;
}
