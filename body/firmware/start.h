/* SPDX-License-Identifier: Apache-2.0 */
/* From the reset to main, for both programs of the chip. */
#ifndef BODY_FIRMWARE_START_H
#define BODY_FIRMWARE_START_H

#include <stdint.h>

/* Where the linker puts things. */
extern uint32_t __stack_limit[], __stack_top[];
extern uint32_t __data_start[], __data_end[], __data_load[];
extern uint32_t __bss_start[], __bss_end[];

/* What the compiler puts on the stack to see that nobody writes over it. */
extern uintptr_t __stack_chk_guard;

/* The first instruction: stack limit, memory cleared, data in place, then main. */
_Noreturn void reset_handler(void);
/* Everything that has no handler of its own, faults first of all. */
_Noreturn void fault_handler(void);
/* What the program is. */
_Noreturn void firmware_main(void);

/* Turns to zeros what the stack held beyond the caller: libraries leave secrets there. */
void stack_wipe(void);
extern uint32_t stack_deepest;

/* A part of the memory map, and what may be done there. */
enum memory_use { MEMORY_CODE, MEMORY_CONSTANT, MEMORY_DATA, MEMORY_DEVICE };
struct memory_region {
    uint32_t from;
    uint32_t size; /* both multiples of 32 */
    enum memory_use use;
};
/* Closes the memory protection around these regions: all else is out of reach, code cannot be
 * written, and nothing that can be written is code. */
void memory_protect(const struct memory_region *regions, uint32_t count);

#endif
