/* SPDX-License-Identifier: Apache-2.0 */
/* The boot stage: runs first, looks at the image of the firmware, and runs it or nothing. It never
 * sees a key of the module. */
#include "body/firmware/image.h"
#include "body/firmware/start.h"
#include "body/firmware/trust.h"
#include "port/m33/chip.h"
#include "port/m33/register.h"
#include "port/m33/registers.h"
#include "port/port.h"

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    __stack_top,   reset_handler, fault_handler, fault_handler, fault_handler, fault_handler,
    fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler,
    fault_handler, fault_handler, fault_handler, fault_handler,
};

enum { BODY_AT = CHIP_IMAGE_AT + IMAGE_HEADER_SIZE };

static const struct memory_region regions[] = {
    {CHIP_BOOT_AT, CHIP_BOOT_SIZE, MEMORY_CODE},
    {CHIP_IMAGE_AT, CHIP_IMAGE_SIZE, MEMORY_CONSTANT},
    {CHIP_RAM_AT, CHIP_RAM_SIZE, MEMORY_DATA},
    {CHIP_NOR_AT, 2 << 20, MEMORY_DATA},
    {0x50000000, 4 << 20, MEMORY_DEVICE},
};

/* The firmware's own code becomes what can run, and the boot stage goes out of reach. From here no
 * stack and no constant of the boot stage may be used. */
__attribute__((naked, noreturn)) static void enter(const uint32_t *table) {
    (void)table;
    __asm__ volatile("ldr r1, =0xe000ed08\n"
                     "str r0, [r1]\n" /* VTOR */
                     "movs r2, #0\n"
                     "ldr r1, =0xe000ed94\n"
                     "str r2, [r1]\n" /* the firmware protects its memory itself */
                     "dsb\n"
                     "isb\n"
                     "msr msplim, r2\n"
                     "ldr r1, [r0]\n"
                     "mov sp, r1\n"
                     "ldr r1, [r0, #4]\n"
                     "bx r1\n"
                     ".ltorg\n");
}

/* The version counts up once the image with it has proved good: older ones are refused then. */
static enum status check_image(struct image_facts *facts) {
    struct register_value least;
    struct image_policy policy = trust_policy;
    TRY(register_read(NOR_VERSION, &least));
    policy.version_min = least.value;
    policy.address = BODY_AT;
    struct bytes image = bytes_of((const void *)(uintptr_t)CHIP_IMAGE_AT, CHIP_IMAGE_SIZE);
    TRY(image_verify(image, &policy, facts));
    return facts->version > least.value ? register_write(NOR_VERSION, facts->version) : STATUS_OK;
}

_Noreturn void firmware_main(void) {
    struct image_facts facts;
    memory_protect(regions, COUNT(regions));
    enum status status = check_image(&facts);
    if (status == STATUS_SIGNATURE_INVALID) {
        port_halt("the image is not signed as the boot stage wants");
    }
    if (status == STATUS_STORE_ROLLED_BACK) {
        port_halt("the image is older than one that ran before");
    }
    if (status != STATUS_OK) {
        port_halt("the image is damaged, or none");
    }
    handover_write(facts.measurement, facts.version);
    enter((const uint32_t *)(uintptr_t)BODY_AT);
}
