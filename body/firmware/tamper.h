/* SPDX-License-Identifier: Apache-2.0 */
/* The tamper pin. */
#ifndef BODY_FIRMWARE_TAMPER_H
#define BODY_FIRMWARE_TAMPER_H

#include "core/hsm.h"

/* From here on the pin counts; a chip that says tampered already does not listen to it. */
void tamper_start(struct hsm *hsm);
/* The loop says so before it sleeps, with nothing of the core under way, and after; where the pin
 * came meanwhile the second does not return. */
void tamper_idle_begin(void);
void tamper_idle_end(void);
/* The interrupt, above all others: the root key, then all else in flash. Where the core was between
 * requests its log signs what happened; then all RAM goes and the chip starts anew. */
void tamper_handler(void);

#endif
