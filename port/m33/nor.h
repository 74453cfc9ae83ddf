/* SPDX-License-Identifier: Apache-2.0 */
/* NOR flash as the parts of this port see it. Answered at link time: by nor.c on the chip, by
 * memory that loses power in tests. */
#ifndef PORT_M33_NOR_H
#define PORT_M33_NOR_H

#include "base/bytes.h"
#include "base/compiler.h"
#include "base/status.h"

enum { NOR_UNIT = 16, NOR_SECTOR = 4096, NOR_SECTORS = 256 };
/* Erasures that a sector stands; beyond them an erasure fails. */
enum { NOR_ENDURANCE = 100000 };

/* Who has which sectors. A register takes two. */
enum {
    NOR_ROOT = 0,
    NOR_PAIRING = 1,
    NOR_COUNTER = 2,
    NOR_VERSION = 4,
    NOR_STORE = 8,
    NOR_LOG = 104,
};

/* INTERNAL: outside the flash. */
enum status nor_read(uint32_t at, uint8_t *out, size_t size) MUST_USE;
/* Programs whole units, each of which is blank, or turns to zeros. A cut may leave any bits of the
 * range done. INTERNAL: outside the flash, off the boundaries, or programmed twice; nothing is
 * done then. */
enum status nor_program(uint32_t at, struct bytes data) MUST_USE;
/* Turns one sector to ones. A cut may leave anything in it. STORE_IO: the sector is worn. */
enum status nor_erase(uint32_t sector) MUST_USE;

#endif
