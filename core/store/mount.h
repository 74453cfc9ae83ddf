/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the whole store at start; shared parts of mounting, formatting and wiping. */
#ifndef CORE_STORE_MOUNT_H
#define CORE_STORE_MOUNT_H

#include "core/store/store_state.h"

/* Wipes the state and asks the port for its geometry. INTERNAL: one the store cannot work on. */
enum status mount_reset(struct store *store) MUST_USE;
/* Wipes all of the state but the geometry. */
void mount_forget(struct store *store);
/* Whether no sector of the log holds anything that may be a record. */
enum status mount_empty(struct store *store, bool *empty) MUST_USE;
/* Applies a change that ended to the index. STORE_FULL where it has no room. */
enum status mount_apply(struct store *store, const struct store_pending *change) MUST_USE;

#endif
