/* SPDX-License-Identifier: Apache-2.0 */
/* Someone makes an image from parts of genuine ones: swapped, moved, of another life of the
 * store, of another device, with labels and heads that look right (R-32, D3). None is accepted. */
#include "test/attack/store_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- moved records ---- */

static void swap_bytes(uint8_t *a, uint8_t *b, uint32_t size) {
    for (uint32_t i = 0; i < size; i++) {
        uint8_t byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

static void swapped_and_copied_records_are_refused(void **state) {
    (void)state;
    uint32_t places[128];
    uint32_t tried = 0;
    image_make(false, 700);
    image_keep(0);
    for (uint64_t order = lab.store.tail; order <= lab.store.head; order++) {
        uint32_t count = image_records(order, places, COUNT(places));
        for (uint32_t i = 1; i + 2 < count; i++) {
            for (uint32_t j = i + 1; j + 2 < count; j++) {
                uint32_t size = places[i + 1] - places[i];
                if (places[j + 1] - places[j] != size) {
                    continue;
                }
                swap_bytes(image_sector(order) + places[i], image_sector(order) + places[j], size);
                image_expect(image_mount(), STATUS_STORE_DAMAGED);
                image_put_back(0);
                memcpy(image_sector(order) + places[j], image_sector(order) + places[i], size);
                image_expect(image_mount(), STATUS_STORE_DAMAGED);
                image_put_back(0);
                tried++;
                image_expect(image_mount(), STATUS_OK);
            }
        }
    }
    printf("# %u pairs\n", tried);
    assert_true(tried > 50);
}

/* Not even the store itself writes this: what follows voided space, and is no link, does not
 * count. */
static void record_behind_voided_space_does_not_count_without_a_link(void **state) {
    (void)state;
    uint8_t record[128];
    image_make(false, 25);
    for (int gap = 1; gap >= 0; gap--) {
        uint32_t length = record_length(16, 8);
        uint32_t offset = lab.store.end + (gap ? 32 : 0);
        uint8_t *to = image_sector(lab.store.head) + lab.store.end;
        struct record_place place = {lab.store.head, offset,
                                     image_sector(lab.store.head) + offset - 16};
        struct record_head head = {RECORD_FIRST | RECORD_LAST, 8, 0};
        struct record_prefix prefix = {record_id(RECORD_PIN, 99), lab.store.counter};
        memset(to, 0, gap ? 32 : 0);
        memset(record, 0x55, sizeof(record));
        image_expect(record_seal(&lab.store, &place, &head, &prefix, record), STATUS_OK);
        memcpy(image_sector(lab.store.head) + offset, record, length);
        image_expect(image_mount(), STATUS_OK);
        assert_int_equal(lab.store.cut_records, gap);
        assert_int_equal(lab.store.records, image_count_kept() + (gap ? 0 : 1));
        memset(image_sector(lab.store.head) + lab.store.end, 0xff, 256);
        image_expect(image_mount(), STATUS_OK);
    }
}

static void swapped_sectors_are_refused(void **state) {
    (void)state;
    image_make(false, 700);
    image_keep(0);
    for (uint32_t i = 1; i < SECTORS; i++) {
        for (uint32_t j = 1; j < i; j++) {
            image_put_back(0);
            swap_bytes(sim_flash() + i * SECTOR, sim_flash() + j * SECTOR, SECTOR);
            if (!bytes_equal(bytes_of(sim_flash(), IMAGE), bytes_of(lab.images[0], IMAGE))) {
                image_expect(image_mount(), STATUS_STORE_DAMAGED);
            }
        }
    }
}

/* ---- forged in the open parts ---- */

/* Heads and labels carry a check that everyone can compute. */
static void mend_check(uint8_t *at) {
    uint32_t w1 = load_u32(at + 4), w2 = load_u32(at + 8);
    save_u32(at + 12, ~(load_u32(at) ^ (w1 << 7 | w1 >> 25) ^ (w2 << 13 | w2 >> 19)));
}

static void changed_heads_with_right_checks_are_refused(void **state) {
    (void)state;
    static const struct {
        uint32_t at;
        uint8_t flip;
    } changes[] = {{2, 1}, {2, 2}, {2, 4}, {2, 8}, {4, 1}, {4, 16}, {8, 16}, {8, 32}};
    uint32_t places[128];
    image_make(false, 400);
    image_keep(0);
    uint64_t order = lab.store.tail;
    uint32_t count = image_records(order, places, COUNT(places));
    assert_true(count > 5);
    for (uint32_t i = 0; i < count; i++) {
        for (size_t j = 0; j < COUNT(changes); j++) {
            uint8_t *at = image_sector(order) + places[i];
            at[changes[j].at] ^= changes[j].flip;
            mend_check(at);
            image_expect(image_mount(), STATUS_STORE_DAMAGED);
            image_put_back(0);
        }
    }
    image_expect(image_mount(), STATUS_OK);
}

/* A sector in another place, or twice, with a label that fits the place. */
static void relabelled_sectors_are_refused(void **state) {
    (void)state;
    image_make(false, 700);
    image_keep(0);
    uint64_t tail = lab.store.tail, head = lab.store.head;
    for (uint64_t from = tail; from <= head; from++) {
        for (uint64_t to = tail; to <= head + 1; to++) {
            uint8_t *sector = image_sector(to);
            if (from == to) {
                continue;
            }
            memcpy(sector, image_sector(from), SECTOR);
            save_u64(sector + 4, to);
            mend_check(sector);
            image_expect(image_mount(), STATUS_STORE_DAMAGED);
            image_put_back(0);
        }
    }
    image_expect(image_mount(), STATUS_OK);
}

/* Genuine, but long out of use: not even in a place where it would be erased before anything is
 * written there. */
static void old_sector_in_an_unused_place_is_refused(void **state) {
    (void)state;
    image_make(false, 100);
    image_keep(0);
    uint64_t old = lab.store.head - 1;
    for (uint32_t i = 0; lab.store.tail < old + 3; i++) {
        image_put(1 + i % IDS, STORE_LAST);
    }
    size_t at = (size_t)journal_start(&lab.store, old);
    assert_true(lab.store.head + 1 < old + SECTORS - 1);
    assert_true(bytes_all(bytes_of(sim_flash() + at, SECTOR), 0xff));
    memcpy(sim_flash() + at, lab.images[0] + at, SECTOR);
    image_expect(image_mount(), STATUS_STORE_DAMAGED);
}

/* Two lives of one store have records of the same size at the same places. */
static void records_of_another_life_of_the_store_are_refused(void **state) {
    (void)state;
    uint32_t places[128];
    image_make(false, 25);
    image_keep(0);
    uint32_t first = lab.store.end;
    for (int life = 1; life <= 2; life++) {
        image_put_back(0);
        image_expect(image_mount(), STATUS_OK);
        for (uint32_t id = 1; id <= 6; id++) {
            image_put(id, STORE_LAST);
            store_durable(&lab.store, store_position(&lab.store));
        }
        image_keep(life);
    }
    size_t sector = (size_t)journal_start(&lab.store, lab.store.head);
    uint32_t count = image_records(lab.store.head, places, COUNT(places));
    uint32_t tried = 0;
    for (uint32_t i = 0; i + 2 < count; i++) {
        size_t at = sector + places[i], size = places[i + 1] - places[i];
        if (places[i] >= first) {
            image_put_back(1);
            memcpy(sim_flash() + at, lab.images[2] + at, size);
            image_expect(image_mount(), STATUS_STORE_DAMAGED);
            tried++;
        }
    }
    assert_true(tried >= 4);
}

/* ---- another device ---- */

/* The anchor, then each sector in use, of image 0 in image 1. */
static void mix_each_sector(void) {
    image_put_back(1);
    image_expect(image_mount(), STATUS_OK);
    uint64_t tail = lab.store.tail, head = lab.store.head;
    memcpy(sim_flash(), lab.images[0], SECTOR);
    image_expect(image_mount(), STATUS_STORE_DAMAGED);
    for (uint64_t order = tail; order <= head; order++) {
        size_t at = journal_sector(&(struct store){.geometry = image_flash}, order) * SECTOR;
        image_put_back(1);
        memcpy(sim_flash() + at, lab.images[0] + at, SECTOR);
        image_expect(image_mount(), STATUS_STORE_DAMAGED);
    }
}

static void parts_of_another_device_are_refused(void **state) {
    (void)state;
    image_make(false, 200);
    image_keep(0);
    image_make(false, 200);
    image_keep(1);
    image_put_back(0);
    image_expect(image_mount(), STATUS_STORE_DAMAGED);
    mix_each_sector();
}

/* Even the same root key does not make two stores one: each has its own anchor. */
static void store_of_before_the_last_format_is_refused(void **state) {
    (void)state;
    image_make(false, 200);
    image_keep(0);
    image_expect(store_format(&lab.store), STATUS_OK);
    memset(lab.version, 0, sizeof(lab.version));
    for (uint32_t i = 0; i < 200; i++) {
        image_put(1 + i % IDS, STORE_LAST);
    }
    image_keep(1);
    mix_each_sector();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(swapped_and_copied_records_are_refused),
        cmocka_unit_test(record_behind_voided_space_does_not_count_without_a_link),
        cmocka_unit_test(swapped_sectors_are_refused),
        cmocka_unit_test(changed_heads_with_right_checks_are_refused),
        cmocka_unit_test(relabelled_sectors_are_refused),
        cmocka_unit_test(old_sector_in_an_unused_place_is_refused),
        cmocka_unit_test(records_of_another_life_of_the_store_are_refused),
        cmocka_unit_test(parts_of_another_device_are_refused),
        cmocka_unit_test(store_of_before_the_last_format_is_refused),
    };
    return cmocka_run_group_tests_name("store forgery", tests, image_start, image_stop);
}
