/* SPDX-License-Identifier: Apache-2.0 */
/* How a key with limits was used so far, and whether it may be used once more. */
#include "core/keys/usage.h"

/* How far ahead a mark is set: a sixteenth of what is left, so that a cut costs no more. */
enum { AHEAD_USES = 256, AHEAD_SECONDS = 600, AHEAD_PART = 16 };

/* ---- the two clocks ---- */

uint64_t usage_seconds(const struct usage *usage, uint64_t uptime_ms) {
    return usage->seconds + (uptime_ms - usage->since_ms + 999) / 1000;
}

static uint64_t less(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* What is left until `end`; all ones where there is no end. */
static uint64_t until(uint64_t end, uint64_t now) {
    return end > now ? end - now : 0;
}

static uint64_t total_left(const struct usage *usage) {
    uint32_t most = usage->limits.uses_max;
    return most == 0 ? UINT64_MAX : until(most, usage->used);
}

/* A renewal grants no more than the limit, which may have been tightened since. */
static uint64_t lease_uses_left(const struct usage *usage) {
    uint32_t most = usage->limits.lease_uses;
    return most == 0 ? UINT64_MAX
                     : until(usage->lease_used + less(most, usage->lease_uses), usage->used);
}

static uint64_t lease_seconds_left(const struct usage *usage, uint64_t uptime_ms) {
    uint32_t most = usage->limits.lease_seconds;
    return most == 0 ? UINT64_MAX
                     : until(usage->lease_second + less(most, usage->lease_seconds),
                             usage_seconds(usage, uptime_ms));
}

/* ---- the token bucket ---- */

static uint64_t bucket_size(const struct limits *limits) {
    return (uint64_t)limits->rate_burst * limits->rate_ms;
}

static uint64_t credit_now(const struct usage *usage, uint64_t uptime_ms) {
    uint64_t size = bucket_size(&usage->limits);
    uint64_t missing = until(size, usage->credit);
    uint64_t elapsed = uptime_ms - usage->credit_ms;
    if (usage->limits.rate_uses == 0 || elapsed > missing / usage->limits.rate_uses) {
        return size;
    }
    return usage->credit + elapsed * usage->limits.rate_uses;
}

/* Milliseconds until the bucket gives one. */
static uint64_t rate_wait(const struct usage *usage, uint64_t uptime_ms) {
    uint64_t rate = usage->limits.rate_uses;
    if (rate == 0) {
        return 0;
    }
    return (until(usage->limits.rate_ms, credit_now(usage, uptime_ms)) + rate - 1) / rate;
}

static const char *rate_text(uint64_t wait_ms) {
    return wait_ms <= 1000      ? "RATE: again within a second"
           : wait_ms <= 10000   ? "RATE: again within 10 seconds"
           : wait_ms <= 60000   ? "RATE: again within a minute"
           : wait_ms <= 3600000 ? "RATE: again within an hour"
                                : "RATE: again within a day";
}

/* ---- the decision ---- */

enum status usage_alive(const struct usage *usage, uint64_t uptime_ms, const char **why) {
    if (usage->suspended) {
        *why = "it was suspended; only a renewal ends that";
        return STATUS_KEY_SUSPENDED;
    }
    if (lease_seconds_left(usage, uptime_ms) == 0) {
        *why = "LEASE_SECONDS are over";
        return STATUS_KEY_SUSPENDED;
    }
    return STATUS_OK;
}

static bool in_hours(const struct limits *limits, uint64_t time) {
    uint32_t minute = (uint32_t)(time / 60 % LIMIT_MINUTES_OF_DAY);
    return limits->hours_from < limits->hours_to
               ? minute >= limits->hours_from && minute < limits->hours_to
               : minute >= limits->hours_from || minute < limits->hours_to;
}

static enum status refuse(const char **why, const char *text, enum status status) {
    *why = text;
    return status;
}

static enum status check_counts(const struct usage *usage, const char **why) {
    if (lease_uses_left(usage) == 0) {
        return refuse(why, "LEASE_USES are used up", STATUS_KEY_SUSPENDED);
    }
    return total_left(usage) == 0 ? refuse(why, "USES_MAX", STATUS_KEY_SPENT) : STATUS_OK;
}

static enum status check_hours(const struct usage *usage, uint64_t time, const char **why) {
    if (usage->limits.hours == 0) {
        return STATUS_OK;
    }
    if (time == 0) {
        return refuse(why, "HOURS: the module has no time that it trusts", STATUS_KEY_HOURS);
    }
    return in_hours(&usage->limits, time)
               ? STATUS_OK
               : refuse(why, "HOURS: again from HOURS_FROM on", STATUS_KEY_HOURS);
}

static enum status check_all(const struct usage *usage, const struct usage_moment *moment,
                             const char **why) {
    uint64_t wait_ms = rate_wait(usage, moment->uptime_ms);
    uint32_t logins = usage->limits.login_uses;
    TRY(usage_alive(usage, moment->uptime_ms, why));
    TRY(check_counts(usage, why));
    TRY(check_hours(usage, moment->time, why));
    if (wait_ms > 0) {
        return refuse(why, rate_text(wait_ms), STATUS_KEY_RATE);
    }
    if (logins != 0 && usage->since_login >= logins && !moment->confirmed) {
        return refuse(why, "LOGIN_USES", STATUS_CONFIRM_LOGIN);
    }
    return STATUS_OK;
}

static NO_INLINE uint32_t decide_once(const struct usage *usage, const struct usage_moment *moment,
                                      struct usage_answer *answer) {
    answer->why = NULL;
    answer->status = check_all(usage, moment, &answer->why);
    return answer->status == STATUS_OK ? (uint32_t)USAGE_ALLOWED : (uint32_t)USAGE_REFUSED;
}

void usage_decide(const struct usage *usage, const struct usage_moment *moment,
                  struct usage_answer *answer) {
    /* read anew each time: the second decision must not be the first one remembered */
    const struct usage *volatile asked = usage;
    answer->verdict = decide_once(asked, moment, answer);
    volatile uint32_t mirror = ~decide_once(asked, moment, answer);
    answer->mirror = mirror;
}

bool usage_allows(const struct usage_answer *answer) {
    volatile uint32_t verdict = answer->verdict;
    volatile uint32_t mirror = answer->mirror;
    if (verdict != USAGE_ALLOWED) {
        return false;
    }
    return mirror == ~(uint32_t)USAGE_ALLOWED && answer->status == STATUS_OK;
}

/* ---- counting ---- */

static uint64_t ahead(uint64_t left, uint64_t most) {
    uint64_t part = left / AHEAD_PART;
    return part < 1 ? 1 : less(part, most);
}

bool usage_covered(const struct usage *usage, uint32_t more, uint64_t uptime_ms,
                   struct usage *next) {
    uint64_t seconds = usage_seconds(usage, uptime_ms);
    bool uses = usage->used + more <= usage->used_mark;
    bool time = usage->limits.lease_seconds == 0 || seconds < usage->seconds_mark;
    if (uses && time) {
        return true;
    }
    *next = *usage;
    if (!uses) {
        uint64_t left = less(total_left(usage), lease_uses_left(usage));
        next->used_mark = usage->used + ahead(left, AHEAD_USES);
    }
    if (!time) {
        next->seconds_mark = seconds + ahead(lease_seconds_left(usage, uptime_ms), AHEAD_SECONDS);
    }
    return false;
}

void usage_count(struct usage *usage, const struct usage_moment *moment) {
    usage->used++;
    if (usage->limits.rate_uses != 0) {
        usage->credit = credit_now(usage, moment->uptime_ms) - usage->limits.rate_ms;
        usage->credit_ms = moment->uptime_ms;
    }
    usage->since_login = moment->confirmed ? 1 : usage->since_login + 1;
}

/* ---- how it begins and goes on ---- */

static void take_limits(struct usage *usage, const struct limits *limits) {
    usage->limits = *limits;
    usage->limits.lease_key = bytes_of(NULL, 0);
    usage->leased = limits->lease_key.size > 0;
}

static void begin_lease(struct usage *usage, uint64_t uptime_ms) {
    usage->lease_used = usage->used;
    usage->lease_second = usage_seconds(usage, uptime_ms);
    usage->lease_uses = usage->lease_seconds = UINT32_MAX;
    if (usage->seconds_mark < usage->lease_second) {
        usage->seconds_mark = usage->lease_second;
    }
}

void usage_begin(struct usage *usage, const struct limits *limits, uint64_t uptime_ms) {
    *usage = (struct usage){.since_ms = uptime_ms, .credit_ms = uptime_ms};
    take_limits(usage, limits);
    begin_lease(usage, uptime_ms);
    usage->credit = bucket_size(limits);
}

void usage_resume(struct usage *usage, const struct limits *limits, uint64_t uptime_ms) {
    take_limits(usage, limits);
    usage->used = usage->used_mark;
    usage->seconds = usage->seconds_mark;
    usage->since_ms = usage->credit_ms = uptime_ms;
    usage->credit = 0;
    usage->since_login = limits->login_uses;
}

void usage_tighten(struct usage *usage, const struct limits *limits, uint64_t uptime_ms) {
    bool leased = usage->leased;
    bool timed = usage->limits.lease_seconds != 0;
    if (!limits_counted(&usage->limits)) {
        usage->used = usage->used_mark = 0; /* counted for ever from now on */
    }
    take_limits(usage, limits);
    if (!leased) {
        begin_lease(usage, uptime_ms);
    } else if (!timed) {
        usage->lease_second = usage_seconds(usage, uptime_ms);
        usage->seconds_mark = usage->lease_second;
    }
    usage->credit = 0;
    usage->credit_ms = uptime_ms;
}

void usage_renew(struct usage *usage, const struct usage_grant *grant, uint64_t uptime_ms) {
    begin_lease(usage, uptime_ms);
    usage->sequence = grant->sequence;
    usage->lease_uses = grant->uses;
    usage->lease_seconds = grant->seconds;
    usage->suspended = false;
}

void usage_left(const struct usage *usage, uint64_t uptime_ms, struct usage_left *left) {
    uint32_t rate = usage->limits.rate_uses;
    uint32_t logins = usage->limits.login_uses;
    *left = (struct usage_left){
        .uses = total_left(usage),
        .lease_uses = lease_uses_left(usage),
        .lease_seconds = lease_seconds_left(usage, uptime_ms),
        .rate = rate == 0 ? UINT32_MAX
                          : (uint32_t)(credit_now(usage, uptime_ms) / usage->limits.rate_ms),
        .login = logins == 0 ? UINT32_MAX : (uint32_t)until(logins, usage->since_login),
        .wait_ms = rate_wait(usage, uptime_ms),
    };
}
