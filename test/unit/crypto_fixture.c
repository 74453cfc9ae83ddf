/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of crypto/ share. */
#include "test/unit/crypto_fixture.h"

#include <stdlib.h>
#include <sys/random.h>

#include "port/port.h"

atomic_int entropy_left = -1;
atomic_int entropy_calls;

#define OID(...) \
    { (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}) }
const struct bytes P256 = OID(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07);
const struct bytes P384 = OID(0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22);
const struct bytes P521 = OID(0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23);
const struct bytes ED25519 = OID(0x06, 0x03, 0x2b, 0x65, 0x70);
const struct bytes X25519 = OID(0x06, 0x03, 0x2b, 0x65, 0x6e);

enum status port_random(uint8_t *out, size_t size) {
    atomic_fetch_add(&entropy_calls, 1);
    int left = atomic_load(&entropy_left);
    if (left == 0) {
        return STATUS_NO_ENTROPY;
    }
    if (left > 0) {
        atomic_fetch_sub(&entropy_left, 1);
    }
    return getrandom(out, size, 0) == (ssize_t)size ? STATUS_OK : STATUS_NO_ENTROPY;
}

static struct test_key rsa;
static bool rsa_made;

int crypto_setup(void **state) {
    (void)state;
    return crypto_start() == STATUS_OK ? 0 : -1;
}

int crypto_teardown(void **state) {
    (void)state;
    if (rsa_made) {
        key_drop(&rsa);
        rsa_made = false;
    }
    crypto_stop();
    return 0;
}

struct bytes hex(const char *text) {
    enum { BUFFERS = 8, BUFFER_SIZE = 1024 };
    static uint8_t buffers[BUFFERS][BUFFER_SIZE];
    static size_t turn;
    uint8_t *buffer = buffers[turn++ % BUFFERS];
    size_t size = strlen(text) / 2;
    assert_true(size <= BUFFER_SIZE);
    for (size_t i = 0; i < size; i++) {
        char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        buffer[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return bytes_of(buffer, size);
}

void key_generate(struct test_key *key, enum key_type type, uint32_t bits, struct bytes curve) {
    struct span room = {key->room, sizeof(key->room)};
    key->parts = (struct key_parts){.type = type, .ec_params = curve};
    assert_ok(crypto_key_generate(&key->parts, bits, &room));
    assert_ok(crypto_key_load(&key->key, &key->parts));
}

void key_of(struct test_key *key, enum key_type type, struct bytes value) {
    bytes_copy(key->room, value);
    key->parts = (struct key_parts){.type = type, .value = bytes_of(key->room, value.size)};
    assert_ok(crypto_key_load(&key->key, &key->parts));
}

void key_public(struct test_key *key, const struct test_key *pair) {
    key->parts = (struct key_parts){
        .type = pair->parts.type,
        .ec_params = pair->parts.ec_params,
        .ec_point = pair->parts.ec_point,
        .modulus = pair->parts.modulus,
        .public_exponent = pair->parts.public_exponent,
    };
    assert_ok(crypto_key_load(&key->key, &key->parts));
}

void key_drop(struct test_key *key) {
    crypto_key_unload(&key->key);
}

/* Made elsewhere and imported, as a client does where the module makes no RSA keys. */
static void rsa_import(struct test_key *key) {
    struct span room = {key->room, sizeof(key->room)};
    assert_ok(crypto_key_from_pkcs8(rsa_pkcs8(), &key->parts, &room));
    assert_ok(crypto_key_load(&key->key, &key->parts));
}

const struct test_key *rsa_key(void) {
    if (!rsa_made) {
        if (ON_CHIP) {
            rsa_import(&rsa);
        } else {
            key_generate(&rsa, KEY_RSA, 2048, bytes_of(NULL, 0));
        }
        rsa_made = true;
    }
    return &rsa;
}
