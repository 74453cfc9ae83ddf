/* SPDX-License-Identifier: Apache-2.0 */
/* Policies in words, for people: as the language writes them. */
#ifndef HOST_CLI_POLICY_WORDS_H
#define HOST_CLI_POLICY_WORDS_H

#include "policy/policy.h"

/* A line of text that is put together; what does not fit is left out. */
struct words {
    char text[1024];
    size_t used;
};

void words_add(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
void words_bytes(struct words *words, struct bytes text);
void words_duration(struct words *words, uint64_t ms);
void words_rate(struct words *words, const struct policy_rate *rate, const char *between);
void words_roles(struct words *words, const struct policy *policy, uint32_t roles);
/* The numbers from low to high, open where they reach the end of 64 bits. */
void words_range(struct words *words, int64_t low, int64_t high);
void words_symbols(struct words *words, const struct policy *policy, uint32_t field, uint64_t mask);
void words_hours(struct words *words, int64_t low, int64_t high);
void words_clause(struct words *words, const struct policy *policy,
                  const struct policy_clause *clause);
/* A whole line. */
void words_rule(struct words *words, const struct policy *policy, uint32_t rule);
/* Why a message is not allowed; `message` where it was read. */
void words_refusal(struct words *words, const struct policy *policy, const struct message *message,
                   const struct policy_answer *answer);

#endif
