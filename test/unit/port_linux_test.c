/* SPDX-License-Identifier: Apache-2.0 */
/* The Linux answers to the port: flash on a file, the root key, the archive of the log, and a full
 * disk. */
#define _GNU_SOURCE
#include "port/linux/linux.h"
#include "port/linux/segment.h"
#include "port/port.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static int dir = -1;

static struct linux_port port_here(void) {
    return (struct linux_port){.state_dir = dir, .root_key = -1, .log_max = 64u << 20};
}

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/edgehsm-port.XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    dir = open(folder, O_RDONLY | O_DIRECTORY);
    return dir < 0 ? -1 : 0;
}

static int remove_folder(void **state) {
    (void)state;
    char command[128];
    linux_close();
    close(dir);
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}

static void open_port(void) {
    struct linux_port port = port_here();
    assert_int_equal(linux_open(&port), STATUS_OK);
}

static void reopen(void) {
    linux_close();
    open_port();
}

/* ---- flash ---- */

static void a_fresh_flash_reads_as_erased(void **state) {
    (void)state;
    uint8_t data[64];
    struct flash_geometry geometry;
    open_port();
    port_flash_geometry(&geometry);
    uint64_t size = (uint64_t)geometry.sector_size * geometry.sectors;
    assert_int_equal(port_flash_read(0, data, sizeof(data)), STATUS_OK);
    assert_true(bytes_all(bytes_of(data, sizeof(data)), 0xff));
    assert_int_equal(port_flash_read(size - 64, data, sizeof(data)), STATUS_OK);
    assert_true(bytes_all(bytes_of(data, sizeof(data)), 0xff));
    assert_int_not_equal(port_flash_read(size - 63, data, sizeof(data)), STATUS_OK);
}

static void what_is_programmed_is_there_after_a_restart(void **state) {
    (void)state;
    static uint8_t data[10000 / 16 * 16];
    static uint8_t back[sizeof(data)];
    open_port();
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * 7);
    }
    assert_int_equal(port_flash_program(4096 + 32, bytes_of(data, sizeof(data))), STATUS_OK);
    assert_int_equal(port_flash_sync(), STATUS_OK);
    reopen();
    assert_int_equal(port_flash_read(4096 + 32, back, sizeof(back)), STATUS_OK);
    assert_memory_equal(back, data, sizeof(data));
}

static void an_erased_sector_reads_as_ones_and_gives_its_room_back(void **state) {
    (void)state;
    struct flash_geometry geometry;
    struct stat before;
    struct stat after;
    static uint8_t data[65536];
    open_port();
    port_flash_geometry(&geometry);
    assert_int_equal(port_flash_program(geometry.sector_size, bytes_of(data, sizeof(data))),
                     STATUS_OK);
    assert_int_equal(fstatat(dir, "store.flash", &before, 0), 0);
    assert_int_equal(port_flash_erase(1), STATUS_OK);
    assert_int_equal(fstatat(dir, "store.flash", &after, 0), 0);
    assert_int_equal(port_flash_read(geometry.sector_size, data, sizeof(data)), STATUS_OK);
    assert_true(bytes_all(bytes_of(data, sizeof(data)), 0xff));
    assert_true(after.st_blocks < before.st_blocks);
}

static void a_program_off_the_unit_is_refused(void **state) {
    (void)state;
    uint8_t data[32] = {0};
    open_port();
    assert_int_not_equal(port_flash_program(8, bytes_of(data, 16)), STATUS_OK);
    assert_int_not_equal(port_flash_program(16, bytes_of(data, 17)), STATUS_OK);
    assert_int_not_equal(port_flash_erase(1 << 20), STATUS_OK);
}

static void a_second_daemon_is_kept_out_of_the_store(void **state) {
    (void)state;
    open_port();
    pid_t child = fork();
    if (child == 0) { /* a descriptor of its own, as another daemon has */
        struct linux_port port = port_here();
        _exit(linux_open(&port) == STATUS_BUSY ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_linked_or_open_store_is_refused(void **state) {
    (void)state;
    struct linux_port port = port_here();
    assert_int_equal(symlinkat("/tmp/elsewhere", dir, "store.flash"), 0);
    assert_int_equal(linux_open(&port), STATUS_STORE_IO);
    assert_int_equal(unlinkat(dir, "store.flash", 0), 0);
    open_port();
    linux_close();
    assert_int_equal(linkat(dir, "store.flash", dir, "second-name", 0), 0);
    assert_int_equal(linux_open(&port), STATUS_STORE_IO);
    assert_int_equal(unlinkat(dir, "second-name", 0), 0);
    assert_int_equal(fchmodat(dir, "store.flash", 0644, 0), 0);
    assert_int_equal(linux_open(&port), STATUS_STORE_IO);
}

/* ---- root key ---- */

static void the_root_key_is_made_once_and_only_when_asked(void **state) {
    (void)state;
    uint8_t root[ROOT_KEY_SIZE];
    uint8_t again[ROOT_KEY_SIZE];
    struct stat stat;
    open_port();
    assert_int_equal(port_root_read(root, false), STATUS_NOT_FOUND);
    assert_int_equal(port_root_read(root, true), STATUS_OK);
    assert_false(bytes_all(bytes_of(root, sizeof(root)), root[0]));
    assert_int_equal(fstatat(dir, "root.key", &stat, 0), 0);
    assert_int_equal(stat.st_mode & 07777, 0400);
    reopen();
    assert_int_equal(port_root_read(again, true), STATUS_OK);
    assert_memory_equal(root, again, sizeof(root));
}

static void a_cut_first_start_leaves_no_short_root_key(void **state) {
    (void)state;
    uint8_t root[ROOT_KEY_SIZE];
    open_port();
    int fd = openat(dir, "root.key", O_WRONLY | O_CREAT, 0400);
    assert_int_equal(write(fd, "short", 5), 5);
    close(fd);
    assert_int_equal(port_root_read(root, false), STATUS_NOT_FOUND);
    assert_int_equal(port_root_read(root, true), STATUS_OK);
}

static void a_root_key_that_others_may_read_is_refused(void **state) {
    (void)state;
    uint8_t root[ROOT_KEY_SIZE];
    open_port();
    assert_int_equal(port_root_read(root, true), STATUS_OK);
    assert_int_equal(fchmodat(dir, "root.key", 0444, 0), 0);
    assert_int_equal(port_root_read(root, true), STATUS_STORE_IO);
}

static void a_destroyed_root_key_is_overwritten_and_gone(void **state) {
    (void)state;
    uint8_t root[ROOT_KEY_SIZE];
    uint8_t left[ROOT_KEY_SIZE] = {1};
    open_port();
    assert_int_equal(port_root_read(root, true), STATUS_OK);
    int watch = openat(dir, "root.key", O_RDONLY);
    assert_true(watch >= 0);
    assert_int_equal(port_root_destroy(), STATUS_OK);
    assert_int_equal(pread(watch, left, sizeof(left), 0), sizeof(left));
    assert_true(bytes_all(bytes_of(left, sizeof(left)), 0));
    close(watch);
    assert_int_equal(port_root_read(root, false), STATUS_NOT_FOUND);
    assert_int_equal(port_root_destroy(), STATUS_OK);
}

static void a_credential_is_used_and_named(void **state) {
    (void)state;
    uint8_t root[ROOT_KEY_SIZE];
    struct linux_port port = port_here();
    char path[128];
    snprintf(path, sizeof(path), "%s/credential", folder);
    port.root_key = open(path, O_RDWR | O_CREAT, 0400);
    port.root_is_credential = true;
    assert_int_equal(pwrite(port.root_key, "0123456789abcdef0123456789abcdef", 32, 0), 32);
    assert_int_equal(linux_open(&port), STATUS_OK);
    assert_int_equal(port_root_read(root, true), STATUS_OK);
    assert_memory_equal(root, "0123456789abcdef0123456789abcdef", 32);
    assert_non_null(strstr(port_root_source(), "credential"));
    assert_int_equal(ftruncate(port.root_key, 31), 0);
    assert_int_equal(port_root_read(root, true), STATUS_NOT_FOUND);
    close(port.root_key);
}

/* ---- log ---- */

static size_t entry_of(uint64_t index, uint8_t *out) {
    size_t size = 1 + (size_t)(index * 37 % LOG_ENTRY_MAX);
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(index + i);
    }
    return size;
}

static void append(uint64_t from, uint64_t to) {
    uint8_t data[LOG_ENTRY_MAX];
    for (uint64_t i = from; i < to; i++) {
        size_t size = entry_of(i, data);
        assert_int_equal(port_log_append(bytes_of(data, size)), STATUS_OK);
    }
}

static void check(uint64_t from, uint64_t to) {
    uint8_t data[LOG_ENTRY_MAX];
    uint8_t back[LOG_ENTRY_MAX];
    for (uint64_t i = from; i < to; i++) {
        struct span out = {back, sizeof(back)};
        size_t size = entry_of(i, data);
        assert_int_equal(port_log_read(i, &out), STATUS_OK);
        assert_int_equal(out.size, size);
        assert_memory_equal(back, data, size);
    }
}

static void check_range(uint64_t first, uint64_t next) {
    uint64_t f;
    uint64_t n;
    port_log_range(&f, &n);
    assert_int_equal(f, first);
    assert_int_equal(n, next);
}

enum { MANY = 60000 }; /* about four segments */

static void entries_are_read_back_in_any_order_and_after_a_restart(void **state) {
    (void)state;
    open_port();
    append(0, MANY);
    check(0, MANY);
    check(MANY - 5, MANY);
    check(17, 20);
    check_range(0, MANY);
    assert_int_equal(port_log_sync(), STATUS_OK);
    reopen();
    check_range(0, MANY);
    check(0, MANY);
    append(MANY, MANY + 100);
    check(MANY - 100, MANY + 100);
}

static void entries_survive_a_killed_process(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        open_port();
        append(0, 1000);
        raise(SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    open_port();
    check_range(0, 1000);
    check(0, 1000);
}

static void a_torn_last_entry_is_left_out(void **state) {
    (void)state;
    open_port();
    append(0, 10);
    linux_close();
    int fd = openat(dir, "log/00000000.seg", O_RDWR);
    uint8_t data[SEGMENT_SIZE / 64];
    assert_int_equal(pread(fd, data, sizeof(data), 0), sizeof(data));
    size_t last = sizeof(data);
    while (data[last - 1] == 0) {
        last--;
    }
    data[last - 1] ^= 1;
    assert_int_equal(pwrite(fd, data + last - 1, 1, (off_t)last - 1), 1);
    close(fd);
    open_port();
    check_range(0, 9);
    check(0, 9);
    append(9, 12);
    reopen();
    check(0, 12);
}

static void truncation_ends_the_log_there_for_good(void **state) {
    (void)state;
    open_port();
    append(0, MANY);
    assert_int_equal(port_log_truncate(MANY - 3), STATUS_OK);
    check_range(0, MANY - 3);
    assert_int_equal(port_log_truncate(1000), STATUS_OK);
    check_range(0, 1000);
    reopen();
    check_range(0, 1000);
    append(1000, MANY);
    check(0, MANY);
}

static void released_segments_are_removed_and_the_rest_is_kept(void **state) {
    (void)state;
    uint8_t data[LOG_ENTRY_MAX];
    struct span out = {data, sizeof(data)};
    uint64_t first;
    uint64_t next;
    open_port();
    append(0, MANY);
    uint64_t space = port_log_space();
    assert_int_equal(port_log_release(MANY / 2), STATUS_OK);
    port_log_range(&first, &next);
    assert_true(first > 0 && first <= MANY / 2);
    assert_int_equal(next, MANY);
    assert_true(port_log_space() > space);
    assert_int_equal(port_log_read(0, &out), STATUS_NOT_FOUND);
    check(first, MANY);
    reopen();
    check_range(first, MANY);
    assert_int_equal(faccessat(dir, "log/00000000.seg", F_OK, 0), -1);
}

static void the_log_says_when_it_is_full(void **state) {
    (void)state;
    uint8_t data[LOG_ENTRY_MAX] = {1};
    struct linux_port port = port_here();
    port.log_max = 8u << 20;
    assert_int_equal(linux_open(&port), STATUS_OK);
    uint64_t space = port_log_space();
    uint64_t appended = 0;
    while (port_log_space() > 0) {
        assert_int_equal(port_log_append(bytes_of(data, sizeof(data))), STATUS_OK);
        appended++;
    }
    assert_int_equal(appended, space);
    assert_int_equal(port_log_append(bytes_of(data, sizeof(data))), STATUS_LOG_FULL);
    assert_int_equal(port_log_release(appended), STATUS_OK);
    assert_true(port_log_space() > 1000);
    assert_int_equal(port_log_append(bytes_of(data, sizeof(data))), STATUS_OK);
}

/* ---- a full disk: a small file system of its own ---- */

static int mount_small(void **state) {
    if (make_folder(state) != 0) {
        return -1;
    }
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", folder, "tmpfs", 0, "size=10m,mode=0700") != 0) {
        *state = folder; /* says: not permitted */
        return 0;
    }
    *state = NULL;
    close(dir);
    dir = open(folder, O_RDONLY | O_DIRECTORY);
    return dir < 0 ? -1 : 0;
}

static int unmount_small(void **state) {
    linux_close();
    close(dir);
    dir = open("/", O_RDONLY | O_DIRECTORY);
    if (*state == NULL && umount(folder) != 0) {
        return -1;
    }
    return remove_folder(state);
}

static void a_full_disk_shrinks_the_space_of_the_log_and_never_kills(void **state) {
    uint8_t data[LOG_ENTRY_MAX] = {1};
    if (*state != NULL) {
        skip();
    }
    open_port(); /* two segments of 4 MiB fit, a third does not */
    uint64_t appended = 0;
    while (port_log_space() > 0) {
        assert_int_equal(port_log_append(bytes_of(data, sizeof(data))), STATUS_OK);
        appended++;
    }
    assert_true(appended > 2 * 8000 && appended < 2 * 8192);
    assert_int_equal(port_log_append(bytes_of(data, sizeof(data))), STATUS_LOG_FULL);
    check_range(0, appended);
}

static void a_full_disk_refuses_programs_and_keeps_the_store(void **state) {
    static uint8_t data[65536];
    static uint8_t back[65536];
    if (*state != NULL) {
        skip();
    }
    open_port();
    memset(data, 0x5a, sizeof(data));
    uint64_t at = 0;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && at < (16u << 20)) {
        status = port_flash_program(at, bytes_of(data, sizeof(data)));
        at += status == STATUS_OK ? sizeof(data) : 0;
    }
    assert_int_equal(status, STATUS_STORE_FULL);
    assert_true(at > 0);
    assert_int_equal(port_flash_read(at - sizeof(data), back, sizeof(back)), STATUS_OK);
    assert_memory_equal(back, data, sizeof(data));
    assert_int_equal(port_flash_erase(0), STATUS_OK);
    assert_int_equal(port_flash_program(0, bytes_of(data, sizeof(data))), STATUS_OK);
}

#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
#define ON_SMALL_DISK(name) cmocka_unit_test_setup_teardown(name, mount_small, unmount_small)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_fresh_flash_reads_as_erased),
        IN_FOLDER(what_is_programmed_is_there_after_a_restart),
        IN_FOLDER(an_erased_sector_reads_as_ones_and_gives_its_room_back),
        IN_FOLDER(a_program_off_the_unit_is_refused),
        IN_FOLDER(a_second_daemon_is_kept_out_of_the_store),
        IN_FOLDER(a_linked_or_open_store_is_refused),
        IN_FOLDER(the_root_key_is_made_once_and_only_when_asked),
        IN_FOLDER(a_cut_first_start_leaves_no_short_root_key),
        IN_FOLDER(a_root_key_that_others_may_read_is_refused),
        IN_FOLDER(a_destroyed_root_key_is_overwritten_and_gone),
        IN_FOLDER(a_credential_is_used_and_named),
        IN_FOLDER(entries_are_read_back_in_any_order_and_after_a_restart),
        IN_FOLDER(entries_survive_a_killed_process),
        IN_FOLDER(a_torn_last_entry_is_left_out),
        IN_FOLDER(truncation_ends_the_log_there_for_good),
        IN_FOLDER(released_segments_are_removed_and_the_rest_is_kept),
        IN_FOLDER(the_log_says_when_it_is_full),
        ON_SMALL_DISK(a_full_disk_shrinks_the_space_of_the_log_and_never_kills),
        ON_SMALL_DISK(a_full_disk_refuses_programs_and_keeps_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
