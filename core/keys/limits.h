/* SPDX-License-Identifier: Apache-2.0 */
/* Limits on the use of a key, as its attributes state them (doc/LIMITS.md). They are given when the
 * key comes to be; later they may be added and tightened, and loosened where people approve. Pure.
 */
#ifndef CORE_KEYS_LIMITS_H
#define CORE_KEYS_LIMITS_H

#include "proto/attributes.h"

/* Largest values: a token bucket then fits 64 bits with much to spare. */
enum {
    LIMIT_RATE_USES_MAX = 1000000,
    LIMIT_RATE_MS_MAX = 24 * 3600 * 1000,
    LIMIT_MINUTES_OF_DAY = 24 * 60,
    LEASE_KEY_MAX = 91, /* SubjectPublicKeyInfo of P-256; of Ed25519: 44 */
};

/* 0 in a number: there is no such limit. */
struct limits {
    uint32_t uses_max;
    uint32_t rate_uses, rate_ms, rate_burst; /* so many in so long; so many at once */
    uint32_t hours;                          /* 1: from..to counts */
    uint32_t hours_from, hours_to;           /* minutes of the UTC day; over midnight, too */
    uint32_t login_uses;                     /* after so many the PIN is wanted again */
    uint32_t lease_uses, lease_seconds;      /* since the newest renewal */
    struct bytes lease_key;                  /* borrowed: whoever may renew */
};

/* Whether an attribute is one of a limit. */
static inline bool limits_name(uint32_t attribute) {
    return attribute >= ATTRIBUTE_USES_MAX && attribute <= ATTRIBUTE_LEASE_KEY;
}
/* Whether there is any limit. */
bool limits_any(const struct limits *limits) MUST_USE;
/* Whether uses or time are counted for ever, so that the count must be stored. */
static inline bool limits_counted(const struct limits *limits) {
    return limits->uses_max != 0 || limits->lease_uses != 0 || limits->lease_seconds != 0;
}

/* Reads the limits out of a well-formed list; limits->lease_key points into it.
 * ATTRIBUTE_VALUE_INVALID, TEMPLATE_INCONSISTENT where one attribute needs another: *why says
 * which. */
enum status limits_read(struct bytes attributes, struct limits *limits, const char **why) MUST_USE;

/* Whether `next` allows nothing that `now` does not. ATTRIBUTE_READ_ONLY: *why names the limit. */
enum status limits_tighten(const struct limits *now, const struct limits *next,
                           const char **why) MUST_USE;

/* A key that is derived has the limits of its base key where its template states none. */
void limits_inherit(struct limits *limits, const struct limits *base);

/* Appends the attribute, where the limits have it. OBJECT_TOO_LARGE. */
enum status limits_add(const struct limits *limits, uint32_t attribute, struct span to,
                       size_t *used) MUST_USE;

#endif
