/* SPDX-License-Identifier: Apache-2.0 */
/* A module with keys under policies that have alarms, several clients, and a clock that tests set:
 * the ground on which attacks are tried and quiet months are lived. */
#ifndef TEST_COMPONENT_VIGIL_H
#define TEST_COMPONENT_VIGIL_H

#include "core/command/module.h"
#include "test/component/fixture.h"

/* VIGIL_LOG: entries of the log, room for a busy day and for a chip's memory */
enum { VIGIL_CLIENTS = 3, VIGIL_KEYS = 3, VIGIL_LOG = 12000, VIGIL_MINUTE = 60000 };
enum { VIGIL_HOUR = 60 * VIGIL_MINUTE, VIGIL_DAY = 24 * VIGIL_HOUR };

struct vigil_client {
    uint32_t uid, connection, session; /* session 0: it is not connected */
    uint64_t keys[VIGIL_KEYS];
};

struct vigil {
    struct module module;
    struct vigil_client clients[VIGIL_CLIENTS];
    uint32_t keys;
    uint64_t told_until; /* alarms below this number were looked at */
};

/* A factory-fresh platform and a token; nobody is connected but the module's own fixture (user
 * 1000), who is client 0. It is Monday, 09:00, and the token knows it. */
void vigil_begin(struct vigil *vigil);
void vigil_end(struct vigil *vigil);
/* Makes a key under a policy's text, named as the policy says; returns its number. */
uint32_t vigil_add_key(struct vigil *vigil, const char *policy);
/* A process of this user connects and logs in; returns its number. */
uint32_t vigil_connect(struct vigil *vigil, uint32_t uid);

/* The token is told the time of day, on day 0 and up; or, with UINT32_MAX, knows none. */
void vigil_tell_time(struct vigil *vigil, uint32_t day, uint32_t minute);
/* Time passes; the module ticks every hour at least. */
void vigil_wait(struct vigil *vigil, uint64_t ms);
/* The module starts again, in an orderly way or after a cut; clients connect again, and it knows no
 * time. */
void vigil_restart(struct vigil *vigil, bool cut);

/* Asks for { 1: op } to be signed; `op` is one letter and what it stands for is the policy's. */
enum status vigil_sign(struct vigil *vigil, uint32_t client, uint32_t key, const char *op);
/* The same with any bytes. */
enum status vigil_sign_bytes(struct vigil *vigil, uint32_t client, uint32_t key,
                             struct bytes message);

/* The alarms since the last look: how many; fills the newest of `kind` (0: of any kind), where
 * there was one. */
uint32_t vigil_look(struct vigil *vigil, uint32_t kind, struct alarm *alarm);
/* Whether a leaf with exactly these words is among the newest 5000 entries of the log. */
bool vigil_logged(const char *words);
/* The words of an alarm, ended with a zero byte. */
const char *vigil_words(const struct alarm *alarm);

#endif
