/* SPDX-License-Identifier: Apache-2.0 */
/* Limits on the use of a key, as its attributes state them. */
#include "core/keys/limits.h"

#include "proto/lease.h"

/* Where the number of an attribute is kept; NULL: LEASE_KEY, or no limit. */
static uint32_t *number_of(struct limits *limits, uint32_t attribute) {
    switch (attribute) {
    case ATTRIBUTE_USES_MAX:
        return &limits->uses_max;
    case ATTRIBUTE_RATE_USES:
        return &limits->rate_uses;
    case ATTRIBUTE_RATE_MS:
        return &limits->rate_ms;
    case ATTRIBUTE_RATE_BURST:
        return &limits->rate_burst;
    case ATTRIBUTE_HOURS_FROM:
        return &limits->hours_from;
    case ATTRIBUTE_HOURS_TO:
        return &limits->hours_to;
    case ATTRIBUTE_LOGIN_USES:
        return &limits->login_uses;
    case ATTRIBUTE_LEASE_USES:
        return &limits->lease_uses;
    case ATTRIBUTE_LEASE_SECONDS:
        return &limits->lease_seconds;
    default:
        return NULL;
    }
}

static bool is_hour(uint32_t attribute) {
    return attribute == ATTRIBUTE_HOURS_FROM || attribute == ATTRIBUTE_HOURS_TO;
}

static uint32_t largest(uint32_t attribute) {
    switch (attribute) {
    case ATTRIBUTE_RATE_USES:
    case ATTRIBUTE_RATE_BURST:
        return LIMIT_RATE_USES_MAX;
    case ATTRIBUTE_RATE_MS:
        return LIMIT_RATE_MS_MAX;
    case ATTRIBUTE_HOURS_FROM:
    case ATTRIBUTE_HOURS_TO:
        return LIMIT_MINUTES_OF_DAY - 1;
    default:
        return UINT32_MAX - 1;
    }
}

static enum status read_number(struct limits *limits, const struct attribute_entry *entry,
                               uint32_t *hours_said) {
    uint32_t *number = number_of(limits, entry->type);
    if (number == NULL || entry->value.size != 4) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    *number = load_u32(entry->value.data);
    *hours_said += is_hour(entry->type) ? 1 : 0;
    bool zero = *number == 0 && !is_hour(entry->type);
    return zero || *number > largest(entry->type) ? STATUS_ATTRIBUTE_VALUE_INVALID : STATUS_OK;
}

/* What needs what. */
static const char *missing(const struct limits *limits, uint32_t hours_said) {
    bool leased = limits->lease_uses != 0 || limits->lease_seconds != 0;
    if ((limits->rate_uses != 0) != (limits->rate_ms != 0)) {
        return "RATE_USES and RATE_MS belong together";
    }
    if (limits->rate_burst != 0 && limits->rate_uses == 0) {
        return "RATE_BURST needs RATE_USES and RATE_MS";
    }
    if (hours_said == 1) {
        return "HOURS_FROM and HOURS_TO belong together";
    }
    if (hours_said == 2 && limits->hours_from == limits->hours_to) {
        return "HOURS_FROM and HOURS_TO are the same minute";
    }
    if (leased != (limits->lease_key.size > 0)) {
        return "LEASE_KEY and LEASE_USES or LEASE_SECONDS belong together";
    }
    return NULL;
}

enum status limits_read(struct bytes attributes, struct limits *limits, const char **why) {
    struct attribute_entry entry;
    uint32_t hours_said = 0;
    *limits = (struct limits){.uses_max = 0};
    while (attributes_next(&attributes, &entry) == STATUS_OK) {
        if (!limits_name(entry.type)) {
            continue;
        }
        *why = attribute_row(entry.type)->name;
        if (entry.type != ATTRIBUTE_LEASE_KEY) {
            TRY(read_number(limits, &entry, &hours_said));
        } else if (entry.value.size > 0 && lease_key_form(entry.value) == LEASE_KEY_OTHER) {
            return STATUS_ATTRIBUTE_VALUE_INVALID;
        } else {
            limits->lease_key = entry.value;
        }
    }
    *why = missing(limits, hours_said);
    if (*why != NULL) {
        return STATUS_TEMPLATE_INCONSISTENT;
    }
    limits->hours = hours_said == 2 ? 1 : 0;
    if (limits->rate_uses != 0 && limits->rate_burst == 0) {
        limits->rate_burst = limits->rate_uses;
    }
    return STATUS_OK;
}

bool limits_any(const struct limits *limits) {
    return limits_counted(limits) || limits->rate_uses != 0 || limits->hours != 0 ||
           limits->login_uses != 0;
}

/* ---- stricter ---- */

static bool within(uint32_t next, uint32_t now) {
    return now == 0 || (next != 0 && next <= now);
}

static bool rate_within(const struct limits *next, const struct limits *now) {
    if (now->rate_uses == 0) {
        return true;
    }
    return next->rate_uses != 0 && next->rate_burst <= now->rate_burst &&
           (uint64_t)next->rate_uses * now->rate_ms <= (uint64_t)now->rate_uses * next->rate_ms;
}

/* Minutes from `from` on until `minute` comes. */
static uint32_t minutes_until(uint32_t from, uint32_t minute) {
    return (minute + LIMIT_MINUTES_OF_DAY - from) % LIMIT_MINUTES_OF_DAY;
}

static bool hours_within(const struct limits *next, const struct limits *now) {
    if (now->hours == 0) {
        return true;
    }
    uint32_t open = minutes_until(now->hours_from, now->hours_to);
    uint32_t begin = minutes_until(now->hours_from, next->hours_from);
    uint32_t last = minutes_until(next->hours_from, next->hours_to);
    return next->hours != 0 && begin < open && last <= open - begin;
}

enum status limits_tighten(const struct limits *now, const struct limits *next, const char **why) {
    bool leased = now->lease_key.size > 0;
    *why = !within(next->uses_max, now->uses_max)             ? "USES_MAX only goes down"
           : !rate_within(next, now)                          ? "RATE only gets slower"
           : !hours_within(next, now)                         ? "HOURS only get fewer"
           : !within(next->login_uses, now->login_uses)       ? "LOGIN_USES only goes down"
           : !within(next->lease_uses, now->lease_uses)       ? "LEASE_USES only goes down"
           : !within(next->lease_seconds, now->lease_seconds) ? "LEASE_SECONDS only goes down"
           : leased && !bytes_equal(now->lease_key, next->lease_key) ? "LEASE_KEY stays as it is"
                                                                     : NULL;
    return *why == NULL ? STATUS_OK : STATUS_ATTRIBUTE_READ_ONLY;
}

void limits_inherit(struct limits *limits, const struct limits *base) {
    if (limits->uses_max == 0) {
        limits->uses_max = base->uses_max;
    }
    if (limits->rate_uses == 0) {
        limits->rate_uses = base->rate_uses;
        limits->rate_ms = base->rate_ms;
        limits->rate_burst = base->rate_burst;
    }
    if (limits->hours == 0) {
        limits->hours = base->hours;
        limits->hours_from = base->hours_from;
        limits->hours_to = base->hours_to;
    }
    if (limits->login_uses == 0) {
        limits->login_uses = base->login_uses;
    }
    if (limits->lease_key.size == 0) {
        limits->lease_uses = base->lease_uses;
        limits->lease_seconds = base->lease_seconds;
        limits->lease_key = base->lease_key;
    }
}

enum status limits_add(const struct limits *limits, uint32_t attribute, struct span to,
                       size_t *used) {
    struct limits copy = *limits;
    const uint32_t *number = number_of(&copy, attribute);
    if (attribute == ATTRIBUTE_LEASE_KEY) {
        return limits->lease_key.size == 0 ? STATUS_OK
                                           : attributes_add(to, used, attribute, limits->lease_key);
    }
    bool there = is_hour(attribute) ? limits->hours != 0 : number != NULL && *number != 0;
    return there ? attributes_add_num(to, used, attribute, *number) : STATUS_OK;
}
