/* SPDX-License-Identifier: Apache-2.0 */
/* Encryption and wrapping. */
#include "test/unit/crypto_fixture.h"

#include "base/limits.h"

static const struct bytes nothing = {NULL, 0};
static struct test_key aes128, aes256, chacha;

static int setup(void **state) {
    if (crypto_setup(state) != 0) {
        return -1;
    }
    key_generate(&aes128, KEY_AES, 128, nothing);
    key_generate(&aes256, KEY_AES, 256, nothing);
    key_generate(&chacha, KEY_CHACHA20, 256, nothing);
    return 0;
}

static int teardown(void **state) {
    key_drop(&aes128);
    key_drop(&aes256);
    key_drop(&chacha);
    return crypto_teardown(state);
}

static const uint8_t iv[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0};
static const uint8_t aad[20] = {9, 9, 9};

struct scheme {
    const struct test_key *key;
    struct mechanism mechanism;
    size_t multiple; /* data is a multiple of this */
    size_t tag;
};

#define IV(size) .iv = {iv, size}
#define AAD .aad = {aad, sizeof(aad)}

static const struct scheme schemes[] = {
    {&aes128, {.algorithm = ALGORITHM_AES_ECB}, 16, 0},
    {&aes256, {.algorithm = ALGORITHM_AES_CBC, IV(16)}, 16, 0},
    {&aes256, {.algorithm = ALGORITHM_AES_CBC_PAD, IV(16)}, 1, 0},
    {&aes256, {.algorithm = ALGORITHM_AES_CTR, IV(16), .counter_bits = 32}, 1, 0},
    {&aes128, {.algorithm = ALGORITHM_AES_CTR, IV(16), .counter_bits = 128}, 1, 0},
    {&aes256, {.algorithm = ALGORITHM_AES_GCM, IV(12), .tag_bits = 128}, 1, 16},
    {&aes128, {.algorithm = ALGORITHM_AES_GCM, IV(12), AAD, .tag_bits = 96}, 1, 12},
    {&aes256, {.algorithm = ALGORITHM_AES_GCM, IV(1), AAD, .tag_bits = 128}, 1, 16},
    {&aes256, {.algorithm = ALGORITHM_AES_GCM, IV(16), AAD, .tag_bits = 128}, 1, 16},
    {&aes256, {.algorithm = ALGORITHM_AES_CCM, IV(12), AAD, .tag_bits = 128}, 1, 16},
    {&aes128, {.algorithm = ALGORITHM_AES_CCM, IV(13), .tag_bits = 64}, 1, 8},
    {&aes256, {.algorithm = ALGORITHM_AES_CCM, IV(7), AAD, .tag_bits = 96}, 1, 12},
    {&chacha, {.algorithm = ALGORITHM_CHACHA20_POLY1305, IV(12)}, 1, 16},
    {&chacha, {.algorithm = ALGORITHM_CHACHA20_POLY1305, IV(12), AAD}, 1, 16},
};

static uint8_t data[70000], sealed[70100], opened[70100];

static struct bytes text(size_t size) {
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)(i * 31 + i / 256 + 5);
    }
    return bytes_of(data, size);
}

static enum status seal(const struct scheme *scheme, struct bytes plain, struct span *out) {
    *out = (struct span){sealed, sizeof(sealed)};
    return crypto_encrypt(&scheme->key->key, &scheme->mechanism, plain, out);
}

static enum status open(const struct scheme *scheme, struct bytes cipher, struct span *out) {
    *out = (struct span){opened, sizeof(opened)};
    return crypto_decrypt(&scheme->key->key, &scheme->mechanism, cipher, out);
}

static void every_cipher_gives_back_what_it_took(void **state) {
    (void)state;
    const size_t sizes[] = {0, 1, 15, 16, 17, 32, 100, 4096, 65535};
    for (size_t i = 0; i < COUNT(schemes); i++) {
        for (size_t j = 0; j < COUNT(sizes); j++) {
            struct bytes plain = text(sizes[j] - sizes[j] % schemes[i].multiple);
            struct span cipher;
            struct span back;
            if (schemes[i].mechanism.algorithm == ALGORITHM_AES_CCM &&
                schemes[i].mechanism.iv.size == 13 && plain.size > 65535) {
                continue;
            }
            assert_ok(seal(&schemes[i], plain, &cipher));
            bool padded = schemes[i].mechanism.algorithm == ALGORITHM_AES_CBC_PAD;
            size_t expected = padded ? plain.size / 16 * 16 + 16 : plain.size + schemes[i].tag;
            assert_int_equal(cipher.size, expected);
            assert_int_equal(crypto_output_size(&schemes[i].key->key, &schemes[i].mechanism,
                                                F_ENCRYPT, plain.size),
                             expected);
            if (plain.size >= 15) {
                assert_memory_not_equal(cipher.data, plain.data, 15);
            }
            assert_ok(open(&schemes[i], bytes_of_span(cipher), &back));
            assert_bytes(back, plain);
        }
    }
}

static void contexts_are_clean_after_other_messages(void **state) {
    (void)state;
    static uint8_t first[200];
    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct span cipher;
        struct span back;
        assert_ok(seal(&schemes[i], text(96), &cipher));
        memcpy(first, cipher.data, cipher.size);
        size_t size = cipher.size;
        assert_ok(seal(&schemes[i], text(48), &cipher));
        (void)open(&schemes[i], bytes_of(first, 3), &back);
        assert_ok(seal(&schemes[i], text(96), &cipher));
        assert_bytes(cipher, bytes_of(first, size));
        assert_ok(open(&schemes[i], bytes_of(first, size), &back));
        assert_bytes(back, text(96));
    }
}

static void aead_refuses_every_changed_bit(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct span cipher;
        struct span back;
        if (schemes[i].tag == 0) {
            continue;
        }
        assert_ok(seal(&schemes[i], text(40), &cipher));
        for (size_t bit = 0; bit < cipher.size * 8; bit++) {
            cipher.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            memset(opened, 0, sizeof(opened));
            assert_status(open(&schemes[i], bytes_of_span(cipher), &back), AEAD_FAILED);
            assert_true(bytes_all(bytes_of(opened, 64), 0));
            cipher.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        struct scheme other = schemes[i];
        other.mechanism.aad = bytes_of("x", 1);
        assert_status(open(&other, bytes_of_span(cipher), &back), AEAD_FAILED);
        uint8_t other_iv[16];
        memcpy(other_iv, iv, 16);
        other_iv[0] ^= 1;
        other = schemes[i];
        other.mechanism.iv.data = other_iv;
        assert_status(open(&other, bytes_of_span(cipher), &back), AEAD_FAILED);
        assert_ok(open(&schemes[i], bytes_of_span(cipher), &back));
    }
}

static void aead_refuses_cut_messages(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct span cipher;
        struct span back;
        if (schemes[i].tag == 0) {
            continue;
        }
        assert_ok(seal(&schemes[i], text(20), &cipher));
        for (size_t size = 0; size < cipher.size; size++) {
            enum status expected =
                size < schemes[i].tag ? STATUS_CIPHERTEXT_LENGTH : STATUS_AEAD_FAILED;
            assert_int_equal(open(&schemes[i], bytes_of(cipher.data, size), &back), expected);
        }
    }
}

static void in_and_out_may_be_the_same_place(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct span cipher;
        assert_ok(seal(&schemes[i], text(48), &cipher));
        struct span place = {opened, sizeof(opened)};
        memcpy(opened, data, 48);
        assert_ok(crypto_encrypt(&schemes[i].key->key, &schemes[i].mechanism, bytes_of(opened, 48),
                                 &place));
        assert_bytes(place, bytes_of_span(cipher));
    }
}

static void data_of_wrong_length_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct span out;
        if (schemes[i].multiple == 16) {
            assert_status(seal(&schemes[i], text(15), &out), DATA_LENGTH);
            assert_status(open(&schemes[i], text(17), &out), CIPHERTEXT_LENGTH);
        }
        if (schemes[i].mechanism.algorithm == ALGORITHM_AES_CBC_PAD) {
            assert_status(open(&schemes[i], text(0), &out), CIPHERTEXT_LENGTH);
            assert_status(open(&schemes[i], text(17), &out), CIPHERTEXT_LENGTH);
        }
    }
    struct mechanism ccm = {.algorithm = ALGORITHM_AES_CCM, IV(13), .tag_bits = 64};
    struct span out = {sealed, sizeof(sealed)};
    assert_status(crypto_encrypt(&aes128.key, &ccm, text(65536), &out), DATA_LENGTH);
    assert_ok(crypto_encrypt(&aes128.key, &ccm, text(65535), &out));
}

static void room_that_is_too_small_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct span cipher;
        assert_ok(seal(&schemes[i], text(32), &cipher));
        SPAN(little, 31);
        assert_status(
            crypto_encrypt(&schemes[i].key->key, &schemes[i].mechanism, text(32), &little),
            TOO_LARGE);
        assert_true(bytes_all(bytes_of(little_room, 31), 0));
    }
}

static void parameters_out_of_range_are_refused(void **state) {
    (void)state;
    static const uint8_t long_iv[129] = {1};
    const struct {
        const struct test_key *key;
        struct mechanism mechanism;
    } wrong[] = {
        {&aes128, {.algorithm = ALGORITHM_AES_CBC, IV(15)}},
        {&aes128, {.algorithm = ALGORITHM_AES_CBC}},
        {&aes128, {.algorithm = ALGORITHM_AES_CBC_PAD, IV(12)}},
        {&aes128, {.algorithm = ALGORITHM_AES_CTR, IV(16)}},
        {&aes128, {.algorithm = ALGORITHM_AES_CTR, IV(16), .counter_bits = 129}},
        {&aes128, {.algorithm = ALGORITHM_AES_CTR, IV(12), .counter_bits = 32}},
        {&aes128, {.algorithm = ALGORITHM_AES_GCM, IV(12)}},
        {&aes128, {.algorithm = ALGORITHM_AES_GCM, .tag_bits = 128}},
        {&aes128, {.algorithm = ALGORITHM_AES_GCM, .iv = {long_iv, 129}, .tag_bits = 128}},
        {&aes128, {.algorithm = ALGORITHM_AES_GCM, IV(12), .tag_bits = 32}},
        {&aes128, {.algorithm = ALGORITHM_AES_GCM, IV(12), .tag_bits = 64}},
        {&aes128, {.algorithm = ALGORITHM_AES_GCM, IV(12), .tag_bits = 104}},
        {&aes128, {.algorithm = ALGORITHM_AES_GCM, IV(12), .tag_bits = 136}},
        {&aes128, {.algorithm = ALGORITHM_AES_CCM, IV(6), .tag_bits = 128}},
        {&aes128, {.algorithm = ALGORITHM_AES_CCM, IV(14), .tag_bits = 128}},
        {&aes128, {.algorithm = ALGORITHM_AES_CCM, IV(12), .tag_bits = 32}},
        {&aes128, {.algorithm = ALGORITHM_AES_CCM, IV(12), .tag_bits = 72}},
        {&chacha, {.algorithm = ALGORITHM_CHACHA20_POLY1305, IV(8)}},
        {&chacha, {.algorithm = ALGORITHM_CHACHA20_POLY1305, IV(16)}},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct span out = {sealed, sizeof(sealed)};
        assert_status(crypto_encrypt(&wrong[i].key->key, &wrong[i].mechanism, text(32), &out),
                      MECHANISM_PARAM_INVALID);
        assert_status(crypto_decrypt(&wrong[i].key->key, &wrong[i].mechanism, text(32), &out),
                      MECHANISM_PARAM_INVALID);
    }
}

static void iv_that_the_module_makes_must_be_there_when_it_encrypts(void **state) {
    (void)state;
    struct mechanism gcm = {.algorithm = ALGORITHM_AES_GCM, .tag_bits = 128, .make_iv = 1};
    struct span out = {sealed, sizeof(sealed)};
    assert_ok(crypto_mechanism_check(&aes128.key, &gcm, F_ENCRYPT));
    assert_int_equal(crypto_output_size(&aes128.key, &gcm, F_ENCRYPT, 10), 26);
    assert_status(crypto_mechanism_check(&aes128.key, &gcm, F_DECRYPT), MECHANISM_PARAM_INVALID);
    assert_status(crypto_encrypt(&aes128.key, &gcm, text(32), &out), MECHANISM_PARAM_INVALID);
    gcm.iv = bytes_of(iv, 12);
    assert_ok(crypto_encrypt(&aes128.key, &gcm, text(32), &out));
}

/* Encrypts `blocks` blocks (less `less` bytes) with a counter that has `left` values left. */
static enum status count(uint32_t bits, uint8_t left, size_t blocks, size_t less) {
    uint8_t counter[16];
    struct span out = {sealed, sizeof(sealed)};
    memset(counter, 0xff, sizeof(counter));
    counter[15] = (uint8_t)(0x100 - left);
    struct mechanism ctr = {
        .algorithm = ALGORITHM_AES_CTR, .iv = {counter, 16}, .counter_bits = bits};
    return crypto_encrypt(&aes128.key, &ctr, text(16 * blocks - less), &out);
}

static void counter_never_wraps(void **state) {
    (void)state;
    const uint32_t widths[] = {8, 16, 31, 32, 33, 63, 64, 65, 100, 127, 128};
    for (size_t i = 0; i < COUNT(widths); i++) {
        assert_ok(count(widths[i], 1, 1, 0));
        assert_ok(count(widths[i], 4, 4, 0));
        assert_ok(count(widths[i], 4, 4, 15));
        assert_status(count(widths[i], 4, 5, 15), DATA_LENGTH);
        assert_status(count(widths[i], 1, 2, 0), DATA_LENGTH);
    }
    /* Bits above the counter are not part of it, and a zero in it gives room. */
    uint8_t counter[16];
    struct span out = {sealed, sizeof(sealed)};
    memset(counter, 0xff, sizeof(counter));
    counter[0] = 0x7f;
    struct mechanism ctr = {
        .algorithm = ALGORITHM_AES_CTR, .iv = {counter, 16}, .counter_bits = 128};
    assert_ok(crypto_encrypt(&aes128.key, &ctr, text(64), &out));
    ctr.counter_bits = 127;
    assert_status(crypto_encrypt(&aes128.key, &ctr, text(64), &out), DATA_LENGTH);
    ctr.counter_bits = 1;
    assert_status(crypto_encrypt(&aes128.key, &ctr, text(32), &out), DATA_LENGTH);
    assert_ok(crypto_encrypt(&aes128.key, &ctr, text(16), &out));
}

static void bad_padding_is_one_error(void **state) {
    (void)state;
    const struct scheme padded = {&aes256, {.algorithm = ALGORITHM_AES_CBC_PAD, IV(16)}, 1, 0};
    const struct scheme plain = {&aes256, {.algorithm = ALGORITHM_AES_CBC, IV(16)}, 16, 0};
    const uint8_t endings[] = {0, 17, 0xff};
    for (size_t i = 0; i < COUNT(endings); i++) {
        uint8_t block[16] = {0};
        struct span cipher;
        struct span back;
        block[15] = endings[i];
        assert_ok(seal(&plain, bytes_of(block, 16), &cipher));
        assert_status(open(&padded, bytes_of_span(cipher), &back), CIPHERTEXT_INVALID);
    }
}

/* ---- wrapping ---- */

static void every_wrapping_gives_back_what_it_took(void **state) {
    enum { WRAPPED_MAX = OBJECT_SIZE_MAX < 4096 ? OBJECT_SIZE_MAX : 4096 };
    (void)state;
    const struct {
        const struct test_key *key;
        struct mechanism mechanism;
        size_t multiple, least, most;
    } ways[] = {
        {&aes256, {.algorithm = ALGORITHM_AES_KW}, 8, 16, WRAPPED_MAX},
        {&aes128, {.algorithm = ALGORITHM_AES_KWP}, 1, 1, WRAPPED_MAX},
        {&aes256, {.algorithm = ALGORITHM_AES_GCM, IV(12), AAD, .tag_bits = 128}, 1, 1, 4096},
        {&aes256, {.algorithm = ALGORITHM_WRAP_WITH_ATTRIBUTES, AAD}, 1, 1, 4096},
        {rsa_key(),
         {.algorithm = ALGORITHM_RSA_OAEP, .digest = HASH_SHA256, .mgf = HASH_SHA256},
         1,
         1,
         190},
        {rsa_key(), {.algorithm = ALGORITHM_RSA_PKCS1}, 1, 1, 245},
    };
    for (size_t i = 0; i < COUNT(ways); i++) {
        for (size_t size = ways[i].least; size <= ways[i].most; size = size * 3 / 2 + 1) {
            struct bytes plain =
                text((size + ways[i].multiple - 1) / ways[i].multiple * ways[i].multiple);
            struct span wrapped = {sealed, sizeof(sealed)};
            struct span back = {opened, sizeof(opened)};
            size_t expected =
                crypto_output_size(&ways[i].key->key, &ways[i].mechanism, F_WRAP, plain.size);
            assert_ok(crypto_wrap(&ways[i].key->key, &ways[i].mechanism, plain, &wrapped));
            assert_int_equal(wrapped.size, expected);
            assert_ok(crypto_unwrap(&ways[i].key->key, &ways[i].mechanism, bytes_of_span(wrapped),
                                    &back));
            assert_bytes(back, plain);
        }
    }
}

static void every_changed_bit_of_a_wrapped_key_is_refused(void **state) {
    (void)state;
    const struct mechanism ways[] = {
        {.algorithm = ALGORITHM_AES_KW},
        {.algorithm = ALGORITHM_AES_KWP},
        {.algorithm = ALGORITHM_AES_GCM, IV(12), .tag_bits = 96},
        {.algorithm = ALGORITHM_WRAP_WITH_ATTRIBUTES, AAD},
    };
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct span wrapped = {sealed, sizeof(sealed)};
        assert_ok(crypto_wrap(&aes256.key, &ways[i], text(32), &wrapped));
        for (size_t bit = 0; bit < wrapped.size * 8; bit++) {
            struct span back = {opened, sizeof(opened)};
            memset(opened, 0, 256);
            wrapped.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_status(crypto_unwrap(&aes256.key, &ways[i], bytes_of_span(wrapped), &back),
                          WRAPPED_KEY_INVALID);
            assert_true(bytes_all(bytes_of(opened, 256), 0));
            wrapped.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t size = 0; size < wrapped.size; size++) {
            struct span back = {opened, sizeof(opened)};
            assert_status(crypto_unwrap(&aes256.key, &ways[i], bytes_of(wrapped.data, size), &back),
                          WRAPPED_KEY_INVALID);
        }
    }
}

static void wrapping_with_attributes_holds_them_and_never_repeats(void **state) {
    (void)state;
    struct mechanism wrap = {.algorithm = ALGORITHM_WRAP_WITH_ATTRIBUTES, AAD};
    static uint8_t first[100];
    struct span one = {first, sizeof(first)};
    struct span two = {sealed, sizeof(sealed)};
    struct span back = {opened, sizeof(opened)};
    assert_ok(crypto_wrap(&aes256.key, &wrap, text(32), &one));
    assert_ok(crypto_wrap(&aes256.key, &wrap, text(32), &two));
    assert_false(bytes_equal(bytes_of(first, 12), bytes_of(sealed, 12)));
    wrap.aad = bytes_of(aad, 19);
    assert_status(crypto_unwrap(&aes256.key, &wrap, bytes_of_span(one), &back),
                  WRAPPED_KEY_INVALID);
}

static void key_wrap_refuses_lengths_it_does_not_take(void **state) {
    (void)state;
    struct mechanism kw = {.algorithm = ALGORITHM_AES_KW};
    struct mechanism kwp = {.algorithm = ALGORITHM_AES_KWP};
    struct span out = {sealed, sizeof(sealed)};
    const size_t wrong[] = {0, 1, 8, 15, 17, 31};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_status(crypto_wrap(&aes256.key, &kw, text(wrong[i]), &out), DATA_LENGTH);
    }
    assert_status(crypto_wrap(&aes256.key, &kwp, text(0), &out), DATA_LENGTH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cipher_gives_back_what_it_took),
        cmocka_unit_test(contexts_are_clean_after_other_messages),
        cmocka_unit_test(aead_refuses_every_changed_bit),
        cmocka_unit_test(aead_refuses_cut_messages),
        cmocka_unit_test(in_and_out_may_be_the_same_place),
        cmocka_unit_test(data_of_wrong_length_is_refused),
        cmocka_unit_test(room_that_is_too_small_is_refused),
        cmocka_unit_test(parameters_out_of_range_are_refused),
        cmocka_unit_test(iv_that_the_module_makes_must_be_there_when_it_encrypts),
        cmocka_unit_test(counter_never_wraps),
        cmocka_unit_test(bad_padding_is_one_error),
        cmocka_unit_test(every_wrapping_gives_back_what_it_took),
        cmocka_unit_test(every_changed_bit_of_a_wrapped_key_is_refused),
        cmocka_unit_test(wrapping_with_attributes_holds_them_and_never_repeats),
        cmocka_unit_test(key_wrap_refuses_lengths_it_does_not_take),
    };
    return cmocka_run_group_tests_name("crypto_cipher", tests, setup, teardown);
}
