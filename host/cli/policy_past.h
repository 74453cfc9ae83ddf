/* SPDX-License-Identifier: Apache-2.0 */
/* Statements that were signed, and what another policy would have said to them: with the time and
 * the uptime that they tell themselves, and the same decision as the module's. */
#ifndef HOST_CLI_POLICY_PAST_H
#define HOST_CLI_POLICY_PAST_H

#include "host/cli/policy_table.h"
#include "policy/statement.h"

/* One statement, pointing into the file it came from. */
struct past_statement {
    struct bytes encoding;
    struct statement_parts parts;
    struct statement said; /* its header */
    uint8_t hash[32];      /* SHA-256 of the payload, as the log names it; the reader fills it */
    bool logged;           /* the log has it */
};

/* Takes the first statement off `rest`: one COSE_Sign1, or a sequence of them (RFC 8742).
 * STATUS_NOT_FOUND at the end; STATUS_DATA_INVALID: what comes next is no statement. */
enum status past_next(struct bytes *rest, struct past_statement *found) MUST_USE;

/* Writes the message that was asked for, as far as `policy` tells it: the payload without the
 * fields that only the module fills in. Fills `out`; STATUS_DATA_INVALID, STATUS_TOO_LARGE. */
enum status past_message(const struct policy *policy, struct bytes payload,
                         struct span *out) MUST_USE;

/* A policy on its way through the statements, in the order of their counters. */
struct past {
    struct policy_world world;
    uint64_t boot;
    uint64_t counter;  /* of the statement before; 0: there was none */
    uint64_t restarts; /* of the module, between two statements */
};

/* Which policy a statement was signed under, where that is known. */
struct past_policy {
    const struct policy *policy; /* NULL: not known */
    bool approved;               /* filled: its line wanted approvals, which are taken as given */
};

void past_start(struct past *past, const struct policy *policy);
/* Decides for the next statement; fills all three. Where its own line wanted approvals, they are
 * taken as given, by people of the same roles. STATUS_DATA_INVALID: its counter, start or uptime
 * is not behind those of the statement before, so that they are not of one key. */
enum status past_decide(struct past *past, const struct past_statement *next,
                        struct past_policy *under, struct message *message,
                        struct policy_answer *answer) MUST_USE;

#endif
