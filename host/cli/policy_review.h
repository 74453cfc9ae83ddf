/* SPDX-License-Identifier: Apache-2.0 */
/* What is strange in a policy, and what a new version allows that the old one did not. */
#ifndef HOST_CLI_POLICY_REVIEW_H
#define HOST_CLI_POLICY_REVIEW_H

#include "host/cli/policy_space.h"

enum review_kind {
    REVIEW_WARNING, /* a line that does nothing, or more than it seems to */
    REVIEW_NOTE,    /* worth knowing */
    REVIEW_NEW,     /* allowed now, not before */
    REVIEW_EASIER,  /* allowed before too, but more was asked: approvals, rate */
    REVIEW_LOOSER,  /* a quota, an alarm or a shape that is looser than before */
};

struct review_finding {
    enum review_kind kind;
    unsigned line; /* of the (new) text; 0: none in particular */
    struct words words;
};

/* Takes what is found. */
struct review {
    void (*tell)(void *context, const struct review_finding *finding);
    void *context;
};

/* Looks for lines that do nothing or something else than they seem to. STATUS_TOO_LARGE: the policy
 * has too many combinations to look at all. */
enum status review_policy(const struct policy *policy, const struct review *review) MUST_USE;
/* Tells all that `to` allows and `from` does not. */
enum status review_change(const struct policy *from, const struct policy *to,
                          const struct review *review) MUST_USE;

#endif
