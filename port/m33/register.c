/* SPDX-License-Identifier: Apache-2.0 */
/* A number in flash. A unit holds the number of the write, the value, and the complements of both:
 * programming only clears bits, so a unit that is not whole never fits its complement. */
#include "port/m33/register.h"

enum { UNITS = NOR_SECTOR / NOR_UNIT };

/* What is found in the two sectors. */
struct found {
    struct register_value newest;
    uint32_t place; /* unit of the two sectors that holds it */
    uint32_t end;   /* the unit behind the last one of that sector that is not blank */
};

static bool unit_whole(const uint8_t *unit) {
    return load_u32(unit) == ~load_u32(unit + 8) && load_u32(unit + 4) == ~load_u32(unit + 12);
}

static enum status search(uint32_t sector, struct found *found) {
    uint32_t end[2] = {0, 0};
    *found = (struct found){{0, 0}, 0, 0};
    for (uint32_t i = 0; i < 2 * UNITS; i++) {
        uint8_t unit[NOR_UNIT];
        TRY(nor_read(sector * NOR_SECTOR + i * NOR_UNIT, unit, sizeof(unit)));
        if (bytes_all(bytes_of(unit, sizeof(unit)), 0xff)) {
            continue;
        }
        end[i / UNITS] = i % UNITS + 1;
        if (unit_whole(unit) && load_u32(unit) > found->newest.writes) {
            found->newest = (struct register_value){load_u32(unit), load_u32(unit + 4)};
            found->place = i;
        }
    }
    found->end = end[found->place / UNITS];
    return STATUS_OK;
}

enum status register_read(uint32_t sector, struct register_value *value) {
    struct found found;
    TRY(search(sector, &found));
    *value = found.newest;
    return STATUS_OK;
}

/* A full sector stays as it is until the first unit of the other one is written. */
enum status register_write(uint32_t sector, uint32_t value) {
    struct found found;
    uint8_t unit[NOR_UNIT];
    TRY(search(sector, &found));
    uint32_t half = found.place / UNITS;
    if (found.end == UNITS) {
        half = 1 - half;
        found.end = 0;
        TRY(nor_erase(sector + half));
    }
    save_u32(unit, found.newest.writes + 1);
    save_u32(unit + 4, value);
    save_u32(unit + 8, ~load_u32(unit));
    save_u32(unit + 12, ~value);
    return nor_program((sector + half) * NOR_SECTOR + found.end * NOR_UNIT,
                       bytes_of(unit, sizeof(unit)));
}
