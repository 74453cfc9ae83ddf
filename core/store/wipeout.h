/* SPDX-License-Identifier: Apache-2.0 */
/* The two ends of a store's life: format and zeroization. */
#ifndef CORE_STORE_WIPEOUT_H
#define CORE_STORE_WIPEOUT_H

#include "core/store/store_state.h"

/* Finishes a zeroization that was begun; *finished is true where anything was left to do.
 * STORE_IO. */
enum status wipeout_finish(struct store *store, bool *finished) MUST_USE;

#endif
