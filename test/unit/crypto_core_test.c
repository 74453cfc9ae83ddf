/* SPDX-License-Identifier: Apache-2.0 */
/* What the core itself uses of crypto/: hashes, sealing, PINs, tags. */
#include "test/unit/crypto_fixture.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

static const struct bytes nothing = {NULL, 0};
static uint8_t text[300];

/* OpenSSL's names, in the order of enum hash. */
static const char *const names[HASH_COUNT] = {NULL,       "SHA1",    "SHA224",   "SHA256",
                                              "SHA384",   "SHA512",  "SHA3-224", "SHA3-256",
                                              "SHA3-384", "SHA3-512"};

/* One case for each hash, named by it. */
static void hash_is_offered_or_refused(void **state) {
    const uint32_t hash = *(const uint32_t *)*state;
    uint8_t out[HASH_SIZE_MAX];
    struct mechanism digest = {.algorithm = ALGORITHM_DIGEST, .hash = hash};
    if (!hash_is_offered(hash)) {
        assert_status(crypto_hash((enum hash)hash, NULL, 0, out), MECHANISM_PARAM_INVALID);
        assert_status(crypto_hmac((enum hash)hash, nothing, NULL, 0, out), MECHANISM_PARAM_INVALID);
        assert_status(crypto_mechanism_check(NULL, &digest, F_DIGEST), MECHANISM_PARAM_INVALID);
        skip();
    }
    assert_ok(crypto_hash((enum hash)hash, NULL, 0, out));
    assert_ok(crypto_mechanism_check(NULL, &digest, F_DIGEST));
}

static void hashes_do_not_see_how_the_message_is_divided(void **state) {
    (void)state;
    for (uint32_t hash = HASH_SHA1; hash < HASH_COUNT && hash_is_offered(hash); hash++) {
        uint8_t expected[HASH_SIZE_MAX];
        uint8_t out[HASH_SIZE_MAX];
        size_t size = 0;
        assert_int_equal(EVP_Q_digest(NULL, names[hash], NULL, text, sizeof(text), expected, &size),
                         1);
        assert_int_equal(size, hash_size(hash));
        for (size_t cut = 0; cut <= sizeof(text); cut += 50) {
            const struct bytes parts[] = {bytes_of(text, cut), nothing,
                                          bytes_of(text + cut, sizeof(text) - cut)};
            assert_ok(crypto_hash((enum hash)hash, parts, 3, out));
            assert_memory_equal(out, expected, size);
        }
        assert_ok(crypto_hash((enum hash)hash, NULL, 0, out));
    }
    uint8_t out[HASH_SIZE_MAX];
    assert_status(crypto_hash(HASH_NONE, NULL, 0, out), MECHANISM_PARAM_INVALID);
    assert_status(crypto_hash((enum hash)HASH_COUNT, NULL, 0, out), MECHANISM_PARAM_INVALID);
}

static void hmacs_are_those_of_openssl_for_every_key_size(void **state) {
    (void)state;
    for (uint32_t hash = HASH_SHA1; hash < HASH_COUNT && hash_is_offered(hash); hash++) {
        for (size_t key = 0; key <= 200; key += 40) {
            uint8_t expected[HASH_SIZE_MAX];
            uint8_t out[HASH_SIZE_MAX];
            size_t size = 0;
            const struct bytes parts[] = {bytes_of(text, 100), bytes_of(text + 100, 200)};
            assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, names[hash], NULL, text, key, text,
                                      sizeof(text), expected, sizeof(expected), &size));
            assert_ok(crypto_hmac((enum hash)hash, bytes_of(text, key), parts, 2, out));
            assert_memory_equal(out, expected, hash_size(hash));
        }
    }
}

static void sealed_data_opens_with_the_same_key_nonce_and_context_only(void **state) {
    (void)state;
    uint8_t key[SEAL_KEY_SIZE] = {1};
    uint8_t nonce[SEAL_NONCE_SIZE] = {2};
    uint8_t sealed[100 + SEAL_TAG_SIZE];
    uint8_t opened[100];
    struct bytes context = bytes_of_text("context");
    for (size_t size = 0; size <= 100; size += 10) {
        struct bytes whole = bytes_of(sealed, size + SEAL_TAG_SIZE);
        assert_ok(crypto_seal(key, nonce, context, bytes_of(text, size), sealed));
        assert_ok(crypto_open(key, nonce, context, whole, opened));
        assert_memory_equal(opened, text, size);
        assert_status(crypto_open(key, nonce, nothing, whole, opened), AEAD_FAILED);
        assert_true(bytes_all(bytes_of(opened, size), 0));
        key[31] ^= 1;
        assert_status(crypto_open(key, nonce, context, whole, opened), AEAD_FAILED);
        key[31] ^= 1;
        nonce[11] ^= 1;
        assert_status(crypto_open(key, nonce, context, whole, opened), AEAD_FAILED);
        nonce[11] ^= 1;
        assert_status(crypto_open(key, nonce, context, bytes_of(sealed, SEAL_TAG_SIZE - 1), opened),
                      AEAD_FAILED);
        for (size_t bit = 0; bit < whole.size * 8; bit++) {
            sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_status(crypto_open(key, nonce, context, whole, opened), AEAD_FAILED);
            sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void sealing_works_in_place(void **state) {
    (void)state;
    uint8_t key[SEAL_KEY_SIZE] = {1};
    uint8_t nonce[SEAL_NONCE_SIZE] = {2};
    uint8_t place[64 + SEAL_TAG_SIZE];
    memcpy(place, text, 64);
    assert_ok(crypto_seal(key, nonce, nothing, bytes_of(place, 64), place));
    assert_memory_not_equal(place, text, 64);
    assert_ok(crypto_open(key, nonce, nothing, bytes_of(place, sizeof(place)), place));
    assert_memory_equal(place, text, 64);
}

static void pins_stretch_by_pin_salt_and_cost(void **state) {
    (void)state;
    uint8_t salt[PIN_SALT_SIZE] = {1};
    uint8_t a[PIN_VERIFIER_SIZE];
    uint8_t b[PIN_VERIFIER_SIZE];
    assert_true(crypto_pin_cost() >= (ON_CHIP ? 1000 : 100000));
    assert_ok(crypto_pin_stretch(bytes_of_text("123456"), salt, 10, a));
    assert_ok(crypto_pin_stretch(bytes_of_text("123456"), salt, 10, b));
    assert_memory_equal(a, b, sizeof(a));
    assert_ok(crypto_pin_stretch(bytes_of_text("123457"), salt, 10, b));
    assert_memory_not_equal(a, b, sizeof(a));
    assert_ok(crypto_pin_stretch(bytes_of_text("123456"), salt, 11, b));
    assert_memory_not_equal(a, b, sizeof(a));
    salt[15] = 1;
    assert_ok(crypto_pin_stretch(bytes_of_text("123456"), salt, 10, b));
    assert_memory_not_equal(a, b, sizeof(a));
    assert_ok(crypto_pin_stretch(bytes_of_text("123456"), salt, crypto_pin_cost(), b));
    assert_status(crypto_pin_stretch(nothing, salt, 10, b), PIN_LENGTH);
    assert_status(crypto_pin_stretch(bytes_of_text("123456"), salt, 0, b), PIN_LENGTH);
}

static void tags_are_aes_of_both_numbers(void **state) {
    (void)state;
    /* FIPS 197, C.1: the block 00112233..., the key 00010203... */
    uint8_t key[16];
    struct crypto_tagger tagger;
    memcpy(key, hex("000102030405060708090a0b0c0d0e0f").data, sizeof(key));
    assert_ok(crypto_tagger_start(&tagger, key));
    uint64_t tag = crypto_tagger_tag(&tagger, 0x7766554433221100, 0xffeeddccbbaa9988);
    assert_int_equal(tag, 0x30047b6ad8e0c469);
    assert_int_equal(crypto_tagger_tag(&tagger, 0x7766554433221100, 0xffeeddccbbaa9988), tag);
    assert_int_not_equal(crypto_tagger_tag(&tagger, 0, 1), crypto_tagger_tag(&tagger, 1, 0));
    crypto_tagger_stop(&tagger);
    crypto_tagger_stop(&tagger);
}

int main(void) {
    enum { SHARED = 6 };
    static uint32_t hashes[HASH_COUNT];
    struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_do_not_see_how_the_message_is_divided),
        cmocka_unit_test(hmacs_are_those_of_openssl_for_every_key_size),
        cmocka_unit_test(sealed_data_opens_with_the_same_key_nonce_and_context_only),
        cmocka_unit_test(sealing_works_in_place),
        cmocka_unit_test(pins_stretch_by_pin_salt_and_cost),
        cmocka_unit_test(tags_are_aes_of_both_numbers),
        [SHARED ... SHARED + HASH_COUNT - 2] = {0},
    };
    for (uint32_t hash = HASH_SHA1; hash < HASH_COUNT; hash++) {
        hashes[hash] = hash;
        tests[SHARED + hash - HASH_SHA1] = (struct CMUnitTest){
            hash_name(hash), hash_is_offered_or_refused, NULL, NULL, &hashes[hash]};
    }
    return cmocka_run_group_tests_name("crypto_core", tests, crypto_setup, crypto_teardown);
}
