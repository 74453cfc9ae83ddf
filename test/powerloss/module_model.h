/* SPDX-License-Identifier: Apache-2.0 */
/* What a whole module promised: what was acknowledged must hold after any cut, what was asked for
 * may hold, and nothing else may. */
#ifndef TEST_POWERLOSS_MODULE_MODEL_H
#define TEST_POWERLOSS_MODULE_MODEL_H

#include "client/log_verify.h"
#include "test/component/fixture.h"
#include "test/component/quick.h"
#include "test/powerloss/runner.h"

/* Something that has a version: what was acknowledged last, and what was asked for since. */
struct promise {
    uint32_t now, next;
};

enum { THINGS = 6 };

struct module_model {
    struct promise thing[THINGS]; /* version of a key pair (even) or a secret key; 0: not there */
    struct promise half[THINGS];  /* whether the public half of a pair is there */
    struct promise pin;           /* which of module_pins opens the token for the user */
    struct promise tries;         /* wrong tries that count */
    bool tries_known;
    struct promise token;   /* how often it was initialised */
    struct promise options; /* of the token */
    bool new_seen;          /* a start showed the token made anew */
    bool locked;            /* the user PIN of before was locked */
    bool wiped;             /* the zeroization was acknowledged, or seen */
    uint32_t boot;          /* highest boot number seen */
    uint64_t leaves;        /* leaves of the log when something was acknowledged */
    struct log_identity identity;
    uint8_t anchor[32]; /* the store's secret, of before */
};

extern struct module_model model;
extern struct module module;
extern const char *const module_pins[3];

/* A factory-fresh platform on this flash with a token, thing 0 and thing 1; stopped. */
void model_prepare(const struct flash_geometry *geometry, bool counter);
/* The module is gone as after a cut; starts it again. */
void model_start(void);
/* The same without starting. */
void model_lose(void);

/* Sessions as fixture.h has them. */
uint32_t model_user(void);
uint32_t model_so(void);

/* ---- what is asked for: each promises, asks, and acknowledges ---- */

void model_make(uint32_t session, uint32_t index);
void model_change(uint32_t session, uint32_t index, uint32_t version);
void model_destroy(uint32_t session, uint32_t index);
/* A login of the user that is wrong. */
void model_guess(uint32_t session);
/* False, and the end of the test, where a command answers something else. */
bool model_expect(enum status status, enum status wanted, const char *what);
/* From now on it is not the end: the first such answer is kept until it is asked for. */
void model_forgive(bool forgive);
enum status model_refusal(void);
void model_login(uint32_t session);
/* After anything else: all that was asked for is acknowledged. */
void model_acknowledge(void);

/* ---- after a cut ---- */

/* The module starts; token, PIN, objects and log keep every promise, and it goes on working. */
void model_settle(void);
/* Objects alone, as a session of the user sees them. */
void model_check_things(uint32_t session);
/* Reads the log from the module and verifies it. */
void model_verify_log(void);
/* The store of a zeroized module holds nothing any more. */
void model_check_wiped(void);

#endif
