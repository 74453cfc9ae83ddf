/* SPDX-License-Identifier: Apache-2.0 */
/* One benchmark program for every target: the same loop around raw OpenSSL in this process, or
 * around any PKCS #11 module. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>

/* What is done again and again by one thread. */
struct worker {
    void *state;
    /* Does it once; false ends the run with an error. */
    bool (*once)(void *state);
};

/* Makes the worker of one more thread ready for a case; false when the target cannot do it. */
bool raw_worker(const char *name, struct worker *worker);
bool token_worker(const char *name, struct worker *worker);

/* Prepares what all workers of a case share (the key). */
bool raw_prepare(const char *name);
bool token_prepare(const char *name);
/* In another process than that of token_prepare: finds what it made. */
bool token_join(const char *name);
/* Removes it again, from a process that prepared it, or from one that has not opened the module. */
bool token_clean(const char *name);

/* Cases that are one long thing and not a loop: seconds it took, or a negative number. */
double token_once(const char *name, long count);

double seconds(void);

#endif
