/* SPDX-License-Identifier: Apache-2.0 */
/* One file of the log archive. */
#define _GNU_SOURCE
#include "port/linux/segment.h"
#include "port/linux/linux.h"
#include "port/port.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t magic[8] = {'E', 'H', 'L', 'O', 'G', 'S', 'E', 'G'};

struct segment_name {
    char text[24];
};

static struct segment_name name_of(uint32_t number) {
    struct segment_name name;
    snprintf(name.text, sizeof(name.text), "%08u.seg", number);
    return name;
}

/* CRC-32 (IEEE 802.3), four bytes at a time with a table for each: it finds torn writes; who
 * altered an entry, the tree finds. */
static uint32_t crc_table[4][256];

static void crc_prepare(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1u)));
        }
        crc_table[0][i] = crc;
    }
    for (uint32_t i = 0; i < 256; i++) {
        for (int table = 1; table < 4; table++) {
            uint32_t before = crc_table[table - 1][i];
            crc_table[table][i] = before >> 8 ^ crc_table[0][before & 0xff];
        }
    }
}

static uint32_t crc_add(uint32_t crc, const uint8_t *data, size_t size) {
    for (; size >= 4; data += 4, size -= 4) {
        crc ^= load_u32(data);
        crc = crc_table[3][crc & 0xff] ^ crc_table[2][crc >> 8 & 0xff] ^
              crc_table[1][crc >> 16 & 0xff] ^ crc_table[0][crc >> 24];
    }
    for (; size > 0; data++, size--) {
        crc = crc >> 8 ^ crc_table[0][(crc ^ *data) & 0xff];
    }
    return crc;
}

static uint32_t entry_crc(uint64_t number, struct bytes entry) {
    uint8_t head[8];
    save_u64(head, number);
    return ~crc_add(crc_add(~0u, head, sizeof(head)), entry.data, entry.size);
}

static uint32_t padded(size_t size) {
    return (uint32_t)(ENTRY_HEADER + ((size + 7) & ~(size_t)7));
}

enum status segment_make(int dir, uint32_t number) {
    struct segment_name name = name_of(number);
    int fd = linux_open_beneath(dir, name.text, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd < 0) {
        linux_say_errno("log/%s: cannot make", name.text);
        return STATUS_STORE_IO;
    }
    int result;
    do {
        result = fallocate(fd, 0, 0, SEGMENT_SIZE);
    } while (result != 0 && errno == EINTR);
    enum status status = STATUS_OK;
    if (result != 0) {
        linux_say_errno("log/%s: cannot allocate %d bytes", name.text, SEGMENT_SIZE);
        status = errno == ENOSPC || errno == EDQUOT ? STATUS_STORE_FULL : STATUS_STORE_IO;
    }
    close(fd);
    if (status != STATUS_OK) {
        segment_remove(dir, number);
    }
    return status;
}

bool segment_whole(int dir, uint32_t number) {
    struct segment_name name = name_of(number);
    struct stat stat;
    return fstatat(dir, name.text, &stat, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(stat.st_mode) &&
           stat.st_size == SEGMENT_SIZE;
}

void segment_remove(int dir, uint32_t number) {
    struct segment_name name = name_of(number);
    if (unlinkat(dir, name.text, 0) != 0 && errno != ENOENT) {
        linux_say_errno("log/%s: cannot remove", name.text);
    }
}

enum status segment_open(struct segment *segment, int dir, uint32_t number, bool writable) {
    struct segment_name name = name_of(number);
    uint64_t size;
    int fd = linux_open_beneath(dir, name.text, writable ? O_RDWR : O_RDONLY, 0);
    if (fd < 0 || !linux_file_size(fd, &size) || size != SEGMENT_SIZE) {
        linux_say("log/%s: missing, or not of the size of a segment", name.text);
        if (fd >= 0) {
            close(fd);
        }
        return STATUS_STORE_IO;
    }
    int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    void *map = mmap(NULL, SEGMENT_SIZE, protection, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        linux_say_errno("log/%s: cannot map", name.text);
        close(fd);
        return STATUS_STORE_IO;
    }
    if (crc_table[0][1] == 0) {
        crc_prepare();
    }
    *segment = (struct segment){.fd = fd, .map = map, .number = number};
    segment_rewind(segment);
    return STATUS_OK;
}

void segment_close(struct segment *segment) {
    if (segment->map != NULL) {
        munmap(segment->map, SEGMENT_SIZE);
    }
    if (segment->fd >= 0) {
        close(segment->fd);
    }
    segment->map = NULL;
    segment->fd = -1;
}

void segment_begin(struct segment *segment, uint64_t first) {
    save_u64(segment->map + sizeof(magic), first);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    memcpy(segment->map, magic, sizeof(magic));
    segment_rewind(segment);
}

bool segment_begun(const struct segment *segment) {
    return bytes_equal(bytes_of(segment->map, sizeof(magic)), bytes_of(magic, sizeof(magic)));
}

void segment_rewind(struct segment *segment) {
    segment->first = load_u64(segment->map + sizeof(magic));
    segment->next = segment->first;
    segment->used = SEGMENT_HEADER;
}

bool segment_peek(const struct segment *segment, struct bytes *entry) {
    if (segment->used + ENTRY_HEADER > SEGMENT_SIZE) {
        return false;
    }
    const uint8_t *at = segment->map + segment->used;
    uint32_t size = load_u32(at);
    if (size == 0 || size > LOG_ENTRY_MAX || segment->used + padded(size) > SEGMENT_SIZE) {
        return false;
    }
    *entry = bytes_of(at + ENTRY_HEADER, size);
    return load_u32(at + 4) == entry_crc(segment->next, *entry);
}

void segment_skip(struct segment *segment, size_t size) {
    segment->used += padded(size);
    segment->next++;
}

bool segment_fits(const struct segment *segment, size_t size) {
    return segment->used + padded(size) <= SEGMENT_SIZE;
}

/* The size goes in last: before it the entry is not there, after it the entry is whole. */
void segment_append(struct segment *segment, struct bytes entry) {
    uint8_t *at = segment->map + segment->used;
    memcpy(at + ENTRY_HEADER, entry.data, entry.size);
    save_u32(at + 4, entry_crc(segment->next, entry));
    __atomic_thread_fence(__ATOMIC_RELEASE);
    save_u32(at, (uint32_t)entry.size);
    segment_skip(segment, entry.size);
}

void segment_cut(struct segment *segment) {
    memset(segment->map + segment->used, 0, SEGMENT_SIZE - segment->used);
}
