/* SPDX-License-Identifier: Apache-2.0 */
/* The exact rules of a policy's alarms: idle, refusals, hours, gap, newcomer. They look at every
 * message that is asked to be signed, allowed or not, apart from the decision: a message before it,
 * so that an alarm that suspends stops the one that sets it off, and a refusal after it. */
#ifndef POLICY_WATCH_H
#define POLICY_WATCH_H

#include "policy/policy.h"

/* What came up. */
struct policy_watch {
    uint32_t fresh;    /* bit set of enum alarm_kind: 1 << kind */
    uint32_t silent_s; /* IDLE: for so long; 0: the policy's time, over a restart */
    uint32_t skipped;  /* GAP: so many numbers */
};

/* Before the decision: looks at a message that is asked for, and changes what `state` remembers.
 * Fills *watch. */
void watch_message(const struct policy_question *question, struct policy_state *state,
                   struct policy_watch *watch);
/* After a decision that is not yes: counts it, where it is a refusal; what only an alarm refuses
 * and what waits for people is none. Adds to *watch. */
void watch_refusal(const struct policy_question *question, const struct policy_answer *answer,
                   struct policy_state *state, struct policy_watch *watch);
/* Notices when a key that signed before is silent for so long as its alarm on idleness says, in
 * seconds (0: it has none): the flag that it sets is to be kept over a restart. */
void watch_silence(struct policy_state *state, uint32_t idle_s, uint64_t uptime_ms);

#endif
