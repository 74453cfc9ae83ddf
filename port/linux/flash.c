/* SPDX-License-Identifier: Apache-2.0 */
/* Flash on a sparse file. Bytes are kept complemented, so that a hole of the file (zeros) reads as
 * erased flash (ones), and erasing gives the room back to the file system. */
#define _GNU_SOURCE
#include "port/linux/linux.h"
#include "port/port.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <unistd.h>

enum { UNIT = 16, SECTOR_SIZE = 256 * 1024, SECTORS = 1024, CHUNK = 4096 };
static const uint64_t FLASH_SIZE = (uint64_t)SECTOR_SIZE * SECTORS;

static int flash_fd = -1;
/* After a failed sync nobody knows what is on the disk: it stays failed until a restart reads it
 * again. */
static atomic_bool sync_failed;

static enum status failed(const char *what) {
    int code = errno;
    linux_say_errno("store.flash: cannot %s", what);
    return code == ENOSPC || code == EDQUOT ? STATUS_STORE_FULL : STATUS_STORE_IO;
}

enum status flash_open(int state_dir) {
    int fd = linux_open_beneath(state_dir, "store.flash", O_RDWR | O_CREAT, 0600);
    uint64_t size;
    if (fd < 0) {
        linux_say_errno("store.flash: cannot open");
        return STATUS_STORE_IO;
    }
    enum status status = STATUS_STORE_IO;
    if (!linux_private_file(fd)) {
        linux_say("store.flash: must be a regular file that only this user may read (mode 0600)");
    } else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        linux_say("store.flash: another edgehsmd uses this store; stop it first");
        status = STATUS_BUSY;
    } else if (!linux_file_size(fd, &size) ||
               (size < FLASH_SIZE && ftruncate(fd, (off_t)FLASH_SIZE) != 0)) {
        linux_say_errno("store.flash: cannot set its size");
    } else {
        flash_fd = fd;
        atomic_store(&sync_failed, false);
        return STATUS_OK;
    }
    close(fd);
    return status;
}

void flash_close(void) {
    if (flash_fd >= 0) {
        close(flash_fd);
    }
    flash_fd = -1;
}

void port_flash_geometry(struct flash_geometry *geometry) {
    *geometry = (struct flash_geometry){UNIT, SECTOR_SIZE, SECTORS};
}

static bool in_range(uint64_t at, size_t size) {
    return at <= FLASH_SIZE && size <= FLASH_SIZE - at;
}

static void complement(uint8_t *to, const uint8_t *from, size_t size) {
    for (size_t i = 0; i < size; i++) {
        to[i] = (uint8_t)~from[i];
    }
}

enum status port_flash_read(uint64_t at, uint8_t *out, size_t size) {
    size_t done = 0;
    if (!in_range(at, size)) {
        return STATUS_INTERNAL;
    }
    while (done < size) {
        ssize_t got = pread(flash_fd, out + done, size - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) { /* the file is never shorter than the flash */
            return failed("read");
        }
        done += (size_t)got;
    }
    complement(out, out, size);
    return STATUS_OK;
}

static enum status write_all(const uint8_t *data, size_t size, uint64_t at) {
    while (size > 0) {
        ssize_t put = pwrite(flash_fd, data, size, (off_t)at);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return failed("write");
        }
        data += put;
        at += (uint64_t)put;
        size -= (size_t)put;
    }
    return STATUS_OK;
}

enum status port_flash_program(uint64_t at, struct bytes data) {
    uint8_t chunk[CHUNK];
    if (!in_range(at, data.size) || at % UNIT != 0 || data.size % UNIT != 0) {
        return STATUS_INTERNAL;
    }
    while (data.size > 0) {
        size_t size = data.size < CHUNK ? data.size : CHUNK;
        complement(chunk, data.data, size);
        TRY(write_all(chunk, size, at));
        data = bytes_of(data.data + size, data.size - size);
        at += size;
    }
    return STATUS_OK;
}

enum status port_flash_erase(uint32_t sector) {
    if (sector >= SECTORS) {
        return STATUS_INTERNAL;
    }
    int result;
    do {
        result = fallocate(flash_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                           (off_t)sector * SECTOR_SIZE, SECTOR_SIZE);
    } while (result != 0 && errno == EINTR);
    if (result == 0) {
        return STATUS_OK;
    }
    if (errno != EOPNOTSUPP) {
        return failed("erase");
    }
    static const uint8_t zeros[CHUNK]; /* a file system without holes */
    for (uint64_t at = 0; at < SECTOR_SIZE; at += CHUNK) {
        TRY(write_all(zeros, CHUNK, (uint64_t)sector * SECTOR_SIZE + at));
    }
    return STATUS_OK;
}

enum status port_flash_sync(void) {
    if (!atomic_load(&sync_failed) && fdatasync(flash_fd) != 0) {
        atomic_store(&sync_failed, true);
        return failed("sync; the store takes no more changes until a restart");
    }
    return atomic_load(&sync_failed) ? STATUS_STORE_IO : STATUS_OK;
}
