/* SPDX-License-Identifier: Apache-2.0 */
/* Known-answer tests, a group for each kind. Their values are published ones, with the source
 * beside them, in hexadecimal; another program (openssl, Python) agrees with each. What a library
 * does not offer is not in its list. */
#ifndef CRYPTO_COMMON_SELFTEST_H
#define CRYPTO_COMMON_SELFTEST_H

#include "crypto/crypto.h"

/* One test. run() compares its answer through selftest_compare(). */
struct selftest {
    const char *name;
    enum status (*run)(bool corrupt);
    bool (*offered)(void); /* NULL: always */
};

/* The symmetric algorithms that the library offers. */
size_t selftest_symmetric_count(void);
const char *selftest_symmetric_name(size_t index);
enum status selftest_symmetric_run(size_t index, bool corrupt) MUST_USE;

/* What has no row among the symmetric algorithms; fills *count. */
const struct selftest *selftest_public(size_t *count);
const struct selftest *selftest_other(size_t *count);
/* Answered by the library's folder: tests of what is its own, the random generator. */
const struct selftest *selftest_own(size_t *count);

enum { SELFTEST_SIZE_MAX = 256 };
/* Reads hexadecimal text (NULL: nothing) into room of SELFTEST_SIZE_MAX bytes. */
struct bytes selftest_read(const char *hex, uint8_t *room);
/* Compares, after damaging the answer if so told: STATUS_ERROR_STATE where they differ. */
enum status selftest_compare(struct span answer, const char *expected, bool corrupt) MUST_USE;

#endif
