/* SPDX-License-Identifier: Apache-2.0 */
/* Known-answer tests. */
#include "base/ct.h"
#include "crypto/crypto.h"

static enum status sha256(bool corrupt) {
    static const uint8_t expected[32] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                         0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                         0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                         0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    uint8_t answer[32] = {0};
    struct bytes message = bytes_of_text("abc");
    TRY(crypto_hash(HASH_SHA256, &message, 1, answer));
    answer[0] ^= corrupt ? 1 : 0;
    return ct_equal(answer, expected, sizeof(answer)) ? STATUS_OK : STATUS_ERROR_STATE;
}

static const struct {
    const char *name;
    enum status (*run)(bool corrupt);
} tests[] = {
    {"SHA-256", sha256},
};

size_t crypto_selftest_count(void) {
    return COUNT(tests);
}

const char *crypto_selftest_name(size_t index) {
    return index < COUNT(tests) ? tests[index].name : "";
}

enum status crypto_selftest_run(size_t index, bool corrupt) {
    return index < COUNT(tests) ? tests[index].run(corrupt) : STATUS_ERROR_STATE;
}
