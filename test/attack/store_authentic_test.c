/* SPDX-License-Identifier: Apache-2.0 */
/* Records that authenticate and make no sense: written by who holds the store's keys, or by a later
 * mistake of the store itself. And damage that comes after the mount, to what was proved there.
 * Each is a clear refusal; nothing is read out of it. */
#include "core/store/bucket.h"
#include "core/store/mount.h"
#include "test/attack/store_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Appends a record as the store does, whatever it says. */
static void forge(uint64_t id, uint32_t size, uint8_t flags, bool bound) {
    uint32_t at = 0;
    struct journal_entry entry = {.id = id, .size = size, .flags = flags, .bound = bound};
    image_expect(journal_room(&lab.store, size), STATUS_OK);
    memset(lab.store.record + RECORD_VALUE_AT, 0, size);
    image_expect(journal_append(&lab.store, &entry, &at), STATUS_OK);
    image_expect(port_flash_sync(), STATUS_OK);
    store_durable(&lab.store, store_position(&lab.store));
}

static uint64_t object(uint32_t number) {
    return record_id(RECORD_OBJECT, number);
}

enum { WHOLE = RECORD_FIRST | RECORD_LAST };

/* ---- forged ---- */

static void link_of_a_wrong_shape_is_refused(void **state) {
    static const struct {
        uint32_t size;
        uint8_t flags;
    } links[] = {{LINK_SIZE + 1, RECORD_COPY}, {LINK_SIZE, 0}, {0, RECORD_COPY}};
    (void)state;
    for (size_t i = 0; i < COUNT(links); i++) {
        image_make(false, 20);
        forge(0, links[i].size, links[i].flags, false);
        forge(object(9), 20, WHOLE, true); /* what is wrong was durable before: no cut does that */
        image_expect(image_mount(), STATUS_STORE_DAMAGED);
    }
}

/* A link that names another record than the one before it. */
static void link_to_another_record_is_refused(void **state) {
    (void)state;
    image_make(false, 20);
    forge(0, LINK_SIZE, RECORD_COPY, false); /* all zero */
    forge(object(9), 20, WHOLE, true);
    image_expect(image_mount(), STATUS_STORE_DAMAGED);
}

static void group_without_an_end_does_not_overflow(void **state) {
    (void)state;
    image_make(false, 20);
    for (uint32_t i = 0; i < STORE_GROUP_MAX; i++) {
        forge(object(100 + i), 8, i == 0 ? RECORD_FIRST : 0, false);
    }
    image_expect(image_mount(), STATUS_OK); /* cut before its end */
    assert_int_equal(lab.store.cut_records, STORE_GROUP_MAX);
    assert_int_equal(image_count_lost(), 0);
    image_make(false, 20);
    for (uint32_t i = 0; i <= STORE_GROUP_MAX; i++) {
        forge(object(100 + i), 8, i == 0 ? RECORD_FIRST : 0, false);
    }
    image_expect(image_mount(), STATUS_STORE_DAMAGED);
}

/* More records than the index holds: refused, not dropped. */
static void log_of_more_records_than_fit_is_refused(void **state) {
    (void)state;
    image_make(false, 0);
    for (uint32_t i = 1; i <= STORE_RECORDS_MAX; i++) {
        forge(object(1000 + i), 8, WHOLE, false);
    }
    image_expect(image_mount(), STATUS_OK);
    assert_int_equal(lab.store.records, STORE_RECORDS_MAX);
    forge(object(1), 8, WHOLE, false);
    image_expect(image_mount(), STATUS_STORE_FULL);
    assert_false(lab.store.ready);
}

/* Live records everywhere: collecting frees nothing. It ends, and says so. */
static void log_that_cannot_be_collected_is_full(void **state) {
    (void)state;
    image_make(false, 0);
    uint32_t number = 0;
    while (journal_free(&lab.store) > 2) {
        uint32_t at = 0;
        struct journal_entry entry = {.id = object(++number), .size = 3000, .flags = WHOLE};
        struct store_pending change = {entry.id, 0, entry.size};
        if (journal_room(&lab.store, entry.size) != STATUS_OK) {
            break;
        }
        memset(lab.store.record + RECORD_VALUE_AT, 0, entry.size);
        image_expect(journal_append(&lab.store, &entry, &at), STATUS_OK);
        change.at = at;
        image_expect(mount_apply(&lab.store, &change), STATUS_OK);
    }
    uint8_t value[8] = {0};
    for (uint32_t i = 0; i < 100; i++) {
        image_expect(
            store_put(&lab.store, record_id(RECORD_PIN, 1), bytes_of(value, 8), STORE_LAST),
            STATUS_STORE_FULL);
    }
    image_expect(image_mount(), STATUS_OK);
    assert_int_equal(lab.store.records, number);
}

/* The newest sector says nothing new, and the one before does not end as it says. */
static void sector_before_an_empty_one_must_end_as_that_one_says(void **state) {
    uint32_t places[128];
    (void)state;
    image_make(false, 40);
    uint64_t order = lab.store.head;
    image_keep(0);
    while (lab.store.head == order) {
        image_keep(0);
        image_expect(journal_room(&lab.store, STORE_RECORD_MAX), STATUS_OK);
        if (lab.store.head == order) {
            image_put(1, STORE_LAST);
        }
    }
    image_expect(image_mount(), STATUS_OK);
    assert_int_equal(lab.store.head, order);
    image_keep(1);
    uint32_t count = image_records(order, places, COUNT(places));
    uint32_t last = places[count - 1];
    memset(image_sector(order) + last, 0, SECTOR - last); /* voided: as a torn write is */
    image_expect(image_mount(), STATUS_STORE_DAMAGED);
    image_put_back(1);
    for (uint64_t nth = 1;; nth++) { /* each read of it fails once */
        sim_fail((struct sim_failure){SIM_FLASH_READ, nth, 1, SIM_NO_EFFECT});
        enum status status = image_mount();
        bool came = sim_failed();
        sim_fail((struct sim_failure){0});
        image_expect(status, came ? STATUS_STORE_IO : STATUS_OK);
        if (!came) {
            break;
        }
    }
}

/* ---- damage after the mount ---- */

static struct store_bucket *bucket_of_some_object(void) {
    for (uint32_t id = 1; id <= IDS; id++) {
        if (lab.version[id] != 0) {
            return bucket_find(&lab.store, object(id));
        }
    }
    fail();
    return NULL;
}

static void record_that_is_damaged_later_is_never_read(void **state) {
    uint8_t value[300];
    (void)state;
    image_make(false, 60);
    struct store_bucket *bucket = bucket_of_some_object();
    uint8_t *record = sim_flash() + (size_t)bucket->at * 16;
    uint32_t length = record_length(16, bucket->size);
    for (uint32_t at = 0; at < length; at++) {
        struct span out = {value, sizeof(value)};
        memset(value, 0xa5, sizeof(value));
        record[at] ^= 1;
        image_expect(store_get(&lab.store, bucket->id, &out), STATUS_STORE_DAMAGED);
        assert_true(bytes_all(bytes_of(value, sizeof(value)), 0xa5));
        record[at] ^= 1;
    }
    struct span out = {value, sizeof(value)};
    image_expect(store_get(&lab.store, bucket->id, &out), STATUS_OK);
    bucket->size++; /* the index says another size than the record, */
    out.size = sizeof(value);
    image_expect(store_get(&lab.store, bucket->id, &out), STATUS_STORE_DAMAGED);
    bucket->size--;
    struct store_bucket moved = *bucket; /* or another id */
    struct store_bucket *other = bucket_find(&lab.store, moved.id);
    image_expect(bucket_set(&lab.store, object(77), moved.at, moved.size) ? STATUS_OK
                                                                          : STATUS_STORE_FULL,
                 STATUS_OK);
    out.size = sizeof(value);
    image_expect(store_get(&lab.store, object(77), &out), STATUS_STORE_DAMAGED);
    bucket_drop(&lab.store, object(77));
    assert_ptr_equal(other, bucket_find(&lab.store, moved.id));
}

/* Collecting copies nothing that it cannot prove; what is damaged stays where it is, and the store
 * refuses to go on over it. */
static void damage_in_the_oldest_sector_stops_collecting(void **state) {
    (void)state;
    uint32_t refused = 0;
    image_make(false, 300);
    uint8_t *oldest = image_sector(lab.store.tail);
    oldest[record_label_length(16) + RECORD_BODY_AT + 3] ^= 1;
    uint64_t tail = lab.store.tail;
    for (uint32_t i = 0; i < 2000; i++) {
        uint8_t value[200] = {0};
        enum status status = store_put(&lab.store, record_id(RECORD_PIN, 1 + i % 4),
                                       bytes_of(value, sizeof(value)), STORE_LAST);
        if (status != STATUS_OK) {
            image_expect(status, STATUS_STORE_DAMAGED);
            refused++;
        }
    }
    assert_true(refused > 0);
    assert_int_equal(lab.store.tail, tail);
    image_expect(image_mount(), STATUS_STORE_DAMAGED);
}

/* ---- what only a mistake in the core would ask ---- */

static void questions_that_make_no_sense_are_refused(void **state) {
    uint8_t value[8] = {0};
    uint8_t key[SEAL_KEY_SIZE] = {0};
    (void)state;
    image_make(false, 0);
    image_expect(store_put(&lab.store, 7, bytes_of(value, 8), STORE_LAST), STATUS_INTERNAL);
    struct span out = {value, sizeof(value)};
    image_expect(store_get(&lab.store, 0, &out), STATUS_NOT_FOUND);
    struct span room = {key, sizeof(key)};
    image_expect(store_derive_key(&lab.store,
                                  "a purpose that takes many more words than there is room for",
                                  room),
                 STATUS_INTERNAL);
    image_expect(store_zeroize(&lab.store), STATUS_OK);
    image_expect(store_derive_key(&lab.store, "log", room), STATUS_INTERNAL);
    assert_true(bytes_all(bytes_of(key, sizeof(key)), 0));
    store_durable(&lab.store, 1u << 20);
    struct store_usage usage;
    store_usage(&lab.store, &usage);
    assert_int_equal(usage.size, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_of_a_wrong_shape_is_refused),
        cmocka_unit_test(link_to_another_record_is_refused),
        cmocka_unit_test(group_without_an_end_does_not_overflow),
        cmocka_unit_test(log_of_more_records_than_fit_is_refused),
        cmocka_unit_test(log_that_cannot_be_collected_is_full),
        cmocka_unit_test(sector_before_an_empty_one_must_end_as_that_one_says),
        cmocka_unit_test(record_that_is_damaged_later_is_never_read),
        cmocka_unit_test(damage_in_the_oldest_sector_stops_collecting),
        cmocka_unit_test(questions_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests_name("store authentic", tests, image_start, image_stop);
}
