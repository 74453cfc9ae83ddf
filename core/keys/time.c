/* SPDX-License-Identifier: Apache-2.0 */
/* The time that a token trusts. */
#include "core/keys/time.h"

/* Where the clock has come to, whether it still holds or not; 0: it was never told. */
static uint64_t clock_of(const struct token_time *time, uint64_t uptime_ms) {
    return time->seconds == 0 ? 0 : time->seconds + (uptime_ms - time->told_ms) / 1000;
}

uint64_t time_left_ms(const struct token_time *time, uint64_t uptime_ms) {
    uint64_t age = uptime_ms - time->told_ms;
    return time->seconds != 0 && age < TIME_HOLDS_MS ? TIME_HOLDS_MS - age : 0;
}

uint64_t time_trusted(const struct token_time *time, uint64_t uptime_ms) {
    return time_left_ms(time, uptime_ms) > 0 ? clock_of(time, uptime_ms) : 0;
}

void time_ask(struct token_time *time, const uint8_t nonce[TOLD_TIME_NONCE_SIZE],
              uint64_t uptime_ms) {
    memcpy(time->nonce, nonce, sizeof(time->nonce));
    time->asked_until_ms = uptime_ms + TIME_ASKED_MS;
}

enum status time_take(struct token_time *time, const struct told_time *told, uint64_t uptime_ms,
                      const char **why) {
    bool waits = uptime_ms < time->asked_until_ms;
    *why = "it answers no question of the last 60 seconds";
    if (!waits || !bytes_equal(told->nonce, bytes_of(time->nonce, sizeof(time->nonce)))) {
        return STATUS_TIME_REFUSED;
    }
    time->asked_until_ms = 0;
    *why = "it is more than a minute before what was told since the module started";
    if (told->seconds + TIME_BACK_SECONDS < clock_of(time, uptime_ms)) {
        return STATUS_TIME_REFUSED;
    }
    time->seconds = told->seconds;
    time->told_ms = uptime_ms;
    *why = NULL;
    return STATUS_OK;
}
