/* SPDX-License-Identifier: Apache-2.0 */
/* What a test program on the emulated chip stands on: reset, faults, heap; output and files come by
 * semihosting, which the firmware does not have. */
#include <ctype.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

extern uint32_t stack_top[];
extern char heap_start[], heap_end[];
int main(int count, char **arguments);
void initialise_monitor_handles(void);
_Noreturn void harness_crash(const char *why);
_Noreturn void __stack_chk_fail(void);
void *_sbrk(ptrdiff_t more);
void _init(void);
void _fini(void);

uintptr_t __stack_chk_guard = 0x5ca1ab1e;

void __stack_chk_fail(void) {
    harness_crash("the stack was overwritten");
}

static void fault(void) {
    harness_crash("a fault of the processor");
}

void *_sbrk(ptrdiff_t more) {
    static char *at = heap_start;
    if (heap_end - at < more) {
        return (void *)-1;
    }
    at += more;
    return at - more;
}

/* newlib's needs a function that newlib has not. */
void *aligned_alloc(size_t alignment, size_t size) {
    return memalign(alignment, size);
}

/* A generator that needs no good seed. */
ssize_t getrandom(void *buffer, size_t size, unsigned int flags) {
    static uint64_t state;
    uint8_t *to = buffer;
    (void)flags;
    if (state == 0) {
        state = (uint64_t)time(NULL) | 1u << 31;
    }
    for (size_t i = 0; i < size; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        to[i] = (uint8_t)(state >> 56);
    }
    return (ssize_t)size;
}

void _init(void) {
}

void _fini(void) {
}

/* The words of the emulator's command line, which semihosting hands over as one text. Names in
 * capitals with a value (EHSM_LONG=1) are for the environment. */
static int read_arguments(char **arguments, int room) {
    static char line[4096];
    struct { char *text; size_t size; } block = {line, sizeof(line)};
    register int call __asm__("r0") = 0x15; /* SYS_GET_CMDLINE */
    register void *with __asm__("r1") = &block;
    __asm__ volatile("bkpt 0xab" : "+r"(call) : "r"(with) : "memory");
    int count = 0;
    char *rest = line, *word;
    while ((word = strsep(&rest, " ")) != NULL && count < room) {
        if (count > 0 && isupper((unsigned char)word[0]) && strchr(word, '=') != NULL) {
            putenv(word);
        } else {
            arguments[count++] = word;
        }
    }
    return count;
}

static _Noreturn void start(void) {
    static char *arguments[65];
    initialise_monitor_handles();
    setvbuf(stdout, NULL, _IOLBF, 512);
    exit(main(read_arguments(arguments, 64), arguments));
}

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    [0] = stack_top, [1] = start, [2 ... 15] = fault,
};
