/* SPDX-License-Identifier: Apache-2.0 */
/* The tamper pin. */
#ifndef BODY_FIRMWARE_TAMPER_H
#define BODY_FIRMWARE_TAMPER_H

#include "core/hsm.h"

/* From here on the pin counts; a chip that says tampered already does not listen to it. */
void tamper_start(struct hsm *hsm);
/* Tells whether the core is between requests, so that its log can still sign what happened. */
void tamper_idle(bool idle);
/* The interrupt, above all others: root key, all else in flash, a last word in the log, all RAM;
 * then the chip starts anew. */
void tamper_handler(void);

#endif
