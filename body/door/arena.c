/* SPDX-License-Identifier: Apache-2.0 */
/* The one piece of memory that may hold secrets. */
#define _GNU_SOURCE
#include "body/door/arena.h"
#include "base/wipe.h"
#include "port/linux/linux.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096, LINE = 64 };

static struct {
    enum arena_kind kind;
    uint8_t *base;
    size_t used; /* from the start: what arena_take gave */
    size_t left; /* up to where stacks begin, which are taken from the end */
} arena;

static void *map_secret(size_t size) {
    int fd = (int)syscall(SYS_memfd_secret, 0);
    if (fd < 0) {
        return MAP_FAILED;
    }
    void *map = MAP_FAILED;
    if (ftruncate(fd, (off_t)size) == 0) {
        map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    close(fd);
    return map;
}

static void *map_plain(size_t size) {
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map != MAP_FAILED) {
        madvise(map, size, MADV_WIPEONFORK);
    }
    return map;
}

enum status arena_open(size_t size, bool allow_swap) {
    size = (size + PAGE - 1) & ~(size_t)(PAGE - 1);
    arena.kind = ARENA_SECRET;
    void *map = map_secret(size);
    if (map == MAP_FAILED) {
        arena.kind = ARENA_LOCKED;
        map = map_plain(size);
        if (map != MAP_FAILED && mlock2(map, size, MLOCK_ONFAULT) != 0) {
            arena.kind = ARENA_PLAIN;
        }
    }
    if (map == MAP_FAILED || (arena.kind == ARENA_PLAIN && !allow_swap)) {
        linux_say_errno("cannot lock %zu MiB of memory for keys; set LimitMEMLOCK=infinity "
                        "(ulimit -l unlimited), or accept keys in swap with --allow-swap",
                        size >> 20);
        return STATUS_MEMORY;
    }
    madvise(map, size, MADV_DONTDUMP);
    arena.base = map;
    arena.left = size;
    arena.used = 0;
    return STATUS_OK;
}

enum arena_kind arena_kind(void) {
    return arena.kind;
}

size_t arena_cost(size_t size) {
    return (size + LINE - 1) & ~(size_t)(LINE - 1);
}

size_t arena_stack_cost(size_t size) {
    return ((size + PAGE - 1) & ~(size_t)(PAGE - 1)) + PAGE;
}

void *arena_take(size_t size) {
    size_t cost = arena_cost(size);
    if (cost < size || cost > arena.left - arena.used) {
        return NULL;
    }
    void *taken = arena.base + arena.used;
    arena.used += cost;
    return taken;
}

void *arena_take_stack(size_t size) {
    size_t cost = arena_stack_cost(size);
    if (cost > arena.left - arena.used) {
        return NULL;
    }
    uint8_t *guard = arena.base + arena.left - cost;
    if (mprotect(guard, PAGE, PROT_NONE) != 0) {
        return NULL;
    }
    arena.left -= cost;
    return guard + PAGE;
}

/* Only pages with something in them are written to: writing to an untouched one would commit it
 * first. */
void arena_wipe(void) {
    if (arena.kind == ARENA_SECRET || arena.base == NULL) {
        return;
    }
    for (size_t at = 0; at < arena.used; at += PAGE) {
        if (!bytes_all(bytes_of(arena.base + at, PAGE), 0)) {
            wipe(arena.base + at, PAGE);
        }
    }
}
