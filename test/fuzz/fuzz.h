/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target needs: an input that is eaten from the front, and a way to say that
 * something does not hold. Where the input ends, zeros follow. */
#ifndef TEST_FUZZ_FUZZ_H
#define TEST_FUZZ_FUZZ_H

#include "base/bytes.h"
#include "base/compiler.h"
#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>

/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *count, char ***words);

/* A finding: the input is kept by libFuzzer. */
#define REQUIRE(holds)                                                                 \
    do {                                                                               \
        if (!(holds)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds); \
            abort();                                                                   \
        }                                                                              \
    } while (0)

static inline struct bytes fuzz_take(struct bytes *input, size_t size) {
    struct bytes taken = {input->data, size < input->size ? size : input->size};
    *input = bytes_of(input->data + taken.size, input->size - taken.size);
    return taken;
}

static inline uint64_t fuzz_number(struct bytes *input, size_t size) {
    struct bytes taken = fuzz_take(input, size);
    uint64_t number = 0;
    for (size_t i = 0; i < taken.size; i++) {
        number |= (uint64_t)taken.data[i] << 8 * i;
    }
    return number;
}

static inline uint8_t fuzz_byte(struct bytes *input) {
    return (uint8_t)fuzz_number(input, 1);
}

/* Bytes with their size in front: one byte, or for 255 two more. */
static inline struct bytes fuzz_string(struct bytes *input) {
    size_t size = fuzz_byte(input);
    return fuzz_take(input, size < 255 ? size : (size_t)fuzz_number(input, 2));
}

/* Reads each byte, so that a sanitizer sees what lies outside; returns something of it. */
static inline uint8_t fuzz_look(struct bytes bytes) {
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        sum = (uint8_t)(sum ^ bytes.data[i]);
    }
    return sum;
}

/* A copy of exactly this size, so that a sanitizer sees each byte read beyond it. Free it. */
static inline uint8_t *fuzz_exact(struct bytes bytes) {
    uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    REQUIRE(copy != NULL);
    bytes_copy(copy, bytes);
    return copy;
}

#endif
