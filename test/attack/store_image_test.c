/* SPDX-License-Identifier: Apache-2.0 */
/* Someone changes the store's image (R-30, R-32, L2, D1..D3): flips bits, swaps records and
 * sectors, puts back old ones, brings those of another device, cuts the image short. No wrong value
 * is ever read. */
#include "core/store/journal.h"
#include "core/store/record.h"
#include "port/sim/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SECTOR = 8192, SECTORS = 8, IMAGE = SECTOR * SECTORS, IDS = 60 };

static const struct flash_geometry small_flash = {16, SECTOR, SECTORS};

static struct store store;
static uint32_t version[IDS + 1]; /* what the store must hold; 0: nothing */
static uint8_t images[3][IMAGE];

static enum status mount(void) {
    bool finished = false;
    enum status status = store_mount(&store, &finished);
    assert_false(finished);
    return status;
}

static void expect(enum status status, enum status expected) {
    assert_string_equal(status_row(status)->name, status_row(expected)->name);
}

static void keep(int image) {
    memcpy(images[image], sim_flash(), IMAGE);
}

static void put_back(int image) {
    memcpy(sim_flash(), images[image], IMAGE);
}

static void put(uint32_t id, enum store_end end) {
    uint8_t value[300];
    uint32_t size = 8 + id * 5 % 250;
    memset(value, (int)id, size);
    save_u32(value, ++version[id]);
    expect(store_put(&store, record_id(RECORD_OBJECT, id), bytes_of(value, size), end), STATUS_OK);
}

static void drop(uint32_t id, enum store_end end) {
    expect(store_remove(&store, record_id(RECORD_OBJECT, id), end), STATUS_OK);
    version[id] = 0;
}

/* How many ids do not hold their version; a value that none of them ever had fails the test. */
static uint32_t count_lost(void) {
    uint32_t lost = 0;
    for (uint32_t id = 1; id <= IDS; id++) {
        uint8_t value[300];
        struct span out = {value, sizeof(value)};
        enum status status = store_get(&store, record_id(RECORD_OBJECT, id), &out);
        if (status == STATUS_OK) {
            assert_int_equal(out.size, 8 + id * 5 % 250);
            assert_true(bytes_all(bytes_of(value + 4, out.size - 4), (uint8_t)id));
            lost += load_u32(value) != version[id] ? 1 : 0;
        } else {
            expect(status, STATUS_NOT_FOUND);
            lost += version[id] != 0 ? 1 : 0;
        }
    }
    return lost;
}

/* A store that went round its ring at least once; each change is synced, as a small body does. */
static void make_store(bool counter, uint32_t changes) {
    sim_reset(&small_flash, counter);
    memset(version, 0, sizeof(version));
    expect(store_format(&store), STATUS_OK);
    for (uint32_t i = 0; i < changes; i++) {
        uint32_t id = 1 + i * 17 % IDS;
        if (i % 5 == 4 && version[id] != 0) {
            drop(id, STORE_LAST);
        } else {
            put(id, i % 7 == 0 ? STORE_BOUND : STORE_LAST);
        }
        store_durable(&store, store_position(&store));
    }
    assert_int_equal(count_lost(), 0);
}

static uint8_t *sector_at(uint64_t order) {
    return sim_flash() + journal_start(&store, order);
}

/* ---- flipped bits ---- */

static bool in_use(const struct store *before, size_t at) {
    for (uint64_t order = before->tail; order <= before->head; order++) {
        if (at / SECTOR == journal_sector(before, order)) {
            return true;
        }
    }
    return at < SECTOR;
}

/* Every single bit of the image: damage is told, or the newest record counts as cut and all others
 * are there, or the bit lies in a sector that is not in use and changes nothing. */
static void flip_all_bits(uint32_t changes) {
    struct store *before = malloc(sizeof(*before));
    uint32_t told = 0, cut = 0, unused = 0;
    assert_non_null(before);
    make_store(false, changes);
    expect(mount(), STATUS_OK);
    *before = store;
    keep(0);
    for (size_t bit = 0; bit < (size_t)IMAGE * 8; bit++) {
        sim_flash()[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum status status = mount();
        if (status != STATUS_OK) {
            expect(status, STATUS_STORE_DAMAGED);
            told++;
        } else if (store.cut_records > 0) {
            assert_true(bit / 8 / SECTOR == journal_sector(before, before->head));
            assert_int_equal(store.cut_records, 1);
            assert_true(count_lost() <= 1);
            cut++;
        } else {
            assert_false(in_use(before, bit / 8));
            assert_int_equal(count_lost(), 0);
            unused++;
        }
        sim_flash()[bit / 8] = images[0][bit / 8];
        if (memory_changed) {
            put_back(0);
        }
    }
    printf("# %u bits: %u told as damage, %u as a cut of the newest record, %u in unused sectors\n",
           IMAGE * 8, told, cut, unused);
    free(before);
}
