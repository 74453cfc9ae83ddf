/* SPDX-License-Identifier: Apache-2.0 */
/* What a test program on the emulated chip stands on: reset, faults, heap; output and files come by
 * semihosting, which the firmware does not have. */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

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

void _init(void) {
}

void _fini(void) {
}

static _Noreturn void start(void) {
    static char *arguments[] = {(char *)"test", NULL};
    initialise_monitor_handles();
    setvbuf(stdout, NULL, _IOLBF, 512);
    exit(main(1, arguments));
}

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    [0] = stack_top, [1] = start, [2 ... 15] = fault,
};
