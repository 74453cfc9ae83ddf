/* SPDX-License-Identifier: Apache-2.0 */
/* The anchor in sector 0: who the store is, and its half of the root of all keys. Made at format,
 * destroyed at zeroization. */
#ifndef CORE_STORE_ANCHOR_H
#define CORE_STORE_ANCHOR_H

#include "core/store/store_state.h"

enum { ANCHOR_SECRET_SIZE = 32 };

struct anchor {
    uint8_t device_id[DEVICE_ID_SIZE];
    uint8_t secret[ANCHOR_SECRET_SIZE];
};

/* Reads it. OK; NOT_FOUND: none that counts (blank, or cut while it was written or erased);
 * ZEROIZED: a wipe was begun at least; STORE_DAMAGED: the blank rest of its sector is not blank;
 * STORE_IO. */
enum status anchor_read(struct store *store, struct anchor *anchor) MUST_USE;
/* Writes it to the erased sector 0, durably. */
enum status anchor_write(struct store *store, const struct anchor *anchor) MUST_USE;
/* Overwrites it with zeros in one program operation, durably. */
enum status anchor_wipe(struct store *store) MUST_USE;
/* Makes the store's keys from it and from the port's root key. NOT_FOUND where the port has
 * none. */
enum status anchor_derive(struct store *store, const struct anchor *anchor) MUST_USE;

#endif
