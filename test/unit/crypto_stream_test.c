/* SPDX-License-Identifier: Apache-2.0 */
/* Operations in parts. */
#include "test/unit/crypto_fixture.h"

static const struct bytes nothing = {NULL, 0};
static struct test_key p256, hmac, aes, chacha;

static int setup(void **state) {
    if (crypto_setup(state) != 0) {
        return -1;
    }
    key_generate(&p256, KEY_EC, 0, P256);
    key_generate(&hmac, KEY_GENERIC, 256, nothing);
    key_generate(&aes, KEY_AES, 256, nothing);
    key_generate(&chacha, KEY_CHACHA20, 256, nothing);
    return 0;
}

static int teardown(void **state) {
    key_drop(&p256);
    key_drop(&hmac);
    key_drop(&aes);
    key_drop(&chacha);
    return crypto_teardown(state);
}

static const uint8_t iv[16] = {1, 2, 3, 4};
static const uint8_t aad[5] = {7, 7};
static uint8_t data[1000];

#define IV(size) .iv = {iv, size}

/* Takes the data in parts of `step` bytes; out gathers what comes. */
static enum status run(struct crypto_stream *stream, struct bytes input, size_t step,
                       struct span *out) {
    size_t used = 0;
    for (size_t at = 0; at < input.size; at += step) {
        size_t size = input.size - at < step ? input.size - at : step;
        struct span part = {out->data + used, out->size - used};
        TRY(crypto_stream_update(stream, bytes_of(input.data + at, size), &part));
        used += part.size;
    }
    struct span last = {out->data + used, out->size - used};
    TRY(crypto_stream_close(stream, nothing, true, &last));
    out->size = used + last.size;
    return STATUS_OK;
}

static const size_t steps[] = {1, 7, 16, 100, 999};

static void digests_macs_and_ciphers_equal_those_of_one_call(void **state) {
    (void)state;
    const struct {
        const struct test_key *key;
        struct mechanism mechanism;
        size_t size;
    } kinds[] = {
        {&hmac, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256}, 1000},
        {&hmac, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA512, .mac_size = 20}, 0},
        {&aes, {.algorithm = ALGORITHM_AES_CMAC}, 999},
        {&aes, {.algorithm = ALGORITHM_AES_ECB}, 992},
        {&aes, {.algorithm = ALGORITHM_AES_CBC, IV(16)}, 992},
        {&aes, {.algorithm = ALGORITHM_AES_CBC_PAD, IV(16)}, 1000},
        {&aes, {.algorithm = ALGORITHM_AES_CBC_PAD, IV(16)}, 0},
        {&aes, {.algorithm = ALGORITHM_AES_CTR, IV(16), .counter_bits = 64}, 1000},
        {&aes, {.algorithm = ALGORITHM_AES_GCM, IV(12), .aad = {aad, 5}, .tag_bits = 128}, 1000},
        {&aes, {.algorithm = ALGORITHM_AES_GCM, IV(12), .aad = {aad, 5}, .tag_bits = 96}, 0},
    };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        for (size_t j = 0; j < COUNT(steps); j++) {
            bool mac = (algorithm_row(kinds[i].mechanism.algorithm)->functions & F_SIGN) != 0;
            struct crypto_stream stream;
            struct bytes input = bytes_of(data, kinds[i].size);
            SPAN(whole, 2000);
            SPAN(parts, 2000);
            assert_ok(
                mac ? crypto_sign(&kinds[i].key->key, &kinds[i].mechanism, input, true, &whole)
                    : crypto_encrypt(&kinds[i].key->key, &kinds[i].mechanism, input, &whole));
            assert_ok(crypto_stream_open(&stream, &kinds[i].key->key, &kinds[i].mechanism,
                                         mac ? F_SIGN : F_ENCRYPT));
            assert_ok(run(&stream, input, steps[j], &parts));
            assert_bytes(parts, bytes_of_span(whole));
        }
    }
}

static void chacha20_poly1305_in_parts_equals_one_call(void **state) {
    (void)state;
    struct mechanism mechanism = {
        .algorithm = ALGORITHM_CHACHA20_POLY1305, IV(12), .aad = {aad, 5}};
    struct bytes input = bytes_of(data, 777);
    struct crypto_stream stream;
    SPAN(whole, 2000);
    assert_ok(crypto_encrypt(&chacha.key, &mechanism, input, &whole));
    for (size_t j = 0; j < COUNT(steps); j++) {
        SPAN(parts, 2000);
        if (ON_CHIP) {
            assert_status(crypto_stream_open(&stream, &chacha.key, &mechanism, F_ENCRYPT),
                          MECHANISM_INVALID);
            skip(); /* its library takes all data at once */
        }
        assert_ok(crypto_stream_open(&stream, &chacha.key, &mechanism, F_ENCRYPT));
        assert_ok(run(&stream, input, steps[j], &parts));
        assert_bytes(parts, bytes_of_span(whole));
    }
}

static void ciphers_without_tags_decrypt_in_parts(void **state) {
    (void)state;
    const struct mechanism kinds[] = {
        {.algorithm = ALGORITHM_AES_ECB},
        {.algorithm = ALGORITHM_AES_CBC, IV(16)},
        {.algorithm = ALGORITHM_AES_CBC_PAD, IV(16)},
        {.algorithm = ALGORITHM_AES_CTR, IV(16), .counter_bits = 64},
    };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        for (size_t j = 0; j < COUNT(steps); j++) {
            struct crypto_stream stream;
            SPAN(sealed, 2000);
            SPAN(back, 2000);
            assert_ok(crypto_encrypt(&aes.key, &kinds[i], bytes_of(data, 992), &sealed));
            assert_ok(crypto_stream_open(&stream, &aes.key, &kinds[i], F_DECRYPT));
            assert_ok(run(&stream, bytes_of_span(sealed), steps[j], &back));
            assert_bytes(back, bytes_of(data, 992));
        }
    }
}

static void digests_equal_those_of_one_call(void **state) {
    (void)state;
    for (uint32_t hash = HASH_SHA1; hash < HASH_COUNT && hash_is_offered(hash); hash++) {
        struct mechanism digest = {.algorithm = ALGORITHM_DIGEST, .hash = hash};
        struct bytes input = bytes_of(data, sizeof(data));
        struct crypto_stream stream;
        uint8_t expected[HASH_SIZE_MAX];
        SPAN(out, HASH_SIZE_MAX);
        assert_ok(crypto_hash((enum hash)hash, &input, 1, expected));
        assert_int_equal(crypto_output_size(NULL, &digest, F_DIGEST, 0), hash_size(hash));
        assert_ok(crypto_stream_open(&stream, NULL, &digest, F_DIGEST));
        assert_ok(run(&stream, input, 13, &out));
        assert_bytes(out, bytes_of(expected, hash_size(hash)));
    }
}

static void signatures_in_parts_are_signatures_of_the_whole(void **state) {
    (void)state;
    const struct {
        const struct test_key *key;
        struct mechanism mechanism;
    } kinds[] = {
        {&p256, {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256}},
        {rsa_key(), {.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA512}},
        {rsa_key(),
         {.algorithm = ALGORITHM_RSA_PSS,
          .hash = HASH_SHA256,
          .digest = HASH_SHA256,
          .mgf = HASH_SHA256,
          .salt_size = 32}},
        {&hmac, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256}},
        {&aes, {.algorithm = ALGORITHM_AES_CMAC}},
    };
    struct bytes whole = bytes_of(data, sizeof(data));
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct crypto_key *key = &kinds[i].key->key;
        struct crypto_stream stream;
        SPAN(signature, 512);
        SPAN(none, 64);
        assert_ok(crypto_stream_open(&stream, key, &kinds[i].mechanism, F_SIGN));
        assert_ok(run(&stream, whole, 17, &signature));
        assert_ok(crypto_verify(key, &kinds[i].mechanism, whole, bytes_of_span(signature)));
        for (int fault = 0; fault < 3; fault++) {
            const enum status expected[] = {STATUS_OK, STATUS_SIGNATURE_INVALID,
                                            STATUS_SIGNATURE_LENGTH};
            signature.data[9] ^= fault == 1 ? 1 : 0;
            signature.size -= fault == 2 ? 1 : 0;
            assert_ok(crypto_stream_open(&stream, key, &kinds[i].mechanism, F_VERIFY));
            assert_ok(crypto_stream_update(&stream, whole, &none));
            assert_int_equal(none.size, 0);
            assert_int_equal(crypto_stream_close(&stream, bytes_of_span(signature), false, &none),
                             expected[fault]);
            signature.data[9] ^= fault == 1 ? 1 : 0;
        }
    }
}

static void mechanisms_that_cannot_work_in_parts_are_refused(void **state) {
    (void)state;
    const struct {
        const struct test_key *key;
        struct mechanism mechanism;
        enum function function;
    } kinds[] = {
        {&p256, {.algorithm = ALGORITHM_ECDSA}, F_SIGN},
        {rsa_key(), {.algorithm = ALGORITHM_RSA_PKCS1}, F_SIGN},
        {rsa_key(), {.algorithm = ALGORITHM_RSA_PKCS1}, F_DECRYPT},
        {rsa_key(), {.algorithm = ALGORITHM_RSA_RAW}, F_SIGN},
        {&aes, {.algorithm = ALGORITHM_AES_GCM, IV(12), .tag_bits = 128}, F_DECRYPT},
        {&aes, {.algorithm = ALGORITHM_AES_CCM, IV(12), .tag_bits = 128}, F_ENCRYPT},
        {&chacha, {.algorithm = ALGORITHM_CHACHA20_POLY1305, IV(12)}, F_DECRYPT},
        {&aes, {.algorithm = ALGORITHM_AES_KW}, F_WRAP},
    };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct crypto_stream stream;
        assert_false(crypto_streams(&kinds[i].mechanism, kinds[i].function));
        assert_status(
            crypto_stream_open(&stream, &kinds[i].key->key, &kinds[i].mechanism, kinds[i].function),
            MECHANISM_INVALID);
        crypto_stream_abort(&stream);
    }
}

static void streams_outlive_their_key(void **state) {
    (void)state;
    static struct test_key key;
    struct mechanism ecdsa = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256};
    struct mechanism cmac = {.algorithm = ALGORITHM_AES_CMAC};
    struct crypto_stream stream;
    SPAN(signature, 64);
    key_generate(&key, KEY_EC, 0, P256);
    assert_ok(crypto_stream_open(&stream, &key.key, &ecdsa, F_SIGN));
    key_drop(&key);
    assert_ok(run(&stream, bytes_of(data, 100), 10, &signature));
    assert_ok(crypto_key_load(&key.key, &key.parts));
    assert_ok(crypto_verify(&key.key, &ecdsa, bytes_of(data, 100), bytes_of_span(signature)));
    key_drop(&key);
    key_generate(&key, KEY_AES, 128, nothing);
    assert_ok(crypto_stream_open(&stream, &key.key, &cmac, F_SIGN));
    key_drop(&key);
    SPAN(mac, 16);
    assert_ok(run(&stream, bytes_of(data, 100), 10, &mac));
}

static void aborted_and_failed_streams_leave_nothing_behind(void **state) {
    (void)state;
    struct mechanism cbc = {.algorithm = ALGORITHM_AES_CBC, IV(16)};
    struct mechanism digest = {.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA256};
    struct crypto_stream stream;
    SPAN(out, 200);
    assert_ok(crypto_stream_open(&stream, &aes.key, &cbc, F_ENCRYPT));
    assert_ok(crypto_stream_update(&stream, bytes_of(data, 20), &out));
    out.size = sizeof(out_room);
    assert_status(crypto_stream_close(&stream, nothing, true, &out), DATA_LENGTH);
    assert_status(crypto_stream_close(&stream, nothing, true, &out), OPERATION_NOT_STARTED);
    assert_status(crypto_stream_update(&stream, nothing, &out), OPERATION_NOT_STARTED);
    assert_ok(crypto_stream_open(&stream, &aes.key, &cbc, F_DECRYPT));
    out.size = sizeof(out_room);
    assert_ok(crypto_stream_update(&stream, bytes_of(data, 20), &out));
    out.size = sizeof(out_room);
    assert_status(crypto_stream_close(&stream, nothing, true, &out), CIPHERTEXT_LENGTH);
    assert_ok(crypto_stream_open(&stream, NULL, &digest, F_DIGEST));
    assert_ok(crypto_stream_update(&stream, bytes_of(data, 20), &out));
    crypto_stream_abort(&stream);
    crypto_stream_abort(&stream);
    struct bytes message = bytes_of_text("abc");
    uint8_t hash[32];
    assert_ok(crypto_hash(HASH_SHA256, &message, 1, hash));
    assert_memory_equal(hash, hex("ba7816bf8f01cfea").data, 8);
}

static void counter_never_wraps_in_parts(void **state) {
    (void)state;
    uint8_t counter[16] = {0};
    struct mechanism ctr = {.algorithm = ALGORITHM_AES_CTR, .iv = {counter, 16}, .counter_bits = 8};
    struct crypto_stream stream;
    SPAN(out, 200);
    counter[15] = 0xfe;
    assert_ok(crypto_stream_open(&stream, &aes.key, &ctr, F_ENCRYPT));
    counter[15] = 0; /* the mechanism was borrowed */
    assert_ok(crypto_stream_update(&stream, bytes_of(data, 31), &out));
    out.size = sizeof(out_room);
    assert_ok(crypto_stream_update(&stream, bytes_of(data, 1), &out));
    out.size = sizeof(out_room);
    assert_status(crypto_stream_update(&stream, bytes_of(data, 1), &out), DATA_LENGTH);
    crypto_stream_abort(&stream);
}

static void parts_want_room_for_a_block_more(void **state) {
    (void)state;
    struct mechanism cbc = {.algorithm = ALGORITHM_AES_CBC, IV(16)};
    struct crypto_stream stream;
    SPAN(little, 41);
    assert_ok(crypto_stream_open(&stream, &aes.key, &cbc, F_ENCRYPT));
    assert_status(crypto_stream_update(&stream, bytes_of(data, 10), &little), TOO_LARGE);
    crypto_stream_abort(&stream);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_macs_and_ciphers_equal_those_of_one_call),
        cmocka_unit_test(chacha20_poly1305_in_parts_equals_one_call),
        cmocka_unit_test(ciphers_without_tags_decrypt_in_parts),
        cmocka_unit_test(digests_equal_those_of_one_call),
        cmocka_unit_test(signatures_in_parts_are_signatures_of_the_whole),
        cmocka_unit_test(mechanisms_that_cannot_work_in_parts_are_refused),
        cmocka_unit_test(streams_outlive_their_key),
        cmocka_unit_test(aborted_and_failed_streams_leave_nothing_behind),
        cmocka_unit_test(counter_never_wraps_in_parts),
        cmocka_unit_test(parts_want_room_for_a_block_more),
    };
    return cmocka_run_group_tests_name("crypto_stream", tests, setup, teardown);
}
