/* SPDX-License-Identifier: Apache-2.0 */
/* The noise source stands behind UART1. Its bytes go through the health tests and the conditioning
 * of crypto/mcu/entropy.h; a source that is silent, stuck, biased or repeats itself gives nothing:
 * who asks is refused, and a test that failed stays failed until the chip starts anew. */
#include "base/wipe.h"
#include "crypto/mcu/entropy.h"
#include "port/m33/handlers.h"
#include "port/m33/registers.h"
#include "port/port.h"

enum { RING_SIZE = 64, PATIENCE_MS = 2000, HURRY_MS = 20 };

static struct entropy entropy;
static uint8_t ring[RING_SIZE];
static volatile uint32_t in, out;
static uint32_t patience_ms = PATIENCE_MS;

void uart1_rx_handler(void) {
    UART_INTCLEAR(UART1_BASE) = UART_RX_CLEAR;
    while (in - out < RING_SIZE && (UART_STATE(UART1_BASE) & UART_RX_FULL) != 0) {
        ring[in % RING_SIZE] = (uint8_t)UART_DATA(UART1_BASE);
        in = in + 1;
    }
}

void trng_start(void) {
    UART_BAUDDIV(UART1_BASE) = 16;
    chip_enable_irq(IRQ_UART1_RX, 0x80);
    entropy_start(&entropy);
}

void trng_hurry(void) {
    patience_ms = HURRY_MS;
}

static void turn_on(void) {
    UART_CTRL(UART1_BASE) = UART_RX_ON | UART_RX_INTERRUPT;
    (void)UART_DATA(UART1_BASE); /* see uart_start() */
}

static void turn_off(void) {
    UART_CTRL(UART1_BASE) = 0;
    wipe(ring, sizeof(ring));
    out = in;
}

static bool noise_waiting(void) {
    return in != out;
}

static enum status feed_one(void) {
    uint64_t began = port_uptime_ms();
    while (in == out) {
        if (port_uptime_ms() - began > patience_ms) {
            return STATUS_NO_ENTROPY;
        }
        __asm__ volatile("cpsid i" ::: "memory");
        uart1_rx_handler(); /* what came while the ring was full told nobody */
        __asm__ volatile("cpsie i" ::: "memory");
        chip_sleep(10, noise_waiting);
    }
    entropy_feed(&entropy, ring[out % RING_SIZE]);
    out = out + 1;
    return entropy.state == ENTROPY_FAILED ? STATUS_NO_ENTROPY : STATUS_OK;
}

static enum status collect(uint8_t *to, size_t size) {
    SECRET_BYTES(block, ENTROPY_BLOCK_SIZE);
    while (size > 0) {
        enum status status = STATUS_INTERNAL;
        while ((status = entropy_take(&entropy, block)) == STATUS_NO_ENTROPY) {
            TRY(feed_one());
        }
        TRY(status);
        size_t part = size < sizeof(block) ? size : sizeof(block);
        memcpy(to, block, part);
        to += part;
        size -= part;
    }
    return STATUS_OK;
}

enum status port_random(uint8_t *to, size_t size) {
    uint8_t *begin = to;
    turn_on();
    enum status status = collect(to, size);
    turn_off();
    if (status != STATUS_OK) {
        wipe(begin, size);
        return status;
    }
    /* What takes longer than the watchdog waits (an RSA key that comes without its primes) draws
     * between its steps, and takes a bounded number of them. */
    watchdog_feed();
    return STATUS_OK;
}
