/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the conditions of a policy hold for a message: yes, no, or not known. */
#ifndef POLICY_TRUTH_H
#define POLICY_TRUTH_H

#include "policy/policy.h"

enum truth { TRUTH_NO = 0, TRUTH_YES = 1, TRUTH_UNKNOWN = 2 };

enum truth truth_of(const struct policy_question *question, const struct policy_clause *clause);
/* Of all conditions of a rule together; without any it is yes. */
enum truth truth_of_conditions(const struct policy_question *question,
                               const struct policy_rule *rule);
/* Of any of its exceptions; without any it is no. */
enum truth truth_of_exceptions(const struct policy_question *question,
                               const struct policy_rule *rule);
/* The first condition of a rule that is not known, else its first; POLICY_NONE. */
uint32_t truth_first(const struct policy_question *question, const struct policy_rule *rule);
/* Where the last value for a step is remembered; false where the message does not say. */
bool truth_step_slot(const struct policy_question *question, const struct policy_clause *clause,
                     uint32_t *slot) MUST_USE;

#endif
