/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsmd: the core behind the door. doc/ARCHITECTURE.md draws the picture. */
#include "body/daemon/module.h"
#include "body/door/arena.h"
#include "body/door/process.h"
#include "body/door/sandbox.h"
#include "body/door/thread.h"
#include "port/linux/linux.h"

static size_t memory(void) {
    return arena_cost(hsm_size());
}

static enum status reserve(const struct options *options) {
    (void)options;
    return module_reserve();
}

static enum status open_port(const struct belongings *own, const struct options *options) {
    struct linux_port port = {
        .state_dir = own->state_dir,
        .root_key = own->root_key,
        .root_is_credential = own->root_is_credential,
        .log_max = options->log_max,
        .wipe = arena_wipe,
    };
    return linux_open(&port);
}

static enum status make_threads(void) {
    return thread_make(module_keep_ticking, NULL, false);
}

static bool started;

static enum status start(void) {
    enum status status = module_start();
    started = status == STATUS_OK;
    return status;
}

static void stop(void) {
    if (!started) {
        linux_say("the core does not start");
    } else if (!module_stop()) {
        linux_say("a request is still under way; it is cut off");
    }
    linux_close();
}

static const char *worth(void) {
    static const char *const words[] = {
        [ARENA_SECRET] = "keys in memory that even root cannot read through /proc",
        [ARENA_LOCKED] = "keys in locked memory (this kernel has no memfd_secret)",
        [ARENA_PLAIN] = "keys in ordinary memory that may reach the swap",
    };
    return words[arena_kind()];
}

int main(int count, char **arguments) {
    static const struct body body = {
        .name = "edgehsmd",
        .memory = memory,
        .heap_size = 256 << 20,
        .threads = 1,
        .reserve = reserve,
        .open = open_port,
        .make_threads = make_threads,
        .close_sandbox = sandbox_close,
        .start = start,
        .stop = stop,
        .worth = worth,
    };
    static struct options options;
    int result = options_read(&options, count, arguments);
    return result != -1 ? result : process_run(&body, &options);
}
