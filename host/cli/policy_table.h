/* SPDX-License-Identifier: Apache-2.0 */
/* A table of messages and what a policy must say to them (doc/POLICY.md, "Tables"). */
#ifndef HOST_CLI_POLICY_TABLE_H
#define HOST_CLI_POLICY_TABLE_H

#include "host/cli/policy_token.h"
#include "host/cli/policy_words.h"

enum { TABLE_APPROVALS_MAX = 8 };

/* What surrounds a message: what the module would know. */
struct policy_world {
    const struct policy *policy;
    struct policy_state state;
    struct policy_steps steps;
    struct policy_clock clock;
    struct policy_approval approvals[TABLE_APPROVALS_MAX];
    size_t approval_count;
    uint32_t client; /* who asks */
};

/* Starts a module that knows nothing yet, and no time. */
void policy_world_start(struct policy_world *world, const struct policy *policy);
/* Lets time pass. */
void policy_world_wait(struct policy_world *world, uint64_t ms);
/* Decides for a message; keeps what changes when it is allowed. Fills both. */
void policy_world_decide(struct policy_world *world, struct bytes encoding, struct message *message,
                         struct policy_answer *answer);
/* The same with all alarms, as the module does it: fills *alarms with those that came up, a bit set
 * of 1 << enum alarm_kind. */
void policy_world_ask(struct policy_world *world, struct bytes encoding, struct message *message,
                      struct policy_answer *answer, uint32_t *alarms);
/* Takes a word of a table that changes the world: time, wait, restart, cut, client, approval,
 * approvals.
 * STATUS_NOT_FOUND: it is no such word; STATUS_USAGE: it is, but what follows is wrong. */
enum status policy_world_change(struct policy_world *world, const char *line) MUST_USE;

/* One line of a table that expects something. */
struct policy_case {
    unsigned line;
    bool passed;
    char expected[96];
    struct words found;
    const char *message; /* its text */
};

/* Goes through a table; `tell` gets each case. `text` ends with a zero byte and is changed.
 * STATUS_FILE_FORMAT: *error says what is wrong with the table. */
enum status policy_table_run(const struct policy *policy, char *text, struct policy_error *error,
                             void (*tell)(void *context, const struct policy_case *found),
                             void *context) MUST_USE;

#endif
