/* SPDX-License-Identifier: Apache-2.0 */
/* Time and the watchdog. One timer runs through, the other ends a sleep. */
#include "port/m33/handlers.h"
#include "port/m33/registers.h"
#include "port/port.h"

static uint32_t last_value;
static uint64_t ticks;

void chip_enable_irq(uint32_t irq, uint8_t priority) {
    NVIC_IPR(irq) = priority;
    NVIC_ISER(irq) = 1u << irq % 32;
}

void chip_disable_irq(uint32_t irq) {
    NVIC_ICER(irq) = 1u << irq % 32;
    __asm__ volatile("dsb\n isb" ::: "memory");
}

void clock_start(void) {
    TIMER_RELOAD(TIMER0_BASE) = 0xffffffffu;
    TIMER_VALUE(TIMER0_BASE) = 0xffffffffu;
    TIMER_CTRL(TIMER0_BASE) = TIMER_ON;
    last_value = 0xffffffffu;
    chip_enable_irq(IRQ_TIMER1, 0xc0);
    WATCHDOG_LOCK = WATCHDOG_KEY;
    WATCHDOG_LOAD = (uint32_t)WATCHDOG_S * 1000 * TIMER_TICKS_MS;
    WATCHDOG_CONTROL = WATCHDOG_ON;
    WATCHDOG_LOCK = 0;
}

void watchdog_feed(void) {
    WATCHDOG_LOCK = WATCHDOG_KEY;
    WATCHDOG_INTCLEAR = 1;
    WATCHDOG_LOAD = (uint32_t)WATCHDOG_S * 1000 * TIMER_TICKS_MS;
    WATCHDOG_LOCK = 0;
}

/* The counter goes round in 214 s; the loop asks each second. Not for interrupts. */
uint64_t port_uptime_ms(void) {
    uint32_t value = TIMER_VALUE(TIMER0_BASE);
    ticks += last_value - value;
    last_value = value;
    return ticks / TIMER_TICKS_MS;
}

uint64_t port_clock(void) {
    return 0;
}

void timer1_handler(void) {
    TIMER_CTRL(TIMER1_BASE) = 0;
    TIMER_INTCLEAR(TIMER1_BASE) = 1;
}

/* An interrupt that comes between the question and WFI still ends WFI: it is pending. */
void chip_sleep(uint32_t at_most_ms, bool (*woken)(void)) {
    if (at_most_ms == 0) {
        return;
    }
    __asm__ volatile("cpsid i" ::: "memory");
    TIMER_RELOAD(TIMER1_BASE) = 0;
    TIMER_VALUE(TIMER1_BASE) = at_most_ms * TIMER_TICKS_MS;
    TIMER_CTRL(TIMER1_BASE) = TIMER_ON | TIMER_INTERRUPT;
    if (!woken()) {
        __asm__ volatile("dsb\n wfi" ::: "memory");
    }
    TIMER_CTRL(TIMER1_BASE) = 0;
    __asm__ volatile("cpsie i\n isb" ::: "memory");
}
