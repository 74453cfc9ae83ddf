/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms: their kinds, what one says in numbers and in words, and how a row of command alarm_list
 * is written and read (doc/ALARMS.md). The words are made here for the log and for readers. */
#ifndef PROTO_ALARM_H
#define PROTO_ALARM_H

#include "base/bytes.h"
#include "base/status.h"
#include "proto/text.h"

/* Numbers are kept in compiled policies and in logs: never reused. */
enum alarm_kind {
    /* of a key, as its policy says */
    ALARM_SPIKE = 1,    /* used far more often than usual */
    ALARM_IDLE = 2,     /* used after a long silence */
    ALARM_REFUSALS = 3, /* many messages refused in a short time */
    ALARM_HOURS = 4,    /* used outside the usual hours */
    ALARM_GAP = 5,      /* the counter jumped over a restart */
    ALARM_NEWCOMER = 6, /* used by somebody who did not use it before */
    ALARM_OF_KEYS = 7,
    /* of every token and of the module */
    ALARM_LOGIN = 7,    /* wrong PINs */
    ALARM_DOOR = 8,     /* processes turned away */
    ALARM_APPROVAL = 9, /* approvals that were none */
    ALARM_LOG = 10,     /* the log is full */
    ALARM_KINDS = 11,
};

/* What is done when one comes up: a set. All of them are in the log and in the list. */
enum alarm_action { ACTION_LOG = 1, ACTION_ALERT = 2, ACTION_THROTTLE = 4, ACTION_SUSPEND = 8 };

enum {
    ALARM_LABEL_MAX = 20, /* bytes of the name of the key or token; longer ones are cut off */
    ALARM_WORDS_MAX = 160,
    ALARM_ROW_SIZE = 48, /* without the label */
    ALARM_TIME_UNKNOWN = 0xffff,
};

struct alarm {
    uint64_t uptime_ms; /* when */
    uint64_t object;    /* serial of the key, as in the log; 0: it is about none */
    uint32_t number;    /* from 1 in each start of the module; never twice */
    uint32_t time;      /* seconds since 1970 by a clock that is trusted; 0: there was none */
    uint32_t uid;       /* who asked, where somebody did */
    /*          count                            usual              period_s
     * SPIKE    signatures                       so many            in so long
     * IDLE     seconds of silence (0: longer    the policy's
     *          than usual, over a restart)      seconds
     * REFUSALS messages                                            within so long
     * HOURS    minute of the day, or            from << 16 | to
     *          ALARM_TIME_UNKNOWN
     * GAP      numbers skipped, at most         fewer than this
     * NEWCOMER
     * LOGIN    wrong PINs                       tries left         within so long; 0: in a row
     * DOOR     processes                                           within so long
     * APPROVAL approvals                                           within so long
     * LOG                                                                                    */
    uint32_t count, usual, period_s;
    uint8_t kind;    /* enum alarm_kind */
    uint8_t slot;    /* of the token */
    uint8_t actions; /* set of enum alarm_action */
    uint8_t label_size;
    uint8_t label[ALARM_LABEL_MAX];
};

/* The kind's name: one word, as in the language of policies; "other" for a number not known. */
const char *alarm_name(uint32_t kind) MUST_USE;
/* Plain words, at most ALARM_WORDS_MAX bytes: "key plc-7: 940 signatures in 1 min, usual 300". */
void alarm_words(const struct alarm *alarm, struct text *text);
/* Takes a label without the blanks at its end, and only so much as there is room for. */
void alarm_set_label(struct alarm *alarm, struct bytes label);

/* One row: uptime, object (u64), number, time, uid, count, usual, period, kind | slot << 8 |
 * actions << 16, size of the label (u32), the label. Fills *used on; TOO_LARGE: nothing was
 * written. */
enum status alarm_write(const struct alarm *alarm, struct span to, size_t *used) MUST_USE;
/* Takes one row off the front. DATA_INVALID: it is cut off, or the label too long. */
enum status alarm_read(struct bytes *rows, struct alarm *alarm) MUST_USE;

#endif
