/* SPDX-License-Identifier: Apache-2.0 */
/* What the messages of a line mean. In clear:
 *
 *   PAIR u8, host's public key          ->      <-  PAIRED u8, chip's public key, chip's number
 *   BEGIN u8, Noise message 1           ->      <-  BEGUN u8, Noise message 2
 *                                               <-  REFUSED u8, status u32 (not authentic)
 *   SEALED u8, Noise transport message  <->
 *
 * Inside SEALED: kind u8, connection u32, content. The host asks, the chip answers each with one
 * message of the same kind:
 *
 *   HELLO                               ->      <-  frame body maximum u32, connections u32
 *   CONNECT, 0, peer                    ->      <-  status u32; `connection` is the new one
 *   DISCONNECT, connection              ->      <-  (nothing)
 *   REQUEST, connection, frame          ->      <-  frame
 *   REFUSED_PEER, 0, peer               ->      <-  (nothing); tells the log
 *
 * peer: uid u32, pid u32, number of groups u8, groups u32 each. Numbers are little-endian. */
#ifndef CHANNEL_MESSAGE_H
#define CHANNEL_MESSAGE_H

#include "channel/line.h"
#include "channel/noise.h"

enum message_kind {
    MESSAGE_PAIR = 1,
    MESSAGE_PAIRED = 2,
    MESSAGE_BEGIN = 3,
    MESSAGE_BEGUN = 4,
    MESSAGE_SEALED = 5,
    MESSAGE_REFUSED = 6,
};

enum message_inner {
    INNER_HELLO = 1,
    INNER_CONNECT = 2,
    INNER_DISCONNECT = 3,
    INNER_REQUEST = 4,
    INNER_REFUSED_PEER = 5,
};

enum {
    CHIP_NUMBER_SIZE = 16,
    MESSAGE_GROUPS_MAX = 32,
    PAIR_SIZE = 1 + NOISE_KEY_SIZE,
    PAIRED_SIZE = 1 + NOISE_KEY_SIZE + CHIP_NUMBER_SIZE,
    BEGIN_SIZE = 1 + NOISE_HANDSHAKE_SIZE,
    REFUSED_SIZE = 1 + 4,
    INNER_HEADER_SIZE = 1 + 4,
    /* Where a sealed message's content begins in the line's buffer. */
    CONTENT_AT = 1 + INNER_HEADER_SIZE,
    MESSAGE_PEER_MAX = 9 + 4 * MESSAGE_GROUPS_MAX,
};

/* A process as the host's end saw it. */
struct message_peer {
    uint32_t uid;
    uint32_t pid;
    uint32_t group_count;
    uint32_t groups[MESSAGE_GROUPS_MAX];
};

/* Writes a peer to `to` (MESSAGE_PEER_MAX bytes); returns its size. */
size_t message_peer_write(const struct message_peer *peer, uint8_t *to) MUST_USE;
/* STATUS_BAD_FRAME when it is not one. */
enum status message_peer_read(struct bytes raw, struct message_peer *peer) MUST_USE;

/* Fills the chip's number (CHIP_NUMBER_SIZE bytes), which follows from its public key. */
enum status message_chip_number(const uint8_t *public_key, uint8_t *number) MUST_USE;

enum { PROLOGUE_SIZE = 16 + CHIP_NUMBER_SIZE };
/* Fills the prologue of the handshake: name and version of the protocol, number of the chip. */
void message_prologue(const uint8_t *number, uint8_t *prologue);

/* Seals what stands at line->out + 1 (INNER_HEADER_SIZE + content bytes of it), and sends it. The
 * line must be idle. */
enum status message_send_sealed(struct line *line, struct noise_channel *channel,
                                size_t content) MUST_USE;
/* Opens a sealed message in place; *inner and *connection and *content (pointing into it) say what
 * it holds. STATUS_AEAD_FAILED, STATUS_BAD_FRAME; the channel is closed then. */
enum status message_open_sealed(struct span message, struct noise_channel *channel,
                                uint8_t *inner, uint32_t *connection,
                                struct bytes *content) MUST_USE;

#endif
