/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness: fresh at every draw, closed without entropy. */
#define _GNU_SOURCE /* memmem */
#include "test/unit/crypto_fixture.h"

#include <stdlib.h>

enum { VALUE_SIZE = 16, MANY_DRAWS = 100000 };

static int compare_values(const void *a, const void *b) {
    return memcmp(a, b, VALUE_SIZE);
}

static void assert_all_different(uint8_t *values, size_t count) {
    qsort(values, count, VALUE_SIZE, compare_values);
    for (size_t i = 1; i < count; i++) {
        assert_true(compare_values(values + (i - 1) * VALUE_SIZE, values + i * VALUE_SIZE) != 0);
    }
}

static void many_draws_never_repeat(void **state) {
    (void)state;
    static uint8_t values[MANY_DRAWS * VALUE_SIZE];
    for (size_t i = 0; i < MANY_DRAWS; i++) {
        assert_ok(crypto_random(values + i * VALUE_SIZE, VALUE_SIZE));
    }
    assert_all_different(values, MANY_DRAWS);
}

static void large_draws_are_filled_to_the_end(void **state) {
    (void)state;
    static uint8_t out[200000];
    assert_ok(crypto_random(out, sizeof(out)));
    assert_false(bytes_all(bytes_of(out + sizeof(out) - 16, 16), 0));
    assert_ok(crypto_random(out, 0));
}

/* Seeds and answers of the generators' known-answer tests. */
static const char *const known[] = {
    "8148d65d86513ce7d38923ec2f26b9e7c677dcc8997e325b7372619e753ed944",
    "41c71a24d17d974190982bb7515ce7f5",
    "55b446046c2d14bdd0cdba4b71873fd4762650695a11507949462da8d964ab6a",
    "91468f1a097d99ee339462ca916cb4a10f63d53850a4f17f598eac490299b02e",
    "54603d1a506132bbfa05b153a04f22a1d516cc46323cef15111af221f030f38d",
    "6841d4670518b4914a4631af682e7421dffaac986a38e94d92bfa758e2eb101f",
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
    "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf",
    "a6e3c57dd01abe90086538398355dd4c3b17aa873382b0f24d6129493d8aad60",
};

/* Bytes of a self test that stayed in the buffer were once a module's keys (S10). */
static void draws_after_the_self_tests_hold_nothing_of_them(void **state) {
    (void)state;
    enum { DRAWN = 1 << 20, WINDOW = 8 };
    static uint8_t drawn[DRAWN];
    for (size_t i = 0; i < crypto_selftest_count(); i++) {
        assert_ok(crypto_selftest_run(i, false));
    }
    assert_ok(crypto_random(drawn, sizeof(drawn)));
    for (size_t i = 0; i < COUNT(known); i++) {
        struct bytes text = hex(known[i]);
        for (size_t at = 0; at + WINDOW <= text.size; at++) {
            assert_null(memmem(drawn, sizeof(drawn), text.data + at, WINDOW));
        }
    }
}

static void two_starts_draw_different_values(void **state) {
    (void)state;
    uint8_t first[32];
    uint8_t second[32];
    crypto_stop();
    assert_ok(crypto_start());
    assert_ok(crypto_random(first, sizeof(first)));
    crypto_stop();
    assert_ok(crypto_start());
    assert_ok(crypto_random(second, sizeof(second)));
    assert_memory_not_equal(first, second, sizeof(first));
}

static void every_draw_takes_fresh_entropy(void **state) {
    (void)state;
    uint8_t out[32];
    int before = entropy_calls;
    for (int i = 0; i < 10; i++) {
        assert_ok(crypto_random(out, sizeof(out)));
    }
    assert_true(entropy_calls - before >= 10);
}

static void every_ecdsa_nonce_takes_fresh_entropy(void **state) {
    (void)state;
    static struct test_key key;
    struct mechanism ecdsa = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256};
    key_generate(&key, KEY_EC, 0, P256);
    int before = entropy_calls;
    for (int i = 0; i < 10; i++) {
        SPAN(signature, 64);
        assert_ok(crypto_sign(&key.key, &ecdsa, bytes_of_text("m"), false, &signature));
    }
    assert_true(entropy_calls - before >= 10);
    key_drop(&key);
}

static void draw_without_entropy_fails_and_gives_nothing(void **state) {
    (void)state;
    uint8_t out[64];
    memset(out, 0xaa, sizeof(out));
    entropy_left = 0;
    assert_status(crypto_random(out, sizeof(out)), NO_ENTROPY);
    entropy_left = -1;
    assert_true(bytes_all(bytes_of(out, sizeof(out)), 0));
    assert_ok(crypto_random(out, sizeof(out)));
}

/* The drawing operations with one RSA and one P-256 key. */
static enum status operate(int which, const struct test_key *ec, const struct test_key *aes,
                           struct span *out) {
    const struct bytes m = bytes_of_text("0123456789abcdef0123456789abcdef");
    const struct mechanism mechanisms[] = {
        {.algorithm = ALGORITHM_ECDSA},
        {.algorithm = ALGORITHM_RSA_PSS,
         .digest = HASH_SHA256,
         .mgf = HASH_SHA256,
         .salt_size = 32},
        {.algorithm = ALGORITHM_RSA_OAEP, .digest = HASH_SHA256, .mgf = HASH_SHA256},
        {.algorithm = ALGORITHM_RSA_PKCS1},
        {.algorithm = ALGORITHM_WRAP_WITH_ATTRIBUTES},
    };
    switch (which) {
    case 0:
        return crypto_sign(&ec->key, &mechanisms[0], m, false, out);
    case 1:
        return crypto_sign(&rsa_key()->key, &mechanisms[1], m, false, out);
    case 2:
        return crypto_encrypt(&rsa_key()->key, &mechanisms[2], m, out);
    case 3:
        return crypto_encrypt(&rsa_key()->key, &mechanisms[3], m, out);
    default:
        return crypto_wrap(&aes->key, &mechanisms[4], m, out);
    }
}

static void every_operation_that_draws_fails_closed(void **state) {
    (void)state;
    static struct test_key ec;
    static struct test_key aes;
    key_generate(&ec, KEY_EC, 0, P256);
    key_generate(&aes, KEY_AES, 256, bytes_of(NULL, 0));
    for (int which = 0; which < 5; which++) {
        SPAN(out, 512);
        assert_ok(operate(which, &ec, &aes, &out)); /* contexts are made and kept */
        memset(out_room, 0, sizeof(out_room));
        out.size = sizeof(out_room);
        entropy_left = 0;
        enum status status = operate(which, &ec, &aes, &out);
        entropy_left = -1;
        assert_int_equal(status, STATUS_NO_ENTROPY);
        assert_true(bytes_all(bytes_of(out_room, sizeof(out_room)), 0));
        out.size = sizeof(out_room);
        assert_ok(operate(which, &ec, &aes, &out));
    }
    key_drop(&ec);
    key_drop(&aes);
}

static void generate_fails_closed(enum key_type type, uint32_t bits, struct bytes curve) {
    static uint8_t room_bytes[8192];
    for (int n = 0; n < 3; n++) {
        struct span room = {room_bytes, sizeof(room_bytes)};
        struct key_parts parts = {.type = type, .ec_params = curve};
        memset(room_bytes, 0, sizeof(room_bytes));
        entropy_left = n;
        enum status status = crypto_key_generate(&parts, bits, &room);
        bool used_up = entropy_left == 0;
        entropy_left = -1;
        if (status == STATUS_OK) {
            assert_true(n > 0); /* it needs no more than n draws */
            break;
        }
        assert_true(used_up);
        assert_int_equal(status, STATUS_NO_ENTROPY);
        assert_true(bytes_all(bytes_of(room_bytes, sizeof(room_bytes)), 0));
    }
}

static void generation_fails_closed_at_every_draw(void **state) {
    (void)state;
    const struct bytes none = {NULL, 0};
    const struct {
        enum key_type type;
        uint32_t bits;
        const struct bytes *curve;
    } kinds[] = {{KEY_EC, 0, &P256},        {KEY_EC, 0, &P521},    {KEY_ED25519, 0, &ED25519},
                 {KEY_X25519, 0, &X25519},  {KEY_AES, 256, &none}, {KEY_GENERIC, 256, &none},
                 {KEY_CHACHA20, 256, &none}};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        generate_fails_closed(kinds[i].type, kinds[i].bits, *kinds[i].curve);
    }
}

static void generation_of_rsa_keys_fails_closed_at_every_draw(void **state) {
    (void)state;
    if (ON_CHIP) {
        skip(); /* it makes none */
    }
    generate_fails_closed(KEY_RSA, 2048, bytes_of(NULL, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_draws_never_repeat),
        cmocka_unit_test(large_draws_are_filled_to_the_end),
        cmocka_unit_test(draws_after_the_self_tests_hold_nothing_of_them),
        cmocka_unit_test(two_starts_draw_different_values),
        cmocka_unit_test(every_draw_takes_fresh_entropy),
        cmocka_unit_test(every_ecdsa_nonce_takes_fresh_entropy),
        cmocka_unit_test(draw_without_entropy_fails_and_gives_nothing),
        cmocka_unit_test(every_operation_that_draws_fails_closed),
        cmocka_unit_test(generation_fails_closed_at_every_draw),
        cmocka_unit_test(generation_of_rsa_keys_fails_closed_at_every_draw),
    };
    return cmocka_run_group_tests_name("crypto_random", tests, crypto_setup, crypto_teardown);
}
