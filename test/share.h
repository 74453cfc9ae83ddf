/* SPDX-License-Identifier: Apache-2.0 */
/* How much of a long run a test makes: all of it, or so many percent as EHSM_SHARE in the
 * environment says, where each step takes long (on the emulated chip). */
#ifndef TEST_SHARE_H
#define TEST_SHARE_H

#include <stdint.h>
#include <stdlib.h>

static inline uint32_t share_of(uint32_t whole) {
    const char *given = getenv("EHSM_SHARE");
    const unsigned long percent = given != NULL ? strtoul(given, NULL, 10) : 100;
    const uint64_t part = (uint64_t)whole * (percent < 100 ? percent : 100) / 100;
    return part > 0 ? (uint32_t)part : 1;
}

/* Of a count that nobody knows before its end: every so many. */
static inline uint32_t share_step(void) {
    return 1000 / share_of(1000);
}

#endif
