/* SPDX-License-Identifier: Apache-2.0 */
/* The chip's arithmetic modulo the order of Ed25519's group (crypto/mcu/scalar.c), beside
 * libsodium's own, which the chip has no room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <sodium/private/ed25519_ref10.h>

enum { SIZE = 32, ROUNDS = 20000 };

/* libsodium's, by the names that crypto/vendor/meson.build gives them. */
void sc25519_reduce_unrolled(unsigned char s[2 * SIZE]);
void sc25519_muladd_unrolled(unsigned char s[SIZE], const unsigned char a[SIZE],
                             const unsigned char b[SIZE], const unsigned char c[SIZE]);

/* The order, the smallest byte first. */
static const uint8_t order[SIZE] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                    0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                    [31] = 0x10};

static void draw(uint64_t *seed, uint8_t *to, size_t size) {
    for (size_t i = 0; i < size; i++) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        to[i] = (uint8_t)(*seed >> 56);
    }
}

/* By chance; now and then all zeros, all ones, the order, or next to the order. */
static void draw_edgy(uint64_t *seed, uint8_t *to) {
    uint8_t which = 0;
    draw(seed, &which, 1);
    draw(seed, to, SIZE);
    if (which < 16) {
        memset(to, 0, SIZE);
    } else if (which < 32) {
        memset(to, 0xff, SIZE);
    } else if (which < 64) {
        memcpy(to, order, SIZE);
        to[0] = (uint8_t)(to[0] + which % 3 - 1);
    }
}

static void a_number_is_reduced_as_libsodium_does(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t ours[2 * SIZE], theirs[2 * SIZE];
        draw_edgy(&seed, ours);
        draw_edgy(&seed, ours + SIZE);
        memcpy(theirs, ours, sizeof(ours));
        sc25519_reduce(ours);
        sc25519_reduce_unrolled(theirs);
        assert_memory_equal(ours, theirs, SIZE);
    }
}

static void a_product_and_a_sum_are_what_libsodium_says(void **state) {
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t a[SIZE], b[SIZE], c[SIZE], ours[SIZE], theirs[SIZE];
        draw_edgy(&seed, a);
        draw_edgy(&seed, b);
        draw_edgy(&seed, c);
        sc25519_muladd(ours, a, b, c);
        sc25519_muladd_unrolled(theirs, a, b, c);
        assert_memory_equal(ours, theirs, SIZE);
    }
}

static void a_result_may_lie_where_an_operand_was(void **state) {
    (void)state;
    uint64_t seed = 3;
    uint8_t a[SIZE], b[SIZE], c[SIZE], wanted[SIZE];
    draw(&seed, a, SIZE);
    draw(&seed, b, SIZE);
    draw(&seed, c, SIZE);
    sc25519_muladd_unrolled(wanted, a, b, c);
    sc25519_muladd(b, a, b, c);
    assert_memory_equal(b, wanted, SIZE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_reduced_as_libsodium_does),
        cmocka_unit_test(a_product_and_a_sum_are_what_libsodium_says),
        cmocka_unit_test(a_result_may_lie_where_an_operand_was),
    };
    return cmocka_run_group_tests_name("scalar", tests, NULL, NULL);
}
