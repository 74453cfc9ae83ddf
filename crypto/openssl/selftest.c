/* SPDX-License-Identifier: Apache-2.0 */
/* Known-answer tests: all groups as one list. */
#include "crypto/openssl/selftest.h"

#include "base/ct.h"

static const struct selftest *find(size_t index) {
    size_t count = 0;
    const struct selftest *tests = selftest_public(&count);
    if (index < count) {
        return &tests[index];
    }
    index -= count;
    tests = selftest_other(&count);
    return index < count ? &tests[index] : NULL;
}

size_t crypto_selftest_count(void) {
    size_t public_count = 0;
    size_t other_count = 0;
    (void)selftest_public(&public_count);
    (void)selftest_other(&other_count);
    return selftest_symmetric_count() + public_count + other_count;
}

const char *crypto_selftest_name(size_t index) {
    if (index < selftest_symmetric_count()) {
        return selftest_symmetric_name(index);
    }
    const struct selftest *test = find(index - selftest_symmetric_count());
    return test != NULL ? test->name : "";
}

enum status crypto_selftest_run(size_t index, bool corrupt) {
    if (index < selftest_symmetric_count()) {
        return selftest_symmetric_run(index, corrupt);
    }
    const struct selftest *test = find(index - selftest_symmetric_count());
    return test != NULL && test->run(corrupt) == STATUS_OK ? STATUS_OK : STATUS_ERROR_STATE;
}

static uint8_t digit(char c) {
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

struct bytes selftest_read(const char *hex, uint8_t *room) {
    size_t size = 0;
    while (hex != NULL && hex[2 * size] != '\0' && size < SELFTEST_SIZE_MAX) {
        room[size] = (uint8_t)(digit(hex[2 * size]) << 4 | digit(hex[2 * size + 1]));
        size++;
    }
    return bytes_of(room, size);
}

enum status selftest_compare(struct span answer, const char *expected, bool corrupt) {
    uint8_t room[SELFTEST_SIZE_MAX];
    struct bytes right = selftest_read(expected, room);
    if (corrupt && answer.size > 0) {
        answer.data[answer.size / 2] ^= 0x10;
    }
    bool same = answer.size == right.size && ct_equal(answer.data, right.data, right.size);
    return same ? STATUS_OK : STATUS_ERROR_STATE;
}
