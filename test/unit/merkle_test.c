/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle tree against RFC 9162's definition, and the note that tells of one. */
#include "client/log_crypto.h"
#include "proto/log_format.h"
#include "proto/merkle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* MTH of RFC 9162 section 2.1.1, as it stands there. */
static void define_root(const uint8_t (*leaves)[32], size_t count, uint8_t out[32]) {
    static const uint8_t prefix[1] = {0x01};
    uint8_t left[32], right[32];
    if (count == 1) {
        memcpy(out, leaves[0], 32);
        return;
    }
    size_t split = 1;
    while (2 * split < count) {
        split *= 2;
    }
    define_root(leaves, split, left);
    define_root(leaves + split, count - split, right);
    const struct bytes parts[] = {bytes_of(prefix, 1), bytes_of(left, 32), bytes_of(right, 32)};
    assert_int_equal(log_sha256(parts, 3, out), STATUS_OK);
}

/* SHA-256 of no bytes */
static const uint8_t hash_of_nothing[32] = {
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};

static void tree_is_the_one_that_rfc_9162_defines(void **state) {
    (void)state;
    static uint8_t leaves[300][32];
    uint8_t root[32], expected[32];
    struct merkle tree = {.size = 0};
    assert_int_equal(merkle_root(&tree, root), STATUS_OK);
    assert_memory_equal(root, hash_of_nothing, 32);
    for (size_t i = 0; i < COUNT(leaves); i++) {
        const struct bytes number = bytes_of(&i, sizeof(i));
        assert_int_equal(merkle_leaf(number, leaves[i]), STATUS_OK);
        assert_int_equal(merkle_add(&tree, expected), STATUS_OK); /* another, taken back */
        merkle_take_back(&tree);
        assert_int_equal(merkle_add(&tree, leaves[i]), STATUS_OK);
        assert_int_equal(merkle_root(&tree, root), STATUS_OK);
        define_root((const uint8_t(*)[32])leaves, i + 1, expected);
        assert_memory_equal(root, expected, 32);
    }
}

/* A note is read back only when it is, to the last bit, what is written. */
static void note_has_one_form(void **state) {
    (void)state;
    static const uint8_t key_id[4] = {1, 2, 3, 4};
    uint8_t root[32] = {7}, signature[64] = {9}, text_bytes[LOG_NOTE_MAX], note_bytes[LOG_NOTE_MAX];
    uint8_t again[64];
    struct span text = {text_bytes, sizeof(text_bytes)}, note = {note_bytes, sizeof(note_bytes)};
    assert_int_equal(log_note_signed("edgehsm/00", 4096, root, &text), STATUS_OK);
    assert_int_equal(text.size, 11 + 5 + 45);
    assert_memory_equal(text.data,
                        "edgehsm/00\n4096\nBwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 61);
    assert_int_equal(log_note_write(bytes_of_span(text), "edgehsm/00", key_id, signature, &note),
                     STATUS_OK);
    assert_memory_equal(note.data + 61, "\n\xe2\x80\x94 edgehsm/00 AQIDBAkA", 24);
    for (size_t bit = 0; bit <= 8 * note.size; bit++) {
        bool whole = bit == 8 * note.size;
        if (!whole) {
            note.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        bool read = log_note_read(bytes_of_span(note), bytes_of_span(text), "edgehsm/00", key_id,
                                  again) == STATUS_OK;
        /* a bit inside the signature gives another signature, which then does not verify */
        assert_true(whole ? read && memcmp(again, signature, 64) == 0
                          : !read || memcmp(again, signature, 64) != 0);
        if (!whole) {
            note.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree_is_the_one_that_rfc_9162_defines),
        cmocka_unit_test(note_has_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
