/* SPDX-License-Identifier: Apache-2.0 */
/* A store of which the image is kept, changed and put back. */
#include "test/attack/store_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

const struct flash_geometry image_flash = {16, SECTOR, SECTORS};

struct image_lab lab;

int image_start(void **state) {
    (void)state;
    return crypto_start() == STATUS_OK ? 0 : -1;
}

int image_stop(void **state) {
    (void)state;
    crypto_stop();
    return 0;
}

enum status image_mount(void) {
    bool finished = false;
    enum status status = store_mount(&lab.store, &finished);
    assert_false(finished);
    return status;
}

void image_expect(enum status status, enum status expected) {
    assert_string_equal(status_row(status)->name, status_row(expected)->name);
}

void image_keep(int image) {
    memcpy(lab.images[image], sim_flash(), IMAGE);
}

void image_put_back(int image) {
    memcpy(sim_flash(), lab.images[image], IMAGE);
}

void image_put(uint32_t id, enum store_end end) {
    uint8_t value[300];
    uint32_t size = 8 + id * 5 % 250;
    memset(value, (int)id, size);
    save_u32(value, ++lab.version[id]);
    image_expect(store_put(&lab.store, record_id(RECORD_OBJECT, id), bytes_of(value, size), end),
                 STATUS_OK);
}

void image_drop(uint32_t id, enum store_end end) {
    image_expect(store_remove(&lab.store, record_id(RECORD_OBJECT, id), end), STATUS_OK);
    lab.version[id] = 0;
}

uint32_t image_count_lost(void) {
    uint32_t lost = 0;
    for (uint32_t id = 1; id <= IDS; id++) {
        uint8_t value[300];
        struct span out = {value, sizeof(value)};
        enum status status = store_get(&lab.store, record_id(RECORD_OBJECT, id), &out);
        if (status == STATUS_OK) {
            assert_int_equal(out.size, 8 + id * 5 % 250);
            assert_true(bytes_all(bytes_of(value + 4, out.size - 4), (uint8_t)id));
            lost += load_u32(value) != lab.version[id] ? 1 : 0;
        } else {
            image_expect(status, STATUS_NOT_FOUND);
            lost += lab.version[id] != 0 ? 1 : 0;
        }
    }
    return lost;
}

uint32_t image_count_kept(void) {
    uint32_t kept = 0;
    for (uint32_t id = 1; id <= IDS; id++) {
        kept += lab.version[id] != 0 ? 1 : 0;
    }
    return kept;
}

void image_make(bool counter, uint32_t changes) {
    sim_reset(&image_flash, counter);
    memset(lab.version, 0, sizeof(lab.version));
    image_expect(store_format(&lab.store), STATUS_OK);
    for (uint32_t i = 0; i < changes; i++) {
        uint32_t id = 1 + i * 17 % IDS;
        if (i % 5 == 4 && lab.version[id] != 0) {
            image_drop(id, STORE_LAST);
        } else {
            image_put(id, i % 7 == 0 ? STORE_BOUND : STORE_LAST);
        }
        store_durable(&lab.store, store_position(&lab.store));
    }
    assert_int_equal(image_count_lost(), 0);
}

uint8_t *image_sector(uint64_t order) {
    return sim_flash() + journal_start(&lab.store, order);
}

uint32_t image_records(uint64_t order, uint32_t *places, uint32_t room) {
    uint32_t count = 0;
    uint32_t at = record_label_length(16);
    struct record_head head;
    while (count < room &&
           record_parse(bytes_of(image_sector(order) + at, SECTOR - at), 16, at, &head)) {
        places[count++] = at;
        at += record_length(16, head.size);
    }
    return count;
}
