/* SPDX-License-Identifier: Apache-2.0 */
/* The decision: may this message be signed, now, by this key? (doc/POLICY.md)
 *
 * What does not clearly hold does not help: a field that is absent, a time that is not known and a
 * sum that overflows make a condition neither true nor false; then an allow line does not allow, a
 * deny line denies, and an exception does not except. */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "policy/message.h"
#include "policy/state.h"

/* Far apart, so that no few flipped bits turn one into another. */
enum policy_verdict {
    POLICY_DENIED = 0x35a6c91e,
    POLICY_ALLOWED = 0x4ad93661,
    POLICY_NEEDS_APPROVAL = 0x5c6f1ab8,
};

/* Why not. */
enum policy_why {
    WHY_NOTHING = 0,   /* it is allowed */
    WHY_SHAPE = 1,     /* it is not a message of the policy: message->fault says why */
    WHY_SUSPENDED = 2, /* an alarm suspended the key; `rule` is its line */
    WHY_DENIED = 3,    /* `rule` denies it */
    WHY_LIMIT = 4,     /* the quota of `rule` is used up */
    WHY_THROTTLED = 5, /* the alarm of `rule` is on, and its throttle is closed */
    WHY_NO_RULE = 6,   /* no line allows it; `rule` comes closest, and `clause` stands against */
    WHY_EXCEPTION = 7, /* no line allows it; `rule` would, but for its exception */
    WHY_RATE = 8,      /* `rule` allows it, but not so often */
    WHY_APPROVAL = 9,  /* `rule` allows it once enough people approve */
    WHY_COUNTER = 10,  /* the counter has come to its end */
};

/* One approval that was verified, of one person; its age is counted by the module's uptime. */
struct policy_approval {
    uint64_t age_ms;
    uint32_t roles; /* bit set of what the person is */
};

struct policy_question {
    const struct policy *policy;
    const struct message *message;
    const struct policy_state *state;
    const struct policy_steps *steps;
    struct policy_clock clock;
    const struct policy_approval *approvals; /* of distinct people */
    size_t approval_count;
    uint32_t client; /* who asks: the uid */
};

struct policy_step {
    int64_t value;
    uint8_t slot;
};

/* What changes once the signature leaves. */
struct policy_change {
    struct policy_state state;
    struct policy_step steps[POLICY_STEP_CLAUSES_MAX];
    uint32_t step_count;
};

struct policy_answer {
    uint32_t verdict; /* enum policy_verdict, decided twice: ask policy_allows() */
    uint32_t mirror;  /* the second decision, turned over */
    uint32_t why;     /* enum policy_why */
    uint8_t rule;     /* 0 is the first; POLICY_NONE: none */
    uint8_t clause;   /* of the policy; POLICY_NONE: none */
    uint8_t field;    /* POLICY_NONE: none */
    bool alarm;       /* the spike comes up with this message */
    struct policy_change change;
};

/* Decides. *answer is filled whatever the answer is; `change` only where it is POLICY_ALLOWED. */
void policy_decide(const struct policy_question *question, struct policy_answer *answer);
/* Whether both decisions say yes. Anything else, flipped bits too, is no. */
bool policy_allows(const struct policy_answer *answer) MUST_USE;
/* Makes the change, once the signature leaves. */
void policy_commit(const struct policy_answer *answer, struct policy_state *state,
                   struct policy_steps *steps);

/* How far one allow line goes for a message. */
struct policy_line {
    bool about;  /* all its conditions on the message hold, steps aside: it counts for its rate */
    bool allows; /* with its steps, exceptions aside */
    bool excepted;
    uint8_t clause; /* the first that stands against; POLICY_NONE */
};
/* Judges one line alone, for people who ask why. */
void policy_line_judge(const struct policy_question *question, uint32_t rule,
                       struct policy_line *line);

#endif
