/* SPDX-License-Identifier: Apache-2.0 */
/* Doubles of the few functions that make a module slow to start, for tests that start thousands of
 * them, and ways to break cryptography as a fault would. They stand between the core and crypto/
 * (the linker's --wrap), so that the module under test is the real one. */
#ifndef TEST_COMPONENT_QUICK_H
#define TEST_COMPONENT_QUICK_H

#include "crypto/crypto.h"

struct quick {
    /* The library is started and stopped with each module and every self test runs; else it is
     * started once and self tests pass unseen. PINs are stretched by one round in any case. */
    bool whole;
    size_t corrupt;        /* number + 1 of the self test whose answer is damaged; 0: none */
    bool break_signatures; /* every signature that the library makes has one bit flipped */
    uint64_t stretches;    /* PINs that were stretched, */
    uint64_t guesses;      /* and those of them that were not for a decoy (it has no salt) */
    uint64_t cost;         /* of the last one, as the module asked for it */
};
extern struct quick quick;

/* Stops the library that was started once. */
void quick_end(void);

#endif
