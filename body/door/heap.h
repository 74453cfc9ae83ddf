/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for OpenSSL inside the arena: pieces of fixed sizes with a cache in each thread; what is
 * given back is wiped at once. */
#ifndef BODY_DOOR_HEAP_H
#define BODY_DOOR_HEAP_H

#include "base/bytes.h"
#include "base/status.h"

/* Takes `size` bytes of the arena for the heap. STATUS_MEMORY. */
enum status heap_open(size_t size) MUST_USE;
/* Makes OpenSSL allocate here; before its first use in this process. STATUS_INTERNAL when it was
 * used. */
enum status heap_serve_openssl(void) MUST_USE;

/* NULL for 0 bytes, and when there is no room. */
void *heap_take(size_t size) MUST_USE;
/* Wipes and gives back; accepts NULL. */
void heap_give(void *piece);
void *heap_resize(void *piece, size_t size) MUST_USE;
/* Bytes of the arena that the heap ever touched. */
size_t heap_used(void) MUST_USE;

#endif
