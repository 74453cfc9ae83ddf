/* SPDX-License-Identifier: Apache-2.0 */
/* The meaning of messages. */
#include "channel/message.h"
#include "base/wipe.h"
#include "crypto/crypto.h"

size_t message_peer_write(const struct message_peer *peer, uint8_t *to) {
    uint32_t count =
        peer->group_count < MESSAGE_GROUPS_MAX ? peer->group_count : MESSAGE_GROUPS_MAX;
    save_u32(to, peer->uid);
    save_u32(to + 4, peer->pid);
    to[8] = (uint8_t)count;
    for (uint32_t i = 0; i < count; i++) {
        save_u32(to + 9 + 4 * i, peer->groups[i]);
    }
    return 9 + 4 * (size_t)count;
}

enum status message_peer_read(struct bytes raw, struct message_peer *peer) {
    if (raw.size < 9 || raw.data[8] > MESSAGE_GROUPS_MAX ||
        raw.size != 9 + 4 * (size_t)raw.data[8]) {
        return STATUS_BAD_FRAME;
    }
    *peer = (struct message_peer){.uid = load_u32(raw.data), .pid = load_u32(raw.data + 4),
                                  .group_count = raw.data[8]};
    for (uint32_t i = 0; i < peer->group_count; i++) {
        peer->groups[i] = load_u32(raw.data + 9 + 4 * i);
    }
    return STATUS_OK;
}

enum status message_chip_number(const uint8_t *public_key, uint8_t *number) {
    uint8_t hash[HASH_SIZE_MAX];
    struct bytes parts[] = {bytes_of_text("Edge HSM chip number 1"),
                            bytes_of(public_key, NOISE_KEY_SIZE)};
    TRY(crypto_hash(HASH_SHA256, parts, 2, hash));
    memcpy(number, hash, CHIP_NUMBER_SIZE);
    return STATUS_OK;
}

void message_prologue(const uint8_t *number, uint8_t *prologue) {
    static const char name[16] = "Edge HSM line 1";
    memcpy(prologue, name, sizeof(name));
    memcpy(prologue + sizeof(name), number, CHIP_NUMBER_SIZE);
}

enum status message_send_sealed(struct line *line, struct noise_channel *channel, size_t content) {
    size_t size = INNER_HEADER_SIZE + content;
    enum status status = noise_seal(channel, line->out + 1, size);
    if (status != STATUS_OK) {
        wipe(line->out, sizeof(line->out)); /* it may still be in clear */
        return status;
    }
    line->out[0] = MESSAGE_SEALED;
    line_send(line, 1 + size + NOISE_TAG_SIZE);
    return STATUS_OK;
}

enum status message_open_sealed(struct span message, struct noise_channel *channel,
                                uint8_t *inner, uint32_t *connection, struct bytes *content) {
    if (message.size < 1 + INNER_HEADER_SIZE + NOISE_TAG_SIZE ||
        message.data[0] != MESSAGE_SEALED) {
        noise_close(channel);
        return STATUS_BAD_FRAME;
    }
    TRY(noise_open(channel, message.data + 1, message.size - 1));
    *inner = message.data[1];
    *connection = load_u32(message.data + 2);
    *content = bytes_of(message.data + CONTENT_AT, message.size - CONTENT_AT - NOISE_TAG_SIZE);
    return STATUS_OK;
}
