/* SPDX-License-Identifier: Apache-2.0 */
/* RSA encryption: OAEP, PKCS #1 v1.5 with implicit rejection, and the bare operation. */
#include "test/unit/crypto_fixture.h"

static const uint8_t label_bytes[16] = {1, 2, 3};
static uint8_t data[300], sealed[300], opened[600];

static struct bytes text(size_t size) {
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)(i * 31 + i / 256 + 5);
    }
    return bytes_of(data, size);
}

static void oaep_gives_back_what_it_took_with_all_hashes_and_labels(void **state) {
    (void)state;
    for (uint32_t hash = HASH_SHA1; hash < HASH_COUNT && hash_is_offered(hash); hash++) {
        for (size_t label = 0; label < 30; label += 10) {
            struct mechanism oaep = {.algorithm = ALGORITHM_RSA_OAEP,
                                     .digest = hash,
                                     .mgf = hash % 2 == 0 ? (uint32_t)HASH_SHA1 : hash,
                                     .label = {label_bytes, label / 2}};
            size_t most = 256 - 2 * hash_size(hash) - 2;
            struct span cipher = {sealed, sizeof(sealed)};
            struct span back = {opened, sizeof(opened)};
            assert_status(crypto_encrypt(&rsa_key()->key, &oaep, text(most + 1), &cipher),
                          DATA_LENGTH);
            assert_ok(crypto_encrypt(&rsa_key()->key, &oaep, text(most), &cipher));
            assert_int_equal(cipher.size, 256);
            assert_ok(crypto_decrypt(&rsa_key()->key, &oaep, bytes_of_span(cipher), &back));
            assert_bytes(back, text(most));
            oaep.label = bytes_of("other", 5);
            back.size = sizeof(opened);
            assert_status(crypto_decrypt(&rsa_key()->key, &oaep, bytes_of_span(cipher), &back),
                          CIPHERTEXT_INVALID);
        }
    }
}

static void oaep_with_sha3(void **state) {
    (void)state;
    const uint32_t hashes[][2] = {{HASH_SHA3_256, HASH_SHA256}, {HASH_SHA256, HASH_SHA3_256}};
    for (size_t i = 0; i < COUNT(hashes); i++) {
        struct mechanism oaep = {
            .algorithm = ALGORITHM_RSA_OAEP, .digest = hashes[i][0], .mgf = hashes[i][1]};
        struct span cipher = {sealed, sizeof(sealed)};
        assert_int_equal(crypto_encrypt(&rsa_key()->key, &oaep, text(10), &cipher),
                         ON_CHIP ? STATUS_MECHANISM_PARAM_INVALID : STATUS_OK);
    }
    if (ON_CHIP) {
        skip();
    }
}

static void oaep_answers_every_fault_alike(void **state) {
    (void)state;
    struct mechanism oaep = {
        .algorithm = ALGORITHM_RSA_OAEP, .digest = HASH_SHA256, .mgf = HASH_SHA256};
    struct mechanism raw = {.algorithm = ALGORITHM_RSA_RAW};
    struct span cipher = {sealed, sizeof(sealed)};
    struct span back = {opened, sizeof(opened)};
    uint8_t block[256] = {0};
    for (int first = 0; first < 2; first++) { /* Manger: whether the first byte is zero */
        block[0] = (uint8_t)first;
        block[1] = 0x55;
        assert_ok(crypto_encrypt(&rsa_key()->key, &raw, bytes_of(block, 256), &cipher));
        assert_status(crypto_decrypt(&rsa_key()->key, &oaep, bytes_of_span(cipher), &back),
                      CIPHERTEXT_INVALID);
        assert_status(crypto_unwrap(&rsa_key()->key, &oaep, bytes_of_span(cipher), &back),
                      WRAPPED_KEY_INVALID);
    }
    assert_status(crypto_decrypt(&rsa_key()->key, &oaep, bytes_of(sealed, 255), &back),
                  CIPHERTEXT_LENGTH);
}

#define RSA_N                                                                                      \
    "a2b451a07d0aa5f96e455671513550514a8a5b462ebef717094fa1fee82224e637f9746d3f7cafd3"             \
    "1878d80325b6ef5a1700f65903b469429e89d6eac8845097b5ab393189db92512ed8a7711a1253fa"             \
    "cd20f79c15e8247f3d3e42e46e48c98e254a2fe9765313a03eff8f17e1a029397a1fa26a8dce26f4"             \
    "90ed81299615d9814c22da610428e09c7d9658594266f5c021d0fceca08d945a12be82de4d1ece6b"             \
    "4c03145b5d3495d4ed5411eb878daf05fd7afc3e09ada0f1126422f590975a1969816f48698bcbba"             \
    "1b4d9cae79d460d8f9f85e7975005d9bc22c4e5ac0f7c1a45d12569a62807d3b9a02e5a530e77306"             \
    "6f453d1f5b4c2e9cf7820283f742b9d5"
#define RSA_D                                                                                      \
    "24cdc62317f5d72a6f6ba6cc9632899b01d1ff28867d72f61688995bc855a4e420a8405250089bdb"             \
    "13cf8e09543827b748b9d27fbb2b4d9e20af8c5a6a862796d1a4cc18ad16ea678bc1bd4a83bbbe9c"             \
    "5e57453b5ce7388e41a3ba4ce2b77b4438a229e954f720dae0353dc088ac8a76b26dc276f8e1b785"             \
    "1ddd6398ad16ff2e78195123b9b036e945c38c9d12434f6df76fe22359eb3e1ac9c011678fc926fa"             \
    "d3ae475a4fffff55feb2d147e9c894f4c0e29a599e762462482d968bf42780945fc0d2c31c573c44"             \
    "31b8f4fe8b8c67bec815abd44f7a86edca1c2308737358d2c2ae5e2e0e2dadf730980262377e58b1"             \
    "3b7d9992060a0bc870ccfdb4a9319ee1"
#define BAD_A                                                                                      \
    "9b4fb24edd6d1d8830e272398263cdbf026b97392cc35387b991dc0248a628f967294d0eff78c6db"             \
    "f4ae91576d495f81ca8f9967119cff318132f79d41285dfcd4ea3fc5537ce615543ea44f074bff45"             \
    "1fb6c9749e9e8692c111f7070b4780c78655173af1ec080de2dae0c6d0a7a2da5ade8b2cf8117645"             \
    "da18b90aaefd0ee20ce3940bebf2b22a5d2108ecf0c368a0541c7e3c45703f8540921b4eafc82947"             \
    "67df21b268fabeed13b2f2e4cf69906b8f4df1c3af6602263347ee894f875f939385514d971afeef"             \
    "b74d9e1a7e4e40d4946f5bc0379908f18038ad9b5dfaf36b48986d85f8c0a0601ef7c44afc939dd0"             \
    "a8b0ed7bc309c7e373cb0fe94e30c7aa"
#define BAD_B                                                                                      \
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7b413f47d13ee2fe6"             \
    "c845b2ee141af81de858df4ec549a58b7970bb96645bc8d2fcf0a6c700dd13e274b6fba8deea8dd9"             \
    "b26e4eedde3495717cac8408c9c5177f583c7dfb7b3055d99465544032a571e10a134b1b6f769422"             \
    "bbb71fd7fa167a5d4f35212d12f9ad2036492c95f1fe79baf4ec7bd9bef3dffa7579f2293ff546a4"             \
    "9f1afa4dc124cba73134e82ff50f17c8f7164257c79fed9a13f5943a6acb8e3d40d88127d4d31a38"             \
    "91f41598eeed41174e5bc89b1eb9bbd66a8cbfc09956a3fd2ecd8a6b7d2845546659ad4cf443533c"             \
    "f921b19dc81fa83934e83821b4dfdcb7"

/* The key of Project Wycheproof's 2048-bit vectors; OpenSSL 4.0.0 gave the answers. */
static void badly_padded_messages_get_the_answers_openssl_gives(void **state) {
    (void)state;
    static const struct {
        const char *cipher;
        const char *plain;
    } cases[] = {
        {BAD_A, "44a494ee251b92c91bde7115ed02592e2855"},
        {BAD_B, "262d6b4e833170d1019fa24ebdd2fadc1e3bdfb24323ee2062178d0eb2d677d1142f751ae8d876fc"
                "e0eb0a475bd1a58394fbb0c91f84b07d"},
    };
    struct mechanism pkcs1 = {.algorithm = ALGORITHM_RSA_PKCS1};
    struct key_parts parts = {.type = KEY_RSA,
                              .is_private = true,
                              .modulus = hex(RSA_N),
                              .private_exponent = hex(RSA_D),
                              .public_exponent = hex("010001")};
    struct crypto_key key;
    assert_ok(crypto_key_load(&key, &parts));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span plain = {opened, sizeof(opened)};
        assert_ok(crypto_decrypt(&key, &pkcs1, hex(cases[i].cipher), &plain));
        assert_bytes(plain, hex(cases[i].plain));
        plain.size = sizeof(opened);
        assert_ok(crypto_unwrap(&key, &pkcs1, hex(cases[i].cipher), &plain));
        assert_bytes(plain, hex(cases[i].plain));
    }
    crypto_key_unload(&key);
}

static void every_padding_fault_of_pkcs1_gives_a_message(void **state) {
    (void)state;
    struct mechanism pkcs1 = {.algorithm = ALGORITHM_RSA_PKCS1};
    struct mechanism raw = {.algorithm = ALGORITHM_RSA_RAW};
    for (int fault = 0; fault < 6; fault++) {
        uint8_t block[256];
        struct span cipher = {sealed, sizeof(sealed)};
        struct span one = {opened, 256};
        struct span two = {opened + 256, 256};
        memset(block, 0x77, sizeof(block));
        block[0] = 0;
        block[1] = fault == 1 ? 1 : 2;
        block[fault == 2 ? 9 : 100] = 0;
        if (fault == 3) {
            block[100] = 0x77; /* no end of the padding */
        }
        if (fault == 4) {
            block[2] = 0;
        }
        if (fault == 5) {
            block[0] = 1;
        }
        assert_ok(crypto_encrypt(&rsa_key()->key, &raw, bytes_of(block, 256), &cipher));
        assert_ok(crypto_decrypt(&rsa_key()->key, &pkcs1, bytes_of_span(cipher), &one));
        assert_ok(crypto_decrypt(&rsa_key()->key, &pkcs1, bytes_of_span(cipher), &two));
        assert_bytes(one, bytes_of_span(two)); /* the same each time */
        bool genuine = one.size == 155 && bytes_all(bytes_of_span(one), 0x77);
        assert_int_equal(genuine, fault == 0);
    }
}

static void pkcs1_encryption_takes_all_lengths(void **state) {
    (void)state;
    struct mechanism pkcs1 = {.algorithm = ALGORITHM_RSA_PKCS1};
    for (size_t size = 0; size <= 246; size++) {
        struct span cipher = {sealed, sizeof(sealed)};
        struct span back = {opened, sizeof(opened)};
        enum status status = crypto_encrypt(&rsa_key()->key, &pkcs1, text(size), &cipher);
        assert_int_equal(status, size <= 245 ? STATUS_OK : STATUS_DATA_LENGTH);
        if (status == STATUS_OK) {
            assert_ok(crypto_decrypt(&rsa_key()->key, &pkcs1, bytes_of_span(cipher), &back));
            assert_bytes(back, text(size));
        }
    }
}

static void raw_rsa_is_the_bare_operation(void **state) {
    (void)state;
    struct mechanism raw = {.algorithm = ALGORITHM_RSA_RAW};
    struct span cipher = {sealed, sizeof(sealed)};
    struct span back = {opened, sizeof(opened)};
    assert_ok(crypto_encrypt(&rsa_key()->key, &raw, text(200), &cipher));
    assert_int_equal(cipher.size, 256);
    assert_ok(crypto_decrypt(&rsa_key()->key, &raw, bytes_of_span(cipher), &back));
    assert_int_equal(back.size, 256);
    assert_true(bytes_all(bytes_of(opened, 56), 0));
    assert_memory_equal(opened + 56, data, 200);
    memset(sealed, 0xff, 256);
    assert_status(crypto_decrypt(&rsa_key()->key, &raw, bytes_of(sealed, 256), &back),
                  CIPHERTEXT_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oaep_gives_back_what_it_took_with_all_hashes_and_labels),
        cmocka_unit_test(oaep_with_sha3),
        cmocka_unit_test(oaep_answers_every_fault_alike),
        cmocka_unit_test(badly_padded_messages_get_the_answers_openssl_gives),
        cmocka_unit_test(every_padding_fault_of_pkcs1_gives_a_message),
        cmocka_unit_test(pkcs1_encryption_takes_all_lengths),
        cmocka_unit_test(raw_rsa_is_the_bare_operation),
    };
    return cmocka_run_group_tests_name("crypto_rsa", tests, crypto_setup, crypto_teardown);
}
