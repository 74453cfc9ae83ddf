/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a connection, as the body knows it (never as the client says it). */
#ifndef CORE_SESSION_PEER_H
#define CORE_SESSION_PEER_H

#include "base/limits.h"

#include <stdint.h>

struct peer {
    uint32_t uid;
    uint32_t pid; /* for the log only */
    uint32_t group_count;
    uint32_t groups[PEER_GROUPS_MAX];
};

#endif
