/* SPDX-License-Identifier: Apache-2.0 */
/* The host's end of a chip's line. */
#include "body/endpoint/pilot.h"
#include "base/wipe.h"
#include "crypto/crypto.h"
#include "proto/frame.h"

void pilot_start(struct pilot *pilot, const struct pairing *pairing) {
    wipe(pilot, sizeof(*pilot));
    pilot->pairing = pairing;
    pilot->reason = STATUS_LINE_DOWN;
    pilot->retry_ms = PILOT_RETRY_MS;
    pilot->body_max = LINE_BODY_MAX;
    pilot->answer_ms = PILOT_ANSWER_MS;
    line_start(&pilot->line, true);
}

/* ---- down and up ---- */

static void fall(struct pilot *pilot, enum status reason, uint64_t now_ms) {
    noise_close(&pilot->channel);
    wipe(&pilot->noise, sizeof(pilot->noise));
    pilot->state = PILOT_DOWN;
    pilot->reason = reason;
    pilot->asking = false;
    pilot->answered = false;
    pilot->content = (struct bytes){0};
    line_start(&pilot->line, true);
    pilot->retry_at = now_ms + pilot->retry_ms;
    pilot->retry_ms =
        pilot->retry_ms * 2 > PILOT_RETRY_MAX_MS ? PILOT_RETRY_MAX_MS : pilot->retry_ms * 2;
}

static void open_line(struct pilot *pilot, uint64_t now_ms) {
    uint8_t number[4] = {0};
    if (crypto_random(number, sizeof(number)) != STATUS_OK) {
        fall(pilot, STATUS_NO_ENTROPY, now_ms);
        return;
    }
    line_open(&pilot->line, load_u32(number) | 1);
    pilot->state = PILOT_OPENING;
    pilot->deadline = now_ms + PILOT_OPEN_MS;
}

void pilot_plug(struct pilot *pilot, uint64_t now_ms) {
    pilot->plugged = true;
    open_line(pilot, now_ms);
}

void pilot_unplug(struct pilot *pilot) {
    fall(pilot, STATUS_LINE_DOWN, 0);
    pilot->plugged = false;
}

/* ---- the channel ---- */

static void begin_shaking(struct pilot *pilot, uint64_t now_ms) {
    uint8_t number[CHIP_NUMBER_SIZE];
    uint8_t prologue[PROLOGUE_SIZE];
    struct span out = {pilot->line.out + 1, NOISE_HANDSHAKE_SIZE};
    enum status status = message_chip_number(pilot->pairing->chip, number);
    if (status == STATUS_OK) {
        message_prologue(number, prologue);
        status = noise_begin(&pilot->noise, true, bytes_of(prologue, sizeof(prologue)),
                             &pilot->pairing->host, pilot->pairing->chip);
    }
    if (status == STATUS_OK) {
        status = noise_write(&pilot->noise, (struct bytes){0}, &out);
    }
    if (status != STATUS_OK) {
        fall(pilot, status, now_ms);
        return;
    }
    pilot->line.out[0] = MESSAGE_BEGIN;
    line_send(&pilot->line, BEGIN_SIZE);
    pilot->state = PILOT_SHAKING;
    pilot->deadline = now_ms + PILOT_SHAKE_MS;
}

static void end_shaking(struct pilot *pilot, struct span message, uint64_t now_ms) {
    uint8_t room[1];
    struct span nothing = {room, 0};
    enum status status = STATUS_BAD_FRAME;
    if (message.size == BEGIN_SIZE && message.data[0] == MESSAGE_BEGUN) {
        struct bytes rest = bytes_of(message.data + 1, message.size - 1);
        status = noise_read(&pilot->noise, rest, &nothing);
    }
    if (status == STATUS_OK) {
        status = noise_split(&pilot->noise, &pilot->channel);
    }
    line_done(&pilot->line);
    if (status != STATUS_OK) {
        fall(pilot, status == STATUS_BAD_FRAME ? STATUS_LINE_DOWN : STATUS_WRONG_PAIRING, now_ms);
        return;
    }
    pilot->state = PILOT_GREETING;
    pilot->deadline = now_ms + PILOT_SHAKE_MS;
}

/* Nobody vouches for what is said in clear: it is a hint for people, and the reason to try again
 * later. */
static enum status told_reason(struct span message) {
    switch (message.size == REFUSED_SIZE ? load_u32(message.data + 1) : 0) {
    case STATUS_NOT_PAIRED:
        return STATUS_NOT_PAIRED;
    case STATUS_WRONG_PAIRING:
        return STATUS_WRONG_PAIRING;
    case STATUS_ZEROIZED:
        return STATUS_ZEROIZED;
    case STATUS_TAMPERED:
        return STATUS_TAMPERED;
    default:
        return STATUS_LINE_DOWN;
    }
}

/* ---- questions ---- */

bool pilot_ready(const struct pilot *pilot) {
    return pilot->state == PILOT_UP && !pilot->asking && line_idle(&pilot->line);
}

uint8_t *pilot_room(struct pilot *pilot) {
    return pilot->line.out + CONTENT_AT;
}

void pilot_ask(struct pilot *pilot, enum message_inner inner, uint32_t connection, size_t size,
               uint64_t now_ms) {
    pilot->line.out[1] = (uint8_t)inner;
    save_u32(pilot->line.out + 2, connection);
    uint32_t most = pilot->answer_ms;
    most = inner == INNER_HELLO && most > PILOT_SHAKE_MS ? PILOT_SHAKE_MS : most;
    enum status status = message_send_sealed(&pilot->line, &pilot->channel, size);
    if (status != STATUS_OK) {
        fall(pilot, STATUS_LINE_DOWN, now_ms);
        return;
    }
    pilot->asking = true;
    pilot->answered = false;
    pilot->asked = (uint8_t)inner;
    pilot->deadline = now_ms + most;
}

bool pilot_answer(const struct pilot *pilot, uint32_t *connection, struct bytes *content) {
    *connection = pilot->connection;
    *content = pilot->content;
    return pilot->answered;
}

void pilot_done(struct pilot *pilot) {
    if (pilot->answered) {
        line_done(&pilot->line);
        pilot->answered = false;
        pilot->asking = false;
    }
}

/* The pilot's own question. A chip that takes less than the smallest useful frame is none. */
static void hear_greeting(struct pilot *pilot, uint64_t now_ms) {
    enum { SMALLEST = 1024 };
    uint32_t max = pilot->content.size == 8 ? load_u32(pilot->content.data) : 0;
    pilot_done(pilot);
    if (max < SMALLEST) {
        fall(pilot, STATUS_VERSION, now_ms);
        return;
    }
    pilot->body_max = max < LINE_BODY_MAX ? max : LINE_BODY_MAX;
    if (pilot->state == PILOT_GREETING) {
        pilot->state = PILOT_UP;
        pilot->reason = STATUS_OK;
        pilot->channels++;
        pilot->retry_ms = PILOT_RETRY_MS;
    }
}

static void hear_sealed(struct pilot *pilot, struct span message, uint64_t now_ms) {
    uint8_t inner = 0;
    enum status status = message_open_sealed(message, &pilot->channel, &inner, &pilot->connection,
                                             &pilot->content);
    if (status != STATUS_OK || !pilot->asking || inner != pilot->asked) {
        fall(pilot, STATUS_LINE_DOWN, now_ms);
        return;
    }
    pilot->answered = true;
    pilot->heard_at = now_ms;
    if (inner == INNER_HELLO) {
        hear_greeting(pilot, now_ms);
    }
}

static void hear(struct pilot *pilot, struct span message, uint64_t now_ms) {
    if (message.data[0] == MESSAGE_REFUSED) {
        fall(pilot, told_reason(message), now_ms);
    } else if (pilot->state == PILOT_SHAKING) {
        end_shaking(pilot, message, now_ms);
    } else if (pilot->channel.open) {
        hear_sealed(pilot, message, now_ms);
    } else {
        fall(pilot, STATUS_LINE_DOWN, now_ms);
    }
}

/* ---- the loop's functions ---- */

void pilot_feed(struct pilot *pilot, struct bytes bytes, uint64_t now_ms) {
    struct span message;
    line_feed(&pilot->line, bytes, now_ms);
    if (pilot->state != PILOT_DOWN && pilot->line.lost) {
        fall(pilot, STATUS_LINE_DOWN, now_ms);
    } else if (pilot->state != PILOT_DOWN && !pilot->answered &&
               line_message(&pilot->line, &message)) {
        hear(pilot, message, now_ms);
    }
}

size_t pilot_take(struct pilot *pilot, uint8_t *to, size_t room, uint64_t now_ms) {
    return pilot->state == PILOT_DOWN ? 0 : line_take(&pilot->line, to, room, now_ms);
}

static bool waits_for_chip(const struct pilot *pilot) {
    return pilot->state != PILOT_DOWN && (pilot->state != PILOT_UP || pilot->asking) &&
           !pilot->answered;
}

static bool is_bored(const struct pilot *pilot, uint64_t now_ms) {
    return pilot_ready(pilot) && now_ms >= pilot->heard_at + PILOT_IDLE_MS;
}

void pilot_step(struct pilot *pilot, uint64_t now_ms) {
    if (waits_for_chip(pilot) && now_ms >= pilot->deadline) {
        fall(pilot, STATUS_LINE_DOWN, now_ms);
    }
    if (pilot->state == PILOT_DOWN && pilot->plugged && now_ms >= pilot->retry_at) {
        open_line(pilot, now_ms);
    }
    if (pilot->state == PILOT_OPENING && pilot->line.opened) {
        begin_shaking(pilot, now_ms);
    }
    bool greets = pilot->state == PILOT_GREETING && !pilot->asking && line_idle(&pilot->line);
    if (greets || is_bored(pilot, now_ms)) {
        pilot_ask(pilot, INNER_HELLO, 0, 0, now_ms);
    }
}

static uint32_t until(uint64_t at, uint64_t now_ms) {
    return now_ms >= at ? 0 : (uint32_t)(at - now_ms);
}

uint32_t pilot_wait_ms(const struct pilot *pilot, uint64_t now_ms) {
    if (pilot->state == PILOT_DOWN) {
        return pilot->plugged ? until(pilot->retry_at, now_ms) : UINT32_MAX;
    }
    uint32_t wait = line_wait_ms(&pilot->line, now_ms);
    uint32_t other = waits_for_chip(pilot) ? until(pilot->deadline, now_ms)
                                           : until(pilot->heard_at + PILOT_IDLE_MS, now_ms);
    return wait < other ? wait : other;
}
