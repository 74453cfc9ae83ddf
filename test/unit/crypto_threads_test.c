/* SPDX-License-Identifier: Apache-2.0 */
/* What processes and threads share of crypto/: clones draw different values, and all use a
 * key at once. */
#include "test/unit/crypto_fixture.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { VALUE_SIZE = 16, CLONE_DRAWS = ON_CHIP ? 200 : 2000 };
enum { THREADS = 4, THREAD_DRAWS = 5000, ROUNDS = 60 };

static struct test_key p256, ed25519, hmac;
static uint8_t thread_values[THREADS][THREAD_DRAWS * VALUE_SIZE];

static int setup(void **state) {
    if (crypto_setup(state) != 0) {
        return -1;
    }
    key_generate(&p256, KEY_EC, 0, P256);
    key_generate(&ed25519, KEY_ED25519, 0, ED25519);
    key_generate(&hmac, KEY_GENERIC, 256, bytes_of(NULL, 0));
    return 0;
}

static int teardown(void **state) {
    key_drop(&p256);
    key_drop(&ed25519);
    key_drop(&hmac);
    return crypto_teardown(state);
}

/* ---- draws ---- */

static int compare_values(const void *a, const void *b) {
    return memcmp(a, b, VALUE_SIZE);
}

static void assert_all_different(uint8_t *values, size_t count) {
    qsort(values, count, VALUE_SIZE, compare_values);
    for (size_t i = 1; i < count; i++) {
        assert_true(compare_values(values + (i - 1) * VALUE_SIZE, values + i * VALUE_SIZE) != 0);
    }
}

/* Draws values, and r of signatures over one message, and writes them to the pipe. */
static void draw_in_clone(int pipe_end, const struct test_key *key) {
    struct mechanism ecdsa = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256};
    for (size_t i = 0; i < CLONE_DRAWS; i++) {
        uint8_t value[VALUE_SIZE];
        uint8_t room[64];
        struct span signature = {room, sizeof(room)};
        if (crypto_random(value, sizeof(value)) != STATUS_OK ||
            crypto_sign(&key->key, &ecdsa, bytes_of_text("m"), false, &signature) != STATUS_OK ||
            write(pipe_end, value, sizeof(value)) != VALUE_SIZE ||
            write(pipe_end, room, VALUE_SIZE) != VALUE_SIZE) {
            _exit(1);
        }
    }
    _exit(0);
}

static void read_all(int pipe_end, uint8_t *out, size_t size) {
    while (size > 0) {
        ssize_t got = read(pipe_end, out, size);
        assert_true(got > 0);
        out += got;
        size -= (size_t)got;
    }
}

static void forked_clones_draw_different_values_and_nonces(void **state) {
    (void)state;
    enum { CLONES = 3, PER_CLONE = 2 * CLONE_DRAWS };
    static uint8_t values[CLONES * PER_CLONE * VALUE_SIZE];
    uint8_t warm[32];
    assert_ok(crypto_random(warm, sizeof(warm)));
    for (size_t i = 0; i < CLONES; i++) {
        int ends[2];
        int status = -1;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(ends[0]);
            draw_in_clone(ends[1], &p256);
        }
        close(ends[1]);
        read_all(ends[0], values + i * PER_CLONE * VALUE_SIZE, (size_t)PER_CLONE * VALUE_SIZE);
        close(ends[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    assert_all_different(values, (size_t)CLONES * PER_CLONE);
}

static void *draw_in_thread(void *values) {
    for (size_t i = 0; i < THREAD_DRAWS; i++) {
        if (crypto_random((uint8_t *)values + i * VALUE_SIZE, VALUE_SIZE) != STATUS_OK) {
            return NULL;
        }
    }
    return values;
}

static void threads_draw_different_values(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, draw_in_thread, thread_values[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
    }
    assert_all_different(thread_values[0], (size_t)THREADS * THREAD_DRAWS);
}

/* ---- signatures ---- */

/* Signs with keys that all threads share, and verifies. */
static void *work(void *unused) {
    static const struct mechanism mechanisms[] = {
        {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256},
        {.algorithm = ALGORITHM_EDDSA},
        {.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA256},
        {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256},
    };
    const struct test_key *keys[] = {&p256, &ed25519, rsa_key(), &hmac};
    for (size_t i = 0; i < ROUNDS; i++) {
        for (size_t j = 0; j < COUNT(keys); j++) {
            uint8_t room[256];
            uint8_t data[4] = {(uint8_t)i, (uint8_t)j, 3, 4};
            struct span signature = {room, sizeof(room)};
            struct bytes text = bytes_of(data, sizeof(data));
            if (crypto_sign(&keys[j]->key, &mechanisms[j], text, i % 2 == 0, &signature) !=
                    STATUS_OK ||
                crypto_verify(&keys[j]->key, &mechanisms[j], text, bytes_of_span(signature)) !=
                    STATUS_OK) {
                return NULL;
            }
        }
    }
    (void)unused;
    return &p256;
}

static void threads_use_one_key_at_once(void **state) {
    (void)state;
    if (ON_CHIP) {
        skip(); /* it has one thread */
    }
    pthread_t threads[THREADS];
    (void)rsa_key();
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work, NULL), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forked_clones_draw_different_values_and_nonces),
        cmocka_unit_test(threads_draw_different_values),
        cmocka_unit_test(threads_use_one_key_at_once),
    };
    return cmocka_run_group_tests_name("crypto_threads", tests, setup, teardown);
}
