/* SPDX-License-Identifier: Apache-2.0 */
/* What the core itself uses of crypto/: hashes, sealing, PINs, tags. */
#include "test/unit/crypto_fixture.h"

static const struct bytes nothing = {NULL, 0};
static uint8_t text[300];

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

/* FIPS 180-4 and FIPS 202: of "abc" */
static void hashes_are_those_of_the_standards(void **state) {
    static const char *const known[HASH_COUNT] = {
        [HASH_SHA1] = "a9993e364706816aba3e25717850c26c9cd0d89d",
        [HASH_SHA224] = "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
        [HASH_SHA256] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        [HASH_SHA384] = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
        "8086072ba1e7cc2358baeca134c825a7",
        [HASH_SHA512] = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        [HASH_SHA3_224] = "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf",
        [HASH_SHA3_256] = "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
        [HASH_SHA3_384] = "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b2"
        "98d88cea927ac7f539f1edf228376d25",
        [HASH_SHA3_512] = "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
        "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
    };
    (void)state;
    for (uint32_t hash = HASH_SHA1; hash < HASH_COUNT && hash_is_offered(hash); hash++) {
        uint8_t out[HASH_SIZE_MAX];
        const struct bytes abc = bytes_of_text("abc");
        assert_ok(crypto_hash((enum hash)hash, &abc, 1, out));
        assert_int_equal(strlen(known[hash]) / 2, hash_size(hash));
        assert_memory_equal(out, hex(known[hash]).data, hash_size(hash));
    }
}

static void hashes_do_not_see_how_the_message_is_divided(void **state) {
    (void)state;
    for (uint32_t hash = HASH_SHA1; hash < HASH_COUNT && hash_is_offered(hash); hash++) {
        const struct bytes whole = bytes_of(text, sizeof(text));
        uint8_t expected[HASH_SIZE_MAX], out[HASH_SIZE_MAX];
        assert_ok(crypto_hash((enum hash)hash, &whole, 1, expected));
        for (size_t cut = 0; cut <= sizeof(text); cut += 50) {
            const struct bytes parts[] = {bytes_of(text, cut), nothing,
                                          bytes_of(text + cut, sizeof(text) - cut)};
            assert_ok(crypto_hash((enum hash)hash, parts, 3, out));
            assert_memory_equal(out, expected, hash_size(hash));
        }
    }
    uint8_t out[HASH_SIZE_MAX];
    assert_status(crypto_hash(HASH_NONE, NULL, 0, out), MECHANISM_PARAM_INVALID);
    assert_status(crypto_hash((enum hash)HASH_COUNT, NULL, 0, out), MECHANISM_PARAM_INVALID);
}

/* RFC 4231, tests 2 and 6: a short key, and one that is longer than a block */
static void hmacs_are_those_of_the_standards(void **state) {
    static const struct {
        enum hash hash;
        const char *short_key, *long_key;
    } known[] = {
        {HASH_SHA224,
         "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
         "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e"},
        {HASH_SHA256,
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {HASH_SHA384,
         "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
         "8e2240ca5e69e2c78b3239ecfab21649",
         "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
         "0c2ef6ab4030fe8296248df163f44952"},
        {HASH_SHA512,
         "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
         "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
         "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
         "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
    };
    uint8_t key[131], out[HASH_SIZE_MAX];
    (void)state;
    memset(key, 0xaa, sizeof(key));
    for (size_t i = 0; i < COUNT(known); i++) {
        const size_t size = hash_size(known[i].hash);
        const struct bytes question[] = {bytes_of_text("what do ya want "),
                                         bytes_of_text("for nothing?")};
        const struct bytes first =
            bytes_of_text("Test Using Larger Than Block-Size Key - Hash Key First");
        assert_ok(crypto_hmac(known[i].hash, bytes_of_text("Jefe"), question, 2, out));
        assert_memory_equal(out, hex(known[i].short_key).data, size);
        assert_ok(crypto_hmac(known[i].hash, bytes_of(key, sizeof(key)), &first, 1, out));
        assert_memory_equal(out, hex(known[i].long_key).data, size);
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
    enum { SHARED = 7 };
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (uint8_t)(7 * i);
    }
    static uint32_t hashes[HASH_COUNT];
    struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_those_of_the_standards),
        cmocka_unit_test(hashes_do_not_see_how_the_message_is_divided),
        cmocka_unit_test(hmacs_are_those_of_the_standards),
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
