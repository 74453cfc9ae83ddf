/* SPDX-License-Identifier: Apache-2.0 */
/* How a key with limits was used so far, and whether it may be used once more. Pure: the moment is
 * given, nothing is stored here (core/keys/usages does that). */
#ifndef CORE_KEYS_USAGE_H
#define CORE_KEYS_USAGE_H

#include "core/keys/limits.h"

/* Two clocks that only go on: uses that were admitted, and seconds that the module was up. What is
 * stored of each is a mark that is never below what was counted; after a restart counting goes on
 * from there, so that no cut gives anything back. */
struct usage {
    struct limits limits; /* without the lease key: that stays in the attributes */
    uint64_t serial;      /* of the key; 0: this place is free */
    bool stored;          /* the key is in the store, and counts for ever */
    bool leased;
    bool suspended; /* by command, until it is renewed */
    uint64_t used, used_mark;
    uint64_t seconds, seconds_mark; /* `seconds`: at since_ms */
    uint64_t since_ms;
    /* the lease: where it began on both clocks, and what it grants */
    uint64_t lease_used, lease_second;
    uint32_t lease_uses, lease_seconds;
    uint64_t sequence; /* of the newest renewal */
    /* the token bucket: a use costs rate_ms, a millisecond brings rate_uses */
    uint64_t credit, credit_ms;
    uint32_t since_login;
};

/* When and by whom a use is asked for. */
struct usage_moment {
    uint64_t uptime_ms;
    uint64_t time; /* seconds since 1970 by a clock that is trusted; 0: there is none */
    bool confirmed; /* the PIN was given for this use */
};

/* Far apart, so that no few flipped bits turn one into the other. */
enum usage_verdict { USAGE_REFUSED = 0x35a6c91e, USAGE_ALLOWED = 0x4ad93661 };

struct usage_answer {
    uint32_t verdict; /* enum usage_verdict, decided twice: ask usage_allows() */
    uint32_t mirror;  /* the second decision, turned over */
    enum status status;
    const char *why; /* constant text: which limit, and when it allows again where that is known */
};

/* A key that has just come to be: nothing is used, and the bucket is full. */
void usage_begin(struct usage *usage, const struct limits *limits, uint64_t uptime_ms);
/* A key after a restart, from its stored marks: the bucket is empty, and the PIN is wanted. */
void usage_resume(struct usage *usage, const struct limits *limits, uint64_t uptime_ms);
/* Its limits were tightened; a lease that is new begins now. */
void usage_tighten(struct usage *usage, const struct limits *limits, uint64_t uptime_ms);

/* Decides; counts nothing. KEY_SUSPENDED, KEY_SPENT, KEY_HOURS, CONFIRM_LOGIN, KEY_RATE. */
void usage_decide(const struct usage *usage, const struct usage_moment *moment,
                  struct usage_answer *answer);
/* Whether both decisions say yes. */
bool usage_allows(const struct usage_answer *answer) MUST_USE;
/* Whether the marks cover `more` uses (0 or 1) now; else *next is a usage with marks that do. */
bool usage_covered(const struct usage *usage, uint32_t more, uint64_t uptime_ms,
                   struct usage *next) MUST_USE;
/* Counts a use that was allowed and is covered. */
void usage_count(struct usage *usage, const struct usage_moment *moment);

/* What can be known of a use before it is asked for: KEY_SUSPENDED and KEY_SPENT, also for an
 * operation under way. */
enum status usage_alive(const struct usage *usage, uint64_t uptime_ms, const char **why) MUST_USE;

/* A lease begins anew. */
struct usage_grant {
    uint64_t sequence;
    uint32_t uses;
    uint32_t seconds;
};
void usage_renew(struct usage *usage, const struct usage_grant *grant, uint64_t uptime_ms);

/* What is left; all ones where there is no such limit. */
struct usage_left {
    uint64_t uses, lease_uses, lease_seconds;
    uint32_t rate, login;
    uint64_t wait_ms; /* until the bucket gives one */
};
void usage_left(const struct usage *usage, uint64_t uptime_ms, struct usage_left *left);
/* Seconds of the second clock, begun ones counted. */
uint64_t usage_seconds(const struct usage *usage, uint64_t uptime_ms) MUST_USE;

#endif
