/* SPDX-License-Identifier: Apache-2.0 */
/* Want of memory: every allocation of OpenSSL fails once, and nothing leaves, leaks or crashes
 * (R-31). */
#include "test/unit/crypto_fixture.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>

static const struct bytes nothing = {NULL, 0};
static struct test_key p256, ed25519, x25519, aes, hmac;

/* So many allocations succeed; negative: all. */
static long left = -1;
static long blocks;

static bool refused(void) {
    if (left == 0) {
        return true;
    }
    left -= left > 0;
    return false;
}

static void *take(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    void *block = refused() ? NULL : malloc(size);
    blocks += block != NULL;
    return block;
}

static void give(void *block, const char *file, int line) {
    (void)file;
    (void)line;
    blocks -= block != NULL;
    free(block);
}

static void *change(void *block, size_t size, const char *file, int line) {
    if (block == NULL) {
        return take(size, file, line);
    }
    if (size == 0) {
        give(block, file, line);
        return NULL;
    }
    return refused() ? NULL : realloc(block, size);
}

static int setup(void **state) {
    if (crypto_setup(state) != 0) {
        return -1;
    }
    key_generate(&p256, KEY_EC, 0, P256);
    key_generate(&ed25519, KEY_ED25519, 0, ED25519);
    key_generate(&x25519, KEY_X25519, 0, X25519);
    key_generate(&aes, KEY_AES, 256, nothing);
    key_generate(&hmac, KEY_GENERIC, 256, nothing);
    (void)rsa_key();
    return 0;
}

static int teardown(void **state) {
    struct test_key *keys[] = {&p256, &ed25519, &x25519, &aes, &hmac};
    for (size_t i = 0; i < COUNT(keys); i++) {
        key_drop(keys[i]);
    }
    return crypto_teardown(state);
}

enum operation { SIGN, ENCRYPT, WRAP, DERIVE, STREAM, LOAD, COMPLETE, SPKI, PKCS8 };

struct task {
    enum operation operation;
    const struct test_key *key;
    struct mechanism mechanism;
};

static const uint8_t iv[16] = {1};
static uint8_t message[32] = {7};

static enum status stream(const struct crypto_key *key, const struct mechanism *mechanism,
                          struct span *out) {
    struct crypto_stream stream;
    struct span none = {out->data, 0};
    TRY(crypto_stream_open(&stream, key, mechanism, F_SIGN));
    enum status status = crypto_stream_update(&stream, bytes_of(message, 32), &none);
    if (status != STATUS_OK) {
        crypto_stream_abort(&stream);
        return status;
    }
    return crypto_stream_close(&stream, nothing, true, out);
}

/* Works with a key that is loaded for this, so that no context waits. */
static enum status use(const struct task *task, const struct crypto_key *key, struct span *out) {
    struct key_parts parts = task->key->parts;
    struct bytes data = bytes_of(message, 32);
    switch (task->operation) {
    case SIGN:
        return crypto_sign(key, &task->mechanism, data, true, out);
    case ENCRYPT:
        return crypto_encrypt(key, &task->mechanism, data, out);
    case WRAP:
        return crypto_wrap(key, &task->mechanism, data, out);
    case DERIVE:
        return crypto_derive(key, &task->mechanism, 32, out);
    case STREAM:
        return stream(key, &task->mechanism, out);
    case COMPLETE:
        parts.ec_point = nothing;
        return crypto_key_complete(&parts, out);
    case SPKI:
        return crypto_key_spki(&parts, out);
    case PKCS8:
        return crypto_key_to_pkcs8(&parts, out);
    default:
        return STATUS_OK;
    }
}

static enum status run(const struct task *task, struct span *out) {
    struct crypto_key key;
    TRY(crypto_key_load(&key, &task->key->parts));
    enum status status = use(task, &key, out);
    crypto_key_unload(&key);
    return status;
}

/* Runs the task with the n-th allocation failing, for all n. Where memory is kept afterwards, the
 * same n is tried again: what the library keeps for later is kept once, a leak comes back. */
static void starve(const struct task *task) {
    static uint8_t room[8192];
    bool kept = false;
    for (long n = 0;; n += kept ? 0 : 1) {
        struct span out = {room, sizeof(room)};
        memset(room, 0, sizeof(room));
        long before = blocks;
        left = n;
        enum status status = run(task, &out);
        bool enough = left > 0;
        left = -1;
        if (status == STATUS_OK && enough) {
            return;
        }
        assert_true(n < 5000);
        if (status != STATUS_OK) {
            assert_true(status == STATUS_MEMORY || status == STATUS_INTERNAL ||
                        status == STATUS_NO_ENTROPY || status == STATUS_ATTRIBUTE_VALUE_INVALID ||
                        status == STATUS_PUBLIC_KEY_INVALID || status == STATUS_DATA_INVALID);
            assert_true(bytes_all(bytes_of(room, sizeof(room)), 0));
        }
        assert_false(kept && blocks > before + 8);
        kept = !kept && blocks > before + 8;
    }
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    const struct task tasks[] = {
        {LOAD, &p256, {0}},
        {LOAD, &ed25519, {0}},
        {LOAD, rsa_key(), {0}},
        {LOAD, &aes, {0}},
        {SIGN, &p256, {.algorithm = ALGORITHM_ECDSA}},
        {SIGN, &p256, {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA3_384}},
        {SIGN, &ed25519, {.algorithm = ALGORITHM_EDDSA}},
        {SIGN, rsa_key(), {.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA256}},
        {SIGN,
         rsa_key(),
         {.algorithm = ALGORITHM_RSA_PSS,
          .digest = HASH_SHA256,
          .mgf = HASH_SHA256,
          .salt_size = 32}},
        {SIGN, &hmac, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256}},
        {SIGN, &aes, {.algorithm = ALGORITHM_AES_CMAC}},
        {ENCRYPT, &aes, {.algorithm = ALGORITHM_AES_CBC, .iv = {iv, 16}}},
        {ENCRYPT, &aes, {.algorithm = ALGORITHM_AES_GCM, .iv = {iv, 12}, .tag_bits = 128}},
        {ENCRYPT, &aes, {.algorithm = ALGORITHM_AES_CCM, .iv = {iv, 12}, .tag_bits = 128}},
        {ENCRYPT,
         rsa_key(),
         {.algorithm = ALGORITHM_RSA_OAEP,
          .digest = HASH_SHA256,
          .mgf = HASH_SHA256,
          .label = {iv, 5}}},
        {WRAP, &aes, {.algorithm = ALGORITHM_AES_KWP}},
        {WRAP, &aes, {.algorithm = ALGORITHM_WRAP_WITH_ATTRIBUTES}},
        {DERIVE, &p256, {.algorithm = ALGORITHM_ECDH, .peer = p256.parts.ec_point}},
        {DERIVE, &x25519, {.algorithm = ALGORITHM_X25519, .peer = x25519.parts.ec_point}},
        {DERIVE, &hmac, {.algorithm = ALGORITHM_HKDF, .hash = HASH_SHA256, .steps = 3}},
        {DERIVE, &hmac, {.algorithm = ALGORITHM_KBKDF_COUNTER, .hash = HASH_SHA256}},
        {STREAM, &p256, {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256}},
        {STREAM, &hmac, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256}},
        {COMPLETE, &p256, {0}},
        {SPKI, &p256, {0}},
        {PKCS8, &p256, {0}},
    };
    for (size_t i = 0; i < COUNT(tasks); i++) {
        starve(&tasks[i]);
    }
}

/* Whether the library starts after it failed to at many allocations, and is whole then. */
static bool starts_again(void) {
    enum status status = STATUS_INTERNAL;
    for (long n = 0; status != STATUS_OK; n += 1 + n / 20) {
        left = n;
        status = crypto_start();
        left = -1;
    }
    for (size_t i = 0; i < crypto_selftest_count(); i++) {
        if (crypto_selftest_run(i, false) != STATUS_OK) {
            return false;
        }
    }
    return true;
}

/* In a process of its own: OpenSSL loses memory when its own start fails. */
static void start_fails_for_want_of_memory_and_works_again(void **state) {
    int status = -1;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        teardown(state);
        _exit(starts_again() ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(start_fails_for_want_of_memory_and_works_again),
    };
    if (CRYPTO_set_mem_functions(take, change, give) != 1) {
        return 1;
    }
    return cmocka_run_group_tests_name("crypto_memory", tests, setup, teardown);
}
