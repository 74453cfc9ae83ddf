/* SPDX-License-Identifier: Apache-2.0 */
/* A search through everything that an attacker can make a token do: at most three keys of
 * his at once beside the officer's TRUSTED one, every command that makes, changes, wraps, unwraps,
 * derives, copies or destroys keys, and all he can work out from what he was told (Dolev-Yao: what
 * is encrypted under a key that is not known stays closed). */
#ifndef TEST_MODEL_SEARCH_H
#define TEST_MODEL_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "test/model/rules.h"

struct search_result {
    uint64_t states;      /* different ones */
    uint64_t transitions; /* commands that were done */
    uint64_t asked;       /* questions that the module answered */
    int kinds;            /* of keys */
    int depth;            /* of the last level that was searched to its end */
    bool attacked;        /* a value that must be secret became known */
    char trace[1024];     /* the commands that lead there */
};

/* What is searched. */
struct search_start {
    uint32_t profile;
    enum trusted trusted;
};

/* Searches all states that `depth` commands reach, breadth first, on a fresh module; ends early
 * when a secret value becomes known, or after `states_max` states. */
void search_run(struct search_start start, int depth, uint64_t states_max,
                struct search_result *result);

#endif
