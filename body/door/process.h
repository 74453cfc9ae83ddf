/* SPDX-License-Identifier: Apache-2.0 */
/* The two processes of a body behind the door: a parent that opens what must be opened and then
 * waits, and a child that serves in a sandbox. What differs between bodies is a table. */
#ifndef BODY_DOOR_PROCESS_H
#define BODY_DOOR_PROCESS_H

#include "body/door/belongings.h"

#include <stdbool.h>
#include <stddef.h>

struct body {
    const char *name; /* of the program */
    /* Bytes of the arena for the body itself, the heap of OpenSSL apart. */
    size_t (*memory)(void);
    size_t heap_size;
    unsigned threads; /* its own besides the workers */
    /* Takes that memory, and what only the rights of the start can open. */
    enum status (*reserve)(const struct options *options);
    /* Opens what it needs, as the body's user; files below the state directory only. */
    enum status (*open)(const struct belongings *own, const struct options *options);
    /* Makes its threads (thread_make), which wait; the workers are made already. */
    enum status (*make_threads)(void);
    /* Closes the sandbox: the system calls that are left. */
    enum status (*close_sandbox)(void);
    /* On a stack in the arena: starts, before the door opens; and stops, after it closed. */
    enum status (*start)(void);
    void (*stop)(void);
    /* Completes the line that says that all is ready: what it is worth, for people. */
    const char *(*worth)(void);
};

/* Runs it; returns the status to exit with. The command line was read. */
int process_run(const struct body *body, const struct options *options);

#endif
