/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms as they come from the module, each once, over restarts of the module; and the numbers that
 * come with them. */
#ifndef HOST_CLI_ALARM_FEED_H
#define HOST_CLI_ALARM_FEED_H

#include "host/cli/cli.h"
#include "proto/alarm.h"

struct alarm_feed {
    struct cli *cli;
    uint32_t boot;   /* start of the module that `next` counts in; 0: none seen yet */
    uint64_t next;   /* number to ask for next */
    uint64_t missed; /* alarms that came and went between two looks */
};

/* What is done with each alarm. `take` returns false where it could not be passed on now: it comes
 * again at the next look. */
struct alarm_taker {
    bool (*take)(void *context, const struct alarm_feed *feed, const struct alarm *alarm);
    void *context;
};

/* Asks for new alarms and gives each to every taker, oldest first, until one is not taken. Fills
 * *reply, whose byte fields are good until the next question. The module's status, or UNREACHABLE.
 */
enum status alarm_feed_ask(struct alarm_feed *feed, const struct alarm_taker *takers,
                           size_t taker_count, struct alarm_list_rep *reply) MUST_USE;
/* Connects anew where the connection is gone. Says nothing to the user. */
enum status alarm_feed_connect(struct cli *cli) MUST_USE;

/* The words, clean and ended. */
void alarm_text(const struct alarm *alarm, char out[4 * ALARM_WORDS_MAX + 1]);
/* Names of a set of actions with commas between them. */
void alarm_actions_text(uint32_t actions, char out[40]);

#endif
