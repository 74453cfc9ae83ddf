/* SPDX-License-Identifier: Apache-2.0 */
/* A store of which the image is kept, changed and put back; for the tests that attack it. */
#ifndef TEST_ATTACK_STORE_IMAGE_H
#define TEST_ATTACK_STORE_IMAGE_H

#include "core/store/journal.h"
#include "core/store/record.h"
#include "port/sim/sim.h"

enum { SECTOR = 8192, SECTORS = 10, IMAGE = SECTOR * SECTORS, IDS = 45 };

extern const struct flash_geometry image_flash;

extern struct image_lab {
    struct store store;
    uint32_t version[IDS + 1]; /* what the store must hold; 0: nothing */
    uint8_t images[3][IMAGE];
} lab;

/* For cmocka: starts and stops the cryptographic library. */
int image_start(void **state);
int image_stop(void **state);

/* Mounts lab.store; no wipe may be unfinished. */
enum status image_mount(void);
void image_expect(enum status status, enum status expected);
/* Keeps the whole image, and puts it back. */
void image_keep(int image);
void image_put_back(int image);
/* Puts the next version of an id; removes it. */
void image_put(uint32_t id, enum store_end end);
void image_drop(uint32_t id, enum store_end end);
/* How many ids do not hold their version; a value that none of them ever had fails the test. */
uint32_t image_count_lost(void);
/* How many ids should be there. */
uint32_t image_count_kept(void);
/* A fresh store after so many changes; each is synced, as a small body does. */
void image_make(bool counter, uint32_t changes);
/* The sector of an order. */
uint8_t *image_sector(uint64_t order);
/* Places of the records of a sector, after its label. */
uint32_t image_records(uint64_t order, uint32_t *places, uint32_t room);

#endif
