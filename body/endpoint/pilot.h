/* SPDX-License-Identifier: Apache-2.0 */
/* The host's end of a chip's line: opens the line, makes the channel, asks one question at a time.
 * Pure: bytes in, bytes out, the time is told; body/endpoint/module.c drives it, and so do tests
 * and fuzzing. What the chip says is not believed beyond its keys: every size is checked, and what
 * is not the answer to the question ends the channel. */
#ifndef BODY_ENDPOINT_PILOT_H
#define BODY_ENDPOINT_PILOT_H

#include "channel/message.h"

/* What the pairing left: the host's own key and the chip's public one. */
struct pairing {
    struct noise_pair host;
    uint8_t chip[NOISE_KEY_SIZE];
};

enum pilot_state {
    PILOT_DOWN,     /* not plugged, or waiting to try again */
    PILOT_OPENING,  /* the line */
    PILOT_SHAKING,  /* hands: the channel */
    PILOT_GREETING, /* first sealed question */
    PILOT_UP,
};

enum {
    PILOT_OPEN_MS = 5000,   /* the chip must open the line, */
    PILOT_SHAKE_MS = 10000, /* answer a handshake or a greeting, */
    PILOT_ANSWER_MS = 60000, /* and any other question in this time, where nothing else is said */
    PILOT_RETRY_MS = 100,   /* first wait before trying again; doubles */
    PILOT_RETRY_MAX_MS = 5000,
    PILOT_IDLE_MS = 5000, /* a chip that was not asked for so long is greeted */
};

struct pilot {
    enum pilot_state state;
    enum status reason; /* why it is down */
    bool plugged;
    bool asking;
    bool answered;       /* an answer lies there, to be read */
    uint8_t asked;       /* enum message_inner */
    uint32_t channels;   /* that stood so far: a new number is a new channel */
    uint32_t body_max;   /* largest frame body the chip takes */
    uint32_t answer_ms;
    uint32_t retry_ms;
    uint64_t retry_at;
    uint64_t deadline;
    uint64_t heard_at; /* last answer */
    const struct pairing *pairing;
    uint32_t connection; /* of the answer */
    struct bytes content;
    struct noise noise;
    struct noise_channel channel;
    struct line line;
};

/* Starts, unplugged. The pairing is kept. */
void pilot_start(struct pilot *pilot, const struct pairing *pairing);
/* The medium is there, or gone. */
void pilot_plug(struct pilot *pilot, uint64_t now_ms);
void pilot_unplug(struct pilot *pilot);

void pilot_feed(struct pilot *pilot, struct bytes bytes, uint64_t now_ms);
size_t pilot_take(struct pilot *pilot, uint8_t *to, size_t room, uint64_t now_ms) MUST_USE;
/* Goes on: after feeding, and when pilot_wait_ms() is over. */
void pilot_step(struct pilot *pilot, uint64_t now_ms);
uint32_t pilot_wait_ms(const struct pilot *pilot, uint64_t now_ms) MUST_USE;

/* Whether a question can be asked now. */
bool pilot_ready(const struct pilot *pilot) MUST_USE;
/* Where the content of the next question is to be put: LINE_BODY_MAX + FRAME_HEADER_SIZE bytes. */
uint8_t *pilot_room(struct pilot *pilot) MUST_USE;
void pilot_ask(struct pilot *pilot, enum message_inner inner, uint32_t connection, size_t size,
               uint64_t now_ms);
/* The answer to it, if it is there; stays until pilot_done(). */
bool pilot_answer(const struct pilot *pilot, uint32_t *connection,
                  struct bytes *content) MUST_USE;
void pilot_done(struct pilot *pilot);

#endif
