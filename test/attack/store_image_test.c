/* SPDX-License-Identifier: Apache-2.0 */
/* Someone damages the store's image, cuts it short or puts back an old one (R-30, R-32, L2, D1,
 * D2). No wrong value is ever read. */
#include "test/attack/store_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- flipped bits ---- */

static bool in_use(const struct store *before, size_t at) {
    for (uint64_t order = before->tail; order <= before->head; order++) {
        if (at / SECTOR == journal_sector(before, order)) {
            return true;
        }
    }
    return at < SECTOR;
}

/* All bits of the anchor, labels and first links, of the rest of the sectors in use every so
 * many-th, of the others fewer: damage is told, or the newest record counts as cut and all others
 * are there, or the bit lies in a sector that is not in use and changes nothing. */
static void flip_bits(uint32_t changes, size_t step) {
    struct store *before = malloc(sizeof(*before));
    uint32_t told = 0, cut = 0, unused = 0;
    assert_non_null(before);
    image_make(false, changes);
    image_expect(image_mount(), STATUS_OK);
    *before = lab.store;
    image_keep(0);
    for (size_t bit = 0; bit < (size_t)IMAGE * 8; bit++) {
        bool in_zone = bit / 8 % SECTOR < journal_zone(before);
        size_t stride = in_zone ? 1 : in_use(before, bit / 8) ? step : 9 * step;
        if (bit % stride != 0) {
            continue;
        }
        sim_flash()[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum status status = image_mount();
        if (status != STATUS_OK) {
            image_expect(status, STATUS_STORE_DAMAGED);
            told++;
        } else if (lab.store.cut_records > 0) {
            assert_true(bit / 8 / SECTOR == journal_sector(before, before->head));
            assert_int_equal(lab.store.cut_records, 1);
            assert_true(image_count_lost() <= 1);
            cut++;
        } else {
            assert_false(in_use(before, bit / 8));
            assert_int_equal(image_count_lost(), 0);
            unused++;
        }
        sim_flash()[bit / 8] = lab.images[0][bit / 8];
    }
    assert_memory_equal(sim_flash(), lab.images[0], IMAGE);
    image_expect(image_mount(), STATUS_OK);
    printf("# %u bits: %u told as damage, %u as a cut newest record, %u in unused sectors\n",
           told + cut + unused, told, cut, unused);
    assert_true(told > 0 && cut > 0 && unused > 0);
    free(before);
}

static void every_flipped_bit_of_a_young_store_is_detected(void **state) {
    (void)state;
    flip_bits(25, 1);
}

/* Several sectors, none of which was collected yet: no sector lost its label unseen. */
static void flipped_bits_of_a_grown_store_are_detected(void **state) {
    (void)state;
    flip_bits(150, 211);
    assert_int_equal(lab.store.tail, 1);
    assert_true(lab.store.head > 2);
}

static void flipped_bits_of_an_old_store_are_detected(void **state) {
    (void)state;
    flip_bits(700, 37);
}

/* Without its one record the newest sector looks as if nothing had been written to it yet. */
static void flipped_bits_of_the_only_record_of_a_sector_are_detected(void **state) {
    (void)state;
    image_make(false, 30);
    for (uint64_t head = lab.store.head; lab.store.head == head;) {
        image_put(1, STORE_LAST);
        store_durable(&lab.store, store_position(&lab.store));
    }
    image_keep(0);
    size_t first = (size_t)journal_start(&lab.store, lab.store.head) + journal_zone(&lab.store);
    size_t size = record_length(16, 8 + 5);
    for (size_t bit = first * 8; bit < (first + size) * 8; bit++) {
        sim_flash()[bit / 8] ^= (uint8_t)(1u << bit % 8);
        image_expect(image_mount(), STATUS_OK);
        assert_int_equal(lab.store.cut_records, 1);
        assert_int_equal(image_count_lost(), 1);
        image_put_back(0);
    }
    image_expect(image_mount(), STATUS_OK);
    assert_int_equal(image_count_lost(), 0);
}

static void any_damage_gives_old_values_or_none(void **state) {
    (void)state;
    uint64_t seed = 20;
    uint32_t mounted = 0;
    image_make(false, 700);
    image_keep(0);
    for (uint32_t i = 0; i < 4000; i++) {
        image_put_back(0);
        for (uint64_t n = sim_chance(&seed) % 3; n < 3; n++) {
            uint64_t chance = sim_chance(&seed);
            size_t at = 16 + chance % (IMAGE - 16); /* zeros in the anchor's mark are a wipe */
            size_t size = 1 + (chance >> 20) % ((chance >> 60) < 8 ? 16 : 4000);
            size = at + size > IMAGE ? IMAGE - at : size;
            for (size_t j = 0; j < size; j++) {
                sim_flash()[at + j] = (uint8_t)((chance >> 50) % 3 == 0   ? 0xff
                                                : (chance >> 50) % 3 == 1 ? 0
                                                                          : sim_chance(&seed));
            }
        }
        enum status status = image_mount();
        if (status == STATUS_OK) {
            mounted++;
            (void)image_count_lost(); /* looks at every value */
        } else {
            image_expect(status, STATUS_STORE_DAMAGED);
        }
    }
    assert_true(mounted > 0);
}

/* ---- old sectors and images ---- */

/* Two moments of one store, the second more than half a ring after the first; a key is removed
 * last. */
static void make_two_moments(bool counter) {
    image_make(counter, 300);
    image_put(IDS, STORE_BOUND);
    image_keep(0);
    for (uint32_t i = 0; i < 200; i++) {
        image_put(1 + i % (IDS - 1), i % 9 == 0 ? STORE_BOUND : STORE_LAST);
        store_durable(&lab.store, store_position(&lab.store));
    }
    image_drop(IDS, STORE_BOUND);
    image_keep(1);
}

static void old_sectors_put_back_are_refused(void **state) {
    (void)state;
    make_two_moments(true);
    uint32_t refused = 0;
    for (uint32_t set = 1; set < 1u << SECTORS; set++) {
        image_put_back(1);
        for (uint32_t sector = 0; sector < SECTORS; sector++) {
            if ((set >> sector & 1) != 0) {
                memcpy(sim_flash() + sector * SECTOR, lab.images[0] + sector * SECTOR, SECTOR);
            }
        }
        enum status status = image_mount();
        if (status == STATUS_OK) {
            assert_int_equal(image_count_lost(),
                             0); /* it lay in an unused sector, or was the same */
        } else {
            assert_true(status == STATUS_STORE_DAMAGED || status == STATUS_STORE_ROLLED_BACK);
            refused++;
        }
    }
    printf("# %u of %u mixtures of two moments refused\n", refused, (1u << SECTORS) - 1);
    assert_true(refused >= (1u << SECTORS) / 2);
}

static void old_image_is_refused_where_there_is_a_counter(void **state) {
    (void)state;
    make_two_moments(true);
    image_put_back(0);
    image_expect(image_mount(), STATUS_STORE_ROLLED_BACK);
    image_put_back(1);
    image_expect(image_mount(), STATUS_OK);
    assert_int_equal(image_count_lost(), 0);
    /* one change later it is old, too */
    image_put(1, STORE_BOUND);
    image_put_back(1);
    image_expect(image_mount(), STATUS_STORE_ROLLED_BACK);
}

static void old_image_is_taken_where_there_is_no_counter(void **state) {
    (void)state;
    make_two_moments(false);
    image_put_back(0);
    image_expect(image_mount(), STATUS_OK);
    assert_true(image_count_lost() > 0);
}

static void counter_ahead_of_the_store_by_more_than_a_cut_is_refused(void **state) {
    (void)state;
    make_two_moments(true);
    uint64_t counter = sim_counter();
    sim_set_counter(true, counter - 1);
    image_expect(image_mount(), STATUS_OK); /* as if cut between record and counter */
    assert_int_equal(sim_counter(), counter);
    sim_set_counter(true, counter - 2);
    image_expect(image_mount(), STATUS_STORE_DAMAGED);
    sim_set_counter(true, counter + 1);
    image_expect(image_mount(), STATUS_STORE_ROLLED_BACK);
}

/* A branch: the same old image lived on twice. Sectors of one life never pass in the other. */
static void sectors_of_another_life_of_the_store_are_refused(void **state) {
    (void)state;
    make_two_moments(false);
    image_put_back(0);
    image_expect(image_mount(), STATUS_OK);
    for (uint32_t i = 0; i < 200; i++) {
        image_put(1 + i % (IDS - 1), STORE_LAST);
    }
    image_keep(2);
    image_put_back(1);
    image_expect(image_mount(), STATUS_OK);
    uint64_t tail = lab.store.tail, head = lab.store.head;
    for (uint64_t order = tail; order <= head; order++) {
        size_t at = (size_t)journal_start(&lab.store, order);
        image_put_back(1);
        if (bytes_equal(bytes_of(lab.images[1] + at, SECTOR),
                        bytes_of(lab.images[2] + at, SECTOR))) {
            continue;
        }
        memcpy(sim_flash() + at, lab.images[2] + at, SECTOR);
        image_expect(image_mount(), STATUS_STORE_DAMAGED);
    }
}

/* ---- cut short ---- */

/* The newest sector cut short is an old store, whole or, where its oldest sector was erased
 * since, not. */
static void expect_refused(bool old) {
    enum status status = image_mount();
    assert_true(status == STATUS_STORE_DAMAGED || (old && status == STATUS_STORE_ROLLED_BACK));
}

static void image_with_a_hole_is_refused(void **state) {
    (void)state;
    image_make(true, 700);
    image_put(1, STORE_BOUND);
    image_keep(0);
    uint64_t tail = lab.store.tail, head = lab.store.head;
    uint32_t places[128];
    for (uint64_t order = tail; order <= head; order++) {
        uint32_t count = image_records(order, places, COUNT(places));
        for (uint32_t i = 0; i < count; i++) {
            image_put_back(0);
            memset(image_sector(order) + places[i], 0xff, SECTOR - places[i]);
            expect_refused(order == head);
        }
        image_put_back(0);
        memset(image_sector(order), 0xff, SECTOR);
        expect_refused(order == head);
    }
}

static void image_cut_short_is_an_old_state_where_there_is_no_counter(void **state) {
    (void)state;
    uint32_t places[128];
    image_make(false, 700);
    image_keep(0);
    uint32_t count = image_records(lab.store.head, places, COUNT(places));
    uint64_t head = lab.store.head;
    uint32_t mounted = 0;
    for (uint32_t i = 1; i < count; i++) {
        image_put_back(0);
        memset(image_sector(head) + places[i], 0xff, SECTOR - places[i]);
        enum status status = image_mount();
        if (status == STATUS_OK) {
            mounted++;
            assert_true(image_count_lost() <= count - i);
        } else {
            image_expect(status, STATUS_STORE_DAMAGED); /* its oldest sector was erased since */
        }
    }
    assert_true(mounted > 0);
}

/* ---- zeroized ---- */

static void zeroized_store_put_back_is_refused(void **state) {
    (void)state;
    uint8_t root[ROOT_KEY_SIZE];
    image_make(true, 200);
    image_keep(0);
    memcpy(root, sim_root(), sizeof(root));
    image_expect(store_zeroize(&lab.store), STATUS_OK);
    image_put_back(0);
    image_expect(image_mount(), STATUS_STORE_DAMAGED); /* its root key is gone */
    image_expect(port_root_read(lab.images[1], true), STATUS_OK);
    memcpy(sim_root(), root, sizeof(root));
    image_expect(image_mount(),
                 STATUS_STORE_ROLLED_BACK); /* and where that was put back: the counter */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flipped_bit_of_a_young_store_is_detected),
        cmocka_unit_test(flipped_bits_of_a_grown_store_are_detected),
        cmocka_unit_test(flipped_bits_of_an_old_store_are_detected),
        cmocka_unit_test(flipped_bits_of_the_only_record_of_a_sector_are_detected),
        cmocka_unit_test(any_damage_gives_old_values_or_none),
        cmocka_unit_test(old_sectors_put_back_are_refused),
        cmocka_unit_test(old_image_is_refused_where_there_is_a_counter),
        cmocka_unit_test(old_image_is_taken_where_there_is_no_counter),
        cmocka_unit_test(counter_ahead_of_the_store_by_more_than_a_cut_is_refused),
        cmocka_unit_test(sectors_of_another_life_of_the_store_are_refused),
        cmocka_unit_test(image_with_a_hole_is_refused),
        cmocka_unit_test(image_cut_short_is_an_old_state_where_there_is_no_counter),
        cmocka_unit_test(zeroized_store_put_back_is_refused),
    };
    return cmocka_run_group_tests_name("store image", tests, image_start, image_stop);
}
