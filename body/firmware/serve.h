/* SPDX-License-Identifier: Apache-2.0 */
/* The chip's end of the line: bytes in, the core, bytes out. No input or output of its own and no
 * clock: the super-loop of the firmware and the tests on the host drive the same code:
 *
 *     for (;;) {
 *         serve_feed(serve, bytes from the UART's ring, now);
 *         while ((size = serve_take(serve, out, sizeof(out), now)) > 0) send them;
 *         if (!serve_work(serve)) sleep until an interrupt, at most serve_wait_ms(serve, now);
 *     }
 *
 * One request is served at a time, start to end, in serve_work(). The ring must take
 * LINE_RING_SIZE bytes: what comes while the core works waits there. */
#ifndef BODY_FIRMWARE_SERVE_H
#define BODY_FIRMWARE_SERVE_H

#include "channel/message.h"
#include "core/hsm.h"
#include "proto/frame.h"

_Static_assert((int)FRAME_BODY_MAX <= (int)LINE_BODY_MAX, "a line carries the largest frame");

struct serve {
    struct hsm *hsm;
    struct call *call;
    uint32_t resets;      /* of the line, as far as they were noticed */
    uint64_t connections; /* set of those open */
    struct noise_channel channel;
    struct line line;
};
_Static_assert((int)CONNECTIONS_MAX <= 64, "connections are a set of bits");

/* Starts on a core that has started; both are kept. */
void serve_start(struct serve *serve, struct hsm *hsm, struct call *call);
/* Bytes that came. */
void serve_feed(struct serve *serve, struct bytes bytes, uint64_t now_ms);
/* Bytes to be sent, at most `room`; 0: nothing now. */
size_t serve_take(struct serve *serve, uint8_t *to, size_t room, uint64_t now_ms) MUST_USE;
/* Does one piece of work: pairing, a handshake, or a request through all its steps. True when it
 * did something: there may be bytes to send then. */
bool serve_work(struct serve *serve) MUST_USE;
/* How long the loop may sleep when nothing comes; UINT32_MAX: without end. */
uint32_t serve_wait_ms(const struct serve *serve, uint64_t now_ms) MUST_USE;
/* About once a second: the core's housekeeping. */
void serve_tick(struct serve *serve);

#endif
