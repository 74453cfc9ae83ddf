/* SPDX-License-Identifier: Apache-2.0 */
/* Counts the chip's instructions for each operation with a secret, over many secrets: the count
 * must not depend on them. A program of its own for the emulated chip, which tells time by
 * the number of instructions: one tick of the timer is 50 of them. It prints by semihosting, which
 * the firmware has not. */
#include "base/ct.h"
#include "crypto/crypto.h"
#include "port/port.h"

enum { ROUNDS = 40, TICK = 50, DATA_SIZE = 64, ROOM = 1024 };

#define TIMER_CTRL (*(volatile uint32_t *)0x50000000u)
#define TIMER_VALUE (*(volatile uint32_t *)0x50000004u)
#define TIMER_RELOAD (*(volatile uint32_t *)0x50000008u)

/* ---- what the program stands on ---- */

uintptr_t __stack_chk_guard = 0x5ca1ab1e;
_Noreturn void __stack_chk_fail(void);
_Noreturn void start(void);
extern uint32_t stack_top;

static uint32_t host(uint32_t call, const void *argument) {
    register uint32_t r0 __asm__("r0") = call;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static void say(const char *text) {
    (void)host(0x04, text);
}

static void say_number(uint32_t number) {
    char digits[11] = {0};
    size_t at = sizeof(digits) - 1;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    say(digits + at);
}

static _Noreturn void leave(uint32_t status) {
    const uint32_t reason[2] = {0x20026, status};
    (void)host(0x20, reason);
    for (;;) {
    }
}

_Noreturn void __stack_chk_fail(void) {
    say("FAIL  the stack was overwritten\n");
    leave(1);
}

static _Noreturn void fault(void) {
    say("FAIL  a fault of the processor\n");
    leave(1);
}

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    &stack_top, (const void *)start, (const void *)fault, (const void *)fault,
    (const void *)fault, (const void *)fault, (const void *)fault};

static uint32_t chance_state = 2463534242;

static uint8_t chance(void) { /* Marsaglia's xorshift */
    chance_state ^= chance_state << 13;
    chance_state ^= chance_state >> 17;
    chance_state ^= chance_state << 5;
    return (uint8_t)(chance_state >> 11);
}

static void fill(uint8_t *out, size_t size) {
    for (size_t i = 0; i < size; i++) {
        out[i] = chance();
    }
}

enum status port_random(uint8_t *out, size_t size) {
    fill(out, size);
    return STATUS_OK;
}

/* A new signature is verified before it leaves. What Ed25519's verification looks at is public, and
 * its time depends on that: here it is left out, and signing alone is counted. */
int __wrap_crypto_sign_ed25519_verify_detached(const uint8_t *signature, const uint8_t *message,
                                               unsigned long long size, const uint8_t *point);
int __wrap_crypto_sign_ed25519_verify_detached(const uint8_t *signature, const uint8_t *message,
                                               unsigned long long size, const uint8_t *point) {
    (void)signature;
    (void)message;
    (void)size;
    (void)point;
    return 0;
}

/* ---- operations ---- */

static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static const uint8_t p384[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
static const uint8_t ed25519[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
static const uint8_t x25519[] = {0x06, 0x03, 0x2b, 0x65, 0x6e};
static const uint8_t iv[16] = {1, 2, 3};

struct operation {
    const char *name;
    enum key_type type;
    struct bytes ec_params;
    size_t size; /* of the secret */
    enum function function;
    struct mechanism mechanism;
    size_t data_size;
};

#define CURVE(kind, oid, size, use, what) \
    KEY_##kind, {oid, sizeof(oid)}, (size), (use), {.algorithm = ALGORITHM_##what}
#define SECRET(kind, size, use, what, ...) \
    KEY_##kind, {NULL, 0}, (size), (use), {.algorithm = ALGORITHM_##what, ##__VA_ARGS__}
#define IV(size) .iv = {iv, size}
#define HASH(size) .hash = HASH_SHA##size

static const struct operation operations[] = {
    {"P-256 sign", CURVE(EC, p256, 32, F_SIGN, ECDSA), 32},
    {"P-384 sign", CURVE(EC, p384, 48, F_SIGN, ECDSA), 48},
    {"P-256 ECDH", CURVE(EC, p256, 32, F_DERIVE, ECDH), 0},
    {"Ed25519 sign", CURVE(ED25519, ed25519, 32, F_SIGN, EDDSA), 64},
    {"X25519", CURVE(X25519, x25519, 32, F_DERIVE, X25519), 0},
    {"AES-128-ECB encrypt", SECRET(AES, 16, F_ENCRYPT, AES_ECB), 64},
    {"AES-256-ECB decrypt", SECRET(AES, 32, F_DECRYPT, AES_ECB), 64},
    {"AES-256-CBC encrypt", SECRET(AES, 32, F_ENCRYPT, AES_CBC, IV(16)), 64},
    {"AES-256-CBC decrypt", SECRET(AES, 32, F_DECRYPT, AES_CBC, IV(16)), 64},
    {"AES-256-CBC_PAD decrypt", SECRET(AES, 32, F_DECRYPT, AES_CBC_PAD, IV(16)), 60},
    {"AES-192-CTR", SECRET(AES, 24, F_ENCRYPT, AES_CTR, IV(16), .counter_bits = 32), 61},
    {"AES-256-GCM encrypt", SECRET(AES, 32, F_ENCRYPT, AES_GCM, IV(12), .tag_bits = 128), 61},
    {"AES-256-GCM decrypt", SECRET(AES, 32, F_DECRYPT, AES_GCM, IV(12), .tag_bits = 128), 61},
    {"AES-256-CCM encrypt", SECRET(AES, 32, F_ENCRYPT, AES_CCM, IV(12), .tag_bits = 128), 61},
    {"AES-256-CCM decrypt", SECRET(AES, 32, F_DECRYPT, AES_CCM, IV(12), .tag_bits = 128), 61},
    {"AES-256-CMAC", SECRET(AES, 32, F_SIGN, AES_CMAC), 61},
    {"AES-256-KW wrap", SECRET(AES, 32, F_WRAP, AES_KW), 32},
    {"AES-256-KW unwrap", SECRET(AES, 32, F_UNWRAP, AES_KW), 32},
    {"AES-256-KWP wrap", SECRET(AES, 32, F_WRAP, AES_KWP), 29},
    {"AES-256-KWP unwrap", SECRET(AES, 32, F_UNWRAP, AES_KWP), 29},
    {"ChaCha20-Poly1305 encrypt", SECRET(CHACHA20, 32, F_ENCRYPT, CHACHA20_POLY1305, IV(12)), 61},
    {"ChaCha20-Poly1305 decrypt", SECRET(CHACHA20, 32, F_DECRYPT, CHACHA20_POLY1305, IV(12)), 61},
    {"HMAC-SHA-256", SECRET(GENERIC, 32, F_SIGN, HMAC, HASH(256)), 61},
    {"HMAC-SHA-512", SECRET(GENERIC, 64, F_SIGN, HMAC, HASH(512)), 61},
    {"HKDF-SHA-256", SECRET(GENERIC, 32, F_DERIVE, HKDF, HASH(256), .steps = 3), 61},
    {"KBKDF HMAC-SHA-256", SECRET(GENERIC, 32, F_DERIVE, KBKDF_COUNTER, HASH(256)), 61},
};

static uint8_t secret[64];
static uint8_t data[DATA_SIZE];
static struct crypto_key key;
static uint8_t given_room[ROOM];
static uint8_t made_room[ROOM];
static struct bytes given;
static uint8_t peer_room[ROOM];
static struct bytes peer;

/* Secrets at the edges first, then by chance. */
static void draw_secret(const struct operation *operation, uint32_t round) {
    fill(secret, operation->size);
    fill(data, sizeof(data));
    if (round < 2 && operation->type == KEY_EC) {
        memset(secret, 0, operation->size); /* 1, and a number of one bit */
        secret[round == 0 ? operation->size - 1 : 1] = 1;
    } else if (round < 2) {
        memset(secret, round == 0 ? 0x00 : 0xff, operation->size);
    }
    if (operation->type == KEY_EC) {
        secret[0] &= 0x7f;
    }
}

static enum status load(const struct operation *operation) {
    const struct key_parts parts = {.type = operation->type,
                                    .is_private = operation->ec_params.size > 0,
                                    .ec_params = operation->ec_params,
                                    .value = bytes_of(secret, operation->size)};
    return crypto_key_load(&key, &parts);
}

static enum status use(const struct operation *operation, enum function function,
                       struct bytes input, struct span *out) {
    struct mechanism mechanism = operation->mechanism;
    mechanism.peer = operation->data_size == 0 ? peer : bytes_of(NULL, 0);
    switch (function) {
    case F_SIGN:
        return crypto_sign(&key, &mechanism, input, false, out);
    case F_ENCRYPT:
        return crypto_encrypt(&key, &mechanism, input, out);
    case F_DECRYPT:
        return crypto_decrypt(&key, &mechanism, input, out);
    case F_WRAP:
        return crypto_wrap(&key, &mechanism, input, out);
    case F_UNWRAP:
        return crypto_unwrap(&key, &mechanism, input, out);
    default:
        return crypto_derive(&key, &mechanism, operation->data_size, out);
    }
}

/* What is to be undone is made first, uncounted. */
static enum status prepare(const struct operation *operation) {
    struct span out = {given_room, sizeof(given_room)};
    given = bytes_of(data, operation->data_size);
    if (operation->function == F_DECRYPT || operation->function == F_UNWRAP) {
        enum function forward = operation->function == F_DECRYPT ? F_ENCRYPT : F_WRAP;
        TRY(use(operation, forward, given, &out));
        given = bytes_of_span(out);
    }
    if (operation->data_size == 0) {
        struct key_parts other = {.type = operation->type, .ec_params = operation->ec_params};
        struct span room = {peer_room, sizeof(peer_room)};
        TRY(crypto_key_generate(&other, 0, &room));
        peer = other.ec_point;
    }
    return STATUS_OK;
}

/* ---- counting ---- */

struct count {
    uint32_t least, most;
};

static uint32_t ticks(void) {
    return 0u - TIMER_VALUE;
}

static void count_from(struct count *count, uint32_t began) {
    uint32_t taken = ticks() - began;
    count->least = taken < count->least ? taken : count->least;
    count->most = taken > count->most ? taken : count->most;
}

static uint32_t failed, passed;

static bool is_constant(const struct count *count) {
    return count->most - count->least <= 1;
}

static void report(const char *name, const char *what, const struct count *count,
                   enum status status) {
    bool good = status == STATUS_OK && is_constant(count);
    good ? passed++ : failed++;
    say(good ? "ok    " : "FAIL  ");
    say(name);
    say(what);
    say(": ");
    say_number(count->most * TICK);
    say(" instructions, spread ");
    say_number((count->most - count->least) * TICK);
    say(status == STATUS_OK ? "\n" : ", and it was refused\n");
}

static void run_operation(const struct operation *operation) {
    struct count loading = {UINT32_MAX, 0};
    struct count using = {UINT32_MAX, 0};
    enum status status = STATUS_OK;
    for (uint32_t round = 0; round < ROUNDS && status == STATUS_OK; round++) {
        struct span out = {made_room, sizeof(made_room)};
        draw_secret(operation, round);
        uint32_t began = ticks();
        status = load(operation);
        count_from(&loading, began);
        status = status == STATUS_OK ? prepare(operation) : status;
        began = ticks();
        status = status == STATUS_OK ? use(operation, operation->function, given, &out) : status;
        count_from(&using, began);
        crypto_key_unload(&key);
    }
    report(operation->name, "", &using, status);
    report(operation->name, ", loading its key", &loading, status);
}

/* ---- what takes no key ---- */

static uint8_t verifier[PIN_VERIFIER_SIZE], wrong[PIN_VERIFIER_SIZE];

static enum status stretch(uint32_t round) {
    (void)round;
    return crypto_pin_stretch(bytes_of(secret, 8), data, 10, verifier);
}

/* Right, or wrong in one byte or in all. */
static enum status compare(uint32_t round) {
    memcpy(wrong, verifier, sizeof(wrong));
    if (round > 0) {
        wrong[round % sizeof(wrong)] ^= 1;
    }
    return ct_equal(wrong, verifier, sizeof(wrong)) == (round == 0) ? STATUS_OK : STATUS_INTERNAL;
}

/* As nobody should: whether the counting finds it out. */
static bool finds_early_exit(void) {
    struct count count = {UINT32_MAX, 0};
    for (uint32_t round = 0; round < ROUNDS; round++) {
        memcpy(wrong, verifier, sizeof(wrong));
        wrong[round % sizeof(wrong)] ^= 1;
        uint32_t began = ticks();
        for (size_t i = 0; ((volatile uint8_t *)wrong)[i] == verifier[i]; i++) {
        }
        count_from(&count, began);
    }
    return !is_constant(&count);
}

static enum status seal(uint32_t round) {
    (void)round;
    TRY(crypto_seal(secret, iv, bytes_of(NULL, 0), bytes_of(data, 61), made_room));
    return crypto_open(secret, iv, bytes_of(NULL, 0), bytes_of(made_room, 61 + SEAL_TAG_SIZE),
                       given_room);
}

static enum status draw(uint32_t round) {
    (void)round;
    return crypto_random(made_room, 48);
}

/* The blinding is new each time, the key is not. */
static enum status sign_rsa(uint32_t round) {
    static size_t index;
    (void)round;
    while (strcmp(crypto_selftest_name(index), "RSA-2048 PKCS #1 SHA-256 sign") != 0) {
        index++;
    }
    return crypto_selftest_run(index, false);
}

static void run_other(const char *name, enum status (*run)(uint32_t round), uint32_t rounds) {
    struct count count = {UINT32_MAX, 0};
    enum status status = run(0); /* once for what is found once */
    for (uint32_t round = 0; round < rounds && status == STATUS_OK; round++) {
        fill(secret, sizeof(secret));
        fill(data, sizeof(data));
        uint32_t began = ticks();
        status = run(round);
        count_from(&count, began);
    }
    report(name, "", &count, status);
}

_Noreturn void start(void) {
    TIMER_RELOAD = UINT32_MAX;
    TIMER_VALUE = UINT32_MAX;
    TIMER_CTRL = 1;
    if (crypto_start() != STATUS_OK) {
        say("FAIL  start\n");
        leave(1);
    }
    for (size_t i = 0; i < COUNT(operations); i++) {
        run_operation(&operations[i]);
    }
    run_other("PIN stretch", stretch, ROUNDS);
    run_other("PIN compare", compare, ROUNDS);
    run_other("AES-256-GCM of the core", seal, ROUNDS);
    run_other("random draw", draw, ROUNDS);
    run_other("RSA-2048 sign", sign_rsa, 6);
    finds_early_exit() ? passed++ : failed++;
    say(finds_early_exit() ? "ok    " : "FAIL  ");
    say("a comparison that ends early is found out\n");
    say_number(passed);
    say(" passed, ");
    say_number(failed);
    say(" failed\n");
    leave(failed > 0);
}
