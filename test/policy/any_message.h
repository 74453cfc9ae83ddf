/* SPDX-License-Identifier: Apache-2.0 */
/* Messages by chance: of a policy's shape, and damaged ones. Each run makes the same ones. */
#ifndef TEST_POLICY_ANY_MESSAGE_H
#define TEST_POLICY_ANY_MESSAGE_H

#include "policy/form.h"

/* A number below `below`; 0: any of 64 bits. */
uint64_t any_number(uint64_t below);
/* A message of the shape. */
struct bytes any_message(const struct policy *policy, uint8_t room[POLICY_SIZE_MAX]);
/* Turns, takes out or puts in a few bytes, or none; `message` lies in `room`. */
struct bytes mutate_message(struct bytes message, uint8_t room[POLICY_SIZE_MAX]);

#endif
