/* SPDX-License-Identifier: Apache-2.0 */
/* The chip's end of the line against whatever a host or a wire says: messages in clear, handshakes,
 * and sealed ones that decrypt because the host holds the keys. Frames inside are fuzzed by
 * frames.c; here the core is one that has just started. */
#include "body/firmware/serve.h"
#include "crypto/crypto.h"
#include "port/sim/sim.h"
#include "test/fuzz/fuzz.h"

static struct serve serve;
static struct hsm *hsm;
static struct call *call;
static struct sim_memory *fresh;

enum status __wrap_noise_open(struct noise_channel *channel, uint8_t *data, size_t size);
enum status __wrap_noise_read(struct noise *noise, struct bytes message, struct span *payload);

enum status __wrap_noise_open(struct noise_channel *channel, uint8_t *data, size_t size) {
    (void)data;
    return channel->open && size >= NOISE_TAG_SIZE ? STATUS_OK : STATUS_AEAD_FAILED;
}

/* Half of the handshakes are the paired host's. */
enum status __wrap_noise_read(struct noise *noise, struct bytes message, struct span *payload) {
    payload->size = 0;
    memcpy(noise->peer_ephemeral, noise->peer, NOISE_KEY_SIZE);
    return message.data[0] % 2 == 0 ? STATUS_OK : STATUS_AEAD_FAILED;
}

static void *room(size_t size) {
    void *memory = aligned_alloc(64, (size + 63) & ~(size_t)63);
    REQUIRE(memory != NULL);
    memset(memory, 0, size);
    return memory;
}

int LLVMFuzzerInitialize(int *count, char ***words) {
    (void)count;
    (void)words;
    sim_reset(NULL, true);
    hsm = room(hsm_size());
    call = room(call_size());
    REQUIRE(hsm_start(hsm) == STATUS_OK);
    fresh = sim_remember(NULL);
    return 0;
}

static uint8_t sequence;

static void feed(enum packet_kind kind, struct bytes payload) {
    uint8_t coded[PACKET_CODED_MAX];
    struct packet packet = {.kind = (uint8_t)kind, .sequence = sequence, .session = 5,
                            .acknowledged = (uint8_t)(serve.line.first + serve.line.next -
                                                      serve.line.acknowledged),
                            .payload = payload};
    sequence += kind == PACKET_DATA || kind == PACKET_LAST;
    serve_feed(&serve, bytes_of(coded, packet_write(&packet, coded)), 0);
}

static void feed_message(struct bytes message) {
    while (message.size > 0) {
        size_t part = message.size < PACKET_PAYLOAD_MAX ? message.size : PACKET_PAYLOAD_MAX;
        feed(part == message.size ? PACKET_LAST : PACKET_DATA, bytes_of(message.data, part));
        message = bytes_of(message.data + part, message.size - part);
    }
}

static void drain(void) {
    uint8_t out[1024];
    while (serve_take(&serve, out, sizeof(out), 0) > 0) {
    }
}

static void open_session(void) {
    static const uint8_t version = LINE_VERSION;
    sequence = 0;
    feed(PACKET_OPEN, bytes_of(&version, 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes input = {data, size};
    sim_recall(fresh);
    serve_start(&serve, hsm, call);
    open_session();
    while (input.size > 0) {
        uint8_t what = fuzz_byte(&input);
        struct bytes rest = fuzz_string(&input);
        if (what % 16 == 15) {
            open_session();
        } else if (rest.size > 0) {
            feed_message(rest);
        }
        drain();
        feed(PACKET_ACK, (struct bytes){0});
        while (serve_work(&serve)) {
            drain();
            feed(PACKET_ACK, (struct bytes){0});
        }
        if (serve.line.session != 5) {
            open_session();
        }
    }
    line_open(&serve.line, 0);
    serve.line.resets++;
    serve_feed(&serve, (struct bytes){0}, 0); /* ends the channel: the core's connections too */
    REQUIRE(serve.connections == 0);
    return 0;
}
