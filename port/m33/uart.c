/* SPDX-License-Identifier: Apache-2.0 */
/* The line to the host: an interrupt takes each byte into a ring. Silicon holds nobody back: what
 * comes while the ring is full is lost, and the line's protocol sends it again. */
#include "port/m33/handlers.h"
#include "port/m33/registers.h"
#include "port/port.h"

enum { RING_SIZE = 2048 };

/* `in` belongs to the interrupt, `out` to the loop; both count on for ever. */
static uint8_t ring[RING_SIZE];
static volatile uint32_t in, out;

void uart0_rx_handler(void) {
    UART_INTCLEAR(UART0_BASE) = UART_RX_CLEAR;
    while ((UART_STATE(UART0_BASE) & UART_RX_FULL) != 0) {
        uint8_t byte = (uint8_t)UART_DATA(UART0_BASE);
        if (in - out < RING_SIZE) {
            ring[in % RING_SIZE] = byte;
            in = in + 1;
        }
    }
}

/* Reading once after the receiver was turned on makes QEMU look for bytes that wait; without it the
 * first may come a second late. */
void uart_start(void) {
    UART_BAUDDIV(UART0_BASE) = 16;
    UART_CTRL(UART0_BASE) = UART_TX_ON | UART_RX_ON | UART_RX_INTERRUPT;
    (void)UART_DATA(UART0_BASE);
    chip_enable_irq(IRQ_UART0_RX, 0x80);
}

bool uart_waiting(void) {
    return in != out;
}

size_t uart_read(uint8_t *to, size_t room) {
    size_t done = 0;
    while (done < room && in != out) {
        to[done++] = ring[out % RING_SIZE];
        out = out + 1;
    }
    return done;
}

void uart_write(struct bytes bytes) {
    uint64_t began = port_uptime_ms();
    for (size_t i = 0; i < bytes.size; i++) {
        while ((UART_STATE(UART0_BASE) & UART_TX_FULL) != 0) {
            if (port_uptime_ms() - began > 1000) {
                return;
            }
        }
        UART_DATA(UART0_BASE) = bytes.data[i];
    }
}
