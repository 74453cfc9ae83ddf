/* SPDX-License-Identifier: Apache-2.0 */
/* A process in the daemon's own sandbox tries what it should not be able to do (R-81, H5). Each
 * try runs in a process of its own: killed by the filter, or an error, is denied; success is a
 * hole. The same tries run outside the sandbox too, to show that most of them would have worked. */
#define _GNU_SOURCE
#include "base/compiler.h"
#include "body/door/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static char outside[64];
static int state_dir = -1;
static int passed_fd = -1; /* open before the sandbox, as a log file would be */

static long open_how(int dir, const char *path, int flags) {
    struct open_how how = {.flags = (uint64_t)(unsigned)flags,
                           .mode = (flags & O_CREAT) != 0 ? 0600 : 0};
    return syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

/* Each returns a negative number when denied. */
#define ACTION(name, expression) static long name(void) { return (long)(expression); }
ACTION(open_a_file_outside, open("/etc/passwd", O_RDONLY))
ACTION(open_a_file_outside_another_way, open_how(AT_FDCWD, "/etc/passwd", O_RDONLY))
ACTION(write_a_file_outside, open_how(AT_FDCWD, outside, O_WRONLY))
ACTION(make_a_file_outside, open_how(AT_FDCWD, "/tmp/edgehsm-escape", O_WRONLY | O_CREAT))
ACTION(climb_out_of_the_folder, open_how(state_dir, "../../etc/passwd", O_RDONLY))
ACTION(remove_a_file_outside, unlinkat(AT_FDCWD, outside, 0))
ACTION(read_another_process, open_how(AT_FDCWD, "/proc/self/maps", O_RDONLY))
ACTION(shorten_a_file_outside, truncate(outside, 0))
ACTION(shorten_an_open_file, ftruncate(passed_fd, 0))
ACTION(make_a_symbolic_link, symlinkat("/etc", state_dir, "link"))
ACTION(make_a_second_name, linkat(AT_FDCWD, outside, state_dir, "second", 0))
ACTION(rename_a_file, renameat(AT_FDCWD, outside, AT_FDCWD, outside))
ACTION(make_a_device, mknodat(state_dir, "pipe", S_IFIFO | 0600, 0))
ACTION(change_a_mode_by_name, chmod(outside, 0666))
ACTION(change_an_owner, chown(outside, (uid_t)-1, (gid_t)-1))
ACTION(list_a_folder, syscall(SYS_getdents64, state_dir, folder, sizeof(folder)))
ACTION(open_an_internet_socket, socket(AF_INET, SOCK_STREAM, 0))
ACTION(open_an_internet_6_socket, socket(AF_INET6, SOCK_DGRAM, 0))
ACTION(open_a_unix_socket, socket(AF_UNIX, SOCK_STREAM, 0))
ACTION(open_a_netlink_socket, socket(AF_NETLINK, SOCK_RAW, 0))
ACTION(open_a_packet_socket, socket(AF_PACKET, SOCK_RAW, 0))
ACTION(make_a_pipe, syscall(SYS_pipe2, (int[2]){0}, 0))
ACTION(make_an_eventfd, syscall(SYS_eventfd2, 0, 0))
ACTION(make_a_timerfd, syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0))
ACTION(make_an_epoll, syscall(SYS_epoll_create1, 0))
ACTION(make_an_inotify, syscall(SYS_inotify_init1, 0))
ACTION(make_a_signalfd, syscall(SYS_signalfd4, -1, &(uint64_t){0}, 8, 0))
ACTION(make_a_userfaultfd, syscall(SYS_userfaultfd, 1))
ACTION(make_an_io_uring, syscall(SYS_io_uring_setup, 1, (uint8_t[256]){0}))
ACTION(open_a_pidfd, syscall(SYS_pidfd_open, getppid(), 0))
ACTION(load_a_bpf_program, syscall(SYS_bpf, 0, (uint8_t[128]){0}, 128))
ACTION(make_a_memfd_of_another_kind, memfd_create("other", 0))
ACTION(make_a_secret_memory, syscall(SYS_memfd_secret, 0))
ACTION(duplicate_a_descriptor, dup(2))
ACTION(duplicate_a_descriptor_by_fcntl, fcntl(2, F_DUPFD, 10))
ACTION(write_elsewhere_than_standard_error, write(passed_fd, "x", 1))
ACTION(run_a_program, syscall(SYS_execve, "/bin/true", (char *[]){(char[]){"true"}, NULL}, NULL))
ACTION(fork_a_process, syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0 ? (_exit(0), 0L) : 1L)
ACTION(trace_itself, ptrace(PTRACE_TRACEME, 0, NULL, NULL))
ACTION(signal_its_parent, kill(getppid(), 0))
ACTION(signal_a_thread, syscall(SYS_tgkill, getpid(), getpid(), 0))
ACTION(move_its_parent_to_a_processor, sched_setaffinity(getppid(), 128, &(cpu_set_t){{1}}))
ACTION(dump_core_again, prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
ACTION(lift_a_limit, setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}))
ACTION(become_root, setresuid(getuid(), getuid(), getuid()))
ACTION(leave_for_a_namespace, unshare(CLONE_NEWUSER))
ACTION(change_the_root, chroot("/"))
ACTION(mount_a_file_system, mount("none", folder, "tmpfs", 0, NULL))
ACTION(read_the_key_ring, syscall(SYS_keyctl, 0, -3, 0))
ACTION(share_memory_by_key, syscall(SYS_shmget, 0, 4096, 0600))
ACTION(ask_a_device, syscall(SYS_ioctl, 2, 0x5413, (uint8_t[64]){0}))

static void *do_nothing(void *nothing) {
    return nothing;
}

static long run_a_thread(void) {
    pthread_t thread;
    return pthread_create(&thread, NULL, do_nothing, NULL) == 0 ? 0 : -1;
}

static long map_executable_memory(void) {
    void *map = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return map == MAP_FAILED ? -1 : 0;
}

static long make_memory_executable(void) {
    void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mprotect(map, 4096, PROT_READ | PROT_EXEC);
}

static long read_memory_of_its_parent(void) {
    static uint64_t here;
    struct iovec mine = {&here, sizeof(here)};
    struct iovec theirs = {&here, sizeof(here)};
    return process_vm_readv(getppid(), &mine, 1, &theirs, 1, 0);
}

static long watch_performance(void) {
    struct perf_event_attr what = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(what),
                                   .config = PERF_COUNT_SW_DUMMY, .exclude_kernel = 1};
    return syscall(SYS_perf_event_open, &what, 0, -1, -1, 0);
}

struct action {
    const char *name;
    long (*run)(void);
    bool landlock; /* that is what denies it */
};
#define ROW(name) {#name, name, false}
#define FILE_ROW(name) {#name, name, true}
static const struct action actions[] = {
    FILE_ROW(open_a_file_outside_another_way), FILE_ROW(write_a_file_outside),
    FILE_ROW(make_a_file_outside), FILE_ROW(climb_out_of_the_folder),
    FILE_ROW(read_another_process), ROW(open_a_file_outside),
    ROW(shorten_a_file_outside), ROW(shorten_an_open_file), ROW(make_a_symbolic_link),
    ROW(make_a_second_name),
    ROW(rename_a_file), ROW(make_a_device), ROW(change_a_mode_by_name), ROW(change_an_owner),
    ROW(list_a_folder), ROW(open_an_internet_socket), ROW(open_an_internet_6_socket),
    ROW(open_a_unix_socket), ROW(open_a_netlink_socket), ROW(open_a_packet_socket),
    ROW(make_a_pipe), ROW(make_an_eventfd), ROW(make_a_timerfd), ROW(make_an_epoll),
    ROW(make_an_inotify), ROW(make_a_signalfd), ROW(make_a_userfaultfd), ROW(make_an_io_uring),
    ROW(open_a_pidfd), ROW(load_a_bpf_program), ROW(make_a_memfd_of_another_kind),
    ROW(make_a_secret_memory), ROW(duplicate_a_descriptor), ROW(duplicate_a_descriptor_by_fcntl),
    ROW(write_elsewhere_than_standard_error), ROW(run_a_program), ROW(fork_a_process),
    ROW(run_a_thread), ROW(trace_itself), ROW(signal_its_parent), ROW(signal_a_thread),
    ROW(move_its_parent_to_a_processor), ROW(read_memory_of_its_parent), ROW(watch_performance),
    ROW(map_executable_memory), ROW(make_memory_executable), ROW(dump_core_again),
    ROW(lift_a_limit), ROW(become_root), ROW(leave_for_a_namespace), ROW(change_the_root),
    ROW(mount_a_file_system), ROW(read_the_key_ring), ROW(share_memory_by_key), ROW(ask_a_device),
    FILE_ROW(remove_a_file_outside),
};

enum { NOBODY = 65534, DENIED = 1, WORKED = 0, UNPREPARED = 2 };

/* Runs one action in a process of its own; tells whether it worked. */
static int try(const struct action *action, bool in_sandbox) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        uid_t user = getuid() == 0 ? NOBODY : getuid();
        gid_t group = getuid() == 0 ? NOBODY : getgid();
        if (sandbox_become(user, group) != STATUS_OK ||
            (in_sandbox && (sandbox_harden() != STATUS_OK ||
                            sandbox_confine(state_dir) != STATUS_OK ||
                            sandbox_close() != STATUS_OK))) {
            _exit(UNPREPARED);
        }
        long result = action->run();
        /* exit_group is allowed; a program that was run never comes here, and ends with 0. */
        _exit(result < 0 ? DENIED : WORKED);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
        return WTERMSIG(status) == SIGSYS ? DENIED : UNPREPARED;
    }
    return WEXITSTATUS(status);
}

static int prepare(void **state) {
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/edgehsm-sandbox.XXXXXX");
    snprintf(outside, sizeof(outside), "/tmp/edgehsm-outside.XXXXXX");
    int fd = mkstemp(outside);
    if (fd < 0 || mkdtemp(folder) == NULL) {
        return -1;
    }
    passed_fd = fd;
    state_dir = open(folder, O_RDONLY | O_DIRECTORY);
    if (getuid() == 0 && (chown(folder, NOBODY, NOBODY) != 0 || fchown(fd, NOBODY, NOBODY) != 0)) {
        return -1;
    }
    return state_dir < 0 ? -1 : 0;
}

static int clean(void **state) {
    (void)state;
    char command[200];
    snprintf(command, sizeof(command), "rm -rf '%s' '%s' /tmp/edgehsm-escape", folder, outside);
    return system(command);
}

static void every_forbidden_action_is_denied(void **state) {
    (void)state;
    size_t denied = 0;
    size_t tried = 0;
    bool landlock = syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
    for (size_t i = 0; i < COUNT(actions); i++) {
        if (actions[i].landlock && !landlock) {
            print_message("# no Landlock here, so not tried: %s\n", actions[i].name);
            continue;
        }
        tried++;
        int result = try(&actions[i], true);
        if (result == DENIED) {
            denied++;
        } else {
            print_message("not denied: %s (%d)\n", actions[i].name, result);
        }
    }
    print_message("# %zu of %zu actions denied\n", denied, tried);
    assert_int_equal(denied, tried);
    assert_true(tried >= 40);
}

static void most_of_them_work_outside_the_sandbox(void **state) {
    (void)state;
    size_t worked = 0;
    for (size_t i = 0; i < COUNT(actions); i++) {
        worked += try(&actions[i], false) == WORKED;
    }
    print_message("# %zu of %zu actions work outside\n", worked, COUNT(actions));
    assert_true(worked >= 25);
}

/* What the daemon does all day. */
ACTION(make_a_file_in_the_folder, open_how(state_dir, "mine", O_RDWR | O_CREAT))
ACTION(read_it, open_how(state_dir, "mine", O_RDONLY))
ACTION(remove_it, unlinkat(state_dir, "mine", 0))
ACTION(draw_randomness, syscall(SYS_getrandom, folder, 0, 0))
ACTION(make_memory_for_a_lane, memfd_create("lane", MFD_CLOEXEC | MFD_ALLOW_SEALING))
ACTION(move_itself_to_a_processor, sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t){{1}}))

static void what_the_daemon_needs_is_allowed(void **state) {
    (void)state;
    static const struct action needed[] = {
        ROW(make_a_file_in_the_folder), ROW(read_it), ROW(remove_it), ROW(draw_randomness),
        ROW(make_memory_for_a_lane), ROW(move_itself_to_a_processor),
    };
    for (size_t i = 0; i < COUNT(needed); i++) {
        print_message("# %s\n", needed[i].name);
        assert_int_equal(try(&needed[i], true), WORKED);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_daemon_needs_is_allowed),
        cmocka_unit_test(every_forbidden_action_is_denied),
        cmocka_unit_test(most_of_them_work_outside_the_sandbox),
    };
    return cmocka_run_group_tests(tests, prepare, clean);
}
