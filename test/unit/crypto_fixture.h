/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of crypto/ share: a platform's randomness that can fail, keys, and texts as bytes.
 */
#ifndef TEST_UNIT_CRYPTO_FIXTURE_H
#define TEST_UNIT_CRYPTO_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "crypto/crypto.h"

/* Which answer to crypto.h is tested. The chip's has no SHA-3, makes no RSA keys, takes none above
 * 3072 bits, and runs in one thread. */
#ifdef CRYPTO_MCU
enum { ON_CHIP = 1, RSA_SIZE_TAKEN = 384 };
#else
enum { ON_CHIP = 0, RSA_SIZE_TAKEN = 512 };
#endif

static inline bool hash_is_offered(uint32_t hash) {
    return !ON_CHIP || hash < HASH_SHA3_224;
}

/* port_random succeeds for so many calls more; negative: always. And how often it was called. */
extern atomic_int entropy_left;
extern atomic_int entropy_calls;

int crypto_setup(void **state);
int crypto_teardown(void **state);

/* Bytes of hexadecimal text, in one of a few buffers that are used in turn. */
struct bytes hex(const char *text);

extern const struct bytes P256, P384, P521, ED25519, X25519;

/* A key with its parts, which point into its room. */
struct test_key {
    struct crypto_key key;
    struct key_parts parts;
    uint8_t room[8192];
};

/* A new key; bits for RSA and secret keys, curve for the others. */
void key_generate(struct test_key *key, enum key_type type, uint32_t bits, struct bytes curve);
/* A secret key of these bytes. */
void key_of(struct test_key *key, enum key_type type, struct bytes value);
/* The public half as a key of its own. */
void key_public(struct test_key *key, const struct test_key *pair);
void key_drop(struct test_key *key);

/* A key of 2048 bits that another program made; borrowed until the next call. */
struct bytes rsa_pkcs8(void);
/* One RSA key for all tests of a program: to make one takes long. */
const struct test_key *rsa_key(void);

#define assert_ok(expression) assert_int_equal((expression), STATUS_OK)
#define assert_status(expression, status) assert_int_equal((expression), STATUS_##status)

/* Room for a result. */
#define SPAN(name, capacity)             \
    uint8_t name##_room[capacity] = {0}; \
    struct span name = {name##_room, sizeof(name##_room)}

static inline void assert_bytes(struct span got, struct bytes expected) {
    assert_int_equal(got.size, expected.size);
    if (expected.size > 0) {
        assert_memory_equal(got.data, expected.data, expected.size);
    }
}

#endif
