/* SPDX-License-Identifier: Apache-2.0 */
/* Known-answer tests of the random generator. */
#include "crypto/common/selftest.h"

#include <bearssl.h>

/* RFC 6979, A.2.5: the nonce k for P-256, SHA-256 and the message "sample" is the first block of an
 * HMAC_DRBG whose seed is the private key followed by the message's hash. */
static const char seed_hex[] = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
                               "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf";
static const char block_hex[] = "a6e3c57dd01abe90086538398355dd4c3b17aa873382b0f24d6129493d8aad60";

static enum status test_generator(bool corrupt) {
    enum { BLOCK = 32 };
    uint8_t room[SELFTEST_SIZE_MAX];
    uint8_t block[BLOCK];
    br_hmac_drbg_context drbg;
    struct bytes seed = selftest_read(seed_hex, room);
    br_hmac_drbg_init(&drbg, &br_sha256_vtable, seed.data, seed.size);
    br_hmac_drbg_generate(&drbg, block, sizeof(block));
    return selftest_compare((struct span){block, sizeof(block)}, block_hex, corrupt);
}

static const struct selftest tests[] = {
    {"HMAC_DRBG SHA-256", test_generator, NULL},
};

const struct selftest *selftest_own(size_t *count) {
    *count = COUNT(tests);
    return tests;
}
