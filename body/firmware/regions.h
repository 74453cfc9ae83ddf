/* SPDX-License-Identifier: Apache-2.0 */
/* What the firmware may reach. */
#ifndef BODY_FIRMWARE_REGIONS_H
#define BODY_FIRMWARE_REGIONS_H

#include "body/firmware/start.h"
#include "port/m33/chip.h"

static const struct memory_region firmware_regions[] = {
    {CHIP_IMAGE_AT, CHIP_IMAGE_SIZE, MEMORY_CODE},
    {CHIP_RAM_AT, CHIP_RAM_SIZE, MEMORY_DATA},
    {CHIP_NOR_AT, 2 << 20, MEMORY_DATA},
    {0x50000000, 4 << 20, MEMORY_DEVICE},
};

#endif
