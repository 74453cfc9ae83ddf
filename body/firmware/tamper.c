/* SPDX-License-Identifier: Apache-2.0 */
/* The tamper pin. */
#include "body/firmware/tamper.h"

#include "port/m33/chip.h"
#include "port/m33/lifecycle.h"
#include "port/port.h"

static struct hsm *module;
static volatile bool idle;

void tamper_start(struct hsm *hsm) {
    module = hsm;
    if (!port_tampered()) {
        chip_enable_irq(IRQ_TAMPER, 0);
    }
}

void tamper_idle(bool is_idle) {
    idle = is_idle;
}

/* What fails is tried again at the next start; nothing waits for it. */
void tamper_handler(void) {
    enum status status = lifecycle_tamper();
    if (status == STATUS_OK) {
        status = lifecycle_settle();
    }
    if (status == STATUS_OK && idle) {
        hsm_tampered(module);
    }
    chip_restart();
}
