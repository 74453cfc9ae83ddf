/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms of the module (doc/ALARMS.md): each becomes a leaf of the log that may use the reserved
 * slots, and an entry in a small ring for command alarm_list. Besides those that policies ask for,
 * the module has some of its own: wrong PINs, processes turned away and approvals that are none,
 * three within ten minutes, and a log that is full. */
#ifndef CORE_COMMAND_ALARMS_H
#define CORE_COMMAND_ALARMS_H

#include "base/bytes.h"
#include "base/limits.h"
#include "core/session/peer.h"
#include "proto/alarm.h"

struct call;
struct hsm;

/* Something that should be rare: the uptimes of the two newest, in seconds counted from 1, and
 * until when a burst lasts, of which each is told once. Zeros: there was none. */
struct burst {
    uint32_t newest_s, before_s;
    uint32_t until_s;
};

/* All of it is in memory: numbers begin anew with each start. */
struct alarms {
    uint32_t count;                /* ever; the number of the newest */
    uint32_t logged;               /* the number of the newest that is in the log */
    uint32_t of_kind[ALARM_KINDS]; /* how many of each */
    uint32_t alerted;              /* bit set of kinds that came with ACTION_ALERT */
    bool log_full;
    struct burst logins[TOKENS_MAX], door, approvals;
    uint32_t wrong_pins;
    uint64_t done, refused; /* commands */
    struct alarm list[ALARMS_MAX];
};

/* Takes an alarm (all but number and when) into the ring. Whoever raises deep in a command leaves
 * the log to its end: writing there takes much of the stack. */
void alarms_raise(struct hsm *hsm, struct alarm *alarm);
/* Puts what was raised into the log. A log that cannot take it counts it, or shows in the next
 * command. */
void alarms_log(struct hsm *hsm);

/* Looks at how a command went: counts it, and finds bursts. After its own leaf. */
void alarms_see_call(struct call *call);
/* Looks at a process that was turned away. */
void alarms_see_peer(struct hsm *hsm, const struct peer *peer);
/* About once a second. */
void alarms_tick(struct hsm *hsm);

/* Kinds of which one is on now: those of keys as their newest message left them. */
uint32_t alarms_on(const struct hsm *hsm) MUST_USE;
/* Writes those from a number on, oldest first, as many as fit; fills *used, and *next with the
 * number to ask for next. */
void alarms_write(const struct alarms *alarms, uint64_t from, struct span to, size_t *used,
                  uint64_t *next);

#endif
