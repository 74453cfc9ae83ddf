/* SPDX-License-Identifier: Apache-2.0 */
/* Messages over a serial line that loses, repeats, mixes up and falsifies bytes: whole, in order,
 * each once, or not at all. The same file on both sides; the host begins sessions.
 *
 * Pure: bytes in, bytes out, the time is told. One message is under way in each direction; its
 * packets go by at most LINE_WINDOW ahead of their acknowledgement, so that a receiver with
 * LINE_RING_SIZE bytes of ring loses none of them while it is busy; what is not acknowledged in
 * time is sent again from there on (go-back-N). Nothing here is secret or authentic: the channel
 * inside the messages sees to that. */
#ifndef CHANNEL_LINE_H
#define CHANNEL_LINE_H

#include "channel/packet.h"

enum {
    LINE_VERSION = 1,
    LINE_WINDOW = 7,
    /* A ring of this size behind the UART takes a whole window and an acknowledgement. */
    LINE_RING_SIZE = 2048,
    /* Largest body of a frame (proto/frame.h) that a line carries: FRAME_BODY_MAX of the chip. */
    LINE_BODY_MAX = 6144,
    LINE_MESSAGE_MAX = LINE_BODY_MAX + 64,
    LINE_RETRY_MS = 300,      /* first repetition; each further one waits twice as long, */
    LINE_RETRY_MAX_MS = 2400, /* up to this */
};
_Static_assert((LINE_WINDOW + 1) * PACKET_CODED_MAX <= LINE_RING_SIZE, "a window fits the ring");

struct line {
    uint32_t session; /* 0: none */
    bool is_host;
    bool opened;      /* host: the chip has answered */
    bool lost;        /* host: the chip does not know the session, or broke its rules */
    uint32_t resets;  /* chip: counts sessions, so that its owner sees a new one */
    struct packet_reader reader;
    /* arriving */
    uint8_t expected;
    bool ready; /* a whole message lies in `in` */
    size_t in_size;
    /* leaving */
    bool leaving;
    size_t out_size;
    size_t acknowledged; /* packets of the message that have come through */
    size_t next;         /* packet to be sent next */
    uint8_t first;       /* sequence number of packet `acknowledged` */
    uint32_t wait_ms;
    uint64_t due_ms;
    /* to be sent besides */
    bool owes_ack;
    bool owes_open; /* host: OPEN; chip: OPENED */
    uint32_t owes_lost; /* chip: the session that is not known; 0: none */
    /* the packet that is being handed out */
    uint32_t packet_size;
    uint32_t packet_at;
    uint8_t packet[PACKET_CODED_MAX];
    uint8_t in[LINE_MESSAGE_MAX];
    uint8_t out[LINE_MESSAGE_MAX];
};

/* Starts: no session, nothing under way. */
void line_start(struct line *line, bool is_host);
/* Host: begins a new session, named by a number other than 0 that it has not used lately; messages
 * under way in both directions are dropped. */
void line_open(struct line *line, uint32_t session);

/* Takes bytes as they came from the line. */
void line_feed(struct line *line, struct bytes bytes, uint64_t now_ms);
/* Gives bytes for the line: at most `room`; returns how many, 0: nothing now. What was given
 * counts as sent. */
size_t line_take(struct line *line, uint8_t *to, size_t room, uint64_t now_ms) MUST_USE;
/* Milliseconds until line_take has something to say though nothing came; UINT32_MAX: never. */
uint32_t line_wait_ms(const struct line *line, uint64_t now_ms) MUST_USE;

/* The message that has come; it stays where it is until line_done(), and no other comes meanwhile.
 * The owner may change the bytes. False: there is none. */
bool line_message(struct line *line, struct span *message) MUST_USE;
/* The message was read: wipes it, takes the next. */
void line_done(struct line *line);

/* Whether the last message has left and was acknowledged: line->out is free for the next. */
bool line_idle(const struct line *line) MUST_USE;
/* Sends the first `size` bytes of line->out, which the owner has filled; the line must be idle.
 * 0 < size <= LINE_MESSAGE_MAX. */
void line_send(struct line *line, size_t size);

#endif
