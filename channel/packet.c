/* SPDX-License-Identifier: Apache-2.0 */
/* Packets: coding without zero bytes, and the sum that finds accidents. */
#include "channel/packet.h"

enum { BLOCK = 254 };

/* Four bits at a time: a table of 64 bytes instead of one of 1024. */
uint32_t packet_crc(struct bytes data) {
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = ~0u;
    for (size_t i = 0; i < data.size; i++) {
        crc ^= data.data[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

/* ---- writing ---- */

size_t packet_write(const struct packet *packet, uint8_t *out) {
    uint8_t raw[PACKET_SIZE_MAX];
    raw[0] = packet->kind;
    raw[1] = packet->sequence;
    raw[2] = packet->acknowledged;
    save_u32(raw + 3, packet->session);
    bytes_copy(raw + PACKET_HEADER_SIZE, packet->payload);
    size_t size = PACKET_HEADER_SIZE + packet->payload.size;
    save_u32(raw + size, packet_crc(bytes_of(raw, size)));
    size += PACKET_CRC_SIZE;
    size_t at = 1; /* of the byte that tells how far the next zero is */
    out[0] = 0;
    for (size_t i = 0, code = at++; i <= size; i++) {
        if (i == size || raw[i] == 0) {
            out[code] = (uint8_t)(at - code);
            code = at++;
        } else {
            out[at++] = raw[i];
        }
    }
    out[at - 1] = 0;
    return at;
}

/* ---- reading ---- */

static void begin(struct packet_reader *reader) {
    reader->used = 0;
    reader->left = 0;
    reader->begun = false;
    reader->skipping = false;
}

static void skip(struct packet_reader *reader) {
    reader->skipping = true;
    reader->dropped++;
}

static bool take_apart(struct packet_reader *reader, struct packet *packet) {
    size_t size = reader->used - 1; /* the last block ends in a zero that is not there */
    if (reader->left != 0 || reader->used < 1 + PACKET_HEADER_SIZE + PACKET_CRC_SIZE) {
        return false;
    }
    size -= PACKET_CRC_SIZE;
    if (packet_crc(bytes_of(reader->room, size)) != load_u32(reader->room + size)) {
        return false;
    }
    packet->kind = reader->room[0];
    packet->sequence = reader->room[1];
    packet->acknowledged = reader->room[2];
    packet->session = load_u32(reader->room + 3);
    packet->payload = bytes_of(reader->room + PACKET_HEADER_SIZE, size - PACKET_HEADER_SIZE);
    return true;
}

/* A packet is shorter than a block, so each block stands for a zero behind it, and the zero behind
 * the last one is the end. A byte that tells more than a block is garbage. */
bool packet_read(struct packet_reader *reader, uint8_t byte, struct packet *packet) {
    if (byte == 0) {
        bool begun = reader->begun && !reader->skipping;
        bool whole = begun && take_apart(reader, packet);
        reader->dropped += begun && !whole;
        begin(reader);
        return whole;
    }
    if (reader->skipping) {
        return false;
    }
    bool is_code = reader->left == 0;
    if ((is_code && byte > BLOCK) || reader->used >= sizeof(reader->room)) {
        skip(reader);
        return false;
    }
    if (is_code) {
        reader->left = byte;
        reader->begun = true;
    } else {
        reader->room[reader->used++] = byte;
    }
    reader->left--;
    if (reader->left == 0 && reader->used < sizeof(reader->room)) {
        reader->room[reader->used++] = 0;
    } else if (reader->left == 0) {
        skip(reader);
    }
    return false;
}
