/* SPDX-License-Identifier: Apache-2.0 */
/* The frame around every command and reply:
 *
 *   request  "EH" version u8, zero u8, command u32, body size u32, body
 *   reply    "EH" version u8, zero u8, status u32, body size u32, body (empty unless STATUS_OK)
 *
 * Numbers are little-endian. There is one valid encoding of each message. */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include "base/bytes.h"
#include "base/status.h"

enum { FRAME_HEADER_SIZE = 12, PROTOCOL_VERSION = 1 };

/* A frame taken apart; body points into the frame. */
struct frame {
    uint32_t code; /* command number or status */
    struct bytes body;
};

/* Takes a frame apart. STATUS_BAD_FRAME when it is truncated, has leftovers or a wrong magic;
 * STATUS_VERSION for another protocol version. */
enum status frame_read(struct bytes raw, struct frame *frame) MUST_USE;

/* Writes the header for a body of body_size bytes to the first FRAME_HEADER_SIZE bytes at `to`. */
void frame_write_header(uint8_t *to, uint32_t code, size_t body_size);

#endif
