/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to the daemon without the client library. */
#define _GNU_SOURCE
#include "test/daemon/raw_link.h"

#include <linux/futex.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

const char *raw_path(void) {
    const char *address = getenv("EDGEHSM_MODULE");
    if (address != NULL && strncmp(address, "unix:", 5) == 0) {
        address += 5;
    }
    return address;
}

static bool receive(struct raw_link *link, int *file) {
    uint8_t welcome[LINK_WELCOME_SIZE];
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {welcome, sizeof(welcome)};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                             .msg_controllen = sizeof(control)};
    if (recvmsg(link->socket, &message, MSG_CMSG_CLOEXEC) != LINK_WELCOME_SIZE) {
        return false;
    }
    link->status = load_u32(welcome + 8);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *file = -1;
    if (header != NULL) {
        memcpy(file, CMSG_DATA(header), sizeof(int));
    }
    return true;
}

bool raw_open(struct raw_link *link) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int file = -1;
    memcpy(name.sun_path, raw_path(), strlen(raw_path()) + 1);
    *link = (struct raw_link){.socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
    if (connect(link->socket, (struct sockaddr *)&name, sizeof(name)) != 0 ||
        !receive(link, &file)) {
        close(link->socket);
        return false;
    }
    if (file >= 0) {
        void *map = mmap(NULL, sizeof(struct link_memory), PROT_READ | PROT_WRITE, MAP_SHARED,
                         file, 0);
        link->memory = map == MAP_FAILED ? NULL : map;
        close(file);
    }
    return true;
}

void raw_close(struct raw_link *link) {
    if (link->memory != NULL) {
        munmap(link->memory, sizeof(struct link_memory));
    }
    close(link->socket);
}

bool raw_ask(struct raw_link *link, uint32_t lane) {
    uint8_t message[4];
    save_u32(message, lane);
    return send(link->socket, message, sizeof(message), MSG_NOSIGNAL) == sizeof(message);
}

void raw_publish(struct raw_link *link, uint32_t lane, uint32_t word) {
    uint32_t *request = &link->memory->lanes[lane].request;
    __atomic_store_n(request, word, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, request, FUTEX_WAKE, 1, NULL, NULL, 0);
}
