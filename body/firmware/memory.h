/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of the module. */
#ifndef BODY_FIRMWARE_MEMORY_H
#define BODY_FIRMWARE_MEMORY_H

#include "core/hsm.h"

extern struct hsm memory_hsm;
extern struct call memory_call;

#endif
