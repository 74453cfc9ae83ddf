/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon and a chip that are asked the same. Requests name sessions and objects by numbers of
 * ours; each end is asked with its own, and answers are compared after they were put back. */
#ifndef TEST_CHIP_PAIR_H
#define TEST_CHIP_PAIR_H

#include "client/client.h"

enum { ENDS = 2, DAEMON = 0, CHIP = 1 };

extern union any_rep pair_reply[ENDS];
/* Called with the command's name after each answer of the chip; NULL: nothing. */
extern void (*pair_after)(const char *name);
extern uint64_t pair_commands, pair_done, pair_differences, pair_excepted;

/* Connects to both, and learns which algorithms both offer. */
void pair_open(const char *daemon, const char *chip);
void pair_close(void);
/* Acknowledges all of the chip's log, so that it never gets full. */
void pair_release_log(const char *chip, const char *so_pin);

/* Asks both. Prints and counts every difference, except where the command needs an algorithm that
 * only one has. Returns the status of the daemon, or DISCONNECTED where the two differ. */
enum status pair_ask(enum command command, const union any_req *request);
/* The number of the newest object, or session, that both made; numbers stay for ever. */
uint32_t pair_newest(void);
/* Forgets all that came after the number. */
void pair_forget_after(uint32_t number);

/* Prints how often each command was asked for, and done by both. Returns whether none was asked for
 * often and always refused: that would compare little. */
bool pair_report(void);

/* Whether both offer the algorithm for the functions. */
bool pair_both_have(uint32_t algorithm, uint32_t functions);

#endif
