/* SPDX-License-Identifier: Apache-2.0 */
/* Known-answer tests of PIN stretching and of the X9.63 KDF. */
#include "crypto/common/kdf.h"
#include "crypto/common/selftest.h"

/* The salt is a whole one here, which no published vector has: the answer is Python's hashlib's. */
static enum status test_pin(bool corrupt) {
    uint8_t salt[SELFTEST_SIZE_MAX];
    uint8_t verifier[PIN_VERIFIER_SIZE];
    (void)selftest_read("000102030405060708090a0b0c0d0e0f", salt);
    TRY(crypto_pin_stretch(bytes_of_text("password"), salt, 2, verifier));
    return selftest_compare((struct span){verifier, sizeof(verifier)},
                            "a0ffd34292e4e7d519ee0f25124e0c5b9481d88be40f4662eb6cb4b9e43f9f41",
                            corrupt);
}

/* NIST's CAVP vectors (ansx963_2001.rsp): SHA-256, no shared info, count 0. */
static enum status test_x963(bool corrupt) {
    const struct mechanism mechanism = {.algorithm = ALGORITHM_ECDH, .kdf = HASH_SHA256};
    uint8_t room[SELFTEST_SIZE_MAX];
    uint8_t key[16];
    struct span out = {key, sizeof(key)};
    struct bytes secret = selftest_read("96c05619d56c328ab95fe84b18264b08725b85e33fd34f08", room);
    TRY(kdf_x963(secret, &mechanism, out));
    return selftest_compare(out, "443024c3dae66b95e6f5670601558f71", corrupt);
}

static const struct selftest tests[] = {
    {"PBKDF2-HMAC-SHA-256", test_pin, NULL},
    {"X9.63 KDF SHA-256", test_x963, NULL},
};

const struct selftest *selftest_other(size_t *count) {
    *count = COUNT(tests);
    return tests;
}
