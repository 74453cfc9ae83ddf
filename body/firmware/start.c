/* SPDX-License-Identifier: Apache-2.0 */
/* From the reset to main: nothing of what the RAM held before is left. */
#include "body/firmware/start.h"

#include "port/m33/registers.h"
#include "port/port.h"

uintptr_t __stack_chk_guard = 0x5ca1ab1e; /* until there is randomness */
_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void) {
    port_halt("the stack was overwritten");
}

_Noreturn static void stop_for_fault(void) __attribute__((used));
static void stop_for_fault(void) {
    port_halt("a fault of the processor");
}

/* The fault may be that the stack is used up: it begins anew. */
__attribute__((naked)) void fault_handler(void) {
    __asm__ volatile("movs r0, #0\n"
                     "msr msplim, r0\n"
                     "ldr r0, =__stack_top\n"
                     "mov sp, r0\n"
                     "b stop_for_fault\n"
                     ".ltorg\n");
}

/* Before any memory is used: the limit of the stack, then zeros in all RAM but the last 64 bytes,
 * in which the boot stage hands over what it found. */
__attribute__((naked)) void reset_handler(void) {
    __asm__ volatile("cpsid i\n"
                     "ldr r0, =__stack_limit\n"
                     "msr msplim, r0\n"
                     "ldr r0, =0x38000000\n"
                     "ldr r1, =0x3801ffc0\n"
                     "movs r2, #0\n"
                     "1: str r2, [r0], #4\n"
                     "cmp r0, r1\n"
                     "bne 1b\n"
                     "ldr r0, =__stack_top\n"
                     "mov sp, r0\n"
                     "ldr r0, =__data_start\n"
                     "ldr r1, =__data_end\n"
                     "ldr r2, =__data_load\n"
                     "b 3f\n"
                     "2: ldr r3, [r2], #4\n"
                     "str r3, [r0], #4\n"
                     "3: cmp r0, r1\n"
                     "bne 2b\n"
                     "b firmware_main\n"
                     ".ltorg\n");
}

/* Where the stack ended at its deepest, for who measures it. */
uint32_t stack_deepest = 0xffffffff;

/* From the lowest word that was used up to where the stack stands now. An interrupt meanwhile uses
 * what is not wiped yet or again, and holds no secret. */
__attribute__((naked)) void stack_wipe(void) {
    __asm__ volatile("ldr r0, =__stack_limit\n"
                     "mov r1, sp\n"
                     "1: cmp r0, r1\n"
                     "bhs 2f\n"
                     "ldr r3, [r0], #4\n"
                     "cmp r3, #0\n"
                     "beq 1b\n"
                     "subs r0, #4\n"
                     "2: ldr r2, =stack_deepest\n"
                     "ldr r3, [r2]\n"
                     "cmp r0, r3\n"
                     "it lo\n"
                     "strlo r0, [r2]\n"
                     "movs r2, #0\n"
                     "3: cmp r0, r1\n"
                     "it lo\n"
                     "strlo r2, [r0], #4\n"
                     "blo 3b\n"
                     "bx lr\n"
                     ".ltorg\n");
}

/* Words of the region registers (Armv8-M, D1.2.171 and .172). */
enum { RBAR_XN = 1, RBAR_READ_WRITE = 0, RBAR_READ_ONLY = 2 << 1, RLAR_ON = 1, RLAR_DEVICE = 2 };
enum { MAIR_NORMAL = 0x44, MAIR_DEVICE = 0x04 };

void memory_protect(const struct memory_region *regions, uint32_t count) {
    static const uint32_t rbar[] = {
        [MEMORY_CODE] = RBAR_READ_ONLY,
        [MEMORY_CONSTANT] = RBAR_READ_ONLY | RBAR_XN,
        [MEMORY_DATA] = RBAR_READ_WRITE | RBAR_XN,
        [MEMORY_DEVICE] = RBAR_READ_WRITE | RBAR_XN,
    };
    MPU_CTRL = 0;
    MPU_MAIR0 = MAIR_NORMAL | MAIR_DEVICE << 8;
    for (uint32_t i = 0; i < 8; i++) {
        MPU_RNR = i;
        MPU_RLAR = 0;
        if (i < count) {
            const struct memory_region *region = &regions[i];
            MPU_RBAR = region->from | rbar[region->use];
            MPU_RLAR = (region->from + region->size - 32) | RLAR_ON |
                       (region->use == MEMORY_DEVICE ? RLAR_DEVICE : 0);
        }
    }
    MPU_CTRL = 3; /* on, in handlers of faults too; no region: no access */
    __asm__ volatile("dsb\n isb" ::: "memory");
    SCB_SHCSR |= 7u << 16; /* memory, bus and usage faults are told apart */
}
