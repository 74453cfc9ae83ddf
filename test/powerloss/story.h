/* SPDX-License-Identifier: Apache-2.0 */
/* What stories about one whole module under power loss begin and end with. */
#ifndef TEST_POWERLOSS_STORY_H
#define TEST_POWERLOSS_STORY_H

#include "test/component/fixture.h"
#include "test/powerloss/runner.h"

/* Says what did not come out as it should, and ends the test. */
void story_expect(enum status status, enum status wanted, const char *what);
/* A new module on a small flash, where collecting happens often; no token yet. */
void story_fresh(struct module *module);
/* The module after a cut. */
void story_start(struct module *module);
/* A session of this user, logged in. */
uint32_t story_open(struct module *module, enum user user, const char *pin);
/* Cuts the story before every `step`-th byte of a write (EHSM_LONG=1: every one), its recovery and
 * what was not synced too; tells how often, which the next story of the program goes on from. */
void story_run(const struct power_story *story, uint32_t step);

#endif
