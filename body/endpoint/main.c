/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm-endpoint: a chip behind the door. doc/LINE.md draws the picture. */
#define _GNU_SOURCE
#include "body/door/arena.h"
#include "body/door/process.h"
#include "body/door/sandbox.h"
#include "body/door/thread.h"
#include "body/endpoint/module.h"
#include "body/endpoint/pairing.h"
#include "body/endpoint/wire.h"
#include "crypto/crypto.h"
#include "port/linux/linux.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

/* A device must be opened with the rights of the start: the sandbox has no way to it. */
static int wire = -1;

static bool open_wire(const struct options *options) {
    wire = wire_open(options->chip, options->speed);
    if (wire < 0) {
        linux_say_errno("the chip's line %s: cannot open", options->chip);
    }
    return wire >= 0;
}

static enum status reserve(const struct options *options) {
    if (!wire_reopens(options->chip) && !open_wire(options)) {
        return STATUS_LINE_DOWN;
    }
    return module_reserve();
}

static enum status open_line(const struct belongings *own, const struct options *options) {
    struct line_settings settings = {
        .state_dir = own->state_dir,
        .address = options->chip,
        .speed = options->speed,
        .answer_ms = options->answer_s * 1000,
        .wire = wire,
    };
    linux_begin(arena_wipe);
    TRY(crypto_start());
    return module_open(&settings);
}

static enum status make_threads(void) {
    return thread_make(module_hold_line, NULL, false);
}

static enum status start(void) {
    return STATUS_OK;
}

static const char *worth(void) {
    static const char *const words[] = {
        [ARENA_SECRET] = "keys are in the chip; requests pass in memory closed even to root",
        [ARENA_LOCKED] = "keys are in the chip; requests pass in locked memory",
        [ARENA_PLAIN] = "keys are in the chip; requests pass in memory that may reach the swap",
    };
    return words[arena_kind()];
}

/* ---- pairing, once ---- */

static int pair(const struct options *options) {
    struct belongings own = {.state_dir = -1};
    enum status status = belongings_open_state(&own, options);
    if (status == STATUS_OK) {
        status = sandbox_become(own.user, own.group);
    }
    if (status == STATUS_OK) {
        linux_begin(NULL);
        status = crypto_start();
    }
    if (status == STATUS_OK) {
        status = wire < 0 ? STATUS_LINE_DOWN : pairing_make(own.state_dir, wire);
    }
    if (status == STATUS_NAME_TAKEN) {
        linux_say("paired already: %s/pairing.key is there", options->state);
        return 0;
    }
    if (status != STATUS_OK) {
        linux_say("not paired: %s; %s", status_row((uint32_t)status)->text,
                  status_row((uint32_t)status)->advice);
        return 1;
    }
    return 0;
}

int main(int count, char **arguments) {
    static const struct body body = {
        .name = "edgehsm-endpoint",
        .memory = module_memory,
        .heap_size = 16 << 20,
        .threads = 1,
        .reserve = reserve,
        .open = open_line,
        .make_threads = make_threads,
        .close_sandbox = sandbox_close_endpoint,
        .start = start,
        .stop = module_stop,
        .worth = worth,
    };
    static struct options options;
    int result = options_read(&options, count, arguments);
    if (result != -1) {
        return result;
    }
    linux_say_as(body.name);
    umask(077);
    if (options.pair) {
        signal(SIGPIPE, SIG_IGN);
        return open_wire(&options) ? pair(&options) : 1;
    }
    return process_run(&body, &options);
}
