/* SPDX-License-Identifier: Apache-2.0 */
/* The endpoint's end of the line against a hostile chip (P7), which holds the keys: whatever it
 * says decrypts. The pilot stays sane, and every answer lies within the line's memory. */
#include "body/endpoint/pilot.h"
#include "crypto/crypto.h"
#include "proto/frame.h"
#include "test/fuzz/fuzz.h"

static struct pilot pilot;
static struct pairing pairing;

/* The chip holds the keys, so that nothing is refused for its tag; agreeing costs nothing. */
enum status __wrap_crypto_decrypt(const struct crypto_key *key, const struct mechanism *mechanism,
                                  struct bytes data, struct span *out);
enum status __wrap_crypto_derive(const struct crypto_key *key, const struct mechanism *mechanism,
                                 size_t size, struct span *out);

enum status __wrap_crypto_decrypt(const struct crypto_key *key, const struct mechanism *mechanism,
                                  struct bytes data, struct span *out) {
    (void)key;
    (void)mechanism;
    REQUIRE(data.size >= 16 && out->size >= data.size - 16);
    out->size = data.size - 16;
    memmove(out->data, data.data, out->size);
    return STATUS_OK;
}

enum status __wrap_crypto_derive(const struct crypto_key *key, const struct mechanism *mechanism,
                                 size_t size, struct span *out) {
    (void)key;
    (void)mechanism;
    REQUIRE(size <= out->size);
    memset(out->data, 1, size);
    out->size = size;
    return STATUS_OK;
}

int LLVMFuzzerInitialize(int *count, char ***words) {
    (void)count;
    (void)words;
    REQUIRE(crypto_start() == STATUS_OK);
    REQUIRE(noise_pair_make(&pairing.host) == STATUS_OK);
    memcpy(pairing.chip, pairing.host.public_key, NOISE_KEY_SIZE);
    return 0;
}

static uint8_t chip_sequence;

static void send_packet(enum packet_kind kind, struct bytes payload, uint64_t now) {
    uint8_t coded[PACKET_CODED_MAX];
    struct packet packet = {
        .kind = (uint8_t)kind,
        .sequence = chip_sequence,
        .acknowledged = (uint8_t)(pilot.line.first + (pilot.line.next - pilot.line.acknowledged)),
        .session = pilot.line.session,
        .payload = payload,
    };
    chip_sequence += kind == PACKET_DATA || kind == PACKET_LAST;
    pilot_feed(&pilot, bytes_of(coded, packet_write(&packet, coded)), now);
}

/* One message of the chip: its kind, what follows, and room for a tag. */
static void send_message(struct bytes *input, uint64_t now) {
    static uint8_t message[LINE_MESSAGE_MAX];
    struct bytes rest;
    size_t size = 1;
    message[0] = fuzz_byte(input) % 8;
    rest = fuzz_string(input);
    rest.size = rest.size < 4000 ? rest.size : 4000;
    bytes_copy(message + 1, rest);
    size += rest.size;
    memset(message + size, 0, NOISE_HANDSHAKE_SIZE);
    size += message[0] == MESSAGE_BEGUN ? NOISE_HANDSHAKE_SIZE - rest.size % NOISE_HANDSHAKE_SIZE
            : message[0] == MESSAGE_SEALED ? NOISE_TAG_SIZE
                                           : 0;
    for (size_t at = 0; at < size;) {
        size_t part = size - at < PACKET_PAYLOAD_MAX ? size - at : PACKET_PAYLOAD_MAX;
        bool last = at + part == size;
        send_packet(last ? PACKET_LAST : PACKET_DATA, bytes_of(message + at, part), now);
        at += part;
    }
}

static void look_at_answer(void) {
    uint32_t connection;
    struct bytes content;
    struct frame frame;
    if (!pilot_answer(&pilot, &connection, &content)) {
        return;
    }
    REQUIRE(content.size == 0 || (content.data >= pilot.line.in &&
                                  content.data + content.size <=
                                      pilot.line.in + sizeof(pilot.line.in)));
    fuzz_look(content);
    if (frame_read(content, &frame) == STATUS_OK) {
        fuzz_look(frame.body);
    }
    pilot_done(&pilot);
}

static void drain(uint64_t now) {
    uint8_t out[4096];
    while (pilot_take(&pilot, out, sizeof(out), now) > 0) {
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t version = LINE_VERSION;
    struct bytes input = {data, size};
    uint64_t now = 0;
    pilot_start(&pilot, &pairing);
    pilot_plug(&pilot, now);
    while (input.size > 0) {
        drain(now);
        switch (fuzz_byte(&input) % 4) {
        case 0:
            chip_sequence = 0;
            send_packet(PACKET_OPENED, bytes_of(&version, 1), now);
            break;
        case 1:
            send_packet(fuzz_byte(&input) % 8, fuzz_take(&input, fuzz_byte(&input) % 240u), now);
            break;
        default:
            send_message(&input, now);
            break;
        }
        look_at_answer();
        pilot_step(&pilot, now);
        if (pilot_ready(&pilot)) {
            uint8_t inner = (uint8_t)(INNER_CONNECT + fuzz_byte(&input) % 4);
            pilot_ask(&pilot, inner, 0, fuzz_byte(&input), now);
        }
        REQUIRE(pilot.body_max <= LINE_BODY_MAX && pilot.state <= PILOT_UP);
        now += fuzz_byte(&input) * 10u;
    }
    return 0;
}
