/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a mounted store; for core/store and for the one who gives the memory. */
#ifndef CORE_STORE_STORE_STATE_H
#define CORE_STORE_STORE_STATE_H

#include "core/store/store.h"
#include "port/port.h"

struct store {
    struct flash_geometry geometry;
    struct store_bucket buckets[STORE_BUCKETS];
};

#endif
