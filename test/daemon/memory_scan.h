/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for keys in the memory of every process of the machine, as root would. */
#ifndef TEST_DAEMON_MEMORY_SCAN_H
#define TEST_DAEMON_MEMORY_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { NEEDLE_SIZE = 16, NEEDLES_MAX = 64, NEEDLE_MASK = 0xa5 };

/* Needles are kept masked, so that the searching process does not find itself. */
struct needles {
    size_t count;
    uint8_t masked[NEEDLES_MAX][NEEDLE_SIZE];
};

struct scan {
    pid_t except; /* a process to leave out; 0: none */
    size_t processes; /* of which memory was read */
    uint64_t bytes;
    uint64_t unreadable; /* bytes in memory that even root could not read */
    size_t hits;
    pid_t where; /* the last process with a hit */
};

/* Adds the first and the last 16 bytes of a key, as they are and reversed (as big numbers lie in
 * memory). */
void needles_add(struct needles *needles, const uint8_t *key, size_t size);
/* Whether the bytes hold a needle; how many. */
size_t needles_count(const struct needles *needles, const uint8_t *data, size_t size);
/* Searches one process; false when its memory cannot be opened. */
bool scan_process(const struct needles *needles, pid_t process, struct scan *scan);
/* Searches all. False when that is not permitted. */
bool scan_all(const struct needles *needles, struct scan *scan);

#endif
