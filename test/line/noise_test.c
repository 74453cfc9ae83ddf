/* SPDX-License-Identifier: Apache-2.0 */
/* The Noise handshake and channel: a published test vector, and what an attacker on the wire can
 * try. */
#include "base/compiler.h"
#include "channel/noise.h"
#include "crypto/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* ---- randomness that a test can fix ---- */

static struct bytes fixed;
enum status __real_crypto_random(uint8_t *out, size_t size);
enum status __wrap_crypto_random(uint8_t *out, size_t size);

enum status __wrap_crypto_random(uint8_t *out, size_t size) {
    if (fixed.size != size) {
        return __real_crypto_random(out, size);
    }
    memcpy(out, fixed.data, size);
    return STATUS_OK;
}

static size_t hex(const char *text, uint8_t *out) {
    size_t size = strlen(text) / 2;
    for (size_t i = 0; i < size; i++) {
        unsigned byte = 0;
        assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
    return size;
}

/* ---- the vector: of the Cacophony project, in the format of the Noise wiki ---- */

static const char prologue_hex[] = "4a6f686e2047616c74";
static const char init_static[] =
    "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1";
static const char init_ephemeral[] =
    "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a";
static const char resp_static[] =
    "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893";
static const char resp_ephemeral[] =
    "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b";
static const char init_public[] =
    "6bc3822a2aa7f4e6981d6538692b3cdf3e6df9eea6ed269eb41d93c22757b75a";
static const char resp_public[] =
    "31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62";

static const struct {
    const char *payload, *sent;
} messages[] = {
    {"4c756477696720766f6e204d69736573",
     "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79440177015efc1fe7a37c629af7120a"
     "96274e6ab7afcc9261901d0e09ae32a5bb96"},
    {"4d757272617920526f746862617264",
     "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843b274d3429adc47ca093ba63ef90f"
     "8da89fda108db471dccfa4894aa7b00003"},
    {"462e20412e20486179656b", "966b05bc69ec01b8454d3160a214e6f24a3d884eb31ec2408af63f"},
    {"4361726c204d656e676572", "0ad887fba4f611bbb4afe44ba3556b8164332ca7d5934634d63d80"},
    {"4a65616e2d426170746973746520536179",
     "012b28ae646ae7830e2c5472cb023eab071c1db3d8413ec69b513b83832f974c2d"},
    {"457567656e2042f6686d20766f6e2042617765726b",
     "bb3e6a48160d9c5971d37f975727294e0d868342db31832e54d07191ab0ca3c3703b5ed3d9"},
};

static struct noise_pair pair_of(const char *private_hex, const char *public_hex) {
    struct noise_pair pair;
    uint8_t expected[NOISE_KEY_SIZE];
    hex(private_hex, pair.private_key);
    assert_int_equal(noise_pair_complete(&pair), STATUS_OK);
    hex(public_hex, expected);
    assert_memory_equal(pair.public_key, expected, sizeof(expected));
    return pair;
}

static void hand_over(struct noise *from, struct noise *to, size_t number, const char *ephemeral) {
    uint8_t payload[64], expected[128], sent[128], heard[64], secret[NOISE_KEY_SIZE];
    size_t payload_size = hex(messages[number].payload, payload);
    size_t size = hex(messages[number].sent, expected);
    struct span out = {sent, sizeof(sent)};
    struct span back = {heard, sizeof(heard)};
    fixed = bytes_of(secret, hex(ephemeral, secret));
    assert_int_equal(noise_write(from, bytes_of(payload, payload_size), &out), STATUS_OK);
    fixed = (struct bytes){0};
    assert_int_equal(out.size, size);
    assert_memory_equal(sent, expected, size);
    assert_int_equal(noise_read(to, bytes_of(sent, out.size), &back), STATUS_OK);
    assert_int_equal(back.size, payload_size);
    assert_memory_equal(heard, payload, payload_size);
}

static void handshake_and_messages_are_those_of_the_published_vector(void **unused) {
    (void)unused;
    struct noise noise[2];
    struct noise_channel ends[2] = {{0}};
    uint8_t prologue[16], expected[128], data[128];
    size_t prologue_size = hex(prologue_hex, prologue);
    struct noise_pair host = pair_of(init_static, init_public);
    struct noise_pair chip = pair_of(resp_static, resp_public);
    struct bytes start = bytes_of(prologue, prologue_size);
    assert_int_equal(noise_begin(&noise[0], true, start, &host, chip.public_key), STATUS_OK);
    assert_int_equal(noise_begin(&noise[1], false, start, &chip, host.public_key), STATUS_OK);
    hand_over(&noise[0], &noise[1], 0, init_ephemeral);
    hand_over(&noise[1], &noise[0], 1, resp_ephemeral);
    assert_memory_equal(noise[0].hash, noise[1].hash, NOISE_KEY_SIZE);
    assert_int_equal(noise_split(&noise[0], &ends[0]), STATUS_OK);
    assert_int_equal(noise_split(&noise[1], &ends[1]), STATUS_OK);
    for (size_t i = 2; i < COUNT(messages); i++) {
        size_t size = hex(messages[i].payload, data);
        assert_int_equal(noise_seal(&ends[i % 2], data, size), STATUS_OK);
        assert_int_equal(hex(messages[i].sent, expected), size + NOISE_TAG_SIZE);
        assert_memory_equal(data, expected, size + NOISE_TAG_SIZE);
        assert_int_equal(noise_open(&ends[1 - i % 2], data, size + NOISE_TAG_SIZE), STATUS_OK);
        hex(messages[i].payload, expected);
        assert_memory_equal(data, expected, size);
    }
}

/* ---- what can go wrong ---- */

static enum status shake(const struct noise_pair *host, const uint8_t *chip_known_to_host,
                         const struct noise_pair *chip, const uint8_t *host_known_to_chip,
                         struct noise_channel ends[2]) {
    struct noise noise[2];
    uint8_t first[NOISE_HANDSHAKE_SIZE], second[NOISE_HANDSHAKE_SIZE];
    struct span out = {first, sizeof(first)};
    struct span reply = {second, sizeof(second)};
    struct span none = {first, 0};
    struct bytes prologue = bytes_of_text("test");
    TRY(noise_begin(&noise[0], true, prologue, host, chip_known_to_host));
    TRY(noise_begin(&noise[1], false, prologue, chip, host_known_to_chip));
    TRY(noise_write(&noise[0], (struct bytes){0}, &out));
    TRY(noise_read(&noise[1], bytes_of_span(out), &none));
    TRY(noise_write(&noise[1], (struct bytes){0}, &reply));
    TRY(noise_read(&noise[0], bytes_of_span(reply), &none));
    TRY(noise_split(&noise[0], &ends[0]));
    return noise_split(&noise[1], &ends[1]);
}

static void both(struct noise_channel ends[2]) {
    struct noise_pair host, chip;
    assert_int_equal(noise_pair_make(&host), STATUS_OK);
    assert_int_equal(noise_pair_make(&chip), STATUS_OK);
    assert_int_equal(shake(&host, chip.public_key, &chip, host.public_key, ends), STATUS_OK);
}

static void a_wrong_key_on_either_side_fails_the_handshake(void **unused) {
    (void)unused;
    struct noise_pair host, chip, other;
    struct noise_channel ends[2] = {{0}};
    assert_int_equal(noise_pair_make(&host), STATUS_OK);
    assert_int_equal(noise_pair_make(&chip), STATUS_OK);
    assert_int_equal(noise_pair_make(&other), STATUS_OK);
    assert_int_equal(shake(&host, other.public_key, &chip, host.public_key, ends),
                     STATUS_AEAD_FAILED);
    assert_int_equal(shake(&host, chip.public_key, &chip, other.public_key, ends),
                     STATUS_AEAD_FAILED);
    assert_int_equal(shake(&other, chip.public_key, &chip, host.public_key, ends),
                     STATUS_AEAD_FAILED);
    assert_int_equal(shake(&host, chip.public_key, &other, host.public_key, ends),
                     STATUS_AEAD_FAILED);
}

static void each_changed_bit_of_the_handshake_is_found(void **unused) {
    (void)unused;
    struct noise_pair host, chip;
    assert_int_equal(noise_pair_make(&host), STATUS_OK);
    assert_int_equal(noise_pair_make(&chip), STATUS_OK);
    for (size_t bit = 0; bit < 8 * NOISE_HANDSHAKE_SIZE; bit++) {
        struct noise noise[2];
        uint8_t first[NOISE_HANDSHAKE_SIZE];
        struct span out = {first, sizeof(first)};
        struct span none = {first, 0};
        struct bytes prologue = bytes_of_text("test");
        assert_int_equal(noise_begin(&noise[0], true, prologue, &host, chip.public_key),
                         STATUS_OK);
        assert_int_equal(noise_begin(&noise[1], false, prologue, &chip, host.public_key),
                         STATUS_OK);
        assert_int_equal(noise_write(&noise[0], (struct bytes){0}, &out), STATUS_OK);
        first[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(noise_read(&noise[1], bytes_of_span(out), &none), STATUS_OK);
    }
}

static void changed_repeated_and_missing_messages_close_the_channel(void **unused) {
    (void)unused;
    for (int what = 0; what < 3; what++) {
        struct noise_channel ends[2] = {{0}};
        uint8_t one[32 + NOISE_TAG_SIZE] = "one", again[sizeof(one)];
        both(ends);
        assert_int_equal(noise_seal(&ends[0], one, 32), STATUS_OK);
        memcpy(again, one, sizeof(one));
        if (what == 0) { /* changed */
            one[5] ^= 1;
        } else if (what == 1) { /* the same once more */
            assert_int_equal(noise_open(&ends[1], one, sizeof(one)), STATUS_OK);
            memcpy(one, again, sizeof(one));
        } else { /* the second without the first */
            memset(one, 0, sizeof(one));
            assert_int_equal(noise_seal(&ends[0], one, 32), STATUS_OK);
        }
        assert_int_equal(noise_open(&ends[1], one, sizeof(one)), STATUS_AEAD_FAILED);
        assert_false(ends[1].open);
        assert_int_equal(noise_open(&ends[1], again, sizeof(again)), STATUS_ERROR_STATE);
    }
}

static void keys_change_after_so_many_messages_and_both_ends_follow(void **unused) {
    (void)unused;
    struct noise_channel ends[2] = {{0}};
    uint8_t before[NOISE_KEY_SIZE];
    both(ends);
    memcpy(before, ends[0].sending.key, sizeof(before));
    for (unsigned i = 0; i < 2 * NOISE_REKEY_EVERY + 3; i++) {
        uint8_t data[8 + NOISE_TAG_SIZE] = {(uint8_t)i};
        if (i == NOISE_REKEY_EVERY - 1) {
            assert_memory_equal(before, ends[0].sending.key, sizeof(before));
        } else if (i == NOISE_REKEY_EVERY) {
            assert_memory_not_equal(before, ends[0].sending.key, sizeof(before));
        }
        assert_int_equal(noise_seal(&ends[0], data, 8), STATUS_OK);
        assert_int_equal(noise_open(&ends[1], data, sizeof(data)), STATUS_OK);
        assert_int_equal(data[0], (uint8_t)i);
    }
}

static void a_used_up_channel_seals_and_opens_nothing(void **unused) {
    (void)unused;
    struct noise_channel ends[2] = {{0}};
    uint8_t data[8 + NOISE_TAG_SIZE] = {0};
    both(ends);
    ends[0].sending.nonce = (uint64_t)1 << 48;
    assert_int_equal(noise_seal(&ends[0], data, 8), STATUS_ERROR_STATE);
    assert_false(ends[0].open);
    assert_int_equal(noise_open(&ends[0], data, sizeof(data)), STATUS_ERROR_STATE);
}

static int start(void **unused) {
    (void)unused;
    return crypto_start() == STATUS_OK ? 0 : -1;
}

static int stop(void **unused) {
    (void)unused;
    crypto_stop();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshake_and_messages_are_those_of_the_published_vector),
        cmocka_unit_test(a_wrong_key_on_either_side_fails_the_handshake),
        cmocka_unit_test(each_changed_bit_of_the_handshake_is_found),
        cmocka_unit_test(changed_repeated_and_missing_messages_close_the_channel),
        cmocka_unit_test(keys_change_after_so_many_messages_and_both_ends_follow),
        cmocka_unit_test(a_used_up_channel_seals_and_opens_nothing),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
