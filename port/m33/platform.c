/* SPDX-License-Identifier: Apache-2.0 */
/* Identity, start and end of the chip. */
#include "port/m33/crc.h"
#include "port/m33/handlers.h"
#include "port/m33/registers.h"
#include "port/port.h"

static uint8_t measurement[32];

void chip_start(void) {
    clock_start();
    uart_start();
    trng_start();
}

const char *port_form(void) {
    return "chip";
}

/* ---- what the boot stage found ---- */

static const uint8_t magic[8] = {'E', 'H', 'S', 'M', 'B', 'O', 'O', 'T'};

static struct handover *handover_place(void) {
    return (struct handover *)(uintptr_t)CHIP_HANDOVER_AT;
}

static uint32_t handover_crc(const struct handover *handover) {
    return crc_add(0, bytes_of(handover, offsetof(struct handover, crc)));
}

void handover_write(const uint8_t found[32], uint32_t version) {
    struct handover *handover = handover_place();
    memcpy(handover->magic, magic, sizeof(magic));
    memcpy(handover->measurement, found, sizeof(handover->measurement));
    handover->version = version;
    handover->crc = handover_crc(handover);
}

bool handover_take(void) {
    const struct handover *handover = handover_place();
    bool whole = bytes_equal(bytes_of(handover->magic, sizeof(magic)),
                             bytes_of(magic, sizeof(magic))) &&
                 handover->crc == handover_crc(handover);
    if (whole) {
        memcpy(measurement, handover->measurement, sizeof(measurement));
    }
    return whole;
}

void port_measurement(uint8_t out[32]) {
    memcpy(out, measurement, sizeof(measurement));
}

/* ---- the end ---- */

/* From registers alone: the stack goes, too. */
__attribute__((naked, noreturn)) static void wipe_and_restart(void) {
    __asm__ volatile("cpsid i\n"
                     "ldr r0, =0x38000000\n"
                     "ldr r1, =0x38020000\n"
                     "movs r2, #0\n"
                     "movs r3, #0\n"
                     "movs r4, #0\n"
                     "movs r5, #0\n"
                     "1: stmia r0!, {r2-r5}\n"
                     "stmia r0!, {r2-r5}\n"
                     "cmp r0, r1\n"
                     "bne 1b\n"
                     "dsb\n"
                     "ldr r0, =0xe000ed0c\n"
                     "ldr r1, =0x05fa0004\n"
                     "str r1, [r0]\n"
                     "dsb\n"
                     "2: b 2b\n"
                     ".ltorg\n");
}

/* r0: the reason, left where a probe finds it. */
__attribute__((naked, noreturn)) static void wipe_and_stop(UNUSED const char *reason) {
    __asm__ volatile("cpsid i\n"
                     "mov r4, r0\n"
                     "ldr r0, =0x38000000\n"
                     "ldr r1, =0x38020000\n"
                     "movs r2, #0\n"
                     "1: str r2, [r0], #4\n"
                     "cmp r0, r1\n"
                     "bne 1b\n"
                     "str r4, [r1, #-8]\n"
                     "dsb\n"
                     "2: wfi\n"
                     "b 2b\n"
                     ".ltorg\n");
}

void chip_restart(void) {
    wipe_and_restart();
}

void port_halt(const char *reason) {
    WATCHDOG_LOCK = WATCHDOG_KEY;
    WATCHDOG_CONTROL = 0;
    wipe_and_stop(reason);
}
