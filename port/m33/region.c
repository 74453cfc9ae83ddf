/* SPDX-License-Identifier: Apache-2.0 */
/* The store's flash and the counter. Two sectors of the chip make one of the store's: its largest
 * record must fit into one. */
#include "port/m33/register.h"
#include "port/port.h"

enum { PAIR = 2, SECTORS = (NOR_LOG - NOR_STORE) / PAIR };

void port_flash_geometry(struct flash_geometry *geometry) {
    *geometry = (struct flash_geometry){NOR_UNIT, PAIR * NOR_SECTOR, SECTORS};
}

static bool in_region(uint64_t at, size_t size) {
    const uint64_t end = (uint64_t)SECTORS * PAIR * NOR_SECTOR;
    return at <= end && size <= end - at;
}

enum status port_flash_read(uint64_t at, uint8_t *out, size_t size) {
    if (!in_region(at, size)) {
        return STATUS_INTERNAL;
    }
    return nor_read(NOR_STORE * NOR_SECTOR + (uint32_t)at, out, size);
}

enum status port_flash_program(uint64_t at, struct bytes data) {
    if (!in_region(at, data.size)) {
        return STATUS_INTERNAL;
    }
    return nor_program(NOR_STORE * NOR_SECTOR + (uint32_t)at, data);
}

enum status port_flash_erase(uint32_t sector) {
    if (sector >= SECTORS) {
        return STATUS_INTERNAL;
    }
    TRY(nor_erase(NOR_STORE + PAIR * sector));
    return nor_erase(NOR_STORE + PAIR * sector + 1);
}

/* A program or an erasure has ended when its function returns. */
enum status port_flash_sync(void) {
    return STATUS_OK;
}

bool port_counter_exists(void) {
    return true;
}

enum status port_counter_read(uint64_t *value) {
    struct register_value stored;
    TRY(register_read(NOR_COUNTER, &stored));
    *value = stored.writes;
    return STATUS_OK;
}

enum status port_counter_increment(void) {
    return register_write(NOR_COUNTER, 0);
}
