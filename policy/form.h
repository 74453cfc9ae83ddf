/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled form of a policy (doc/POLICY.md, "The compiled form"): deterministic CBOR of at most
 * POLICY_SIZE_MAX bytes, and what becomes of it in memory. Everything in it is bounded, so that the
 * longest decision is known before the first one. */
#ifndef POLICY_FORM_H
#define POLICY_FORM_H

#include "base/bytes.h"
#include "base/status.h"
#include "proto/alarm.h"

enum {
    POLICY_FORMAT = 1,
    POLICY_SIZE_MAX = 2048,
    POLICY_FIELDS_MAX = 24,
    POLICY_SYMBOLS_MAX = 64,      /* of all fields together */
    POLICY_SYMBOLS_OF_FIELD = 32, /* they are the bits of a mask */
    POLICY_RULES_MAX = 32,
    POLICY_CLAUSES_MAX = 96,
    POLICY_GROUPS_MAX = 8, /* the conditions of a rule, and its exceptions */
    POLICY_ROLES_MAX = 8,
    POLICY_RATES_MAX = 3, /* token buckets: 8 bytes of state each */
    POLICY_STEP_CLAUSES_MAX = 4,
    POLICY_STEPS_MAX = 64,     /* values remembered for step(): 8 bytes of state each */
    POLICY_DEPTH_MAX = 4,      /* of maps in a message */
    POLICY_NAME_MAX = 32,      /* bytes of a name */
    POLICY_TEXT_MAX = 64,      /* bytes of a symbol, and of the name of a policy and of a key */
    POLICY_CONTENT_MAX = 1024, /* bytes of a message, and of one string in it */
    POLICY_KEY_MAX = 65535,    /* largest key of a map */
    POLICY_NONE = 255,         /* no field, no bucket */
    POLICY_REFUSALS_MAX = 10000, /* of an alarm on refusals */
    POLICY_GAP_MAX = 255,        /* of an alarm on a gap: the module skips no more at once */
};
/* Periods and counts: together they stay far from where 64 bits end. */
#define POLICY_PERIOD_MS_MAX (366ull * 24 * 3600 * 1000)
#define POLICY_COUNT_MAX 1000000u

enum policy_kind {
    POLICY_SYMBOL = 0, /* text, one of some */
    POLICY_INT = 1,
    POLICY_BOOL = 2,
    POLICY_BYTES = 3,
    POLICY_TEXT = 4,
    POLICY_MAP = 5,
    /* what only the module fills in */
    POLICY_COUNTER = 6,
    POLICY_TIME = 7,
    POLICY_BOOT = 8,
    POLICY_UPTIME = 9,
};

static inline bool policy_kind_is_module(uint32_t kind) {
    return kind >= POLICY_COUNTER && kind <= POLICY_UPTIME;
}

/* One field of the message. They stand as the deterministic encoding orders them: a map before what
 * is in it, keys ascending. */
struct policy_field {
    struct bytes name;
    int64_t low, high; /* INT: smallest and largest; BYTES, TEXT: the same of the size */
    uint16_t key;
    uint8_t kind;         /* enum policy_kind */
    uint8_t parent;       /* the map it is in; POLICY_NONE: the message itself */
    uint8_t first_symbol; /* SYMBOL: where its symbols begin */
    uint8_t symbols;
    bool optional;
};

enum policy_clause_kind {
    CLAUSE_IN = 0,             /* field in low..high */
    CLAUSE_OUT = 1,            /* field below low or above high */
    CLAUSE_ONE_OF = 2,         /* SYMBOL, BOOL: bit of the value in low, a mask */
    CLAUSE_DIFFERENCE_IN = 3,  /* field - other in low..high */
    CLAUSE_DIFFERENCE_OUT = 4, /* field - other below low or above high */
    CLAUSE_STEP = 5,           /* |field - what it was last, for this value of other| <= high */
    CLAUSE_HOURS_IN = 6, /* minute of the day (UTC) from low to before high, over midnight too */
    CLAUSE_HOURS_OUT = 7,
    CLAUSE_PRESENT = 8,
    CLAUSE_ABSENT = 9,
};

struct policy_clause {
    int64_t low, high;
    uint8_t kind; /* enum policy_clause_kind */
    uint8_t field;
    uint8_t other; /* POLICY_NONE: none */
    uint8_t group; /* 0: a condition; n: belongs to the nth exception */
    uint8_t slot;  /* STEP: first of its remembered values */
    bool from_any; /* STEP: the first value is free; otherwise it is measured from low */
};

enum policy_effect {
    POLICY_ALLOW = 0,
    POLICY_DENY = 1,
    POLICY_LIMIT = 2,
    POLICY_SPIKE = 3,
    POLICY_ALARM = 4, /* an exact rule: IDLE to NEWCOMER of enum alarm_kind */
};

/* `count` in `period_ms`; count 0: none. */
struct policy_rate {
    uint64_t period_ms;
    uint32_t count;
    uint32_t burst;
};

struct policy_rule {
    struct policy_rate rate;     /* ALLOW: its rate; LIMIT: the quota; SPIKE: what is normal;
                                    ALARM: REFUSALS so many in so long, IDLE so long, GAP so many */
    struct policy_rate throttle; /* SPIKE and ALARM with ACTION_THROTTLE */
    uint64_t within_ms;          /* how long an approval counts */
    uint32_t line;               /* of the source, for people */
    uint8_t effect;              /* enum policy_effect */
    uint8_t first, count;        /* its clauses */
    uint8_t groups;              /* exceptions it has */
    uint8_t bucket;              /* ALLOW: its token bucket, or POLICY_NONE */
    uint8_t needs;               /* approvals of distinct people; 0: none */
    uint8_t roles;               /* bit set: who may approve */
    uint8_t factor;              /* SPIKE; ALARM: enum alarm_kind */
    uint8_t actions;             /* SPIKE, ALARM: set of enum alarm_action */
};

struct policy {
    struct bytes name, key;
    uint32_t version;
    uint8_t field_count, symbol_count, role_count, rule_count, clause_count;
    uint8_t rate_count, step_count;
    uint8_t limit, spike; /* rule of that effect, or POLICY_NONE */
    uint8_t alarms[ALARM_OF_KEYS]; /* rule + 1 by kind, of effect ALARM; 0: none */
    struct policy_field fields[POLICY_FIELDS_MAX];
    struct bytes symbols[POLICY_SYMBOLS_MAX];
    struct bytes roles[POLICY_ROLES_MAX];
    struct policy_rule rules[POLICY_RULES_MAX];
    struct policy_clause clauses[POLICY_CLAUSES_MAX];
};

/* Reads the compiled form; texts of *policy point into `form`, which is kept. STATUS_DATA_INVALID:
 * not exactly that form, or something in it has no meaning (a clause on a field of another kind,
 * more than the bounds above, ...); then *policy holds nothing of use. */
enum status form_read(struct bytes form, struct policy *policy) MUST_USE;

/* Writes the compiled form of a policy that form_read would take: buckets and slots are not
 * written, they follow from the rest. Fills `out`; STATUS_TOO_LARGE. */
enum status form_write(const struct policy *policy, struct span *out) MUST_USE;

/* Largest number of field comparisons that one decision can take. */
uint32_t form_bound(const struct policy *policy) MUST_USE;

/* The rule of an alarm of this kind, ALARM_SPIKE too; POLICY_NONE: there is none. */
static inline uint32_t form_alarm(const struct policy *policy, uint32_t kind) {
    uint32_t exact = policy->alarms[kind] == 0 ? (uint32_t)POLICY_NONE : policy->alarms[kind] - 1u;
    return kind == ALARM_SPIKE ? policy->spike : exact;
}
/* The kind of alarm that a rule of effect SPIKE or ALARM is. */
static inline uint32_t form_kind(const struct policy_rule *rule) {
    return rule->effect == POLICY_SPIKE ? (uint32_t)ALARM_SPIKE : rule->factor;
}
/* Alarms that end by themselves, so that a throttle makes sense. */
static inline bool form_alarm_ends(uint32_t kind) {
    return kind == ALARM_SPIKE || kind == ALARM_REFUSALS || kind == ALARM_HOURS;
}

/* Values that step() remembers for a field that it goes `by`: 1 without one, 0: too many. */
uint32_t form_step_slots(const struct policy *policy, uint32_t by) MUST_USE;

#endif
