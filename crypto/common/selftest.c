/* SPDX-License-Identifier: Apache-2.0 */
/* Known-answer tests: all groups as one list. */
#include "crypto/common/selftest.h"

#include "base/ct.h"

static const struct selftest *(*const groups[])(size_t *count) = {selftest_public, selftest_other,
                                                                  selftest_own};

/* Test `index` of the offered ones in these groups, NULL behind the last; *seen counts them. */
static const struct selftest *find(size_t index, size_t *seen) {
    *seen = 0;
    for (size_t group = 0; group < COUNT(groups); group++) {
        size_t count = 0;
        const struct selftest *tests = groups[group](&count);
        for (size_t i = 0; i < count; i++) {
            if (tests[i].offered != NULL && !tests[i].offered()) {
                continue;
            }
            if (*seen == index) {
                return &tests[i];
            }
            (*seen)++;
        }
    }
    return NULL;
}

size_t crypto_selftest_count(void) {
    size_t others = 0;
    (void)find(SIZE_MAX, &others);
    return selftest_symmetric_count() + others;
}

const char *crypto_selftest_name(size_t index) {
    size_t seen = 0;
    if (index < selftest_symmetric_count()) {
        return selftest_symmetric_name(index);
    }
    const struct selftest *test = find(index - selftest_symmetric_count(), &seen);
    return test != NULL ? test->name : "";
}

enum status crypto_selftest_run(size_t index, bool corrupt) {
    size_t seen = 0;
    if (index < selftest_symmetric_count()) {
        return selftest_symmetric_run(index, corrupt);
    }
    const struct selftest *test = find(index - selftest_symmetric_count(), &seen);
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
