/* SPDX-License-Identifier: Apache-2.0 */
/* An image for tests (test/chip/trespass_test.py): with the memory of the firmware protected as the
 * firmware protects it, it does one thing that must be a fault; which one stands in the flash. */
#include "body/firmware/regions.h"
#include "port/port.h"

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    __stack_top, reset_handler, [2 ... 15] = fault_handler,
};

#define WISH_AT (CHIP_NOR_AT + 6 * 4096u)
#define ANSWER_AT (CHIP_NOR_AT + 7 * 4096u)
enum { ALIVE = 0x600d, SURVIVED = 0xbad };

static volatile uint32_t *word_at(uint32_t address) {
    return (volatile uint32_t *)(uintptr_t)address;
}

static void jump_to(uint32_t address) {
    ((void (*)(void))(uintptr_t)(address | 1))();
}

static uint32_t go_deeper(uint32_t depth) {
    volatile uint32_t room[64] = {depth};
    return depth == 0 ? room[0] : go_deeper(depth - 1) + room[depth % 64];
}

static void trespass(uint32_t wish) {
    static uint16_t code[2] = {0x4770, 0x4770}; /* bx lr */
    switch (wish) {
    case 1: /* run what can be written */
        jump_to((uint32_t)(uintptr_t)code);
        break;
    case 2: /* run what lies in flash */
        jump_to(CHIP_NOR_AT);
        break;
    case 3: /* change the code */
        *word_at(CHIP_IMAGE_AT + 0x1000) = 0;
        break;
    case 4: /* read the boot stage */
        (void)*word_at(CHIP_BOOT_AT + 0x100);
        break;
    case 5: /* run the boot stage again */
        jump_to(CHIP_BOOT_AT + 0x200);
        break;
    case 6: /* use more stack than there is */
        *word_at(ANSWER_AT + 8) = go_deeper(1000);
        break;
    case 7: /* a pointer that is not there */
        *word_at(0x20000000) = 1;
        break;
    default: /* nothing forbidden */
        *word_at(ANSWER_AT + 8) = go_deeper(10);
    }
}

_Noreturn void firmware_main(void) {
    memory_protect(firmware_regions, COUNT(firmware_regions));
    *word_at(ANSWER_AT) = ALIVE;
    trespass(*word_at(WISH_AT));
    *word_at(ANSWER_AT + 4) = SURVIVED;
    port_halt("the trespasser got through");
}
