/* SPDX-License-Identifier: Apache-2.0 */
/* The one answer to "what time is it?" that may be a reason to allow something (doc/TIME.md). The
 * host's clock (port_clock) is no such thing: the time is what a member of the role `time` told
 * a token, and goes on with the module's uptime. All of it is in memory. Pure: the moment is given.
 */
#ifndef CORE_KEYS_TIME_H
#define CORE_KEYS_TIME_H

#include "proto/told_time.h"
#include "base/limits.h"

enum {
    TIME_ASKED_MS = 60000,              /* an answer later than this is none */
    TIME_HOLDS_MS = 7 * 24 * 3600 * 1000, /* how long the module's own uptime is good enough */
    TIME_BACK_SECONDS = 60,             /* how far a later answer may go back */
};

/* What one token knows of the time. Zeros: nothing. */
struct token_time {
    uint8_t nonce[TOLD_TIME_NONCE_SIZE]; /* of the question that waits */
    uint64_t asked_until_ms;             /* uptime; 0: none waits */
    uint64_t seconds;                    /* since 1970, UTC, when it was told; 0: it was not */
    uint64_t told_ms;                    /* uptime at which it was */
};

struct times {
    struct token_time list[TOKENS_MAX];
};

/* Seconds since 1970, UTC, that somebody trusted vouches for; 0: nobody does, or the last who did
 * was too long ago. */
uint64_t time_trusted(const struct token_time *time, uint64_t uptime_ms) MUST_USE;
/* Milliseconds for which it still holds; 0: it is not known. */
uint64_t time_left_ms(const struct token_time *time, uint64_t uptime_ms) MUST_USE;

/* A new question, with this nonce: the one before is void. */
void time_ask(struct token_time *time, const uint8_t nonce[TOLD_TIME_NONCE_SIZE],
              uint64_t uptime_ms);
/* Takes an answer whose signature was verified: it uses up the question. TIME_REFUSED: *why says
 * that it answers none that waits, or goes back. */
enum status time_take(struct token_time *time, const struct told_time *told, uint64_t uptime_ms,
                      const char **why) MUST_USE;

#endif
