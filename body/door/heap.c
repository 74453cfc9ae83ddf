/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for OpenSSL inside the arena.
 *
 * The heap is cut into chunks of 64 KiB. A chunk holds pieces of one size class, or is part of a
 * run of chunks that is one large piece; a table outside says which, so that a piece needs no
 * header. Free pieces hang in lists: one for each class and thread, used without a lock, and one
 * for each class that all share. */
#define _GNU_SOURCE
#include "body/door/heap.h"
#include "base/wipe.h"
#include "body/door/arena.h"
#include "port/port.h"

#include <pthread.h>

enum {
    CHUNK_BITS = 16,
    CHUNK = 1 << CHUNK_BITS,
    CHUNKS_MAX = 8192,
    CLASSES = 40,         /* 16 to 32768 bytes: steps of 16 up to 64, then four to a doubling */
    CLASS_SIZE_MAX = 32768,
    CACHE_BYTES = 16384, /* of one class in one thread, and 4 pieces at least */
};
enum { CHUNK_FREE = 0, CHUNK_RUN = 254, CHUNK_RUN_REST = 255 }; /* other values: class + 1 */

struct piece {
    struct piece *next;
};

struct list {
    struct piece *first;
    uint32_t count;
};

static struct {
    uint8_t *base;
    uint32_t chunks;
    uint32_t touched; /* chunks below were used once */
    uint8_t kind[CHUNKS_MAX];
    uint32_t run[CHUNKS_MAX]; /* length of the run that begins here */
    struct list shared[CLASSES];
    pthread_mutex_t lock;
} heap = {.lock = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local struct list cache[CLASSES];

/* ---- size classes ---- */

static unsigned class_of(size_t size) {
    if (size <= 64) {
        return (unsigned)((size + 15) / 16) - 1;
    }
    unsigned top = 63u - (unsigned)__builtin_clzll((unsigned long long)(size - 1)); /* >= 6 */
    unsigned quarter = (unsigned)((size - 1) >> (top - 2)) & 3u;
    return 4 + (top - 6) * 4 + quarter;
}

static size_t class_size(unsigned class) {
    if (class < 4) {
        return ((size_t)class + 1) * 16;
    }
    unsigned top = 6 + (class - 4) / 4;
    return ((size_t)5 + (class - 4) % 4) << (top - 2);
}

static uint32_t class_cached(unsigned class) {
    size_t pieces = CACHE_BYTES / class_size(class);
    return pieces < 4 ? 4 : pieces > 64 ? 64 : (uint32_t)pieces;
}

/* ---- chunks; under the lock ---- */

static uint32_t find_chunks(uint32_t count) {
    uint32_t row = 0;
    for (uint32_t i = 0; i < heap.chunks; i++) {
        row = heap.kind[i] == CHUNK_FREE ? row + 1 : 0;
        if (row == count) {
            if (i >= heap.touched) {
                heap.touched = i + 1;
            }
            return i + 1 - count;
        }
    }
    return UINT32_MAX;
}

/* Cuts a fresh chunk into pieces of the class, in the order of their addresses. */
static bool refill(unsigned class) {
    uint32_t chunk = find_chunks(1);
    size_t size = class_size(class);
    if (chunk == UINT32_MAX) {
        return false;
    }
    heap.kind[chunk] = (uint8_t)(class + 1);
    uint8_t *start = heap.base + ((size_t)chunk << CHUNK_BITS);
    for (size_t count = CHUNK / size; count > 0; count--) {
        struct piece *piece = (struct piece *)(void *)(start + (count - 1) * size);
        piece->next = heap.shared[class].first;
        heap.shared[class].first = piece;
        heap.shared[class].count++;
    }
    return true;
}

static void move(struct list *from, struct list *to, uint32_t count) {
    for (; count > 0 && from->first != NULL; count--) {
        struct piece *piece = from->first;
        from->first = piece->next;
        from->count--;
        piece->next = to->first;
        to->first = piece;
        to->count++;
    }
}

/* ---- pieces ---- */

static void *take_run(size_t size) {
    uint32_t count = (uint32_t)((size + CHUNK - 1) >> CHUNK_BITS);
    if (size > ((size_t)CHUNKS_MAX << CHUNK_BITS)) {
        return NULL;
    }
    pthread_mutex_lock(&heap.lock);
    uint32_t first = find_chunks(count);
    if (first != UINT32_MAX) {
        heap.kind[first] = CHUNK_RUN;
        heap.run[first] = count;
        for (uint32_t i = 1; i < count; i++) {
            heap.kind[first + i] = CHUNK_RUN_REST;
        }
    }
    pthread_mutex_unlock(&heap.lock);
    return first == UINT32_MAX ? NULL : heap.base + ((size_t)first << CHUNK_BITS);
}

void *heap_take(size_t size) {
    if (size == 0) {
        return NULL;
    }
    if (size > CLASS_SIZE_MAX) {
        return take_run(size);
    }
    unsigned class = class_of(size);
    struct list *mine = &cache[class];
    if (mine->first == NULL) {
        pthread_mutex_lock(&heap.lock);
        if (heap.shared[class].first != NULL || refill(class)) {
            move(&heap.shared[class], mine, class_cached(class) / 2);
        }
        pthread_mutex_unlock(&heap.lock);
    }
    struct piece *piece = mine->first;
    if (piece != NULL) {
        mine->first = piece->next;
        mine->count--;
    }
    return piece;
}

/* The chunk of a piece; a pointer that is none of ours means that memory is broken. */
static uint32_t chunk_of(const void *piece) {
    size_t at = (size_t)((const uint8_t *)piece - heap.base);
    uint32_t chunk = (uint32_t)(at >> CHUNK_BITS);
    if (at >= (size_t)heap.chunks << CHUNK_BITS || heap.kind[chunk] == CHUNK_FREE ||
        heap.kind[chunk] == CHUNK_RUN_REST) {
        port_halt("memory was given back that was never taken");
    }
    return chunk;
}

static size_t room_of(uint32_t chunk) {
    if (heap.kind[chunk] == CHUNK_RUN) {
        return (size_t)heap.run[chunk] << CHUNK_BITS;
    }
    return class_size(heap.kind[chunk] - 1u);
}

static void give_run(uint32_t chunk) {
    pthread_mutex_lock(&heap.lock);
    for (uint32_t i = heap.run[chunk]; i > 0; i--) {
        heap.kind[chunk + i - 1] = CHUNK_FREE;
    }
    pthread_mutex_unlock(&heap.lock);
}

void heap_give(void *piece) {
    if (piece == NULL) {
        return;
    }
    uint32_t chunk = chunk_of(piece);
    wipe(piece, room_of(chunk));
    if (heap.kind[chunk] == CHUNK_RUN) {
        give_run(chunk);
        return;
    }
    unsigned class = heap.kind[chunk] - 1u;
    struct list *mine = &cache[class];
    struct piece *free_piece = piece;
    free_piece->next = mine->first;
    mine->first = free_piece;
    mine->count++;
    if (mine->count > class_cached(class)) {
        pthread_mutex_lock(&heap.lock);
        move(mine, &heap.shared[class], mine->count / 2);
        pthread_mutex_unlock(&heap.lock);
    }
}

void *heap_resize(void *piece, size_t size) {
    if (piece == NULL) {
        return heap_take(size);
    }
    size_t room = room_of(chunk_of(piece));
    if (size > 0 && size <= room) {
        return piece;
    }
    void *larger = heap_take(size);
    if (larger != NULL) {
        memcpy(larger, piece, room);
    }
    if (larger != NULL || size == 0) {
        heap_give(piece);
    }
    return larger;
}

size_t heap_used(void) {
    return (size_t)heap.touched << CHUNK_BITS;
}

enum status heap_open(size_t size) {
    uint8_t *room = arena_take(size);
    size_t chunks = size >> CHUNK_BITS;
    if (room == NULL || chunks > CHUNKS_MAX) {
        return STATUS_MEMORY;
    }
    heap.base = room;
    heap.chunks = (uint32_t)chunks;
    return STATUS_OK;
}

/* ---- OpenSSL's hook, declared here: the body sees no header of the library ---- */

int CRYPTO_set_mem_functions(void *(*take)(size_t, const char *, int),
                             void *(*resize)(void *, size_t, const char *, int),
                             void (*give)(void *, const char *, int));

static void *openssl_take(size_t size, const char *file, int line) {
    (void)file, (void)line;
    return heap_take(size);
}

static void *openssl_resize(void *piece, size_t size, const char *file, int line) {
    (void)file, (void)line;
    return heap_resize(piece, size);
}

static void openssl_give(void *piece, const char *file, int line) {
    (void)file, (void)line;
    heap_give(piece);
}

enum status heap_serve_openssl(void) {
    int set = CRYPTO_set_mem_functions(openssl_take, openssl_resize, openssl_give);
    return set == 1 ? STATUS_OK : STATUS_INTERNAL;
}
