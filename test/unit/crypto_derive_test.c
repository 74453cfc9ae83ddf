/* SPDX-License-Identifier: Apache-2.0 */
/* Key agreement and derivation. */
#include "test/unit/crypto_fixture.h"

static const struct bytes nothing = {NULL, 0};
static struct test_key secret;

static int setup(void **state) {
    if (crypto_setup(state) != 0) {
        return -1;
    }
    key_of(&secret, KEY_GENERIC, hex("329f84a9"));
    return 0;
}

static int teardown(void **state) {
    key_drop(&secret);
    return crypto_teardown(state);
}

static void both_sides_agree(void **state) {
    (void)state;
    const struct {
        enum key_type type;
        const struct bytes *curve;
        uint32_t algorithm;
        size_t size;
    } kinds[] = {{KEY_EC, &P256, ALGORITHM_ECDH, 32},
                 {KEY_EC, &P384, ALGORITHM_ECDH, 48},
                 {KEY_EC, &P521, ALGORITHM_ECDH, 66},
                 {KEY_X25519, &X25519, ALGORITHM_X25519, 32}};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        static struct test_key a;
        static struct test_key b;
        key_generate(&a, kinds[i].type, 0, *kinds[i].curve);
        key_generate(&b, kinds[i].type, 0, *kinds[i].curve);
        struct mechanism to_b = {.algorithm = kinds[i].algorithm, .peer = b.parts.ec_point};
        struct mechanism to_a = {.algorithm = kinds[i].algorithm, .peer = a.parts.ec_point};
        SPAN(one, 100);
        SPAN(two, 100);
        SPAN(part, 100);
        assert_ok(crypto_derive(&a.key, &to_b, 0, &one));
        assert_ok(crypto_derive(&b.key, &to_a, 0, &two));
        assert_int_equal(one.size, kinds[i].size);
        assert_bytes(one, bytes_of_span(two));
        assert_ok(crypto_derive(&a.key, &to_b, 16, &part));
        assert_bytes(part, bytes_of(one.data, 16)); /* from the left end */
        two.size = 100;
        assert_status(crypto_derive(&b.key, &to_a, kinds[i].size + 1, &two), DATA_LENGTH);
        SPAN(little, 15);
        assert_status(crypto_derive(&a.key, &to_b, 16, &little), TOO_LARGE);
        assert_status(crypto_derive(&a.key, &to_b, 0, &little), TOO_LARGE);
        key_drop(&a);
        key_drop(&b);
    }
}

static void agreement_with_a_kdf_is_x963_of_the_secret(void **state) {
    (void)state;
    static struct test_key a;
    static struct test_key b;
    key_generate(&a, KEY_EC, 0, P256);
    key_generate(&b, KEY_EC, 0, P256);
    for (uint32_t hash = HASH_SHA1; hash < HASH_COUNT && hash_is_offered(hash); hash++) {
        struct mechanism bare = {.algorithm = ALGORITHM_ECDH, .peer = b.parts.ec_point};
        struct mechanism kdf = bare;
        uint8_t expected[HASH_SIZE_MAX];
        SPAN(shared, 32);
        SPAN(key, 100);
        kdf.kdf = hash;
        kdf.label = bytes_of_text("shared info");
        assert_ok(crypto_derive(&a.key, &bare, 0, &shared));
        assert_ok(crypto_derive(&a.key, &kdf, 100, &key));
        assert_int_equal(key.size, 100);
        const struct bytes parts[] = {bytes_of_span(shared), hex("00000001"), kdf.label};
        assert_ok(crypto_hash((enum hash)hash, parts, 3, expected));
        assert_memory_equal(key.data, expected, hash_size(hash));
        assert_status(crypto_derive(&a.key, &kdf, 0, &key), DATA_LENGTH);
    }
    struct mechanism label = {
        .algorithm = ALGORITHM_ECDH, .peer = b.parts.ec_point, .label = bytes_of_text("x")};
    SPAN(key, 100);
    assert_status(crypto_derive(&a.key, &label, 0, &key), MECHANISM_PARAM_INVALID);
    key_drop(&a);
    key_drop(&b);
}

static void peers_that_are_no_points_are_refused(void **state) {
    (void)state;
    static struct test_key a;
    static struct test_key other;
    uint8_t point[65];
    key_generate(&a, KEY_EC, 0, P256);
    key_generate(&other, KEY_EC, 0, P384);
    struct mechanism ecdh = {.algorithm = ALGORITHM_ECDH};
    SPAN(out, 100);
    memcpy(point, a.parts.ec_point.data, 65);
    const struct bytes wrong[] = {
        nothing,
        bytes_of(point, 64),
        bytes_of(point, 33),
        hex("00"),
        other.parts.ec_point,
        hex("04"
            "0000000000000000000000000000000000000000000000000000000000000000"
            "0000000000000000000000000000000000000000000000000000000000000000")};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        ecdh.peer = wrong[i];
        assert_status(crypto_derive(&a.key, &ecdh, 0, &out), PUBLIC_KEY_INVALID);
    }
    for (size_t bit = 0; bit < 65 * 8; bit++) {
        point[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ecdh.peer = bytes_of(point, 65);
        assert_status(crypto_derive(&a.key, &ecdh, 0, &out), PUBLIC_KEY_INVALID);
        point[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(bytes_all(bytes_of(out_room, sizeof(out_room)), 0));
    key_drop(&a);
    key_drop(&other);
}

static void x25519_refuses_points_of_small_order(void **state) {
    (void)state;
    /* RFC 7748, 6.1, and the list in "curve25519: a note on contributory behaviour". */
    const char *small[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    static struct test_key key;
    SPAN(out, 32);
    key_generate(&key, KEY_X25519, 0, X25519);
    for (size_t i = 0; i < COUNT(small); i++) {
        struct mechanism x25519 = {.algorithm = ALGORITHM_X25519, .peer = hex(small[i])};
        assert_status(crypto_derive(&key.key, &x25519, 0, &out), PUBLIC_KEY_INVALID);
        x25519.peer.size = 31;
        assert_status(crypto_derive(&key.key, &x25519, 0, &out), PUBLIC_KEY_INVALID);
    }
    assert_true(bytes_all(bytes_of(out_room, sizeof(out_room)), 0));
    key_drop(&key);
}

static void public_keys_derive_nothing(void **state) {
    (void)state;
    static struct test_key a;
    static struct test_key public;
    SPAN(out, 100);
    key_generate(&a, KEY_EC, 0, P256);
    key_public(&public, &a);
    struct mechanism ecdh = {.algorithm = ALGORITHM_ECDH, .peer = a.parts.ec_point};
    assert_status(crypto_derive(&public.key, &ecdh, 0, &out), KEY_FUNCTION_NOT_PERMITTED);
    key_drop(&a);
    key_drop(&public);
}

static void hkdf_in_two_steps_is_hkdf_in_one(void **state) {
    (void)state;
    for (uint32_t hash = HASH_SHA1; hash < HASH_COUNT && hash_is_offered(hash); hash++) {
        struct mechanism m = {.algorithm = ALGORITHM_HKDF,
                              .hash = hash,
                              .salt = bytes_of_text("salt"),
                              .label = bytes_of_text("info"),
                              .steps = HKDF_EXTRACT | HKDF_EXPAND};
        static struct test_key prk;
        SPAN(whole, 255 * HASH_SIZE_MAX + 1);
        SPAN(extracted, HASH_SIZE_MAX);
        SPAN(expanded, 100);
        assert_ok(crypto_derive(&secret.key, &m, 100, &whole));
        m.steps = HKDF_EXTRACT;
        assert_ok(crypto_derive(&secret.key, &m, 0, &extracted));
        assert_int_equal(extracted.size, hash_size(hash));
        key_of(&prk, KEY_GENERIC, bytes_of_span(extracted));
        m.steps = HKDF_EXPAND;
        assert_ok(crypto_derive(&prk.key, &m, 100, &expanded));
        assert_bytes(expanded, bytes_of_span(whole));
        whole.size = sizeof(whole_room);
        assert_ok(crypto_derive(&prk.key, &m, 255 * hash_size(hash), &whole));
        whole.size = sizeof(whole_room);
        assert_status(crypto_derive(&prk.key, &m, 255 * hash_size(hash) + 1, &whole), DATA_LENGTH);
        assert_status(crypto_derive(&prk.key, &m, 0, &whole), DATA_LENGTH);
        m.steps = 0;
        assert_status(crypto_derive(&prk.key, &m, 10, &whole), MECHANISM_PARAM_INVALID);
        m.steps = 4;
        assert_status(crypto_derive(&prk.key, &m, 10, &whole), MECHANISM_PARAM_INVALID);
        key_drop(&prk);
    }
}

static void hkdf_of_the_core_is_that_of_keys(void **state) {
    (void)state;
    struct mechanism m = {.algorithm = ALGORITHM_HKDF,
                          .hash = HASH_SHA256,
                          .label = bytes_of_text("info"),
                          .steps = HKDF_EXTRACT | HKDF_EXPAND};
    SPAN(one, 60);
    SPAN(two, 60);
    assert_ok(crypto_derive(&secret.key, &m, 60, &one));
    assert_ok(crypto_hkdf(secret.parts.value, nothing, m.label, two));
    assert_bytes(two, bytes_of_span(one));
}

static void counter_kdf_is_hmac_of_the_standards_input(void **state) {
    (void)state;
    for (uint32_t hash = HASH_SHA1; hash < HASH_COUNT && hash_is_offered(hash); hash++) {
        struct mechanism m = {.algorithm = ALGORITHM_KBKDF_COUNTER,
                              .hash = hash,
                              .label = bytes_of_text("label"),
                              .salt = bytes_of_text("context")};
        uint8_t expected[2 * HASH_SIZE_MAX];
        SPAN(key, 2 * HASH_SIZE_MAX);
        size_t half = hash_size(hash);
        assert_ok(crypto_derive(&secret.key, &m, 2 * half, &key));
        uint8_t bits[4] = {0, 0, (uint8_t)(half * 16 >> 8), (uint8_t)(half * 16)};
        for (uint8_t i = 0; i < 2; i++) {
            uint8_t counter[4] = {0, 0, 0, (uint8_t)(i + 1)};
            const struct bytes parts[] = {bytes_of(counter, 4), m.label, hex("00"), m.salt,
                                          bytes_of(bits, 4)};
            assert_ok(crypto_hmac((enum hash)hash, secret.parts.value, parts, COUNT(parts),
                                  expected + i * half));
        }
        assert_bytes(key, bytes_of(expected, 2 * half));
        key.size = sizeof(key_room);
        assert_status(crypto_derive(&secret.key, &m, 0, &key), DATA_LENGTH);
    }
}

static void concatenations_join_key_and_data(void **state) {
    (void)state;
    struct mechanism m = {.algorithm = ALGORITHM_CONCATENATE_BASE_AND_DATA,
                          .salt = bytes_of_text("data")};
    SPAN(out, 8);
    assert_ok(crypto_derive(&secret.key, &m, 0, &out));
    assert_bytes(out, hex("329f84a964617461"));
    assert_ok(crypto_derive(&secret.key, &m, 6, &out));
    assert_bytes(out, hex("329f84a96461"));
    out.size = 8;
    assert_ok(crypto_derive(&secret.key, &m, 3, &out));
    assert_bytes(out, hex("329f84"));
    m.algorithm = ALGORITHM_CONCATENATE_DATA_AND_BASE;
    out.size = 8;
    assert_ok(crypto_derive(&secret.key, &m, 0, &out));
    assert_bytes(out, hex("64617461329f84a9"));
    SPAN(large, 10);
    assert_status(crypto_derive(&secret.key, &m, 9, &large), DATA_LENGTH);
    SPAN(little, 7);
    assert_status(crypto_derive(&secret.key, &m, 0, &little), TOO_LARGE);
}

static void exclusive_or_is_as_long_as_the_shorter(void **state) {
    (void)state;
    struct mechanism m = {.algorithm = ALGORITHM_XOR_BASE_AND_DATA, .salt = hex("ffffff")};
    SPAN(out, 8);
    assert_ok(crypto_derive(&secret.key, &m, 0, &out));
    assert_bytes(out, hex("cd607b"));
    out.size = 8;
    assert_status(crypto_derive(&secret.key, &m, 4, &out), DATA_LENGTH);
    m.salt = nothing;
    assert_status(crypto_derive(&secret.key, &m, 0, &out), DATA_LENGTH);
}

static void extraction_reads_the_key_as_a_ring_of_bits(void **state) {
    (void)state;
    /* PKCS #11, "Extraction of one key from another key": the standard's own example. */
    struct mechanism m = {.algorithm = ALGORITHM_EXTRACT_KEY, .data_size = 21};
    SPAN(out, 8);
    assert_ok(crypto_derive(&secret.key, &m, 2, &out));
    assert_bytes(out, hex("9526"));
    m.data_size = 0;
    out.size = 8;
    assert_ok(crypto_derive(&secret.key, &m, 4, &out));
    assert_bytes(out, hex("329f84a9"));
    m.data_size = 31;
    out.size = 8;
    assert_ok(crypto_derive(&secret.key, &m, 4, &out));
    assert_bytes(out, hex("994fc254"));
    out.size = 8;
    m.data_size = 32;
    assert_status(crypto_derive(&secret.key, &m, 4, &out), MECHANISM_PARAM_INVALID);
    m.data_size = 0;
    assert_status(crypto_derive(&secret.key, &m, 5, &out), DATA_LENGTH);
    assert_status(crypto_derive(&secret.key, &m, 0, &out), DATA_LENGTH);
}

static void derivations_with_sha3(void **state) {
    (void)state;
    static struct test_key a;
    key_generate(&a, KEY_EC, 0, P256);
    const struct {
        const struct test_key *key;
        struct mechanism mechanism;
    } uses[] = {
        {&a,
         {.algorithm = ALGORITHM_ECDH, .peer = a.parts.ec_point, .kdf = (uint32_t)HASH_SHA3_256}},
        {&secret, {.algorithm = ALGORITHM_HKDF, .hash = HASH_SHA3_256, .steps = HKDF_EXPAND}},
        {&secret, {.algorithm = ALGORITHM_KBKDF_COUNTER, .hash = HASH_SHA3_256}},
    };
    for (size_t i = 0; i < COUNT(uses); i++) {
        SPAN(out, 32);
        assert_int_equal(crypto_derive(&uses[i].key->key, &uses[i].mechanism, 32, &out),
                         ON_CHIP ? STATUS_MECHANISM_PARAM_INVALID : STATUS_OK);
    }
    key_drop(&a);
    if (ON_CHIP) {
        skip();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derivations_with_sha3),
        cmocka_unit_test(both_sides_agree),
        cmocka_unit_test(agreement_with_a_kdf_is_x963_of_the_secret),
        cmocka_unit_test(peers_that_are_no_points_are_refused),
        cmocka_unit_test(x25519_refuses_points_of_small_order),
        cmocka_unit_test(public_keys_derive_nothing),
        cmocka_unit_test(hkdf_in_two_steps_is_hkdf_in_one),
        cmocka_unit_test(hkdf_of_the_core_is_that_of_keys),
        cmocka_unit_test(counter_kdf_is_hmac_of_the_standards_input),
        cmocka_unit_test(concatenations_join_key_and_data),
        cmocka_unit_test(exclusive_or_is_as_long_as_the_shorter),
        cmocka_unit_test(extraction_reads_the_key_as_a_ring_of_bits),
    };
    return cmocka_run_group_tests_name("crypto_derive", tests, setup, teardown);
}
