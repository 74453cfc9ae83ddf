/* SPDX-License-Identifier: Apache-2.0 */
/* The archive of the audit log: a queue of segment files in the folder log/. The last one begun is
 * appended to; one more is always allocated ahead, so that a full disk shows while there is still
 * room for thousands of entries. */
#define _GNU_SOURCE
#include "port/linux/linux.h"
#include "port/linux/segment.h"
#include "port/port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEGMENTS_MAX = 4096, UNSYNCED_MAX = 16 };
enum { ENTRIES_OF_SEGMENT = (SEGMENT_SIZE - SEGMENT_HEADER) / (ENTRY_HEADER + LOG_ENTRY_MAX) };

static struct {
    int dir;
    uint32_t limit;                /* segments the archive may have */
    uint32_t count;                /* segments begun; the last one is `current` */
    uint32_t number[SEGMENTS_MAX]; /* of the file */
    uint64_t first[SEGMENTS_MAX];  /* entry */
    bool spare;                    /* the segment after the last is allocated */
    uint64_t spare_tried_ms;
    struct segment current;
    struct segment reader; /* the segment that is read, where that is not the current one */
    /* Segments left behind, not synced yet. The lock is for these and for current.fd alone: a sync
     * runs beside appends. */
    pthread_mutex_t lock;
    int unsynced[UNSYNCED_MAX];
    int unsynced_count;
    bool folder_unsynced; /* a segment was made or removed */
    bool sync_failed;
} queue = {.dir = -1, .current = {.fd = -1}, .reader = {.fd = -1},
           .lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- start ---- */

static int compare_numbers(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Fills queue.number with the numbers of all segment files, in order. */
static enum status list_segments(void) {
    int copy = linux_open_beneath(queue.dir, ".", O_RDONLY | O_DIRECTORY, 0);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    if (dir == NULL) {
        linux_say_errno("log: cannot list");
        return STATUS_STORE_IO;
    }
    queue.count = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        uint32_t number;
        int end = 0;
        if (sscanf(entry->d_name, "%8u.seg%n", &number, &end) == 1 && end > 0 &&
            entry->d_name[end] == '\0' && queue.count < SEGMENTS_MAX) {
            queue.number[queue.count++] = number;
        }
    }
    closedir(dir);
    qsort(queue.number, queue.count, sizeof(queue.number[0]), compare_numbers);
    return STATUS_OK;
}

/* Reads the first entry's number of each segment; drops from the list what stands before a gap. */
static enum status read_firsts(void) {
    uint32_t kept = 0;
    queue.spare = false;
    /* The last file may be what a cut left of an allocation. */
    if (queue.count > 0 && !segment_whole(queue.dir, queue.number[queue.count - 1])) {
        segment_remove(queue.dir, queue.number[--queue.count]);
    }
    for (uint32_t i = 0; i < queue.count; i++) {
        struct segment segment = {.fd = -1};
        TRY(segment_open(&segment, queue.dir, queue.number[i], false));
        bool begun = segment_begun(&segment);
        uint64_t first = segment.first;
        segment_close(&segment);
        if (!begun) { /* the spare one: the last file, if any */
            queue.spare = i + 1 == queue.count && kept > 0 &&
                          queue.number[i] == queue.number[kept - 1] + 1;
            if (!queue.spare) {
                segment_remove(queue.dir, queue.number[i]);
            }
            continue;
        }
        if (kept > 0 && (queue.number[i] != queue.number[kept - 1] + 1 ||
                         first <= queue.first[kept - 1])) {
            linux_say("log: a segment before %08u.seg is missing; older entries are left out",
                      queue.number[i]);
            kept = 0;
        }
        queue.number[kept] = queue.number[i];
        queue.first[kept++] = first;
    }
    queue.count = kept;
    return STATUS_OK;
}

/* Goes to the end of the last segment; what a cut left behind it is wiped. */
static void find_end(void) {
    struct bytes entry;
    while (segment_peek(&queue.current, &entry)) {
        segment_skip(&queue.current, entry.size);
    }
    segment_cut(&queue.current);
}

static void folder_changed(void) {
    pthread_mutex_lock(&queue.lock);
    queue.folder_unsynced = true;
    pthread_mutex_unlock(&queue.lock);
}

static enum status begin_first(void) {
    TRY(segment_make(queue.dir, 0));
    folder_changed();
    TRY(segment_open(&queue.current, queue.dir, 0, true));
    segment_begin(&queue.current, 0);
    queue.number[0] = 0;
    queue.first[0] = 0;
    queue.count = 1;
    return STATUS_OK;
}

static enum status open_queue(void) {
    TRY(list_segments());
    TRY(read_firsts());
    if (queue.count == 0) {
        return begin_first();
    }
    TRY(segment_open(&queue.current, queue.dir, queue.number[queue.count - 1], true));
    find_end();
    return STATUS_OK;
}

/* Allocates the segment after the last; tried again at most once a second while the disk is
 * full. */
static void want_spare(void) {
    uint64_t now = port_uptime_ms();
    if (queue.spare || queue.count >= queue.limit ||
        (queue.spare_tried_ms != 0 && now - queue.spare_tried_ms < 1000)) {
        return;
    }
    queue.spare_tried_ms = now + 1;
    queue.spare = segment_make(queue.dir, queue.number[queue.count - 1] + 1) == STATUS_OK;
    if (queue.spare) {
        queue.spare_tried_ms = 0;
        folder_changed();
    }
}

enum status log_open(int state_dir, uint64_t max) {
    if (mkdirat(state_dir, "log", 0700) != 0 && errno != EEXIST) {
        linux_say_errno("log: cannot make the folder");
        return STATUS_STORE_IO;
    }
    queue.dir = linux_open_beneath(state_dir, "log", O_RDONLY | O_DIRECTORY, 0);
    if (queue.dir < 0) {
        linux_say_errno("log: cannot open the folder");
        return STATUS_STORE_IO;
    }
    uint64_t limit = max / SEGMENT_SIZE;
    queue.limit = limit < 2 ? 2 : limit > SEGMENTS_MAX ? SEGMENTS_MAX : (uint32_t)limit;
    queue.unsynced_count = 0;
    queue.sync_failed = false;
    queue.spare_tried_ms = 0;
    enum status status = open_queue();
    if (status != STATUS_OK) {
        log_close();
        return status;
    }
    want_spare();
    return STATUS_OK;
}

void log_close(void) {
    segment_close(&queue.current);
    segment_close(&queue.reader);
    for (int i = 0; i < queue.unsynced_count; i++) {
        close(queue.unsynced[i]);
    }
    queue.unsynced_count = 0;
    if (queue.dir >= 0) {
        close(queue.dir);
    }
    queue.dir = -1;
}

/* ---- append ---- */

uint64_t port_log_space(void) {
    uint64_t space = (SEGMENT_SIZE - queue.current.used) / (ENTRY_HEADER + LOG_ENTRY_MAX);
    want_spare();
    if (queue.spare) { /* what follows the spare one is a promise, checked before it counts */
        space += (uint64_t)(queue.limit - queue.count) * ENTRIES_OF_SEGMENT;
    }
    return space;
}

/* Leaves the full segment for the next sync to close. Where too many wait, the oldest waits no
 * longer: that cannot be one that a sync holds now, because a sync takes all of them. */
static void leave_current(void) {
    pthread_mutex_lock(&queue.lock);
    int fd = queue.current.fd;
    if (queue.unsynced_count == UNSYNCED_MAX) {
        if (fdatasync(fd) != 0) {
            queue.sync_failed = true;
        }
        close(fd);
    } else {
        queue.unsynced[queue.unsynced_count++] = fd;
    }
    queue.current.fd = -1;
    pthread_mutex_unlock(&queue.lock);
    segment_close(&queue.current);
}

static enum status next_segment(void) {
    struct segment next;
    if (!queue.spare) {
        want_spare();
    }
    if (!queue.spare) {
        return STATUS_LOG_FULL;
    }
    uint32_t number = queue.number[queue.count - 1] + 1;
    TRY(segment_open(&next, queue.dir, number, true));
    uint64_t first = queue.current.next;
    segment_begin(&next, first);
    leave_current();
    pthread_mutex_lock(&queue.lock);
    queue.current = next;
    pthread_mutex_unlock(&queue.lock);
    queue.number[queue.count] = number;
    queue.first[queue.count++] = first;
    queue.spare = false;
    want_spare();
    return STATUS_OK;
}

enum status port_log_append(struct bytes entry) {
    if (entry.size == 0 || entry.size > LOG_ENTRY_MAX) {
        return STATUS_INTERNAL;
    }
    if (!segment_fits(&queue.current, entry.size)) {
        TRY(next_segment());
    }
    segment_append(&queue.current, entry);
    return STATUS_OK;
}

/* Takes over every descriptor left behind; the current one stays open while it is synced, because
 * only a sync closes what was left, and syncs of the body and of the core wait for each other. */
static enum status sync_queue(void) {
    int fds[UNSYNCED_MAX];
    pthread_mutex_lock(&queue.lock);
    int count = queue.unsynced_count;
    memcpy(fds, queue.unsynced, sizeof(fds));
    queue.unsynced_count = 0;
    int current = queue.current.fd;
    bool failed = queue.sync_failed;
    bool folder = queue.folder_unsynced;
    queue.folder_unsynced = false;
    pthread_mutex_unlock(&queue.lock);
    failed |= folder && fsync(queue.dir) != 0;
    for (int i = 0; i < count; i++) {
        failed |= fdatasync(fds[i]) != 0;
        close(fds[i]);
    }
    failed |= current >= 0 && fdatasync(current) != 0;
    if (!failed) {
        return STATUS_OK;
    }
    linux_say_errno("log: cannot sync");
    pthread_mutex_lock(&queue.lock);
    queue.sync_failed = true;
    pthread_mutex_unlock(&queue.lock);
    return STATUS_STORE_IO;
}

enum status port_log_sync(void) {
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&one_at_a_time);
    enum status status = sync_queue();
    pthread_mutex_unlock(&one_at_a_time);
    return status;
}

/* ---- read and release ---- */

void port_log_range(uint64_t *first, uint64_t *next) {
    *first = queue.first[0];
    *next = queue.current.next;
}

/* Place in the list of the segment that holds entry `index`, by halving. */
static uint32_t segment_of(uint64_t index) {
    uint32_t low = 0;
    uint32_t high = queue.count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (queue.first[middle] <= index) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Makes the reader stand before entry `index`; it walks on from where it stands when it can. */
static enum status seek(uint64_t index) {
    struct bytes entry;
    uint32_t number = queue.number[segment_of(index)];
    if (queue.reader.map == NULL || queue.reader.number != number) {
        segment_close(&queue.reader);
        TRY(segment_open(&queue.reader, queue.dir, number, false));
    }
    if (queue.reader.next > index) {
        segment_rewind(&queue.reader);
    }
    while (queue.reader.next < index) {
        if (!segment_peek(&queue.reader, &entry)) {
            return STATUS_NOT_FOUND;
        }
        segment_skip(&queue.reader, entry.size);
    }
    return STATUS_OK;
}

enum status port_log_read(uint64_t index, struct span *out) {
    struct bytes entry;
    if (index < queue.first[0] || index >= queue.current.next) {
        return STATUS_NOT_FOUND;
    }
    TRY(seek(index));
    if (!segment_peek(&queue.reader, &entry) || entry.size > out->size) {
        return STATUS_NOT_FOUND;
    }
    bytes_copy(out->data, entry);
    out->size = entry.size;
    return STATUS_OK;
}

static void drop_first(void) {
    segment_remove(queue.dir, queue.number[0]);
    folder_changed();
    queue.count--;
    memmove(queue.number, queue.number + 1, queue.count * sizeof(queue.number[0]));
    memmove(queue.first, queue.first + 1, queue.count * sizeof(queue.first[0]));
}

enum status port_log_release(uint64_t up_to) {
    while (queue.count > 1 && queue.first[1] <= up_to) {
        drop_first();
    }
    return STATUS_OK;
}

/* The segments after the one that stays are removed from the last backwards: a cut leaves a shorter
 * queue, never one with a gap. */
enum status port_log_truncate(uint64_t from) {
    if (from >= queue.current.next) {
        return STATUS_OK;
    }
    if (from < queue.first[0]) {
        return STATUS_NOT_FOUND;
    }
    uint32_t keep = segment_of(from);
    segment_close(&queue.reader);
    if (keep + 1 < queue.count) {
        segment_close(&queue.current);
        if (queue.spare) {
            segment_remove(queue.dir, queue.number[queue.count - 1] + 1);
            queue.spare = false;
        }
        while (queue.count > keep + 1) {
            segment_remove(queue.dir, queue.number[--queue.count]);
        }
        if (fsync(queue.dir) != 0) { /* or a cut could bring them back behind newer entries */
            linux_say_errno("log: cannot sync the folder");
            return STATUS_STORE_IO;
        }
        TRY(segment_open(&queue.current, queue.dir, queue.number[keep], true));
    }
    segment_rewind(&queue.current);
    struct bytes entry;
    while (queue.current.next < from && segment_peek(&queue.current, &entry)) {
        segment_skip(&queue.current, entry.size);
    }
    segment_cut(&queue.current);
    return STATUS_OK;
}
