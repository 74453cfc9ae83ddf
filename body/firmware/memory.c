/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of the module: one core, one request. */
#include "body/firmware/memory.h"

#include "core/command/module.h"

struct hsm memory_hsm;
struct call memory_call;
