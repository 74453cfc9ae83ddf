/* SPDX-License-Identifier: Apache-2.0 */
/* Keys from outside: PKCS #8, parameters and points of curves, and the numbers of RSA keys.
 * A key that is taken comes out again and is taken once more. */
#include "crypto/crypto.h"
#include "test/component/quick.h"
#include "test/fuzz/fuzz.h"

#include "port/port.h"

#include <openssl/bn.h>
#include <sys/random.h>

enum { ROOM = 8192 };

enum status port_random(uint8_t *out, size_t size) {
    return getrandom(out, size, 0) == (ssize_t)size ? STATUS_OK : STATUS_NO_ENTROPY;
}

/* Proving primes takes a hundred milliseconds, and nothing of that decodes: every number is one.
 * The names are the linker's, for the one library and the other. */
int __wrap_BN_check_prime(const BIGNUM *number, BN_CTX *work, BN_GENCB *progress);
int __wrap_BN_check_prime(const BIGNUM *number, BN_CTX *work, BN_GENCB *progress) {
    (void)number, (void)work, (void)progress;
    return 1;
}

enum status __wrap_rsa_check_prime(struct bytes number);
enum status __wrap_rsa_check_prime(struct bytes number) {
    (void)number;
    return STATUS_OK;
}

/* libsodium's, which nothing calls here; a fuzz target's linker drops no function. */
void randombytes_buf(void *out, size_t size);
void randombytes_buf(void *out, size_t size) {
    REQUIRE(port_random(out, size) == STATUS_OK);
}

int LLVMFuzzerInitialize(int *count, char ***words) {
    (void)count, (void)words;
    REQUIRE(crypto_start() == STATUS_OK);
    return 0;
}

static void read_pkcs8(struct bytes der) {
    static uint8_t room[ROOM], room_again[ROOM], out_room[ROOM];
    struct key_parts parts, parts_again;
    struct span span = {room, ROOM}, span_again = {room_again, ROOM}, out = {out_room, ROOM};
    if (crypto_key_from_pkcs8(der, &parts, &span) != STATUS_OK) {
        return;
    }
    REQUIRE(crypto_key_to_pkcs8(&parts, &out) == STATUS_OK);
    REQUIRE(crypto_key_from_pkcs8(bytes_of_span(out), &parts_again, &span_again) == STATUS_OK);
    REQUIRE(parts.type == parts_again.type);
    REQUIRE(bytes_equal(parts.value, parts_again.value));
    REQUIRE(bytes_equal(parts.modulus, parts_again.modulus));
    REQUIRE(bytes_equal(parts.private_exponent, parts_again.private_exponent));
}

static void load(const struct key_parts *given) {
    static uint8_t room[ROOM], out_room[ROOM];
    struct key_parts parts = *given;
    struct crypto_key key = {.room = {0}};
    struct span span = {room, ROOM}, out = {out_room, ROOM};
    bool loaded = crypto_key_load(&key, &parts) == STATUS_OK;
    crypto_key_unload(&key);
    bool completed = crypto_key_complete(&parts, &span) == STATUS_OK;
    if (loaded && parts.type != KEY_AES && parts.type != KEY_GENERIC) {
        REQUIRE(crypto_key_bits(&parts) > 0);
    }
    if (completed && parts.type != KEY_AES && parts.type != KEY_GENERIC &&
        parts.type != KEY_CHACHA20) {
        enum status status = crypto_key_spki(&parts, &out);
        REQUIRE(!loaded || status == STATUS_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const enum key_type types[] = {KEY_EC,  KEY_ED25519, KEY_X25519,  KEY_RSA,
                                          KEY_AES, KEY_GENERIC, KEY_CHACHA20};
    struct bytes input = {data, size};
    uint8_t how = fuzz_byte(&input);
    uint8_t *exact = fuzz_exact(input);
    input.data = exact;
    if (how == 0) {
        read_pkcs8(input);
    } else {
        struct key_parts parts = {.type = types[how / 2 % COUNT(types)],
                                  .is_private = how % 2 == 1};
        struct bytes *fields[] = {
            &parts.ec_params,       &parts.ec_point,         &parts.value,      &parts.modulus,
            &parts.public_exponent, &parts.private_exponent, &parts.prime_1,    &parts.prime_2,
            &parts.exponent_1,      &parts.exponent_2,       &parts.coefficient};
        size_t first = parts.type == KEY_RSA ? 3 : 0;
        for (size_t i = first; i < COUNT(fields) && input.size > 0; i++) {
            *fields[i] = fuzz_string(&input);
        }
        load(&parts);
    }
    free(exact);
    return 0;
}
