/* SPDX-License-Identifier: Apache-2.0 */
/* What the processes of the daemon give up: user, limits, system calls. */
#define _GNU_SOURCE
#include "body/door/sandbox.h"
#include "port/linux/linux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/futex.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum status sandbox_become(uid_t user, gid_t group) {
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setresgid(group, group, group) != 0 ||
                           setresuid(user, user, user) != 0)) {
        linux_say_errno("cannot become user %u", (unsigned)user);
        return STATUS_PEER_REFUSED;
    }
    if (geteuid() != user || getuid() == 0 || geteuid() == 0 || setuid(0) == 0) {
        linux_say("refuses to run as root");
        return STATUS_PEER_REFUSED;
    }
    return STATUS_OK;
}

enum status sandbox_harden(void) {
    struct rlimit none = {0, 0};
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        setrlimit(RLIMIT_CORE, &none) != 0) {
        linux_say_errno("cannot harden the process");
        return STATUS_INTERNAL;
    }
    return STATUS_OK;
}

/* Under a limit, locking all future memory would make later mappings fail; what comes later (lanes,
 * pages of the log) holds no key. */
enum status sandbox_lock_memory(bool allow_swap) {
    struct rlimit limit = {0, 0};
    int flags = MCL_CURRENT | MCL_ONFAULT;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY) {
        flags |= MCL_FUTURE;
    }
    if (mlockall(flags) == 0 || allow_swap) {
        return STATUS_OK;
    }
    linux_say_errno("cannot lock memory; set LimitMEMLOCK=infinity (ulimit -l unlimited), or "
                    "accept keys in swap with --allow-swap");
    return STATUS_MEMORY;
}

/* ---- system calls ---- */

/* One allowed call; with `tests` only where the arguments pass. */
struct allowed {
    int number;
    unsigned count;
    struct scmp_arg_cmp tests[2];
};

#define ALWAYS(call) {SCMP_SYS(call), 0, {{0}}}
#define WHERE(call, ...) {SCMP_SYS(call), 1, {__VA_ARGS__}}

/* At most 30. No socket, no exec, no process or thread, no mapping that can be executed. */
static const struct allowed core_calls[] = {
    /* threads that exist already */
    ALWAYS(futex), ALWAYS(sched_yield), ALWAYS(getpid),
    WHERE(sched_setaffinity, SCMP_A0_32(SCMP_CMP_EQ, 0, 0)),
    /* waiting, time, the end */
    ALWAYS(ppoll), ALWAYS(restart_syscall), ALWAYS(rt_sigreturn), ALWAYS(clock_gettime),
    ALWAYS(exit_group),
    /* files below the state directory; Landlock says which */
    ALWAYS(openat2), ALWAYS(statx), ALWAYS(pread64), ALWAYS(pwrite64), ALWAYS(fdatasync),
    ALWAYS(fsync), ALWAYS(fallocate), ALWAYS(fchmod), ALWAYS(unlinkat), ALWAYS(close),
    /* lines on standard error */
    WHERE(write, SCMP_A0_32(SCMP_CMP_EQ, STDERR_FILENO, 0)),
    /* clients */
    ALWAYS(accept4), ALWAYS(getsockopt), ALWAYS(recvfrom), ALWAYS(sendmsg), ALWAYS(shutdown),
    WHERE(memfd_create, SCMP_A1_32(SCMP_CMP_EQ, MFD_CLOEXEC | MFD_ALLOW_SEALING, 0)),
    WHERE(fcntl, SCMP_A1_32(SCMP_CMP_EQ, F_ADD_SEALS, 0)),
    /* memory */
    WHERE(mmap, SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)),
    ALWAYS(munmap),
    ALWAYS(getrandom),
};
_Static_assert(sizeof(core_calls) / sizeof(core_calls[0]) <= 30, "R-81: at most 30 system calls");

/* An endpoint has no store; it reads and writes its line, and connects to it again. */
static const struct allowed endpoint_calls[] = {
    ALWAYS(futex), ALWAYS(sched_yield), ALWAYS(getpid),
    WHERE(sched_setaffinity, SCMP_A0_32(SCMP_CMP_EQ, 0, 0)),
    ALWAYS(ppoll), ALWAYS(restart_syscall), ALWAYS(rt_sigreturn), ALWAYS(clock_gettime),
    ALWAYS(exit_group),
    /* the pairing, once; the line */
    ALWAYS(openat2), ALWAYS(statx), ALWAYS(pread64), ALWAYS(close), ALWAYS(read), ALWAYS(write),
    ALWAYS(pwrite64), /* sizes the memory of a connection */
    WHERE(socket, SCMP_A0_32(SCMP_CMP_EQ, AF_UNIX, 0)), ALWAYS(connect),
    /* clients */
    ALWAYS(accept4), ALWAYS(getsockopt), ALWAYS(recvfrom), ALWAYS(sendmsg), ALWAYS(shutdown),
    WHERE(memfd_create, SCMP_A1_32(SCMP_CMP_EQ, MFD_CLOEXEC | MFD_ALLOW_SEALING, 0)),
    WHERE(fcntl, SCMP_A1_32(SCMP_CMP_EQ, F_ADD_SEALS, 0)),
    /* memory */
    WHERE(mmap, SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)),
    ALWAYS(munmap),
    ALWAYS(getrandom),
};

_Static_assert(sizeof(endpoint_calls) / sizeof(endpoint_calls[0]) <= 30, "as few as the core's");

static const struct allowed parent_calls[] = {
    ALWAYS(wait4), ALWAYS(kill), ALWAYS(read), ALWAYS(sendto), ALWAYS(close), ALWAYS(unlink),
    ALWAYS(rt_sigreturn), ALWAYS(restart_syscall), ALWAYS(exit_group),
    WHERE(write, SCMP_A0_32(SCMP_CMP_EQ, STDERR_FILENO, 0)),
};

static enum status close_calls(const struct allowed *calls, size_t count) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int failed = filter == NULL ? -ENOMEM : 0;
    if (failed == 0) {
        failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    }
    for (size_t i = 0; failed == 0 && i < count; i++) {
        failed = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, calls[i].number, calls[i].count,
                                        calls[i].tests);
    }
    if (failed == 0) {
        failed = seccomp_load(filter);
    }
    seccomp_release(filter);
    if (failed == 0) {
        return STATUS_OK;
    }
    errno = -failed;
    linux_say_errno("cannot limit the system calls");
    return STATUS_INTERNAL;
}

enum status sandbox_close(void) {
    return close_calls(core_calls, sizeof(core_calls) / sizeof(core_calls[0]));
}

enum status sandbox_close_endpoint(void) {
    return close_calls(endpoint_calls, sizeof(endpoint_calls) / sizeof(endpoint_calls[0]));
}

enum status sandbox_close_parent(void) {
    return close_calls(parent_calls, sizeof(parent_calls) / sizeof(parent_calls[0]));
}
