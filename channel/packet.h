/* SPDX-License-Identifier: Apache-2.0 */
/* One packet on the serial line. Between packets stands a zero byte; a packet itself is coded with
 * consistent overhead byte stuffing, so that it holds none: after any garbage the next zero byte
 * is a boundary again. Decoded:
 *
 *   kind u8, sequence u8, acknowledged u8, session u32, payload (at most 240 bytes), CRC-32 u32
 *
 * Numbers are little-endian; the CRC is that of IEEE 802.3 over all before it. It finds accidents
 * only: what an attacker changes is found by the channel above. doc/LINE.md tells the rest. */
#ifndef CHANNEL_PACKET_H
#define CHANNEL_PACKET_H

#include "base/bytes.h"
#include "base/status.h"

enum packet_kind {
    PACKET_DATA = 1,   /* a part of a message; each but the last carries PACKET_PAYLOAD_MAX bytes */
    PACKET_LAST = 2,   /* its last part */
    PACKET_ACK = 3,    /* acknowledges and carries nothing */
    PACKET_OPEN = 4,   /* host: a new session of the line begins */
    PACKET_OPENED = 5, /* chip: it has begun */
    PACKET_LOST = 6,   /* chip: this session is not known (the chip has restarted) */
};

enum {
    PACKET_PAYLOAD_MAX = 240,
    PACKET_HEADER_SIZE = 7,
    PACKET_CRC_SIZE = 4,
    PACKET_SIZE_MAX = PACKET_HEADER_SIZE + PACKET_PAYLOAD_MAX + PACKET_CRC_SIZE,
    /* Coded: one byte of overhead (below 255 bytes), a zero byte before and behind. */
    PACKET_CODED_MAX = PACKET_SIZE_MAX + 3,
};

struct packet {
    uint8_t kind;
    uint8_t sequence;
    uint8_t acknowledged; /* the sequence number expected next: all below have come */
    uint32_t session;
    struct bytes payload;
};

/* Codes a packet with the zero bytes around it; fills `out` (PACKET_CODED_MAX bytes) and returns
 * the size. The payload has at most PACKET_PAYLOAD_MAX bytes. */
size_t packet_write(const struct packet *packet, uint8_t *out) MUST_USE;

/* Puts packets together from bytes as they come. Zeroed: ready to begin. */
struct packet_reader {
    uint8_t room[PACKET_SIZE_MAX + 1];
    uint32_t used;
    uint8_t left;  /* bytes up to the next one that tells how far the next zero is */
    bool skipping; /* garbage: until the next zero byte */
    bool begun;
    uint32_t dropped; /* how often something was not a packet */
};

/* Takes one byte; true when with it a packet is complete: *packet then points into the reader until
 * the next call. What is no packet is dropped without a word. */
bool packet_read(struct packet_reader *reader, uint8_t byte, struct packet *packet) MUST_USE;

/* CRC-32 (IEEE 802.3, reflected). */
uint32_t packet_crc(struct bytes data) MUST_USE;

#endif
