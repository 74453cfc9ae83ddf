/* SPDX-License-Identifier: Apache-2.0 */
/* Wiping of memory. */
#include "base/wipe.h"

#include <string.h>

void wipe(void *data, size_t size) {
    if (size > 0) {
        memset(data, 0, size);
    }
    /* The compiler must believe that someone reads the zeros. */
    __asm__ volatile("" : : "r"(data) : "memory");
}

void secret_mark_wipe(struct secret_mark *mark) {
    wipe(mark->data, mark->size);
}
