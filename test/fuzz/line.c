/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of any kind on a chip's line, heard by both of its ends: raw ones, and packets whose sum is
 * right. What is heard stays within its bounds, and a good packet after it is still heard. */
#include "channel/line.h"
#include "test/fuzz/fuzz.h"

static struct line line;

static void check(const struct line *heard) {
    REQUIRE(heard->in_size <= LINE_MESSAGE_MAX);
    REQUIRE(heard->acknowledged <= heard->next || !heard->leaving);
    REQUIRE(heard->next - heard->acknowledged <= LINE_WINDOW || !heard->leaving);
    REQUIRE(heard->packet_at <= heard->packet_size && heard->packet_size <= PACKET_CODED_MAX);
}

static void feed_packet(struct bytes *input, uint64_t now) {
    uint8_t coded[PACKET_CODED_MAX];
    struct packet packet = {
        .kind = fuzz_byte(input),
        .sequence = fuzz_byte(input),
        .acknowledged = fuzz_byte(input),
        .session = fuzz_byte(input) % 3,
    };
    packet.payload = fuzz_string(input);
    if (packet.payload.size > PACKET_PAYLOAD_MAX) {
        packet.payload.size = PACKET_PAYLOAD_MAX;
    }
    line_feed(&line, bytes_of(coded, packet_write(&packet, coded)), now);
}

static void step(struct bytes *input, uint64_t now) {
    uint8_t out[300];
    struct span message;
    struct bytes raw;
    switch (fuzz_byte(input) % 6) {
    case 0:
        raw = fuzz_string(input);
        line_feed(&line, raw, now);
        break;
    case 1:
        REQUIRE(line_take(&line, out, fuzz_byte(input) + 1u, now) <= 256);
        break;
    case 2:
        if (line_idle(&line)) {
            memset(line.out, 1, LINE_MESSAGE_MAX);
            line_send(&line, 1 + fuzz_number(input, 2) % LINE_MESSAGE_MAX);
        }
        break;
    case 3:
        if (line_message(&line, &message)) {
            REQUIRE(message.size > 0 && message.size <= LINE_MESSAGE_MAX);
            fuzz_look(bytes_of_span(message));
            line_done(&line);
        }
        break;
    default:
        feed_packet(input, now);
        break;
    }
    REQUIRE(line_wait_ms(&line, now) <= LINE_RETRY_MAX_MS ||
            line_wait_ms(&line, now) == UINT32_MAX);
    check(&line);
}

static void still_hears(uint64_t now) {
    static const uint8_t version = LINE_VERSION;
    uint8_t coded[PACKET_CODED_MAX];
    struct packet packet = {.kind = line.is_host ? PACKET_OPENED : PACKET_OPEN, .session = 77,
                            .payload = bytes_of(&version, 1)};
    if (line.is_host) {
        line_open(&line, 77);
    }
    line_feed(&line, bytes_of(coded, packet_write(&packet, coded)), now);
    REQUIRE(line.session == 77 && line.opened && !line.lost);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes input = {data, size};
    uint64_t now = 0;
    line_start(&line, fuzz_byte(&input) % 2 == 0);
    if (line.is_host) {
        line_open(&line, 1);
    }
    while (input.size > 0) {
        step(&input, now);
        now += fuzz_byte(&input) * 4u;
    }
    still_hears(now);
    return 0;
}
