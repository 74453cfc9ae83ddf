/* SPDX-License-Identifier: Apache-2.0 */
/* The module behind the endpoint's door: a chip at the end of a line. body/door/module.h leads
 * requests to it; one thread holds the line, takes requests from the connections in turn, and
 * answers for the chip when it does not. */
#ifndef BODY_ENDPOINT_MODULE_H
#define BODY_ENDPOINT_MODULE_H

#include "body/door/module.h"

/* Takes the memory from the arena. STATUS_MEMORY. */
size_t module_memory(void) MUST_USE;
enum status module_reserve(void) MUST_USE;
/* What the line thread works with; all is kept. A wire of -1 is opened later. */
struct line_settings {
    int state_dir; /* where pairing.key is, or will be */
    const char *address;
    unsigned speed;
    uint32_t answer_ms;
    int wire;
};
enum status module_open(const struct line_settings *settings) MUST_USE;
/* The thread of the line, for ever. */
void *module_hold_line(void *unused);
/* Ends the channel. */
void module_stop(void);

#endif
