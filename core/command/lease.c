/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands about a key's lease do alike. */
#include "core/command/lease.h"

#include "core/command/access.h"

enum status lease_find(struct call *call, uint64_t handle, uint32_t *index, struct usage **usage) {
    struct objects *objects = &call->hsm->objects;
    if (access_object(call, handle, index) != STATUS_OK ||
        !facts_is_key(&objects->list[*index].facts)) {
        return STATUS_KEY_INVALID;
    }
    TRY(access_may_write(call, &objects->list[*index].facts));
    *usage = objects_usage(objects, *index);
    if (*usage == NULL || !(*usage)->leased) {
        return call_refuse(call, STATUS_ACTION_PROHIBITED, "the key has no LEASE_KEY");
    }
    return STATUS_OK;
}

enum status lease_change(struct call *call, struct usage *usage, const struct usage *next) {
    TRY(usages_put(&call->hsm->store, next, STORE_BOUND));
    *usage = *next;
    return STATUS_OK;
}
