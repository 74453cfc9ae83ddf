/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: which files the core's process reaches. The numbers are the kernel's, written out
 * because headers older than the running kernel lack them. */
#define _GNU_SOURCE
#include "body/door/sandbox.h"
#include "port/linux/linux.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    RULE_PATH_BENEATH = 1,
    GET_VERSION = 1,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_REMOVE_FILE = 1 << 5,
    FS_MAKE_DIR = 1 << 7,
    FS_MAKE_REG = 1 << 8,
    FS_TRUNCATE = 1 << 14,
    NET_ALL = 1 << 0 | 1 << 1,   /* bind and connect */
    SCOPE_ALL = 1 << 0 | 1 << 1, /* abstract sockets, signals */
};

struct ruleset {
    uint64_t fs, net, scope;
};

struct path_rule {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

/* All rights over files that a version of Landlock knows. */
static uint64_t fs_rights(long version) {
    static const uint8_t bits[] = {13, 14, 15, 15, 16}; /* versions 1 to 5 */
    size_t row = version > 5 ? 4 : (size_t)version - 1;
    return ((uint64_t)1 << bits[row]) - 1;
}

enum status sandbox_confine(int state_dir) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, GET_VERSION);
    if (version < 1) {
        linux_say("this kernel has no Landlock: seccomp alone keeps the daemon from other files");
        return STATUS_OK;
    }
    struct ruleset rules = {.fs = fs_rights(version)};
    rules.net = version >= 4 ? NET_ALL : 0;
    rules.scope = version >= 6 ? SCOPE_ALL : 0;
    size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    struct path_rule state = {
        .allowed = rules.fs & (FS_WRITE_FILE | FS_READ_FILE | FS_READ_DIR | FS_REMOVE_FILE |
                               FS_MAKE_DIR | FS_MAKE_REG | FS_TRUNCATE),
        .parent = state_dir,
    };
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    bool done = fd >= 0 &&
                syscall(SYS_landlock_add_rule, fd, RULE_PATH_BENEATH, &state, 0) == 0 &&
                syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    if (!done) {
        linux_say_errno("cannot confine the process to its state directory");
    }
    if (fd >= 0) {
        close(fd);
    }
    return done ? STATUS_OK : STATUS_INTERNAL;
}
