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

enum { SECTOR = 8192, SECTORS = 10, IMAGE = SECTOR * SECTORS, IDS = 45 };

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

static uint32_t count_kept(void) {
    uint32_t kept = 0;
    for (uint32_t id = 1; id <= IDS; id++) {
        kept += version[id] != 0 ? 1 : 0;
    }
    return kept;
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

/* Of the bits looked at: damage is told, or the newest record counts as cut and all others are
 * there, or the bit lies in a sector that is not in use and changes nothing. */
static void flip_bits(uint32_t changes, size_t step) {
    struct store *before = malloc(sizeof(*before));
    uint32_t told = 0, cut = 0, unused = 0;
    assert_non_null(before);
    make_store(false, changes);
    expect(mount(), STATUS_OK);
    *before = store;
    keep(0);
    for (size_t bit = 0; bit < (size_t)IMAGE * 8; bit += step) {
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
    }
    assert_memory_equal(sim_flash(), images[0], IMAGE);
    printf("# %u bits: %u told as damage, %u as a cut newest record, %u in unused sectors\n",
           told + cut + unused, told, cut, unused);
    assert_true(told > 0 && cut > 0 && unused > 0);
    free(before);
}

static void every_flipped_bit_of_a_young_store_is_detected(void **state) {
    (void)state;
    flip_bits(25, 1);
}

static void flipped_bits_of_an_old_store_are_detected(void **state) {
    (void)state;
    flip_bits(700, 37);
}

static void any_damage_gives_old_values_or_none(void **state) {
    (void)state;
    uint64_t seed = 20;
    uint32_t mounted = 0;
    make_store(false, 700);
    keep(0);
    for (uint32_t i = 0; i < 4000; i++) {
        put_back(0);
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
        enum status status = mount();
        if (status == STATUS_OK) {
            mounted++;
            (void)count_lost(); /* looks at every value */
        } else {
            expect(status, STATUS_STORE_DAMAGED);
        }
    }
    assert_true(mounted > 0);
}

/* ---- old sectors and images ---- */

/* Two moments of one store, the second more than half a ring after the first; a key is removed
 * last. */
static void make_two_moments(bool counter) {
    make_store(counter, 300);
    put(IDS, STORE_BOUND);
    keep(0);
    for (uint32_t i = 0; i < 200; i++) {
        put(1 + i % (IDS - 1), i % 9 == 0 ? STORE_BOUND : STORE_LAST);
        store_durable(&store, store_position(&store));
    }
    drop(IDS, STORE_BOUND);
    keep(1);
}

static void old_sectors_put_back_are_refused(void **state) {
    (void)state;
    make_two_moments(true);
    uint32_t refused = 0;
    for (uint32_t set = 1; set < 1u << SECTORS; set++) {
        put_back(1);
        for (uint32_t sector = 0; sector < SECTORS; sector++) {
            if ((set >> sector & 1) != 0) {
                memcpy(sim_flash() + sector * SECTOR, images[0] + sector * SECTOR, SECTOR);
            }
        }
        enum status status = mount();
        if (status == STATUS_OK) {
            assert_int_equal(count_lost(), 0); /* it lay in an unused sector, or was the same */
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
    put_back(0);
    expect(mount(), STATUS_STORE_ROLLED_BACK);
    put_back(1);
    expect(mount(), STATUS_OK);
    assert_int_equal(count_lost(), 0);
    /* one change later it is old, too */
    put(1, STORE_BOUND);
    put_back(1);
    expect(mount(), STATUS_STORE_ROLLED_BACK);
}

static void old_image_is_taken_where_there_is_no_counter(void **state) {
    (void)state;
    make_two_moments(false);
    put_back(0);
    expect(mount(), STATUS_OK);
    assert_true(count_lost() > 0);
}

static void counter_ahead_of_the_store_by_more_than_a_cut_is_refused(void **state) {
    (void)state;
    make_two_moments(true);
    uint64_t counter = sim_counter();
    sim_set_counter(true, counter - 1);
    expect(mount(), STATUS_OK); /* as if cut between record and counter */
    assert_int_equal(sim_counter(), counter);
    sim_set_counter(true, counter - 2);
    expect(mount(), STATUS_STORE_DAMAGED);
    sim_set_counter(true, counter + 1);
    expect(mount(), STATUS_STORE_ROLLED_BACK);
}

/* A branch: the same old image lived on twice. Sectors of one life never pass in the other. */
static void sectors_of_another_life_of_the_store_are_refused(void **state) {
    (void)state;
    make_two_moments(false);
    put_back(0);
    expect(mount(), STATUS_OK);
    for (uint32_t i = 0; i < 200; i++) {
        put(1 + i % (IDS - 1), STORE_LAST);
    }
    keep(2);
    put_back(1);
    expect(mount(), STATUS_OK);
    uint64_t tail = store.tail, head = store.head;
    for (uint64_t order = tail; order <= head; order++) {
        size_t at = (size_t)journal_start(&store, order);
        put_back(1);
        if (bytes_equal(bytes_of(images[1] + at, SECTOR), bytes_of(images[2] + at, SECTOR))) {
            continue;
        }
        memcpy(sim_flash() + at, images[2] + at, SECTOR);
        expect(mount(), STATUS_STORE_DAMAGED);
    }
}

/* ---- moved records ---- */

/* Places of the records of a sector, after its label. */
static uint32_t list_records(uint64_t order, uint32_t *places, uint32_t room) {
    uint32_t count = 0;
    uint32_t at = record_label_length(16);
    struct record_head head;
    while (count < room &&
           record_parse(bytes_of(sector_at(order) + at, SECTOR - at), 16, at, &head)) {
        places[count++] = at;
        at += record_length(16, head.size);
    }
    return count;
}

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
    make_store(false, 700);
    keep(0);
    for (uint64_t order = store.tail; order <= store.head; order++) {
        uint32_t count = list_records(order, places, COUNT(places));
        for (uint32_t i = 1; i + 2 < count; i++) {
            for (uint32_t j = i + 1; j + 2 < count; j++) {
                uint32_t size = places[i + 1] - places[i];
                if (places[j + 1] - places[j] != size) {
                    continue;
                }
                swap_bytes(sector_at(order) + places[i], sector_at(order) + places[j], size);
                expect(mount(), STATUS_STORE_DAMAGED);
                put_back(0);
                memcpy(sector_at(order) + places[j], sector_at(order) + places[i], size);
                expect(mount(), STATUS_STORE_DAMAGED);
                put_back(0);
                tried++;
                expect(mount(), STATUS_OK);
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
    make_store(false, 25);
    for (int gap = 1; gap >= 0; gap--) {
        uint32_t length = record_length(16, 8);
        uint32_t offset = store.end + (gap ? 32 : 0);
        uint8_t *to = sector_at(store.head) + store.end;
        struct record_place place = {store.head, offset, sector_at(store.head) + offset - 16};
        struct record_head head = {RECORD_FIRST | RECORD_LAST, 8, 0};
        struct record_prefix prefix = {record_id(RECORD_PIN, 99), store.counter};
        memset(to, 0, gap ? 32 : 0);
        memset(record, 0x55, sizeof(record));
        expect(record_seal(&store, &place, &head, &prefix, record), STATUS_OK);
        memcpy(sector_at(store.head) + offset, record, length);
        expect(mount(), STATUS_OK);
        assert_int_equal(store.cut_records, gap);
        assert_int_equal(store.records, count_kept() + (gap ? 0 : 1));
        memset(sector_at(store.head) + store.end, 0xff, 256);
        expect(mount(), STATUS_OK);
    }
}

static void swapped_sectors_are_refused(void **state) {
    (void)state;
    make_store(false, 700);
    keep(0);
    for (uint32_t i = 1; i < SECTORS; i++) {
        for (uint32_t j = 1; j < i; j++) {
            put_back(0);
            swap_bytes(sim_flash() + i * SECTOR, sim_flash() + j * SECTOR, SECTOR);
            if (!bytes_equal(bytes_of(sim_flash(), IMAGE), bytes_of(images[0], IMAGE))) {
                expect(mount(), STATUS_STORE_DAMAGED);
            }
        }
    }
}

/* ---- another device ---- */

/* The anchor, then each sector in use, of image 0 in image 1. */
static void mix_each_sector(void) {
    put_back(1);
    expect(mount(), STATUS_OK);
    uint64_t tail = store.tail, head = store.head;
    memcpy(sim_flash(), images[0], SECTOR);
    expect(mount(), STATUS_STORE_DAMAGED);
    for (uint64_t order = tail; order <= head; order++) {
        size_t at = journal_sector(&(struct store){.geometry = small_flash}, order) * SECTOR;
        put_back(1);
        memcpy(sim_flash() + at, images[0] + at, SECTOR);
        expect(mount(), STATUS_STORE_DAMAGED);
    }
}

static void parts_of_another_device_are_refused(void **state) {
    (void)state;
    make_store(false, 200);
    keep(0);
    make_store(false, 200);
    keep(1);
    put_back(0);
    expect(mount(), STATUS_STORE_DAMAGED);
    mix_each_sector();
}

/* Even the same root key does not make two stores one: each has its own anchor. */
static void store_of_before_the_last_format_is_refused(void **state) {
    (void)state;
    make_store(false, 200);
    keep(0);
    expect(store_format(&store), STATUS_OK);
    memset(version, 0, sizeof(version));
    for (uint32_t i = 0; i < 200; i++) {
        put(1 + i % IDS, STORE_LAST);
    }
    keep(1);
    mix_each_sector();
}

/* ---- cut short ---- */

/* The newest sector cut short is an old store, whole or, where its oldest sector was erased
 * since, not. */
static void expect_refused(bool old) {
    enum status status = mount();
    assert_true(status == STATUS_STORE_DAMAGED || (old && status == STATUS_STORE_ROLLED_BACK));
}

static void image_with_a_hole_is_refused(void **state) {
    (void)state;
    make_store(true, 700);
    put(1, STORE_BOUND);
    keep(0);
    uint64_t tail = store.tail, head = store.head;
    uint32_t places[128];
    for (uint64_t order = tail; order <= head; order++) {
        uint32_t count = list_records(order, places, COUNT(places));
        for (uint32_t i = 0; i < count; i++) {
            put_back(0);
            memset(sector_at(order) + places[i], 0xff, SECTOR - places[i]);
            expect_refused(order == head);
        }
        put_back(0);
        memset(sector_at(order), 0xff, SECTOR);
        expect_refused(order == head);
    }
}

static void image_cut_short_is_an_old_state_where_there_is_no_counter(void **state) {
    (void)state;
    uint32_t places[128];
    make_store(false, 700);
    keep(0);
    uint32_t count = list_records(store.head, places, COUNT(places));
    uint64_t head = store.head;
    uint32_t mounted = 0;
    for (uint32_t i = 1; i < count; i++) {
        put_back(0);
        memset(sector_at(head) + places[i], 0xff, SECTOR - places[i]);
        enum status status = mount();
        if (status == STATUS_OK) {
            mounted++;
            assert_true(count_lost() <= count - i);
        } else {
            expect(status, STATUS_STORE_DAMAGED); /* its oldest sector was erased since */
        }
    }
    assert_true(mounted > 0);
}

/* ---- zeroized ---- */

static void zeroized_store_put_back_is_refused(void **state) {
    (void)state;
    uint8_t root[ROOT_KEY_SIZE];
    make_store(true, 200);
    keep(0);
    memcpy(root, sim_root(), sizeof(root));
    expect(store_zeroize(&store), STATUS_OK);
    put_back(0);
    expect(mount(), STATUS_STORE_DAMAGED); /* its root key is gone */
    expect(port_root_read(images[1], true), STATUS_OK);
    memcpy(sim_root(), root, sizeof(root));
    expect(mount(), STATUS_STORE_ROLLED_BACK); /* and where that was put back: the counter */
}

static int start_crypto(void **state) {
    (void)state;
    return crypto_start() == STATUS_OK ? 0 : -1;
}

static int stop_crypto(void **state) {
    (void)state;
    crypto_stop();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flipped_bit_of_a_young_store_is_detected),
        cmocka_unit_test(flipped_bits_of_an_old_store_are_detected),
        cmocka_unit_test(any_damage_gives_old_values_or_none),
        cmocka_unit_test(old_sectors_put_back_are_refused),
        cmocka_unit_test(old_image_is_refused_where_there_is_a_counter),
        cmocka_unit_test(old_image_is_taken_where_there_is_no_counter),
        cmocka_unit_test(counter_ahead_of_the_store_by_more_than_a_cut_is_refused),
        cmocka_unit_test(sectors_of_another_life_of_the_store_are_refused),
        cmocka_unit_test(swapped_and_copied_records_are_refused),
        cmocka_unit_test(record_behind_voided_space_does_not_count_without_a_link),
        cmocka_unit_test(swapped_sectors_are_refused),
        cmocka_unit_test(parts_of_another_device_are_refused),
        cmocka_unit_test(store_of_before_the_last_format_is_refused),
        cmocka_unit_test(image_with_a_hole_is_refused),
        cmocka_unit_test(image_cut_short_is_an_old_state_where_there_is_no_counter),
        cmocka_unit_test(zeroized_store_put_back_is_refused),
    };
    return cmocka_run_group_tests_name("store image", tests, start_crypto, stop_crypto);
}
