/* SPDX-License-Identifier: Apache-2.0 */
/* That MemorySanitizer watches: a use of memory that was never written ends a program, and what was
 * not written is still known as such when a library has computed with it. */
#include "base/ct.h"
#include "test/unit/crypto_fixture.h"

#include <sanitizer/msan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 64, EQUAL = 3, DIFFERENT = 4 };

/* All but its last byte was written. */
static uint8_t *unwritten(void) {
    uint8_t *data = malloc(SIZE);
    assert_non_null(data);
    memset(data, 1, SIZE - 1);
    return data;
}

/* How a program ends that does `work`; -1: by the sanitizer, or some other unusual way. */
static int ends_with(int (*work)(uint8_t *data), uint8_t *data) {
    int end = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO); /* its report, which is wanted here */
        _exit(work(data));
    }
    assert_true(child > 0 && waitpid(child, &end, 0) == child && WIFEXITED(end));
    return WEXITSTATUS(end) == EQUAL || WEXITSTATUS(end) == DIFFERENT ? WEXITSTATUS(end) : -1;
}

static int compare(uint8_t *data) {
    static const uint8_t ones[] = {1, 1, 1, 1};
    static const volatile int ends[] = {DIFFERENT, EQUAL}; /* so that the answer is used */
    return ends[ct_equal(data + SIZE - sizeof(ones), ones, sizeof(ones))];
}

static int sign_and_verify(uint8_t *data) {
    static const struct mechanism eddsa = {.algorithm = ALGORITHM_EDDSA};
    static struct test_key key;
    SPAN(made, 64);
    struct bytes text = bytes_of(data, SIZE);
    key_generate(&key, KEY_ED25519, 255, ED25519);
    assert_ok(crypto_sign(&key.key, &eddsa, text, false, &made));
    return crypto_verify(&key.key, &eddsa, text, bytes_of_span(made)) == STATUS_OK ? EQUAL
                                                                                  : DIFFERENT;
}

static void use_of_unwritten_memory_ends_the_program(int (*work)(uint8_t *data)) {
    uint8_t *data = unwritten();
    assert_int_equal(ends_with(work, data), -1);
    data[SIZE - 1] = 1;
    assert_int_equal(ends_with(work, data), EQUAL);
    free(data);
}

static void comparison_with_unwritten_memory_is_reported(void **state) {
    (void)state;
    use_of_unwritten_memory_ends_the_program(compare);
}

static void signature_of_unwritten_memory_is_reported(void **state) {
    (void)state;
    use_of_unwritten_memory_ends_the_program(sign_and_verify);
}

static bool is_whole(struct span made) {
    return __msan_test_shadow(made.data, made.size) < 0;
}

static void hash_of_unwritten_bytes_is_unwritten(void **state) {
    uint8_t *data = unwritten();
    SPAN(made, 32);
    (void)state;
    struct bytes part = bytes_of(data, SIZE - 1);
    assert_ok(crypto_hash(HASH_SHA256, &part, 1, made.data));
    assert_true(is_whole(made));
    part.size = SIZE;
    assert_ok(crypto_hash(HASH_SHA256, &part, 1, made.data));
    assert_false(is_whole(made));
    free(data);
}

static void sealed_unwritten_bytes_are_unwritten(void **state) {
    static const uint8_t key[32], nonce[12];
    uint8_t *data = unwritten();
    uint8_t room[SIZE + 16] = {0};
    (void)state;
    crypto_seal(key, nonce, bytes_of(NULL, 0), bytes_of(data, SIZE - 1), room);
    assert_true(is_whole((struct span){room, SIZE + 15}));
    crypto_seal(key, nonce, bytes_of(NULL, 0), bytes_of(data, SIZE), room);
    assert_true(is_whole((struct span){room, SIZE - 1}));
    assert_false(is_whole((struct span){room + SIZE - 1, 1}));
    assert_false(is_whole((struct span){room + SIZE, 16}));
    free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparison_with_unwritten_memory_is_reported),
        cmocka_unit_test(signature_of_unwritten_memory_is_reported),
        cmocka_unit_test(hash_of_unwritten_bytes_is_unwritten),
        cmocka_unit_test(sealed_unwritten_bytes_are_unwritten),
    };
    return cmocka_run_group_tests(tests, crypto_setup, crypto_teardown);
}
