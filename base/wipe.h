/* SPDX-License-Identifier: Apache-2.0 */
/* Wiping of memory, and buffers that wipe themselves on every way out of a function. */
#ifndef BASE_WIPE_H
#define BASE_WIPE_H

#include <stddef.h>
#include <stdint.h>

/* Overwrites `size` bytes with zeros; the compiler cannot drop it. */
void wipe(void *data, size_t size);

struct secret_mark {
    void *data;
    size_t size;
};

void secret_mark_wipe(struct secret_mark *mark);

/* Declares `uint8_t name[size]` that is wiped when its scope ends, whatever the way out. */
#define SECRET_BYTES(name, size) \
    uint8_t name[size];          \
    WIPE_AT_END(name, sizeof(name))

/* Makes `size` bytes of an existing local variable wiped at the end of the scope. */
#define WIPE_AT_END(variable, bytes)   \
    struct secret_mark variable##_mark \
        __attribute__((cleanup(secret_mark_wipe), unused)) = {&(variable), (bytes)}

#endif
