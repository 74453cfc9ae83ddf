/* SPDX-License-Identifier: Apache-2.0 */
/* Lines for people, on standard error (the journal takes them from there). */
#define _GNU_SOURCE
#include "port/linux/linux.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_SIZE = 400, WINDOW_S = 10, LINES_OF_WINDOW = 100 };

/* Control bytes and bytes above ASCII become \xNN: nothing that a name holds can forge a line. */
static size_t escape(const char *from, char *to, size_t room) {
    size_t used = 0;
    for (; *from != '\0' && used + 5 < room; from++) {
        unsigned char c = (unsigned char)*from;
        if (c >= 0x20 && c < 0x7f) {
            to[used++] = (char)c;
        } else {
            used += (size_t)snprintf(to + used, room - used, "\\x%02x", c);
        }
    }
    return used;
}

/* A client that breaks the rules a thousand times a second must not fill the journal. */
static bool may_say(void) {
    static atomic_long window;
    static atomic_uint said;
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    long current = now.tv_sec / WINDOW_S;
    if (atomic_exchange(&window, current) != current) {
        atomic_store(&said, 0);
    }
    return atomic_fetch_add(&said, 1) < LINES_OF_WINDOW;
}

static const char *program = "edgehsmd";

void linux_say_as(const char *name) {
    program = name;
}

static void say(const char *text) {
    if (!may_say()) {
        return;
    }
    char line[LINE_MAX_SIZE + 64];
    size_t used = (size_t)snprintf(line, 48, "%.40s: ", program);
    used += escape(text, line + used, LINE_MAX_SIZE);
    line[used++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, used);
    (void)ignored;
}

void linux_say(const char *format, ...) {
    char text[LINE_MAX_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    say(text);
}

void linux_say_errno(const char *format, ...) {
    int code = errno;
    char text[LINE_MAX_SIZE];
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (used >= 0 && (size_t)used < sizeof(text)) {
        const char *what = strerrordesc_np(code);
        snprintf(text + used, sizeof(text) - (size_t)used, ": %s", what == NULL ? "error" : what);
    }
    say(text);
    errno = code;
}
