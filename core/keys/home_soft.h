/* SPDX-License-Identifier: Apache-2.0 */
/* Keys ready for use: loaded into the form that crypto/ works with, kept until their place is
 * needed. This is the key home `soft`; other homes (a TPM) will stand beside it. */
#ifndef CORE_KEYS_HOME_SOFT_H
#define CORE_KEYS_HOME_SOFT_H

#include "core/keys/objects.h"
#include "crypto/crypto.h"

struct soft_key {
    struct crypto_key key;
    uint32_t object; /* place in the index + 1; 0: free, or its object is gone */
    uint32_t pins;   /* requests that use it now */
    bool loaded;
    bool recent;
};

struct home_soft {
    uint32_t hand; /* where the search for a place goes on (second chance) */
    struct soft_key list[SOFT_KEYS_MAX];
};

/* Gets a key ready and pins it; it stays usable until home_soft_release, even when its object is
 * destroyed meanwhile. `room`: OBJECT_SIZE_MAX bytes of scratch, wiped again. KEY_INVALID for an
 * object that is no key, BUSY when every place is pinned, the statuses of objects_load and
 * crypto_key_load. */
enum status home_soft_get(struct home_soft *keys, struct objects *objects, uint32_t index,
                          struct span room, struct soft_key **ready) MUST_USE;
void home_soft_release(struct soft_key *ready);
/* Its object goes, or changes: the key is unloaded now, or as soon as nobody has it pinned. */
void home_soft_drop(struct home_soft *keys, struct object *object);
/* Unloads everything (end, zeroization): what is pinned goes as soon as it is released. The objects
 * must be gone. */
void home_soft_clear(struct home_soft *keys);

#endif
