/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded before a program (LD_PRELOAD): the n-th allocation that our own library, command or
 * provider asks for fails (FAIL_ALLOCATION=n), and one line in the file FAILED_ALLOCATION says that
 * it came to that. What other libraries allocate is left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static bool is_ours(void *caller) {
    Dl_info where;
    if (dladdr(caller, &where) == 0 || where.dli_fname == NULL) {
        return false;
    }
    const char *slash = strrchr(where.dli_fname, '/');
    return strstr(slash != NULL ? slash : where.dli_fname, "edgehsm") != NULL;
}

static bool fails(void *caller) {
    static unsigned count;
    const char *wanted = getenv("FAIL_ALLOCATION");
    if (wanted == NULL || !is_ours(caller) ||
        __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED) != strtoul(wanted, NULL, 10)) {
        return false;
    }
    const char *path = getenv("FAILED_ALLOCATION");
    int file = path != NULL ? open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600) : -1;
    if (file >= 0) {
        (void)!write(file, "failed\n", 7);
        close(file);
    }
    return true;
}

__attribute__((visibility("default"))) void *malloc(size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t count, size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

__attribute__((visibility("default"))) void *realloc(void *old, size_t size) {
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}

__attribute__((visibility("default"))) char *strdup(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}
