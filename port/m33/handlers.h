/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts that this port answers, for the table of vectors, and how its parts start. */
#ifndef PORT_M33_HANDLERS_H
#define PORT_M33_HANDLERS_H

#include "port/m33/chip.h"

void timer1_handler(void);
void uart0_rx_handler(void);
void uart1_rx_handler(void);

void clock_start(void);
void uart_start(void);
void trng_start(void);

#endif
