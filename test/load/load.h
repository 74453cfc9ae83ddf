/* SPDX-License-Identifier: Apache-2.0 */
/* Many clients at once, some of them hostile. What they asked, what was acknowledged, and how long
 * it took stands in memory that all their processes share, so that it outlives a killed one. */
#ifndef TEST_LOAD_LOAD_H
#define TEST_LOAD_LOAD_H

#include "client/client.h"

#include <stdatomic.h>

enum {
    GOOD_MAX = 1024,
    LIVES_MAX = 16384,     /* of processes that keep a record */
    OBJECTS_IN_LOAD = 1 << 18,
    COMMANDS_MAX = 128,    /* above every command's number */
    WRONG_TEXT_MAX = 160,
    LATENCY_STEPS = 8,     /* of each power of two */
    LATENCY_CELLS = 40 * LATENCY_STEPS,
};

enum phase { PHASE_START, PHASE_QUIET, PHASE_HOSTILE, PHASE_END };

/* What waits for the disk is counted apart from what only computes. */
enum work { WORK_COMPUTE, WORK_DURABLE, WORKS };

/* One session of one process. */
struct life {
    _Atomic uint32_t session;
    bool exact; /* it ended in order: the log holds just what was acknowledged */
    _Atomic uint32_t asked[COMMANDS_MAX];
    _Atomic uint32_t acknowledged[COMMANDS_MAX];
};

/* A token object, by the number in its label. */
enum object_state { OBJECT_NEVER, OBJECT_ASKED, OBJECT_THERE, OBJECT_GOING, OBJECT_GONE };

struct load {
    _Atomic int phase;
    _Atomic uint32_t ready;       /* good clients that have a session */
    _Atomic uint32_t life_count;
    _Atomic uint32_t object_count;
    _Atomic uint32_t killed;      /* clients killed at work */
    _Atomic uint32_t garbage;     /* rounds of nonsense */
    _Atomic uint32_t flood;       /* calls of those that flood */
    _Atomic uint32_t stalled;     /* requests left half written */
    _Atomic uint32_t latencies[PHASE_END][WORKS][LATENCY_CELLS];
    _Atomic uint32_t rounds[GOOD_MAX]; /* of each good client while hostile ones were there */
    _Atomic uint8_t objects[OBJECTS_IN_LOAD]; /* enum object_state */
    char wrong[GOOD_MAX][WRONG_TEXT_MAX];     /* the first thing that was not right */
    struct life lives[LIVES_MAX];
    uint8_t public_point[65]; /* of the P-256 key that all sign with */
};

extern struct load *load;

/* ---- a client's connection (test/load/caller.c) ---- */

struct caller {
    struct client *client;
    struct life *life;
    uint32_t session;
    uint64_t key;  /* the P-256 key */
    uint64_t mac;  /* an HMAC key of the session */
    uint8_t mac_value[32];
    uint32_t seed;
    uint8_t room[CLIENT_ROOM_SIZE];
};

/* Connects and opens a session; finds the key, makes a MAC key. */
enum status caller_open(struct caller *caller, uint32_t seed) MUST_USE;
void caller_close(struct caller *caller);
/* One call, recorded. */
enum status caller_call(struct caller *caller, enum command command, const void *request,
                        void *reply) MUST_USE;
uint32_t caller_random(struct caller *caller);

/* One piece of work, checked against what OpenSSL says. The status of a refusal; INTERNAL for a
 * wrong answer. */
enum status caller_sign(struct caller *caller) MUST_USE;
enum status caller_mac(struct caller *caller) MUST_USE;
enum status caller_digest(struct caller *caller) MUST_USE;
/* Makes an object; or destroys the one it was given and sets *number to 0. */
enum status caller_object(struct caller *caller, uint32_t *number, uint64_t *handle) MUST_USE;

/* The value that object `number` has. */
void object_value(uint32_t number, uint8_t value[32]);

/* Makes the key that all sign with. */
enum status caller_make_key(struct caller *caller) MUST_USE;

/* ---- processes; none of these returns ---- */

void good_run(uint32_t number);
enum { HOSTILE_KINDS = 4 };
/* Kind 0 stalls, 1 floods, 2 is killed at work again and again, 3 writes nonsense. */
void hostile_run(uint32_t number);

/* ---- afterwards (test/load/evidence.c) ---- */

/* Compares all objects with what was acknowledged; fills `text` with the first that is wrong. */
bool objects_are_right(char *text, size_t size);
/* Reads the log's export: whole, and with every acknowledged command. */
bool log_is_whole(const char *path, char *text, size_t size);
bool log_has_everything(const char *path, char *text, size_t size);

/* The time in us below which `part` of 1000 calls were. */
double latency_us(enum phase phase, enum work work, uint32_t part);
uint64_t latency_count(enum phase phase, enum work work);

#endif
