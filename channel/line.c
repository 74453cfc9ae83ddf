/* SPDX-License-Identifier: Apache-2.0 */
/* Messages over a line: sessions, windows, repetition. */
#include "channel/line.h"
#include "base/wipe.h"

void line_start(struct line *line, bool is_host) {
    wipe(line, sizeof(*line));
    line->is_host = is_host;
}

/* ---- sessions ---- */

static void begin_session(struct line *line, uint32_t session) {
    wipe(line->in, sizeof(line->in));
    wipe(line->out, sizeof(line->out));
    line->session = session;
    line->expected = 0;
    line->ready = false;
    line->in_size = 0;
    line->leaving = false;
    line->first = 0;
    line->next = 0;
    line->acknowledged = 0;
    line->owes_ack = false;
    line->opened = !line->is_host;
    line->lost = false;
}

void line_open(struct line *line, uint32_t session) {
    begin_session(line, session);
    line->owes_open = true;
    line->wait_ms = LINE_RETRY_MS;
    line->due_ms = 0;
}

/* ---- arriving ---- */

/* A side that breaks the rules within a packet whose sum is right is not to be talked to. */
static void give_up(struct line *line) {
    if (line->is_host) {
        line->lost = true;
    } else {
        line->owes_lost = line->session;
        begin_session(line, 0);
        line->resets++;
    }
}

static size_t packets_of(const struct line *line) {
    return (line->out_size + PACKET_PAYLOAD_MAX - 1) / PACKET_PAYLOAD_MAX;
}

static void hear_acknowledgement(struct line *line, uint8_t acknowledged, uint64_t now_ms) {
    uint8_t count = (uint8_t)(acknowledged - line->first);
    if (!line->leaving || count == 0 || count > LINE_WINDOW ||
        line->acknowledged + count > packets_of(line)) {
        return;
    }
    line->acknowledged += count;
    line->first = acknowledged;
    line->next = line->next < line->acknowledged ? line->acknowledged : line->next;
    line->wait_ms = LINE_RETRY_MS;
    line->due_ms = now_ms + line->wait_ms;
    if (line->acknowledged == packets_of(line)) {
        line->leaving = false;
        wipe(line->out, line->out_size);
    }
}

/* While the last message is not read, nothing is taken or acknowledged: it will come again. What
 * came already is acknowledged once more, for the acknowledgement may have been lost. */
static void hear_data(struct line *line, const struct packet *packet) {
    bool last = packet->kind == PACKET_LAST;
    if (packet->sequence != line->expected) {
        line->owes_ack |= (uint8_t)(line->expected - packet->sequence) <= LINE_WINDOW;
        return;
    }
    if (line->ready) {
        return;
    }
    if (line->in_size + packet->payload.size > LINE_MESSAGE_MAX ||
        (!last && packet->payload.size != PACKET_PAYLOAD_MAX) || packet->payload.size == 0) {
        give_up(line);
        return;
    }
    bytes_copy(line->in + line->in_size, packet->payload);
    line->in_size += packet->payload.size;
    line->expected++;
    line->ready = last;
    line->owes_ack = true;
}

static void hear_open(struct line *line, const struct packet *packet) {
    if (packet->session == 0 || packet->payload.size != 1 ||
        packet->payload.data[0] != LINE_VERSION) {
        return;
    }
    if (packet->session != line->session) {
        begin_session(line, packet->session);
        line->resets++;
    }
    line->owes_open = true;
}

static void hear_at_host(struct line *line, const struct packet *packet) {
    if (packet->session != line->session || line->session == 0) {
        return;
    }
    if (packet->kind == PACKET_OPENED && packet->payload.size == 1) {
        line->opened = packet->payload.data[0] == LINE_VERSION;
        line->lost = !line->opened;
        line->owes_open = line->lost ? false : line->owes_open && !line->opened;
    } else if (packet->kind == PACKET_LOST) {
        line->lost = true;
    }
}

static void hear(struct line *line, const struct packet *packet, uint64_t now_ms) {
    if (line->is_host) {
        hear_at_host(line, packet);
    } else if (packet->kind == PACKET_OPEN) {
        hear_open(line, packet);
        return;
    } else if (packet->session != line->session && packet->session != 0) {
        line->owes_lost = packet->session;
    }
    if (packet->session != line->session || !line->opened || line->lost || line->session == 0) {
        return;
    }
    if (packet->kind == PACKET_DATA || packet->kind == PACKET_LAST ||
        packet->kind == PACKET_ACK) {
        hear_acknowledgement(line, packet->acknowledged, now_ms);
    }
    if (packet->kind == PACKET_DATA || packet->kind == PACKET_LAST) {
        hear_data(line, packet);
    }
}

void line_feed(struct line *line, struct bytes bytes, uint64_t now_ms) {
    for (size_t i = 0; i < bytes.size; i++) {
        struct packet packet;
        if (packet_read(&line->reader, bytes.data[i], &packet)) {
            hear(line, &packet, now_ms);
        }
    }
}

/* ---- leaving ---- */

static void emit(struct line *line, struct packet packet) {
    packet.acknowledged = line->expected;
    line->packet_size = (uint32_t)packet_write(&packet, line->packet);
    line->packet_at = 0;
}

static void emit_session(struct line *line, enum packet_kind kind, uint32_t session) {
    static const uint8_t version = LINE_VERSION;
    emit(line, (struct packet){.kind = (uint8_t)kind, .session = session,
                               .payload = bytes_of(&version, 1)});
}

static void emit_data(struct line *line) {
    size_t at = line->next * PACKET_PAYLOAD_MAX;
    bool last = line->next + 1 == packets_of(line);
    size_t size = last ? line->out_size - at : PACKET_PAYLOAD_MAX;
    emit(line, (struct packet){
                   .kind = last ? PACKET_LAST : PACKET_DATA,
                   .sequence = (uint8_t)(line->first + (line->next - line->acknowledged)),
                   .session = line->session,
                   .payload = bytes_of(line->out + at, size),
               });
    line->next++;
    line->owes_ack = false;
}

static void wait_longer(struct line *line, uint64_t now_ms) {
    line->due_ms = now_ms + line->wait_ms;
    line->wait_ms = line->wait_ms * 2 > LINE_RETRY_MAX_MS ? LINE_RETRY_MAX_MS : line->wait_ms * 2;
}

static bool window_is_open(const struct line *line) {
    return line->next < packets_of(line) && line->next - line->acknowledged < LINE_WINDOW;
}

/* The host repeats its opening until it is answered. */
static void next_of_opening(struct line *line, uint64_t now_ms) {
    if (line->owes_open && now_ms >= line->due_ms) {
        emit_session(line, PACKET_OPEN, line->session);
        wait_longer(line, now_ms);
    }
}

static void next_of_message(struct line *line, uint64_t now_ms) {
    if (line->next > line->acknowledged && now_ms >= line->due_ms) {
        line->next = line->acknowledged; /* not acknowledged in time: all again from there */
    }
    if (window_is_open(line)) {
        bool first = line->next == line->acknowledged;
        emit_data(line);
        if (first) {
            wait_longer(line, now_ms);
        }
    }
}

static void next_packet(struct line *line, uint64_t now_ms) {
    line->packet_size = 0;
    line->packet_at = 0;
    if (line->owes_lost != 0) {
        emit_session(line, PACKET_LOST, line->owes_lost);
        line->owes_lost = 0;
        return;
    }
    if (line->session == 0 || line->lost) {
        return;
    }
    if (line->is_host && !line->opened) {
        next_of_opening(line, now_ms);
        return;
    }
    if (!line->is_host && line->owes_open) {
        line->owes_open = false;
        emit_session(line, PACKET_OPENED, line->session);
        return;
    }
    if (line->leaving) {
        next_of_message(line, now_ms);
    }
    if (line->packet_size == 0 && line->owes_ack) {
        line->owes_ack = false;
        emit(line, (struct packet){.kind = PACKET_ACK, .session = line->session});
    }
}

size_t line_take(struct line *line, uint8_t *to, size_t room, uint64_t now_ms) {
    size_t used = 0;
    while (used < room) {
        if (line->packet_at == line->packet_size) {
            next_packet(line, now_ms);
        }
        size_t size = line->packet_size - line->packet_at;
        size = size < room - used ? size : room - used;
        if (size == 0) {
            break;
        }
        memcpy(to + used, line->packet + line->packet_at, size);
        line->packet_at += (uint32_t)size;
        used += size;
    }
    return used;
}

uint32_t line_wait_ms(const struct line *line, uint64_t now_ms) {
    bool opening = line->is_host && line->session != 0 && !line->opened;
    bool answering = !line->is_host && line->owes_open;
    if (line->packet_at < line->packet_size || line->owes_lost != 0) {
        return 0;
    }
    if (line->lost || line->session == 0) {
        return UINT32_MAX;
    }
    if (answering || (!opening && (line->owes_ack || (line->leaving && window_is_open(line))))) {
        return 0;
    }
    if (!opening && !line->leaving) {
        return UINT32_MAX;
    }
    return now_ms >= line->due_ms ? 0 : (uint32_t)(line->due_ms - now_ms);
}

/* ---- whole messages ---- */

bool line_message(struct line *line, struct span *message) {
    *message = (struct span){line->in, line->in_size};
    return line->ready && !line->lost;
}

void line_done(struct line *line) {
    wipe(line->in, line->in_size);
    line->ready = false;
    line->in_size = 0;
}

bool line_idle(const struct line *line) {
    return line->session != 0 && line->opened && !line->lost && !line->leaving;
}

void line_send(struct line *line, size_t size) {
    line->out_size = size;
    line->acknowledged = 0;
    line->next = 0;
    line->leaving = true;
    line->wait_ms = LINE_RETRY_MS;
    line->due_ms = 0;
}
