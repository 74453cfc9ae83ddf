/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for the attributes of session objects: chains of blocks out of one fixed pool. */
#ifndef CORE_KEYS_BLOCKS_H
#define CORE_KEYS_BLOCKS_H

#include "base/bytes.h"
#include "base/limits.h"
#include "base/status.h"

struct blocks {
    uint32_t free;                 /* first free block + 1; 0: none */
    uint32_t untouched;            /* blocks from here on were never used */
    uint32_t next[SESSION_BLOCKS]; /* next block + 1 */
    uint8_t data[SESSION_BLOCKS][SESSION_BLOCK_SIZE];
};

/* Keeps a copy of `value` (not empty); fills *chain, which is never 0. STATUS_MEMORY when the pool
 * is used up; nothing is kept then. */
enum status blocks_put(struct blocks *blocks, struct bytes value, uint32_t *chain) MUST_USE;
/* Copies `size` bytes of a chain to out. */
void blocks_get(const struct blocks *blocks, uint32_t chain, size_t size, uint8_t *out);
/* Wipes and frees a chain. */
void blocks_free(struct blocks *blocks, uint32_t chain);

#endif
