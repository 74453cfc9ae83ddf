/* SPDX-License-Identifier: Apache-2.0 */
/* The memory that a client and the daemon share: LINK_LANES lanes, each for one request at a time.
 *
 * A connection begins on a seqpacket socket. The daemon sends one welcome (struct link_welcome) and
 * with it a sealed memory file; afterwards the client sends only lane numbers (u32), each meaning
 * "a request lies there and nobody serves this lane". Whatever else arrives ends the connection,
 * and so does the end of either process.
 *
 * A lane word is turn << LANE_SIZE_BITS | size: one read gives both the event and the length. The
 * client writes its frame, then a word with a new turn to `request`; the daemon copies the frame,
 * serves it, writes its frame, then a word with the same turn to `reply`. Who is about to sleep
 * says so in its `waits` word first and looks again; who writes a word wakes the other only if it
 * waits (futexes on `request` and `reply`).
 *
 * Neither side trusts the other: every size is checked against LANE_ROOM, every frame is copied
 * once and only then read. `cpu` and `spin` are hints for speed: a wrong one costs time and nothing
 * else. */
#ifndef PROTO_LANE_H
#define PROTO_LANE_H

#include "base/bytes.h"
#include "base/limits.h"
#include "proto/frame.h"

enum {
    LINK_VERSION = 1,
    LINK_LANES = 16,
    LANE_ROOM = FRAME_HEADER_SIZE + FRAME_BODY_MAX,
    LANE_SIZE_BITS = 18,
    LANE_SIZE_MASK = (1 << LANE_SIZE_BITS) - 1,
    LANE_PAGE = 4096,
};

_Static_assert(LANE_ROOM <= LANE_SIZE_MASK, "the size of a frame fits into a lane word");

struct lane {
    /* written by the client */
    _Alignas(LANE_PAGE) uint32_t request;
    uint32_t client_waits;
    uint32_t cpu; /* where the client runs, plus one; 0: it does not say */
    /* written by the daemon */
    _Alignas(64) uint32_t reply;
    uint32_t daemon_waits;
    uint32_t served; /* 0: a new request needs a message on the socket */
    uint32_t spin;   /* 1: the reply comes so soon that looking for it beats sleeping */
    _Alignas(64) uint8_t request_frame[LANE_ROOM];
    _Alignas(64) uint8_t reply_frame[LANE_ROOM];
};

/* The whole memory file. */
struct link_memory {
    struct lane lanes[LINK_LANES];
};

enum { LINK_WELCOME_SIZE = 20 };
/* The welcome, each a little-endian u32: "EHLK", LINK_VERSION, status, number of lanes, size of the
 * file. */
enum { LINK_MAGIC = 0x4b4c4845 };

/* The word after `word` for a frame of `size` bytes. */
static inline uint32_t lane_next(uint32_t word, size_t size) {
    uint32_t turn = (word >> LANE_SIZE_BITS) + 1;
    return turn << LANE_SIZE_BITS | (uint32_t)size;
}

/* The word that answers `word` with a frame of `size` bytes. */
static inline uint32_t lane_answer(uint32_t word, size_t size) {
    return (word & ~(uint32_t)LANE_SIZE_MASK) | (uint32_t)size;
}

static inline uint32_t lane_size(uint32_t word) {
    return word & LANE_SIZE_MASK;
}

static inline bool lane_same_turn(uint32_t a, uint32_t b) {
    return a >> LANE_SIZE_BITS == b >> LANE_SIZE_BITS;
}

#endif
