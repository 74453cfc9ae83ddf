/* SPDX-License-Identifier: Apache-2.0 */
/* The frame around every command and reply. */
#include "proto/frame.h"

enum status frame_read(struct bytes raw, struct frame *frame) {
    if (raw.size < FRAME_HEADER_SIZE || raw.data[0] != 'E' || raw.data[1] != 'H' ||
        raw.data[3] != 0) {
        return STATUS_BAD_FRAME;
    }
    if (raw.data[2] != PROTOCOL_VERSION) {
        return STATUS_VERSION;
    }
    if (load_u32(raw.data + 8) != raw.size - FRAME_HEADER_SIZE) {
        return STATUS_BAD_FRAME;
    }
    frame->code = load_u32(raw.data + 4);
    frame->body = bytes_of(raw.data + FRAME_HEADER_SIZE, raw.size - FRAME_HEADER_SIZE);
    return STATUS_OK;
}

void frame_write_header(uint8_t *to, uint32_t code, size_t body_size) {
    to[0] = 'E';
    to[1] = 'H';
    to[2] = PROTOCOL_VERSION;
    to[3] = 0;
    save_u32(to + 4, code);
    save_u32(to + 8, (uint32_t)body_size);
}
