/* SPDX-License-Identifier: Apache-2.0 */
/* Connections and who works for them. */
#define _GNU_SOURCE
#include "body/door/connection.h"
#include "body/door/lane.h"
#include "body/door/module.h"
#include "body/door/peer.h"
#include "port/linux/linux.h"
#include "port/port.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WINDOW_MS = 100 }; /* a user that was served counts as at work for so long */

/* What only so many of a user's workers may do at once. */
struct gate {
    uint32_t within;
    pthread_cond_t left;
};

struct account {
    uint32_t uid;
    uint32_t connections; /* 0: the row is free */
    uint32_t workers;
    struct gate heavy; /* work that takes long */
    struct gate turns; /* work while other users are at work too */
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    struct connection connections[CONNECTIONS_MAX];
    struct account accounts[CONNECTIONS_MAX];
    struct connection *first; /* in line */
    struct connection *last;
    unsigned sleeping; /* workers in connection_next */
} door = {.lock = PTHREAD_MUTEX_INITIALIZER, .wanted = PTHREAD_COND_INITIALIZER};

/* ---- slots and accounts; under the lock ---- */

static struct account *account_of(uint32_t uid) {
    struct account *free_row = NULL;
    for (size_t i = 0; i < COUNT(door.accounts); i++) {
        struct account *row = &door.accounts[i];
        if (row->connections > 0 && row->uid == uid) {
            return row;
        }
        if (row->connections == 0 && free_row == NULL) {
            free_row = row;
        }
    }
    if (free_row != NULL) {
        *free_row = (struct account){.uid = uid,
                                     .heavy.left = PTHREAD_COND_INITIALIZER,
                                     .turns.left = PTHREAD_COND_INITIALIZER};
    }
    return free_row;
}

static struct connection *reserve(uint32_t uid) {
    struct account *account = account_of(uid);
    if (account == NULL || account->connections >= USER_CONNECTIONS_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < COUNT(door.connections); i++) {
        struct connection *slot = &door.connections[i];
        if (!slot->used) {
            *slot = (struct connection){.used = true, .account = account, .socket = -1,
                                        .process = -1};
            account->connections++;
            return slot;
        }
    }
    return NULL;
}

static void unreserve(struct connection *connection) {
    pthread_mutex_lock(&door.lock);
    connection->account->connections--;
    connection->used = false;
    pthread_mutex_unlock(&door.lock);
}

/* ---- opening ---- */

/* A memory file whose size nobody can change; its pages come when they are touched. Its last byte
 * gives it the size, so that the sandbox needs no call that could shorten other files. */
static int make_memory(struct link_memory **memory) {
    int fd = memfd_create("edgehsm-link", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) {
        return -1;
    }
    void *map = MAP_FAILED;
    if (pwrite(fd, "", 1, sizeof(struct link_memory) - 1) == 1 &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0) {
        map = mmap(NULL, sizeof(struct link_memory), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (map == MAP_FAILED) {
        close(fd);
        return -1;
    }
    *memory = map;
    return fd;
}

static bool send_welcome(int socket, enum status status, int memory) {
    uint8_t welcome[LINK_WELCOME_SIZE];
    save_u32(welcome, LINK_MAGIC);
    save_u32(welcome + 4, LINK_VERSION);
    save_u32(welcome + 8, (uint32_t)status);
    save_u32(welcome + 12, LINK_LANES);
    save_u32(welcome + 16, sizeof(struct link_memory));
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {welcome, sizeof(welcome)};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (memory >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(&control.header), &memory, sizeof(int));
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof(welcome);
}

/* Memory, core, welcome, in this order; what was done is undone when a later one fails. */
static enum status furnish(struct connection *connection, const struct peer *peer) {
    int memory = make_memory(&connection->memory);
    if (memory < 0) {
        linux_say_errno("cannot make memory for a connection");
        return STATUS_BUSY;
    }
    enum status status = module_connect(peer, &connection->number);
    if (status == STATUS_OK && !send_welcome(connection->socket, STATUS_OK, memory)) {
        module_disconnect(connection->number);
        status = STATUS_DISCONNECTED;
    }
    close(memory);
    if (status != STATUS_OK) {
        munmap(connection->memory, sizeof(struct link_memory));
    }
    return status;
}

/* Tells the log and the client. A client that comes back at once, again and again, must not fill
 * the log: ten refusals a second are told. */
static void refuse(int socket, const struct peer *peer, enum status status) {
    static uint64_t second;
    static unsigned told;
    uint64_t now = port_uptime_ms() / 1000;
    told = now == second ? told + 1 : 0;
    second = now;
    if (told < 10) {
        module_refused(peer);
        linux_say("refused process %u of user %u: %s", peer->pid, peer->uid,
                  status_row(status)->text);
    }
    if (!send_welcome(socket, status, -1)) {
        linux_say("a refused client (user %u) was gone before it heard so", peer->uid);
    }
}

struct connection *connection_open(int socket) {
    struct peer peer = {0};
    struct connection *connection = NULL;
    enum status status = peer_read(socket, &peer);
    if (status == STATUS_OK) {
        pthread_mutex_lock(&door.lock);
        connection = reserve(peer.uid);
        pthread_mutex_unlock(&door.lock);
        status = connection == NULL ? STATUS_BUSY : STATUS_OK;
    }
    if (status == STATUS_OK) {
        connection->socket = socket;
        connection->process = peer_process(socket);
        connection->pid = peer.pid;
        status = furnish(connection, &peer);
    }
    if (status == STATUS_OK) {
        return connection;
    }
    if (status != STATUS_DISCONNECTED) {
        refuse(socket, &peer, status);
    }
    if (connection != NULL) {
        if (connection->process >= 0) {
            close(connection->process);
        }
        unreserve(connection);
    }
    close(socket);
    return NULL;
}

/* ---- closing ---- */

bool connection_is_closing(const struct connection *connection) {
    return __atomic_load_n(&connection->closing, __ATOMIC_ACQUIRE);
}

/* The last one out. */
static void finish(struct connection *connection) {
    module_disconnect(connection->number);
    munmap(connection->memory, sizeof(struct link_memory));
    unreserve(connection);
}

/* Written under the lock, but looked at without it too. */
static void set_first(struct connection *connection) {
    __atomic_store_n(&door.first, connection, __ATOMIC_RELAXED);
}

/* Takes the connection out of the line. */
static void unlist(struct connection *connection) {
    struct connection *before = NULL;
    for (struct connection *at = door.first; at != NULL; before = at, at = at->next) {
        if (at != connection) {
            continue;
        }
        if (before == NULL) {
            set_first(at->next);
        } else {
            before->next = at->next;
        }
        if (door.last == at) {
            door.last = before;
        }
        break;
    }
    connection->listed = false;
}

void connection_close(struct connection *connection) {
    int socket = connection->socket;
    int process = connection->process;
    pthread_mutex_lock(&door.lock);
    __atomic_store_n(&connection->closing, true, __ATOMIC_RELEASE);
    if (connection->listed) {
        unlist(connection);
    }
    uint32_t served = connection->served;
    for (unsigned lane = 0; lane < LINK_LANES; lane++) {
        if ((served >> lane & 1) != 0) {
            lane_rouse(&connection->memory->lanes[lane]);
        }
    }
    pthread_mutex_unlock(&door.lock);
    if (served == 0) {
        finish(connection);
    }
    close(socket);
    if (process >= 0) {
        close(process);
    }
}

/* Under the lock the socket is still this connection's: it is closed only after `closing` is
 * set. */
bool connection_end(struct connection *connection) {
    pthread_mutex_lock(&door.lock);
    bool ends = !connection_is_closing(connection);
    if (ends) {
        shutdown(connection->socket, SHUT_RDWR);
    }
    pthread_mutex_unlock(&door.lock);
    return ends;
}

void connection_break(struct connection *connection) {
    if (connection_end(connection)) {
        linux_say("process %u broke the rules of the link: its connection ends", connection->pid);
    }
}

/* ---- the line ---- */

static void enlist(struct connection *connection) {
    connection->next = NULL;
    connection->listed = true;
    if (door.last == NULL || door.first == NULL) {
        set_first(connection);
    } else {
        door.last->next = connection;
    }
    door.last = connection;
    if (door.sleeping > 0) {
        pthread_cond_signal(&door.wanted);
    }
}

bool connection_wants_service(struct connection *connection, uint32_t lane) {
    if (lane >= LINK_LANES) {
        return false;
    }
    pthread_mutex_lock(&door.lock);
    connection->waiting |= 1u << lane;
    if (!connection->listed && (connection->waiting & ~connection->served) != 0) {
        enlist(connection);
    }
    pthread_mutex_unlock(&door.lock);
    return true;
}

/* The first in line whose user has not too many workers already. */
static struct connection *first_entitled(void) {
    struct connection *at = door.first;
    while (at != NULL && at->account->workers >= USER_WORKERS_MAX) {
        at = at->next;
    }
    return at;
}

struct connection *connection_next(unsigned *lane) {
    pthread_mutex_lock(&door.lock);
    struct connection *connection = first_entitled();
    while (connection == NULL) {
        door.sleeping++;
        pthread_cond_wait(&door.wanted, &door.lock);
        door.sleeping--;
        connection = first_entitled();
    }
    unlist(connection);
    *lane = (unsigned)__builtin_ctz(connection->waiting & ~connection->served);
    connection->waiting &= ~(1u << *lane);
    connection->served |= 1u << *lane;
    connection->account->workers++;
    if ((connection->waiting & ~connection->served) != 0) {
        enlist(connection);
    }
    pthread_mutex_unlock(&door.lock);
    return connection;
}

void connection_release(struct connection *connection, unsigned lane, bool again) {
    pthread_mutex_lock(&door.lock);
    connection->served &= ~(1u << lane);
    connection->account->workers--;
    bool closing = connection_is_closing(connection);
    connection->waiting |= again ? 1u << lane : 0;
    if (!closing && !connection->listed && (connection->waiting & ~connection->served) != 0) {
        enlist(connection);
    } else if (door.first != NULL && door.sleeping > 0) {
        pthread_cond_signal(&door.wanted); /* its user may be entitled now */
    }
    bool last = closing && connection->served == 0;
    pthread_mutex_unlock(&door.lock);
    if (last) {
        finish(connection);
    }
}

bool connection_others_wait(void) {
    return __atomic_load_n(&door.first, __ATOMIC_RELAXED) != NULL;
}

/* ---- heavy work ---- */

/* Whether another user was served a moment ago. */
static bool others_work(const struct account *account, uint64_t now_ms) {
    static const struct account *served_last;
    static uint64_t changed_ms;
    if (__atomic_load_n(&served_last, __ATOMIC_RELAXED) != account) {
        __atomic_store_n(&served_last, account, __ATOMIC_RELAXED);
        __atomic_store_n(&changed_ms, now_ms, __ATOMIC_RELAXED);
    }
    return now_ms - __atomic_load_n(&changed_ms, __ATOMIC_RELAXED) < WINDOW_MS;
}

static void pass(struct gate *gate, uint32_t limit) {
    pthread_mutex_lock(&door.lock);
    while (gate->within >= limit) {
        pthread_cond_wait(&gate->left, &door.lock);
    }
    gate->within++;
    pthread_mutex_unlock(&door.lock);
}

static void leave(struct gate *gate) {
    pthread_mutex_lock(&door.lock);
    gate->within--;
    pthread_cond_signal(&gate->left);
    pthread_mutex_unlock(&door.lock);
}

bool connection_begin_turn(struct connection *connection, unsigned processors) {
    struct account *account = connection->account;
    if (!others_work(account, port_uptime_ms())) {
        return false;
    }
    pass(&account->turns, processors);
    return true;
}

void connection_end_turn(struct connection *connection) {
    leave(&connection->account->turns);
}

void connection_begin_heavy(struct connection *connection, unsigned processors) {
    pass(&connection->account->heavy, processors > 2 ? processors - 1 : 1);
}

void connection_end_heavy(struct connection *connection) {
    leave(&connection->account->heavy);
}
