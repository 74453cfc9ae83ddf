/* SPDX-License-Identifier: Apache-2.0 */
/* The firmware: one loop, which sleeps when there is nothing to do. */
#include "body/firmware/memory.h"
#include "body/firmware/regions.h"
#include "body/firmware/serve.h"
#include "body/firmware/start.h"
#include "body/firmware/tamper.h"
#include "port/m33/handlers.h"
#include "port/m33/lifecycle.h"
#include "port/port.h"

/* Interrupts of devices follow the processor's own. */
__attribute__((section(".vectors"), used)) static const void *const vectors[16 + IRQ_COUNT] = {
    [0] = __stack_top,
    [1] = reset_handler,
    [2] = chip_restart, /* the watchdog */
    [3 ... 15 + IRQ_TIMER1] = fault_handler,
    [16 + IRQ_TIMER1] = timer1_handler,
    [17 + IRQ_TIMER1 ... 15 + IRQ_UART0_RX] = fault_handler,
    [16 + IRQ_UART0_RX] = uart0_rx_handler,
    [17 + IRQ_UART0_RX ... 15 + IRQ_UART1_RX] = fault_handler,
    [16 + IRQ_UART1_RX] = uart1_rx_handler,
    [17 + IRQ_UART1_RX ... 15 + IRQ_TAMPER] = fault_handler,
    [16 + IRQ_TAMPER] = tamper_handler,
    [17 + IRQ_TAMPER ... 15 + IRQ_COUNT] = fault_handler,
};

static struct serve serve;

/* ---- the loop ---- */

static void receive(void) {
    uint8_t part[64];
    size_t size;
    while ((size = uart_read(part, sizeof(part))) > 0) {
        serve_feed(&serve, bytes_of(part, size), port_uptime_ms());
    }
}

static void send(void) {
    uint8_t part[64];
    size_t size;
    while ((size = serve_take(&serve, part, sizeof(part), port_uptime_ms())) > 0) {
        uart_write(bytes_of(part, size));
        receive(); /* acknowledgements let more go */
    }
}

/* Housekeeping each second; returns in how many milliseconds the next is due. */
static uint32_t tick(void) {
    static uint64_t due;
    uint64_t now = port_uptime_ms();
    if (now >= due) {
        watchdog_feed();
        serve_tick(&serve);
        due = now + 1000;
    }
    return (uint32_t)(due - now);
}

static void sleep(uint32_t at_most_ms) {
    uint32_t wait = serve_wait_ms(&serve, port_uptime_ms());
    tamper_idle_begin();
    chip_sleep(wait < at_most_ms ? wait : at_most_ms, uart_waiting);
    tamper_idle_end();
}

__attribute__((noinline)) static _Noreturn void run(void) {
    for (;;) {
        uint32_t due_ms = tick();
        receive();
        send();
        if (serve_work(&serve)) {
            stack_wipe();
        } else if (!uart_waiting()) {
            sleep(due_ms);
        }
    }
}

/* ---- the start ---- */

/* Has no canary of its own: it changes the canary. */
__attribute__((optimize("no-stack-protector"), noinline)) static void set_canary(void) {
    uintptr_t fresh = 0;
    if (port_random((uint8_t *)&fresh, sizeof(fresh)) != STATUS_OK) {
        port_halt("the noise source is silent, or failed its tests");
    }
    __stack_chk_guard = fresh;
}

__attribute__((optimize("no-stack-protector"))) _Noreturn void firmware_main(void) {
    memory_protect(firmware_regions, COUNT(firmware_regions));
    if (!handover_take()) {
        port_halt("the boot stage handed nothing over");
    }
    chip_start();
    __asm__ volatile("cpsie i" ::: "memory");
    if (lifecycle_settle() != STATUS_OK) {
        port_halt("the flash that holds the state of life does not work");
    }
    tamper_start(&memory_hsm);
    set_canary();
    if (hsm_start(&memory_hsm) != STATUS_OK) {
        port_halt("the core does not start");
    }
    serve_start(&serve, &memory_hsm, &memory_call);
    run();
}
