/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of the chip, by the names of their manuals. */
#ifndef PORT_M33_REGISTERS_H
#define PORT_M33_REGISTERS_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

/* CMSDK APB UART (DDI 0479). */
#define UART_DATA(base) REGISTER((base) + 0x00u)
#define UART_STATE(base) REGISTER((base) + 0x04u)
#define UART_CTRL(base) REGISTER((base) + 0x08u)
#define UART_INTCLEAR(base) REGISTER((base) + 0x0cu)
#define UART_BAUDDIV(base) REGISTER((base) + 0x10u)
enum { UART_TX_FULL = 1, UART_RX_FULL = 2 };
enum { UART_TX_ON = 1, UART_RX_ON = 2, UART_RX_INTERRUPT = 8 };
enum { UART_RX_CLEAR = 2 };
#define UART0_BASE 0x50200000u
#define UART1_BASE 0x50201000u

/* CMSDK APB timer, 20 MHz, counts down. */
#define TIMER_CTRL(base) REGISTER((base) + 0x00u)
#define TIMER_VALUE(base) REGISTER((base) + 0x04u)
#define TIMER_RELOAD(base) REGISTER((base) + 0x08u)
#define TIMER_INTCLEAR(base) REGISTER((base) + 0x0cu)
enum { TIMER_ON = 1, TIMER_INTERRUPT = 8, TIMER_TICKS_MS = 20000 };
#define TIMER0_BASE 0x50000000u
#define TIMER1_BASE 0x50001000u

/* CMSDK APB watchdog, secure, 20 MHz: the first time it runs out it is an NMI, then a reset. */
#define WATCHDOG_LOAD REGISTER(0x50081000u)
#define WATCHDOG_CONTROL REGISTER(0x50081008u)
#define WATCHDOG_INTCLEAR REGISTER(0x5008100cu)
#define WATCHDOG_LOCK REGISTER(0x50081c00u)
enum { WATCHDOG_ON = 3, WATCHDOG_KEY = 0x1acce551 };

/* The processor (Armv8-M). */
#define NVIC_ISER(irq) REGISTER(0xe000e100u + 4u * ((irq) / 32u))
#define NVIC_ICER(irq) REGISTER(0xe000e180u + 4u * ((irq) / 32u))
#define NVIC_IPR(irq) (*(volatile uint8_t *)(uintptr_t)(0xe000e400u + (irq)))
#define SCB_VTOR REGISTER(0xe000ed08u)
#define SCB_AIRCR REGISTER(0xe000ed0cu)
#define SCB_CCR REGISTER(0xe000ed14u)
#define SCB_SHCSR REGISTER(0xe000ed24u)
#define MPU_CTRL REGISTER(0xe000ed94u)
#define MPU_RNR REGISTER(0xe000ed98u)
#define MPU_RBAR REGISTER(0xe000ed9cu)
#define MPU_RLAR REGISTER(0xe000eda0u)
#define MPU_MAIR0 REGISTER(0xe000edc0u)
#define AIRCR_RESET 0x05fa0004u

#endif
