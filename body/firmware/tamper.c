/* SPDX-License-Identifier: Apache-2.0 */
/* The tamper pin. */
#include "body/firmware/tamper.h"

#include "port/m33/chip.h"
#include "port/m33/lifecycle.h"
#include "port/port.h"

static struct hsm *module;
static volatile bool idle, pulled;

void tamper_start(struct hsm *hsm) {
    module = hsm;
    if (!port_tampered()) {
        chip_enable_irq(IRQ_TAMPER, 0);
    }
}

void tamper_idle_begin(void) {
    idle = true;
}

void tamper_idle_end(void) {
    idle = false;
    if (pulled) {
        trng_hurry();
        hsm_tampered(module);
        chip_restart();
    }
}

/* What fails is tried again at the next start; nothing waits for it. */
void tamper_handler(void) {
    if (lifecycle_tamper() != STATUS_OK || lifecycle_settle() != STATUS_OK || !idle) {
        chip_restart();
    }
    chip_disable_irq(IRQ_TAMPER);
    pulled = true;
}
