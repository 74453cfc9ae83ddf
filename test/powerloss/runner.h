/* SPDX-License-Identifier: Apache-2.0 */
/* Power loss as a way to run any story: the story is played again and again on the
 * platform in memory (port/sim), cut at every write and at every byte inside it; after each cut
 * the module starts again and proves that nothing was lost. */
#ifndef TEST_POWERLOSS_RUNNER_H
#define TEST_POWERLOSS_RUNNER_H

#include "port/sim/sim.h"

/* A story and the check that belongs to it. The functions say with power_fail() what does not
 * hold. */
struct power_story {
    const char *name;
    /* Resets the platform, and brings it and the model to where the story begins. Never cut. */
    void (*prepare)(void);
    /* The story. It writes down in the model what it is about to do and what was acknowledged. */
    void (*play)(void *unused);
    /* Starts the module again, proves the model, and goes on working a little. May be cut
     * itself; then it is called again. */
    void (*recover)(void *unused);
    /* All that play and recover remember; the runner puts it back before each cut. What does not
     * stand here must be made anew by recover. */
    void *model;
    size_t model_size;
};

struct power_plan {
    uint32_t program_step; /* a program is cut before every so many-th byte, and after its last */
    uint32_t erase_step;   /* and an erasure */
    uint32_t scatters;     /* besides, each write is cut so many times with any of its bits done */
    uint32_t deep_every;   /* after every so many-th of these cuts, the recovery is cut at each of
                              its writes too; 0: never */
    uint32_t unsynced;     /* besides, so many cuts in each write that lose what was not synced */
};

struct power_count {
    uint64_t writes;        /* of the story */
    uint64_t cuts;          /* 1-deep */
    uint64_t deep_cuts;     /* 2-deep */
    uint64_t unsynced_cuts; /* 1-deep, out of order */
};

/* Runs all of the plan; fails the cmocka test that runs at the first thing that does not hold,
 * and prints the cut that showed it. */
void power_run(const struct power_story *story, const struct power_plan *plan,
               struct power_count *count);
/* Where no plan runs: what power_fail() says it is in. Keeps the text. */
void power_name(const char *story);
/* Says what does not hold; ends the test. */
_Noreturn void power_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
