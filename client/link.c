/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting to the daemon, choosing lanes, and the end of the connection. */
#define _GNU_SOURCE
#include "client/link.h"
#include "client/lane.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The daemon answers a connection at once; one that does not is as good as none. */
enum { WELCOME_TIMEOUT_MS = 10000 };

struct link {
    int socket;
    pid_t process; /* that opened it */
    struct link_memory *memory;
    uint32_t taken[LINK_LANES];
    struct lane_end ends[LINK_LANES];
    uint32_t given; /* counts lanes given back; threads that wait for one sleep on it */
    uint32_t waiting;
};

/* The lane this thread used last: threads keep to their own. */
static _Thread_local unsigned preferred;
static unsigned next_preferred;

static enum status dial(int *fd, const char *path) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(name.sun_path)) {
        return STATUS_UNREACHABLE;
    }
    memcpy(name.sun_path, path, strlen(path) + 1);
    *fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (*fd < 0) {
        return STATUS_UNREACHABLE;
    }
    int result;
    do {
        result = connect(*fd, (const struct sockaddr *)&name, sizeof(name));
    } while (result != 0 && errno == EINTR);
    if (result == 0) {
        return STATUS_OK;
    }
    return errno == EACCES || errno == EPERM ? STATUS_PEER_REFUSED : STATUS_UNREACHABLE;
}

/* Receives the welcome and the descriptor that comes with it (-1: none). */
static enum status receive_welcome(int fd, uint8_t *welcome, int *memory) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {welcome, LINK_WELCOME_SIZE};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                             .msg_controllen = sizeof(control)};
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    int ready;
    do {
        ready = poll(&poller, 1, WELCOME_TIMEOUT_MS);
    } while (ready < 0 && errno == EINTR);
    ssize_t got = ready == 1 ? recvmsg(fd, &message, MSG_CMSG_CLOEXEC) : -1;
    struct cmsghdr *header = got < 0 ? NULL : CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof(int))) {
        memcpy(memory, CMSG_DATA(header), sizeof(int));
    }
    if (got != LINK_WELCOME_SIZE || load_u32(welcome) != LINK_MAGIC) {
        return STATUS_UNREACHABLE;
    }
    return load_u32(welcome + 4) == LINK_VERSION ? STATUS_OK : STATUS_VERSION;
}

static enum status check_welcome(const uint8_t *welcome) {
    switch (load_u32(welcome + 8)) {
    case STATUS_OK:
        break;
    case STATUS_BUSY:
        return STATUS_BUSY;
    default:
        return STATUS_PEER_REFUSED;
    }
    bool fits = load_u32(welcome + 12) == LINK_LANES &&
                load_u32(welcome + 16) == sizeof(struct link_memory);
    return fits ? STATUS_OK : STATUS_VERSION;
}

/* The file must be of the agreed size and sealed, or its end could be taken away under our feet. */
static enum status map_memory(int fd, struct link_memory **memory) {
    struct stat stat;
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || fstat(fd, &stat) != 0 ||
        stat.st_size != (off_t)sizeof(struct link_memory)) {
        return STATUS_UNREACHABLE;
    }
    void *map = mmap(NULL, sizeof(struct link_memory), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        return STATUS_UNREACHABLE;
    }
    /* A child after fork() must not speak on the parent's connection, and no core file shows
     * requests. */
    if (madvise(map, sizeof(struct link_memory), MADV_DONTFORK) != 0) {
        munmap(map, sizeof(struct link_memory));
        return STATUS_UNREACHABLE;
    }
    madvise(map, sizeof(struct link_memory), MADV_DONTDUMP);
    *memory = map;
    return STATUS_OK;
}

static enum status establish(struct link *link, const char *path) {
    uint8_t welcome[LINK_WELCOME_SIZE] = {0};
    int memory = -1;
    TRY(dial(&link->socket, path));
    enum status status = receive_welcome(link->socket, welcome, &memory);
    if (status == STATUS_OK) {
        status = check_welcome(welcome);
    }
    if (status == STATUS_OK) {
        status = map_memory(memory, &link->memory);
    }
    if (memory >= 0) {
        close(memory);
    }
    return status;
}

enum status link_open(struct link **link, const char *path) {
    *link = NULL;
    struct link *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return STATUS_UNREACHABLE;
    }
    made->socket = -1;
    made->process = getpid();
    enum status status = establish(made, path);
    if (status != STATUS_OK) {
        link_close(made);
        return status;
    }
    *link = made;
    return STATUS_OK;
}

void link_close(struct link *link) {
    if (link->memory != NULL && link->process == getpid()) {
        munmap(link->memory, sizeof(struct link_memory));
    }
    if (link->socket >= 0) {
        close(link->socket);
    }
    free(link);
}

/* The daemon says nothing after its welcome: whatever can be read is the end. */
bool link_alive(struct link *link) {
    struct pollfd poller = {.fd = link->socket, .events = POLLIN | POLLRDHUP};
    return link->process == getpid() && poll(&poller, 1, 0) == 0;
}

static bool take(struct link *link, unsigned lane) {
    uint32_t is_free = 0;
    return __atomic_load_n(&link->taken[lane], __ATOMIC_RELAXED) == 0 &&
           __atomic_compare_exchange_n(&link->taken[lane], &is_free, 1, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

/* The preferred lane, or any other free one. */
static bool take_any(struct link *link, unsigned *lane) {
    if (preferred == 0) {
        preferred = 1 + __atomic_fetch_add(&next_preferred, 1, __ATOMIC_RELAXED) % LINK_LANES;
    }
    for (unsigned i = 0; i < LINK_LANES; i++) {
        unsigned candidate = (preferred - 1 + i) % LINK_LANES;
        if (take(link, candidate)) {
            preferred = candidate + 1;
            *lane = candidate;
            return true;
        }
    }
    return false;
}

enum status link_take(struct link *link, unsigned *lane, struct span *room) {
    if (link->process != getpid()) {
        return STATUS_DISCONNECTED;
    }
    while (!take_any(link, lane)) {
        __atomic_fetch_add(&link->waiting, 1, __ATOMIC_SEQ_CST);
        uint32_t given = __atomic_load_n(&link->given, __ATOMIC_SEQ_CST);
        bool found = take_any(link, lane);
        if (!found) {
            lane_sleep(&link->given, given, LANE_LOOK_MS);
        }
        __atomic_fetch_sub(&link->waiting, 1, __ATOMIC_SEQ_CST);
        if (found) {
            break;
        }
        if (!link_alive(link)) {
            return STATUS_DISCONNECTED;
        }
    }
    *room = (struct span){link->memory->lanes[*lane].request_frame, LANE_ROOM};
    return STATUS_OK;
}

void link_give(struct link *link, unsigned lane) {
    __atomic_store_n(&link->taken[lane], 0, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&link->waiting, __ATOMIC_SEQ_CST) != 0) {
        __atomic_fetch_add(&link->given, 1, __ATOMIC_SEQ_CST);
        lane_wake(&link->given);
    }
}

/* Asks for somebody to serve the lane. */
static bool ask_for_service(struct link *link, unsigned lane) {
    uint8_t message[4];
    save_u32(message, lane);
    ssize_t sent;
    do {
        sent = send(link->socket, message, sizeof(message), MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof(message);
}

enum status link_exchange(struct link *link, unsigned number, size_t size, struct span *reply) {
    struct lane *lane = &link->memory->lanes[number];
    struct lane_end *end = &link->ends[number];
    if (size > LANE_ROOM) {
        return STATUS_TOO_LARGE;
    }
    if (lane_send(lane, end, size) == LANE_NOT_SERVED && !ask_for_service(link, number)) {
        return STATUS_DISCONNECTED;
    }
    while (!lane_wait(lane, end, LANE_LOOK_MS)) {
        if (!link_alive(link)) {
            return STATUS_DISCONNECTED;
        }
    }
    return lane_receive(lane, end, size, reply);
}
