/* SPDX-License-Identifier: Apache-2.0 */
/* The sector of the root key, which is also the chip's state of life: who destroys the key says so
 * in the same write. */
#ifndef PORT_M33_LIFECYCLE_H
#define PORT_M33_LIFECYCLE_H

#include "base/status.h"

/* Any two differ in at least 15 bits. */
enum lifecycle {
    LIFECYCLE_FACTORY = 0x5a3ca569,     /* no root key yet */
    LIFECYCLE_PROVISIONED = 0x25c35a96, /* it has one */
    LIFECYCLE_WIPED = 0x3c69c35a,       /* zeroized */
    LIFECYCLE_TAMPERED = 0x43963ca5,    /* zeroized, because of tamper */
};

/* Reads it twice; halts when the two differ. STORE_IO, INTERNAL. */
enum status lifecycle_read(enum lifecycle *lifecycle) MUST_USE;

/* Tamper: one write turns the root key to zeros and says why. May come at any moment, also from
 * an interrupt. */
enum status lifecycle_tamper(void) MUST_USE;

/* To be called before the core starts: what a cut left of a wipe is finished. */
enum status lifecycle_settle(void) MUST_USE;

#endif
