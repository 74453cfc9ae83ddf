/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for keys in the memory of every process. */
#define _GNU_SOURCE
#include "test/daemon/memory_scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PAGE = 4096, BLOCK_PAGES = 256 };

static void add(struct needles *needles, const uint8_t *from, bool reversed) {
    if (needles->count == NEEDLES_MAX) {
        abort();
    }
    uint8_t *to = needles->masked[needles->count++];
    for (size_t i = 0; i < NEEDLE_SIZE; i++) {
        to[i] = from[reversed ? NEEDLE_SIZE - 1 - i : i] ^ NEEDLE_MASK;
    }
}

void needles_add(struct needles *needles, const uint8_t *key, size_t size) {
    if (size < NEEDLE_SIZE) {
        abort();
    }
    for (int reversed = 0; reversed < 2; reversed++) {
        add(needles, key, reversed);
        if (size > NEEDLE_SIZE) {
            add(needles, key + size - NEEDLE_SIZE, reversed);
        }
    }
}

static bool matches(const uint8_t *masked, const uint8_t *data) {
    for (size_t i = 0; i < NEEDLE_SIZE; i++) {
        if ((data[i] ^ NEEDLE_MASK) != masked[i]) {
            return false;
        }
    }
    return true;
}

/* A bit for each beginning of two bytes: most places are passed by at one look. */
size_t needles_count(const struct needles *needles, const uint8_t *data, size_t size) {
    static uint8_t begins[65536];
    static const struct needles *prepared;
    size_t hits = 0;
    if (prepared != needles) {
        memset(begins, 0, sizeof(begins));
        prepared = needles;
    }
    for (size_t n = 0; n < needles->count; n++) {
        const uint8_t *masked = needles->masked[n];
        begins[(masked[0] ^ NEEDLE_MASK) << 8 | (masked[1] ^ NEEDLE_MASK)] = 1;
    }
    for (size_t i = 0; i + NEEDLE_SIZE <= size; i++) {
        if (begins[data[i] << 8 | data[i + 1]] == 0) {
            continue;
        }
        for (size_t n = 0; n < needles->count; n++) {
            hits += matches(needles->masked[n], data + i);
        }
    }
    return hits;
}

/* PAGEMAP_SCAN of Linux 6.7, written out because headers are older: it skips what is not there
 * at once. */
struct page_region {
    uint64_t start, end, categories;
};
struct page_question {
    uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
    uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
enum { PRESENT = 1 << 3, SWAPPED = 1 << 4, REGIONS = 64 };

struct process_files {
    int memory;
    int pagemap;
};

/* Searches pages that are there; blocks overlap by one page. */
static void scan_region(const struct needles *needles, const struct process_files *files,
                        uint64_t start, uint64_t end, struct scan *scan) {
    static uint8_t block[(BLOCK_PAGES + 1) * PAGE];
    for (uint64_t at = start; at < end; at += (uint64_t)BLOCK_PAGES * PAGE) {
        size_t size = end - at < sizeof(block) ? (size_t)(end - at) : sizeof(block);
        ssize_t got = pread(files->memory, block, size, (off_t)at);
        if (got <= 0) {
            scan->unreadable += size;
            continue;
        }
        scan->bytes += (uint64_t)got;
        scan->hits += needles_count(needles, block, (size_t)got);
        memset(block, 0, (size_t)got); /* or this process would find what it has read */
    }
}

static void scan_mapping(const struct needles *needles, const struct process_files *files,
                         uint64_t start, uint64_t end, struct scan *scan) {
    struct page_region regions[REGIONS];
    struct page_question question = {
        .size = sizeof(question), .start = start, .end = end, .vec = (uint64_t)(uintptr_t)regions,
        .vec_len = REGIONS, .category_anyof_mask = PRESENT | SWAPPED,
        .return_mask = PRESENT | SWAPPED,
    };
    while (question.start < end) {
        int count = ioctl(files->pagemap, _IOWR('f', 16, struct page_question), &question);
        if (count < 0) { /* an older kernel: everything */
            scan_region(needles, files, question.start, end, scan);
            return;
        }
        for (int i = 0; i < count; i++) {
            scan_region(needles, files, regions[i].start, regions[i].end, scan);
        }
        question.start = question.walk_end > question.start ? question.walk_end : end;
    }
}

bool scan_process(const struct needles *needles, pid_t process, struct scan *scan) {
    char path[64];
    char line[512];
    snprintf(path, sizeof(path), "/proc/%d/maps", process);
    FILE *maps = fopen(path, "r");
    snprintf(path, sizeof(path), "/proc/%d/mem", process);
    struct process_files files = {.memory = open(path, O_RDONLY)};
    snprintf(path, sizeof(path), "/proc/%d/pagemap", process);
    files.pagemap = open(path, O_RDONLY);
    bool opened = maps != NULL && files.memory >= 0 && files.pagemap >= 0;
    size_t hits = scan->hits;
    while (opened && fgets(line, sizeof(line), maps) != NULL) {
        uint64_t start;
        uint64_t end;
        if (sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) == 2 && start >> 63 == 0) {
            scan_mapping(needles, &files, start, end, scan);
        }
    }
    if (maps != NULL) {
        fclose(maps);
    }
    close(files.memory);
    close(files.pagemap);
    scan->processes += opened;
    scan->where = scan->hits != hits ? process : scan->where;
    return opened;
}

bool scan_all(const struct needles *needles, struct scan *scan) {
    DIR *proc = opendir("/proc");
    bool any = false;
    if (proc == NULL) {
        return false;
    }
    for (struct dirent *entry = readdir(proc); entry != NULL; entry = readdir(proc)) {
        pid_t process = (pid_t)atoi(entry->d_name);
        if (process > 0 && process != scan->except) {
            any |= scan_process(needles, process, scan);
        }
    }
    closedir(proc);
    return any;
}
