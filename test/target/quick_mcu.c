/* SPDX-License-Identifier: Apache-2.0 */
/* The chip's signatures, broken when a test says so: before they are verified, as a fault would. */
#include "test/component/quick.h"

#include <bearssl.h>
#include <inner.h>
#include <sodium/crypto_sign_ed25519.h>

int __real_crypto_sign_ed25519_detached(unsigned char *signature, unsigned long long *size,
                                        const unsigned char *data, unsigned long long data_size,
                                        const unsigned char *key);
int __wrap_crypto_sign_ed25519_detached(unsigned char *signature, unsigned long long *size,
                                        const unsigned char *data, unsigned long long data_size,
                                        const unsigned char *key);
uint32_t __real_br_i31_moddiv(uint32_t *x, const uint32_t *y, const uint32_t *m, uint32_t m0i,
                              uint32_t *t);
uint32_t __wrap_br_i31_moddiv(uint32_t *x, const uint32_t *y, const uint32_t *m, uint32_t m0i,
                              uint32_t *t);

int __wrap_crypto_sign_ed25519_detached(unsigned char *signature, unsigned long long *size,
                                        const unsigned char *data, unsigned long long data_size,
                                        const unsigned char *key) {
    int result = __real_crypto_sign_ed25519_detached(signature, size, data, data_size, key);
    signature[63] ^= quick.break_signatures ? 4 : 0;
    return result;
}

/* The division that makes the second half of an ECDSA signature. */
uint32_t __wrap_br_i31_moddiv(uint32_t *x, const uint32_t *y, const uint32_t *m, uint32_t m0i,
                              uint32_t *t) {
    uint32_t result = __real_br_i31_moddiv(x, y, m, m0i, t);
    x[1] ^= quick.break_signatures ? 4 : 0;
    return result;
}
