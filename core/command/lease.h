/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands about a key's lease do alike. */
#ifndef CORE_COMMAND_LEASE_H
#define CORE_COMMAND_LEASE_H

#include "core/command/module.h"

/* Finds a key with a lease that this session may change. KEY_INVALID, ACTION_PROHIBITED for a key
 * without a lease, and those of access_may_write. */
enum status lease_find(struct call *call, uint64_t handle, uint32_t *index,
                       struct usage **usage) MUST_USE;
/* Makes the change, durably. The statuses of store_put: nothing changed. */
enum status lease_change(struct call *call, struct usage *usage,
                         const struct usage *next) MUST_USE;

#endif
