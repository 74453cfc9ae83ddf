/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a socket. */
#define _GNU_SOURCE
#include "body/door/peer.h"

#include <sys/socket.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

enum { GROUPS_READ_MAX = 1024 };

enum status peer_read(int socket, struct peer *peer) {
    struct ucred credentials;
    socklen_t size = sizeof(credentials);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 ||
        size != sizeof(credentials) || credentials.uid == (uid_t)-1) {
        return STATUS_PEER_REFUSED;
    }
    peer->uid = credentials.uid;
    peer->pid = (uint32_t)credentials.pid;
    peer->groups[0] = credentials.gid;
    peer->group_count = 1;
    gid_t groups[GROUPS_READ_MAX];
    size = sizeof(groups);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0) {
        return STATUS_OK; /* the primary group has to do: fewer groups never open more */
    }
    for (size_t i = 0; i < size / sizeof(gid_t) && peer->group_count < PEER_GROUPS_MAX; i++) {
        if (groups[i] != credentials.gid) {
            peer->groups[peer->group_count++] = groups[i];
        }
    }
    return STATUS_OK;
}

int peer_process(int socket) {
    int process = -1;
    socklen_t size = sizeof(process);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &process, &size) != 0) {
        return -1;
    }
    return process;
}
