/* SPDX-License-Identifier: Apache-2.0 */
/* A wire between an endpoint and a chip that a test holds in its hands: it can be cut, it can lose,
 * repeat, flip and swap bytes, and what goes over it is recorded. */
#ifndef TEST_LINE_TAP_H
#define TEST_LINE_TAP_H

#include "base/bytes.h"

/* One byte of so many is hit; 0: none. */
struct tap_faults {
    uint32_t lose, repeat, flip, swap;
};

/* Listens at `host_path` and leads to the chip at `chip_path`, on a thread of its own. */
void tap_start(const char *host_path, const char *chip_path);
void tap_stop(void);
void tap_set_faults(struct tap_faults faults);
/* Pulls the plug; nobody can connect until it is in again. */
void tap_unplug(void);
void tap_plug(void);
/* Whether others than this user may connect; at first they may. */
void tap_admit(bool anybody);
/* The plug is pulled when so many further bytes have gone to the chip. */
void tap_unplug_after(size_t bytes);
/* All that went over the wire since tap_forget(), in both directions or to the chip alone. */
struct bytes tap_recorded(bool to_chip_only);
void tap_forget(void);

#endif
