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

/* Times of single operations in microseconds, the newest of them. */
enum { SAMPLES_MAX = 1 << 16 };
struct samples {
    float us[SAMPLES_MAX];
    size_t count;
};
/* Signs with a P-256 key and with one that is bound to a policy, in turns of `block`. */
/* Fills in the compiled policy that they sign under; 0: it does not fit. */
size_t policy_form(unsigned char *form, size_t room);
bool token_policy(double duration, int block, struct samples *plain, struct samples *bound);

double seconds(void);

#endif
