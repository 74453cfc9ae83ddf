/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers modulo the order of Ed25519's group, for libsodium by BearSSL's arithmetic, which is as
 * constant in time and there already: libsodium's own is 13 KiB of unrolled code. */
#include "base/wipe.h"

#include <inner.h>
#include <sodium/private/ed25519_ref10.h>

enum { SCALAR_SIZE = 32, WORDS = 1 + (253 + 30) / 31 };

/* RFC 8032, 5.1: 2^252 + 27742317777372353535851937790883648493, the largest byte first. */
static const uint8_t order[SCALAR_SIZE] = {
    0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c, 0xd6, 0x58, 0x12, 0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed};

/* The number of `size` bytes, at most 64, the smallest first, modulo m. */
static void read_scalar(uint32_t *x, const unsigned char *bytes, size_t size, const uint32_t *m) {
    uint8_t turned[2 * SCALAR_SIZE];
    WIPE_AT_END(turned, sizeof(turned));
    for (size_t i = 0; i < size; i++) {
        turned[size - 1 - i] = bytes[i];
    }
    br_i31_decode_reduce(x, turned, size, m);
}

static void write_scalar(unsigned char *bytes, const uint32_t *x) {
    uint8_t turned[SCALAR_SIZE];
    WIPE_AT_END(turned, sizeof(turned));
    br_i31_encode(turned, SCALAR_SIZE, x);
    for (size_t i = 0; i < SCALAR_SIZE; i++) {
        bytes[i] = turned[SCALAR_SIZE - 1 - i];
    }
}

/* The first 32 of 64 bytes become all of them modulo the order. */
void sc25519_reduce(unsigned char s[2 * SCALAR_SIZE]) {
    uint32_t m[WORDS], x[WORDS];
    WIPE_AT_END(x, sizeof(x));
    br_i31_decode(m, order, sizeof(order));
    read_scalar(x, s, 2 * SCALAR_SIZE, m);
    write_scalar(s, x);
}

/* s = a b + c modulo the order. */
void sc25519_muladd(unsigned char s[SCALAR_SIZE], const unsigned char a[SCALAR_SIZE],
                    const unsigned char b[SCALAR_SIZE], const unsigned char c[SCALAR_SIZE]) {
    uint32_t m[WORDS], x[WORDS], y[WORDS], product[WORDS];
    WIPE_AT_END(x, sizeof(x));
    WIPE_AT_END(y, sizeof(y));
    WIPE_AT_END(product, sizeof(product));
    br_i31_decode(m, order, sizeof(order));
    read_scalar(x, a, SCALAR_SIZE, m);
    read_scalar(y, b, SCALAR_SIZE, m);
    br_i31_to_monty(x, m);
    br_i31_montymul(product, x, y, m, br_i31_ninv31(m[1]));
    read_scalar(y, c, SCALAR_SIZE, m);
    /* Both are below the order, and their sum below twice the order. */
    (void)br_i31_add(product, y, 1);
    (void)br_i31_sub(product, m, br_i31_sub(product, m, 0) ^ 1);
    write_scalar(s, product);
}
