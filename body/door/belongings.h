/* SPDX-License-Identifier: Apache-2.0 */
/* What the parent opens while it may: the user to become, the state directory, the socket, the root
 * key. */
#ifndef BODY_DOOR_BELONGINGS_H
#define BODY_DOOR_BELONGINGS_H

#include "base/status.h"
#include "body/door/options.h"

#include <sys/types.h>

struct belongings {
    uid_t user;
    gid_t group;
    int state_dir;
    int listening;
    bool bound_here; /* the socket's file is ours to remove */
    int root_key;    /* -1: in the state directory */
    bool root_is_credential;
};

/* The user and the state directory alone. */
enum status belongings_open_state(struct belongings *own, const struct options *options) MUST_USE;
/* Opens all of it; on failure says in a line what is wrong and how to mend it.
 * STATUS_PEER_REFUSED. */
enum status belongings_open(struct belongings *own, const struct options *options) MUST_USE;

#endif
