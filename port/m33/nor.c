/* SPDX-License-Identifier: Apache-2.0 */
/* NOR flash over the board's memory that QEMU keeps in a file: the memory itself would take any
 * write, so the rules of flash are enforced here. On a real part this file is the driver of its
 * flash controller. */
#include "port/m33/nor.h"

#include "port/m33/chip.h"

enum { SIZE = NOR_SECTORS * NOR_SECTOR };

static volatile uint32_t *word_at(uint32_t at) {
    return (volatile uint32_t *)(uintptr_t)(CHIP_NOR_AT + at);
}

static volatile uint32_t *wear_of(uint32_t sector) {
    return (volatile uint32_t *)(uintptr_t)(CHIP_WEAR_AT + 4 * sector);
}

static bool in_flash(uint32_t at, size_t size) {
    return at <= SIZE && size <= SIZE - at;
}

enum status nor_read(uint32_t at, uint8_t *out, size_t size) {
    const volatile uint8_t *from = (const volatile uint8_t *)(uintptr_t)(CHIP_NOR_AT + at);
    if (!in_flash(at, size)) {
        return STATUS_INTERNAL;
    }
    for (size_t i = 0; i < size; i++) {
        out[i] = from[i];
    }
    return STATUS_OK;
}

static bool unit_takes(uint32_t at, const uint8_t *data) {
    bool blank = true;
    for (uint32_t i = 0; i < NOR_UNIT / 4; i++) {
        blank = blank && word_at(at)[i] == 0xffffffffu;
    }
    return blank || bytes_all(bytes_of(data, NOR_UNIT), 0);
}

/* Word for word, in order: that is what a loss of power can cut. */
enum status nor_program(uint32_t at, struct bytes data) {
    if (!in_flash(at, data.size) || at % NOR_UNIT != 0 || data.size % NOR_UNIT != 0) {
        return STATUS_INTERNAL;
    }
    for (size_t i = 0; i < data.size; i += NOR_UNIT) {
        if (!unit_takes(at + (uint32_t)i, data.data + i)) {
            return STATUS_INTERNAL;
        }
    }
    for (size_t i = 0; i < data.size; i += 4) {
        *word_at(at + (uint32_t)i) &= load_u32(data.data + i);
    }
    return STATUS_OK;
}

enum status nor_erase(uint32_t sector) {
    if (sector >= NOR_SECTORS) {
        return STATUS_INTERNAL;
    }
    if (*wear_of(sector) >= NOR_ENDURANCE) {
        return STATUS_STORE_IO;
    }
    *wear_of(sector) += 1;
    for (uint32_t i = 0; i < NOR_SECTOR; i += 4) {
        *word_at(sector * NOR_SECTOR + i) = 0xffffffffu;
    }
    return STATUS_OK;
}
