/* SPDX-License-Identifier: Apache-2.0 */
/* The newest refused commands, for `edgehsm last-error`. On the wire (command refusals) each entry
 * is: time u64 (seconds since 1970; 0: no clock), command u32, status u32, uid u32, pid u32, object
 * u64 (serial, 0: none), size u32 and the bytes of a text that says which attribute or rule (may be
 * empty). */
#ifndef CORE_COMMAND_REFUSALS_H
#define CORE_COMMAND_REFUSALS_H

#include "base/bytes.h"
#include "base/limits.h"
#include "base/status.h"

struct refusal {
    uint64_t time;
    uint64_t object;
    uint32_t command;
    uint32_t status;
    uint32_t uid;
    uint32_t pid;
    const char *why; /* constant text or NULL */
};

struct refusals {
    uint32_t count; /* ever */
    struct refusal list[REFUSALS_MAX];
};

void refusals_add(struct refusals *refusals, const struct refusal *refusal);
/* Writes those of one user, newest first, as many as fit; fills *used. */
void refusals_write(const struct refusals *refusals, uint32_t uid, struct span to, size_t *used);

#endif
