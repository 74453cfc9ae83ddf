/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that holds the line, and the requests that wait for it. */
#define _GNU_SOURCE
#include "body/endpoint/module.h"
#include "base/wipe.h"
#include "body/door/arena.h"
#include "body/endpoint/pairing.h"
#include "body/endpoint/queue.h"
#include "body/endpoint/wire.h"
#include "port/linux/linux.h"
#include "port/port.h"
#include "proto/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 5000, /* a request waits so long for a line that is down */
    PAIRING_LOOK_MS = 1000,
    REOPEN_MS = 500,
};

/* Under the lock. */
static struct {
    pthread_mutex_t lock;
    struct queue *queue;
    uint32_t body_max;
} door = {.lock = PTHREAD_MUTEX_INITIALIZER, .body_max = LINE_BODY_MAX};

/* The line thread's own. */
static struct {
    struct line_settings settings;
    int rouse[2]; /* a byte here ends the thread's sleep */
    struct pairing *pairing;
    bool paired;
    struct pilot *pilot;
    uint32_t channels; /* of the pilot, as far as they were noticed */
    bool was_up;
    uint64_t reopen_at;
    int open_failure; /* why it could not be opened, as it was said last; 0: it could */
    struct slot *asking; /* for whom the question under way is asked; NULL: for the endpoint */
    struct call *call;   /* which request of it; NULL: joining or leaving */
    uint8_t out[2048];   /* taken from the line and not yet written */
    size_t out_size;
    enum status told; /* why the line is down, as the log was told last */
} line = {.rouse = {-1, -1}, .told = STATUS_INTERNAL}; /* nothing yet */

/* ---- memory ---- */

size_t module_memory(void) {
    return arena_cost(sizeof(struct queue)) + arena_cost(sizeof(struct pilot)) +
           arena_cost(sizeof(struct pairing));
}

enum status module_reserve(void) {
    door.queue = arena_take(sizeof(struct queue));
    line.pilot = arena_take(sizeof(struct pilot));
    line.pairing = arena_take(sizeof(struct pairing));
    bool taken = door.queue != NULL && line.pilot != NULL && line.pairing != NULL;
    return taken ? STATUS_OK : STATUS_MEMORY;
}

enum status module_open(const struct line_settings *settings) {
    line.settings = *settings;
    return pipe2(line.rouse, O_CLOEXEC | O_NONBLOCK) == 0 ? STATUS_OK : STATUS_INTERNAL;
}

/* ---- what the door asks ---- */

static void rouse(void) {
    static const uint8_t byte = 1;
    if (write(line.rouse[1], &byte, 1) < 0 && errno != EAGAIN) {
        linux_say_errno("cannot wake the line's thread");
    }
}

size_t module_call_size(void) {
    return sizeof(struct call);
}

enum status module_connect(const struct peer *peer, uint32_t *connection) {
    pthread_mutex_lock(&door.lock);
    enum status status = queue_join(door.queue, peer, connection);
    pthread_mutex_unlock(&door.lock);
    return status;
}

void module_disconnect(uint32_t connection) {
    pthread_mutex_lock(&door.lock);
    queue_leave(door.queue, connection);
    pthread_mutex_unlock(&door.lock);
    rouse();
}

void module_refused(const struct peer *peer) {
    pthread_mutex_lock(&door.lock);
    if (door.queue->refused_count < REFUSED_MAX) {
        door.queue->refused[door.queue->refused_count++] = *peer;
    }
    pthread_mutex_unlock(&door.lock);
    rouse();
}

bool module_connected(uint32_t connection) {
    pthread_mutex_lock(&door.lock);
    bool dead = door.queue->slots[connection].dead;
    pthread_mutex_unlock(&door.lock);
    return !dead;
}

static struct bytes failure(enum status status, uint8_t *to) {
    frame_write_header(to, (uint32_t)status, 0);
    return bytes_of(to, FRAME_HEADER_SIZE);
}

struct bytes module_serve(struct call *call, uint32_t connection, struct bytes request,
                          struct span reply) {
    *call = (struct call){.request = request, .reply = reply, .slot = connection,
                          .status = STATUS_INTERNAL, .since_ms = port_uptime_ms(),
                          .ended = PTHREAD_COND_INITIALIZER};
    pthread_mutex_lock(&door.lock);
    if (request.size > FRAME_HEADER_SIZE + (size_t)door.body_max) {
        call->status = STATUS_TOO_LARGE;
        call->done = true;
    } else if (door.queue->slots[connection].dead) {
        call->status = STATUS_DISCONNECTED;
        call->done = true;
    } else {
        queue_add(door.queue, call);
        rouse();
    }
    while (!call->done) {
        pthread_cond_wait(&call->ended, &door.lock);
    }
    pthread_mutex_unlock(&door.lock);
    return call->status == STATUS_OK ? bytes_of_span(call->reply)
                                     : failure(call->status, reply.data);
}

/* ---- requests, seen from the line; under the lock ---- */

static void finish(struct call *call, enum status status) {
    call->status = status;
    call->done = true;
    pthread_cond_signal(&call->ended);
}

static void fail_all(struct slot *slot, enum status status) {
    for (struct call *call = queue_take(slot); call != NULL; call = queue_take(slot)) {
        finish(call, status);
    }
}

/* The channel is gone, and with it all that the chip knew of connections. */
static void forget_channel(enum status reason) {
    for (uint32_t i = 0; i < door.queue->top; i++) {
        struct slot *slot = &door.queue->slots[i];
        if (slot->used && slot->leaving) {
            queue_free(slot);
        } else if (slot->used && slot->joined) {
            slot->dead = true;
            fail_all(slot, reason);
        }
    }
    if (line.call != NULL) {
        finish(line.call, reason);
    }
    line.call = NULL;
    line.asking = NULL;
}

static bool is_final(enum status reason) {
    return reason == STATUS_NOT_PAIRED || reason == STATUS_WRONG_PAIRING ||
           reason == STATUS_ZEROIZED || reason == STATUS_TAMPERED;
}

/* While the line is down nobody waits for longer than a moment. */
static void fail_impatient(enum status reason, uint64_t now) {
    for (uint32_t i = 0; i < door.queue->top; i++) {
        struct slot *slot = &door.queue->slots[i];
        while (slot->first != NULL &&
               (is_final(reason) || now >= slot->first->since_ms + PATIENCE_MS)) {
            finish(queue_take(slot), reason);
        }
    }
}

static size_t write_peer(const struct peer *peer, uint8_t *to) {
    struct message_peer said = {.uid = peer->uid, .pid = peer->pid};
    for (uint32_t i = 0; i < peer->group_count && i < MESSAGE_GROUPS_MAX; i++) {
        said.groups[said.group_count++] = peer->groups[i];
    }
    return message_peer_write(&said, to);
}

static void ask_for(struct slot *slot, uint64_t now) {
    uint8_t *room = pilot_room(line.pilot);
    line.asking = slot;
    line.call = NULL;
    if (slot->leaving) {
        pilot_ask(line.pilot, INNER_DISCONNECT, slot->connection, 0, now);
    } else if (!slot->joined) {
        pilot_ask(line.pilot, INNER_CONNECT, 0, write_peer(&slot->peer, room), now);
    } else {
        line.call = queue_take(slot);
        bytes_copy(room, line.call->request);
        pilot_ask(line.pilot, INNER_REQUEST, slot->connection, line.call->request.size, now);
    }
}

static void ask_next(uint64_t now) {
    if (door.queue->refused_count > 0) {
        struct peer *peer = &door.queue->refused[--door.queue->refused_count];
        size_t size = write_peer(peer, pilot_room(line.pilot));
        pilot_ask(line.pilot, INNER_REFUSED_PEER, 0, size, now);
        return;
    }
    struct slot *slot = queue_next(door.queue);
    if (slot != NULL) {
        ask_for(slot, now);
    }
}

/* A chip that has no room for another connection says so to each request of it. */
static void hear_joined(struct slot *slot, uint32_t connection, struct bytes content) {
    enum status status = STATUS_LINE_DOWN;
    if (content.size == 4) {
        status = status_row(load_u32(content.data))->status;
    }
    slot->joined = status == STATUS_OK;
    slot->connection = connection;
    if (status != STATUS_OK) {
        fail_all(slot, status);
    }
}

static void hear_reply(struct call *call, struct bytes content) {
    struct frame frame;
    if (content.size > call->reply.size || frame_read(content, &frame) != STATUS_OK) {
        finish(call, STATUS_LINE_DOWN);
        return;
    }
    bytes_copy(call->reply.data, content);
    call->reply.size = content.size;
    finish(call, STATUS_OK);
}

static void hear_answer(void) {
    uint32_t connection;
    struct bytes content;
    if (!pilot_answer(line.pilot, &connection, &content)) {
        return;
    }
    if (line.call != NULL) {
        hear_reply(line.call, content);
    } else if (line.pilot->asked == INNER_DISCONNECT) {
        queue_free(line.asking);
    } else if (line.pilot->asked == INNER_CONNECT) {
        hear_joined(line.asking, connection, content);
    }
    line.call = NULL;
    line.asking = NULL;
    pilot_done(line.pilot);
}

/* ---- the line's thread ---- */

static void tell(enum status reason) {
    if (reason == line.told) {
        return;
    }
    line.told = reason;
    if (reason == STATUS_OK) {
        linux_say("the chip answers: the channel stands");
    } else {
        linux_say("no channel to the chip at %s: %s; %s", line.settings.address,
                  status_row((uint32_t)reason)->text, status_row((uint32_t)reason)->advice);
    }
}

static void unplug(void) {
    close(line.settings.wire);
    line.settings.wire = -1;
    line.out_size = 0;
    pilot_unplug(line.pilot);
}

static void look_for_pairing(uint64_t now) {
    enum status status = pairing_read(line.settings.state_dir, line.pairing);
    line.paired = status == STATUS_OK;
    line.reopen_at = now + PAIRING_LOOK_MS;
    if (!line.paired) {
        line.pilot->reason = status == STATUS_NOT_FOUND ? STATUS_NOT_PAIRED : status;
        tell(line.pilot->reason);
    } else {
        line.reopen_at = now;
        line.pilot->reason = STATUS_LINE_DOWN;
    }
}

/* Why it cannot be opened is said once, not at every try. */
static void open_wire(void) {
    line.settings.wire = wire_open(line.settings.address, line.settings.speed);
    int reason = line.settings.wire < 0 ? errno : 0;
    if (reason != 0 && reason != line.open_failure) {
        linux_say_errno("the chip's line %s: cannot open", line.settings.address);
    }
    line.open_failure = reason;
}

/* Without a pairing the line is left alone, so that the pairing can have it. */
static void plug(uint64_t now) {
    if (!line.paired) {
        look_for_pairing(now);
    }
    if (!line.paired) {
        return;
    }
    if (line.settings.wire < 0 && !wire_reopens(line.settings.address)) {
        linux_say("the device %s is gone: ending, to be started again", line.settings.address);
        arena_wipe();
        _exit(1);
    }
    if (line.settings.wire < 0) {
        open_wire();
    }
    line.reopen_at = now + REOPEN_MS;
    if (line.settings.wire >= 0) {
        pilot_plug(line.pilot, now);
    } else {
        tell(STATUS_LINE_DOWN);
    }
}

static void read_wire(uint64_t now) {
    uint8_t data[2048];
    long got = wire_read(line.settings.wire, data, sizeof(data));
    if (got < 0) {
        unplug();
    } else {
        pilot_feed(line.pilot, bytes_of(data, (size_t)got), now);
    }
}

static void write_wire(uint64_t now) {
    while (line.settings.wire >= 0) {
        if (line.out_size == 0) {
            line.out_size = pilot_take(line.pilot, line.out, sizeof(line.out), now);
        }
        if (line.out_size == 0) {
            return;
        }
        long put = wire_write(line.settings.wire, bytes_of(line.out, line.out_size));
        if (put < 0) {
            unplug();
            return;
        }
        if (put == 0) {
            return;
        }
        line.out_size -= (size_t)put;
        memmove(line.out, line.out + put, line.out_size);
    }
}

/* Whether the channel that stood is gone, be it down or another one. */
static void notice_channel(uint64_t now) {
    bool up = line.pilot->state == PILOT_UP;
    if (line.was_up && (!up || line.channels != line.pilot->channels)) {
        forget_channel(up ? STATUS_DISCONNECTED : line.pilot->reason);
        tell(line.pilot->reason == STATUS_OK ? STATUS_LINE_DOWN : line.pilot->reason);
    }
    if (up && line.channels != line.pilot->channels) {
        tell(STATUS_OK);
    }
    line.channels = line.pilot->channels;
    line.was_up = up;
    door.body_max = line.pilot->body_max;
    if (!up) {
        fail_impatient(line.pilot->reason, now);
    }
    if (line.pilot->state == PILOT_DOWN && line.paired) {
        tell(line.pilot->reason);
    }
}

static void turn(uint64_t now) {
    pilot_step(line.pilot, now);
    pthread_mutex_lock(&door.lock);
    notice_channel(now);
    hear_answer();
    if (pilot_ready(line.pilot)) {
        ask_next(now);
    }
    pthread_mutex_unlock(&door.lock);
    write_wire(now);
}

static int wait_ms(uint64_t now) {
    uint32_t wait = pilot_wait_ms(line.pilot, now);
    if (line.settings.wire < 0) {
        uint32_t other = now >= line.reopen_at ? 0 : (uint32_t)(line.reopen_at - now);
        wait = wait < other ? wait : other;
    }
    if (line.out_size > 0 && wait == 0) {
        wait = 10; /* the wire takes nothing now; poll() says when it does */
    }
    return wait > 500 ? 500 : (int)wait;
}

void *module_hold_line(void *unused) {
    uint8_t byte[64];
    pilot_start(line.pilot, line.pairing);
    line.pilot->answer_ms = line.settings.answer_ms;
    for (;;) {
        uint64_t now = port_uptime_ms();
        if (!line.pilot->plugged && now >= line.reopen_at) {
            plug(now);
        }
        turn(now);
        struct pollfd polled[] = {
            {.fd = line.rouse[0], .events = POLLIN},
            {.fd = line.paired ? line.settings.wire : -1,
             .events = (short)(POLLIN | (line.out_size > 0 ? POLLOUT : 0))},
        };
        struct timespec timeout = {0};
        int wait = wait_ms(now);
        timeout.tv_sec = wait / 1000;
        timeout.tv_nsec = wait % 1000 * 1000000L;
        if (ppoll(polled, 2, &timeout, NULL) > 0 && polled[1].revents != 0) {
            read_wire(port_uptime_ms());
        }
        if (read(line.rouse[0], byte, sizeof(byte)) < 0 && errno != EAGAIN) {
            linux_say_errno("the line's thread cannot be woken");
        }
    }
    return unused;
}

void module_stop(void) {
    wipe(line.pairing, sizeof(*line.pairing));
}
