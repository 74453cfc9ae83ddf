/* SPDX-License-Identifier: Apache-2.0 */
/* The chip as the body starts and drives it: the machine mps2-an505 as QEMU models it
 * (doc/CHIP.md). All addresses are secure ones. */
#ifndef PORT_M33_CHIP_H
#define PORT_M33_CHIP_H

#include "base/bytes.h"
#include "base/status.h"

/* ---- memory ---- */

enum {
    CHIP_BOOT_AT = 0x10000000,
    CHIP_BOOT_SIZE = 32 * 1024,
    CHIP_IMAGE_AT = CHIP_BOOT_AT + CHIP_BOOT_SIZE,
    CHIP_IMAGE_SIZE = 256 * 1024,
    CHIP_RAM_AT = 0x38000000,
    CHIP_RAM_SIZE = 128 * 1024,
};
#define CHIP_NOR_AT 0x80000000u
/* Behind the flash: a counter u32 of the erasures of each sector. */
#define CHIP_WEAR_AT (CHIP_NOR_AT + 0x100000u)

/* ---- interrupts: numbers of the NVIC ---- */

enum {
    IRQ_TIMER1 = 4,
    IRQ_UART0_RX = 32,
    IRQ_UART1_RX = 34,
    IRQ_TAMPER = 52, /* EXP_IRQ 20 */
    IRQ_COUNT = 64,
};
/* The tamper pin interrupts everything, the others nothing. */
void chip_enable_irq(uint32_t irq, uint8_t priority);
void chip_disable_irq(uint32_t irq);

/* ---- what the boot stage hands over, at the end of the RAM ---- */

struct handover {
    uint8_t magic[8];
    uint8_t measurement[32];
    uint32_t version;
    uint32_t crc; /* of all before it */
};
#define CHIP_HANDOVER_AT (CHIP_RAM_AT + CHIP_RAM_SIZE - 64)
/* Where port_halt leaves the address of its reason, for who looks with a probe. */
#define CHIP_REASON_AT (CHIP_RAM_AT + CHIP_RAM_SIZE - 8)
void handover_write(const uint8_t measurement[32], uint32_t version);
/* Keeps what was handed over for port_measurement(). False: nothing was. */
bool handover_take(void) MUST_USE;

/* ---- parts ---- */

/* Timers, both UARTs, the watchdog. */
void chip_start(void);
/* Sleeps until an interrupt, at most this long; not where `woken` says that it came before. */
void chip_sleep(uint32_t at_most_ms, bool (*woken)(void));
/* Must be called at least every WATCHDOG_S seconds. */
enum { WATCHDOG_S = 60 };
void watchdog_feed(void);

/* Bytes of the line that have come; returns how many. */
size_t uart_read(uint8_t *to, size_t room) MUST_USE;
/* Whether any have. */
bool uart_waiting(void) MUST_USE;
/* Sends; gives up on a line that takes nothing for a second. */
void uart_write(struct bytes bytes);

/* From now on a noise source that says nothing is waited for 20 ms alone. */
void trng_hurry(void);

/* ---- the end ---- */

/* Turns all RAM to zeros and starts the chip anew. */
_Noreturn void chip_restart(void);

#endif
