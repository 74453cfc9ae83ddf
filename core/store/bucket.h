/* SPDX-License-Identifier: Apache-2.0 */
/* The index: from the id of a record to the place of its newest value, in memory only. */
#ifndef CORE_STORE_BUCKET_H
#define CORE_STORE_BUCKET_H

#include "core/store/store_state.h"

/* The bucket of an id; NULL where there is none. */
struct store_bucket *bucket_find(struct store *store, uint64_t id) MUST_USE;
/* Sets place and size of an id, which may be new. False when there is no room. */
bool bucket_set(struct store *store, uint64_t id, uint32_t at, uint32_t size) MUST_USE;
/* Takes an id out; one that is not there is no mistake. */
void bucket_drop(struct store *store, uint64_t id);

#endif
