/* SPDX-License-Identifier: Apache-2.0 */
/* Chance for commands that look valid. The same state gives the same commands. */
#ifndef TEST_CHIP_PAIR_CHANCE_H
#define TEST_CHIP_PAIR_CHANCE_H

#include "proto/messages.h"

enum { DATA_SIZE = 700 };

extern uint64_t chance_state; /* set it first, then call chance_begin */
extern uint8_t chance_noise[DATA_SIZE];

void chance_begin(void);
uint32_t chance_below(uint32_t end);
bool chance_one_in(uint32_t many);
/* Bytes by chance; sizes around blocks are likelier. */
struct bytes chance_bytes(size_t max);
uint32_t chance_hash(void);
/* Mostly one that a key of this type takes for the function, with parameters that mostly fit. */
struct mechanism chance_mechanism(uint32_t type, uint32_t function);

#endif
