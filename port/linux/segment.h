/* SPDX-License-Identifier: Apache-2.0 */
/* One file of the log archive: room that is allocated before it is used and mapped, so that to
 * append is to copy memory, which survives the death of the process and cannot meet a full disk.
 *
 *   file    "EHLOGSEG", number of the first entry u64, zeros up to SEGMENT_HEADER, entries, zeros
 *   entry   size u32 (not 0), CRC-32 u32 over number and bytes, bytes, zeros up to a multiple of 8
 */
#ifndef PORT_LINUX_SEGMENT_H
#define PORT_LINUX_SEGMENT_H

#include "base/bytes.h"
#include "base/status.h"

enum { SEGMENT_SIZE = 4 << 20, SEGMENT_HEADER = 64, ENTRY_HEADER = 8 };

struct segment {
    int fd; /* -1: not open */
    uint8_t *map;
    uint32_t number;   /* in the file's name */
    uint64_t first;    /* number of the first entry */
    uint64_t next;     /* of the entry that comes after `used` */
    uint32_t used;     /* bytes up to there */
};

/* Makes segment `number` and allocates its room on the disk; it has no first entry yet.
 * STATUS_STORE_FULL where the disk has no room; STATUS_STORE_IO. */
enum status segment_make(int dir, uint32_t number) MUST_USE;
/* Whether the file has the size of a segment. */
bool segment_whole(int dir, uint32_t number) MUST_USE;
void segment_remove(int dir, uint32_t number);
/* Opens and maps; `writable` where it is to be appended to. The position is at the first entry. */
enum status segment_open(struct segment *segment, int dir, uint32_t number, bool writable) MUST_USE;
/* Unmaps; closes unless the caller takes the descriptor first (sets it to -1). */
void segment_close(struct segment *segment);
/* Declares the segment begun, with the number of its first entry. */
void segment_begin(struct segment *segment, uint64_t first);
bool segment_begun(const struct segment *segment) MUST_USE;
/* The entry at the position; false where there is none or it is damaged. */
bool segment_peek(const struct segment *segment, struct bytes *entry) MUST_USE;
/* Moves behind the entry at the position, which is `size` bytes. */
void segment_skip(struct segment *segment, size_t size);
void segment_rewind(struct segment *segment);
/* Whether an entry of `size` bytes fits at the position; appends it there. */
bool segment_fits(const struct segment *segment, size_t size) MUST_USE;
void segment_append(struct segment *segment, struct bytes entry);
/* Wipes everything from the position to the end. */
void segment_cut(struct segment *segment);

#endif
