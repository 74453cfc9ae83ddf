/* SPDX-License-Identifier: Apache-2.0 */
/* The one answer to "what time is it?" that may be a reason to allow something. */
#ifndef CORE_KEYS_TIME_H
#define CORE_KEYS_TIME_H

#include <stdint.h>

/* Seconds since 1970, UTC, that somebody trusted vouches for; 0: nobody does. The host's clock
 * (port_clock) is no such thing, so that there is none until the module takes signed time. */
uint64_t time_trusted(void);

#endif
