/* SPDX-License-Identifier: Apache-2.0 */
/* What libsodium's Ed25519 asks of the rest of libsodium: wiping and comparing, answered by base/,
 * SHA-512, answered by BearSSL, which is there already, and multiples of the base point without a
 * table of them. It draws no randomness: the one function that would is dropped by the linker. */
#include "base/ct.h"
#include "base/wipe.h"

#include <bearssl.h>
#include <sodium/crypto_hash_sha512.h>
#include <sodium/private/ed25519_ref10.h>
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

/* BearSSL's state lies in the room of libsodium's. */
_Static_assert(sizeof(br_sha512_context) <= sizeof(crypto_hash_sha512_state), "the state fits");
_Static_assert(_Alignof(br_sha512_context) <= _Alignof(crypto_hash_sha512_state), "and is aligned");

static br_sha512_context *context_of(crypto_hash_sha512_state *state) {
    return (br_sha512_context *)(void *)state;
}

int crypto_hash_sha512_init(crypto_hash_sha512_state *state) {
    br_sha512_init(context_of(state));
    return 0;
}

int crypto_hash_sha512_update(crypto_hash_sha512_state *state, const unsigned char *in,
                              unsigned long long inlen) {
    if (inlen > 0) {
        br_sha512_update(context_of(state), in, (size_t)inlen);
    }
    return 0;
}

int crypto_hash_sha512_final(crypto_hash_sha512_state *state, unsigned char *out) {
    br_sha512_out(context_of(state), out);
    wipe(state, sizeof(*state));
    return 0;
}

int crypto_hash_sha512(unsigned char *out, const unsigned char *in, unsigned long long inlen) {
    crypto_hash_sha512_state state;
    (void)crypto_hash_sha512_init(&state);
    (void)crypto_hash_sha512_update(&state, in, inlen);
    return crypto_hash_sha512_final(&state, out);
}

/* libsodium's multiplication of any point, which is as constant in time, of the base point: it
 * takes three times as long, and 30 KiB of flash less. */
void ge25519_scalarmult_base(ge25519_p3 *h, const unsigned char *a) {
    static const uint8_t base[32] = {0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                     0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                     0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                     0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66};
    ge25519_p3 point;
    (void)ge25519_frombytes(&point, base);
    ge25519_scalarmult(h, a, &point);
}
