/* SPDX-License-Identifier: Apache-2.0 */
/* The anchor in sector 0: who the store is, and its half of the root of all keys. */
#include "core/store/anchor.h"

#include "base/ct.h"
#include "base/wipe.h"
#include "core/store/journal.h"

enum {
    ANCHOR_VERSION = 1,
    ANCHOR_MARK_SIZE = 16,
    ANCHOR_SHAPE_AT = ANCHOR_MARK_SIZE, /* version, unit, sector size, sectors */
    ANCHOR_ID_AT = ANCHOR_SHAPE_AT + 16,
    ANCHOR_SECRET_AT = ANCHOR_ID_AT + DEVICE_ID_SIZE,
    ANCHOR_CHECK_AT = ANCHOR_SECRET_AT + ANCHOR_SECRET_SIZE,
    ANCHOR_SIZE = ANCHOR_CHECK_AT + 32,
    /* A wipe that was cut after its first byte has cleared at least four bits of the mark; a bit
     * that flipped by itself has not. */
    ANCHOR_WIPED_BITS = 4,
};

/* Stands first, so that a wipe shows in it before the secret goes. Each byte has at least four
 * ones. */
static const uint8_t mark[ANCHOR_MARK_SIZE] = {0xed, 0x6e, 0xb5, 0xd3, 0x9e, 0xe7, 0x7a, 0xbd,
                                               0x5f, 0xf3, 0xae, 0xd7, 0x3d, 0xeb, 0xf6, 0xdb};

static uint32_t anchor_length(const struct store *store) {
    uint32_t unit = store->geometry.unit;
    return (ANCHOR_SIZE + unit - 1) & ~(unit - 1);
}

static unsigned ones_of(unsigned byte) {
    unsigned count = 0;
    for (; byte != 0; byte >>= 1) {
        count += byte & 1;
    }
    return count;
}

/* True when bits of the mark are cleared as by a wipe, and none is set. */
static bool is_wiped(const uint8_t *page) {
    unsigned cleared = 0;
    for (size_t i = 0; i < ANCHOR_MARK_SIZE; i++) {
        if ((page[i] & ~mark[i]) != 0) {
            return false;
        }
        cleared += ones_of(mark[i] & (unsigned)~page[i]);
    }
    return cleared >= ANCHOR_WIPED_BITS;
}

static enum status fill_page(const struct store *store, const struct anchor *anchor,
                             uint8_t *page) {
    memset(page, 0xff, anchor_length(store));
    memcpy(page, mark, sizeof(mark));
    save_u32(page + ANCHOR_SHAPE_AT, ANCHOR_VERSION);
    save_u32(page + ANCHOR_SHAPE_AT + 4, store->geometry.unit);
    save_u32(page + ANCHOR_SHAPE_AT + 8, store->geometry.sector_size);
    save_u32(page + ANCHOR_SHAPE_AT + 12, store->geometry.sectors);
    memcpy(page + ANCHOR_ID_AT, anchor->device_id, DEVICE_ID_SIZE);
    memcpy(page + ANCHOR_SECRET_AT, anchor->secret, ANCHOR_SECRET_SIZE);
    struct bytes all = bytes_of(page, ANCHOR_CHECK_AT);
    return crypto_hash(HASH_SHA256, &all, 1, page + ANCHOR_CHECK_AT);
}

enum status anchor_read(struct store *store, struct anchor *anchor) {
    SECRET_BYTES(expected, ANCHOR_SIZE + STORE_UNIT_MAX);
    uint8_t *page = store->page;
    size_t length = anchor_length(store);
    enum status status = STATUS_INTERNAL;

    TRY(port_flash_read(0, page, store->geometry.sector_size));
    memcpy(anchor->device_id, page + ANCHOR_ID_AT, DEVICE_ID_SIZE);
    memcpy(anchor->secret, page + ANCHOR_SECRET_AT, ANCHOR_SECRET_SIZE);
    status = fill_page(store, anchor, expected);
    if (status != STATUS_OK) {
        goto out;
    }
    struct bytes rest = bytes_of(page + length, store->geometry.sector_size - length);
    if (ct_equal(page, expected, length)) {
        status = bytes_all(rest, 0xff) ? STATUS_OK : STATUS_STORE_DAMAGED;
    } else {
        status = is_wiped(page) ? STATUS_ZEROIZED : STATUS_NOT_FOUND;
    }
out:
    wipe(page, length);
    return status;
}

enum status anchor_write(struct store *store, const struct anchor *anchor) {
    SECRET_BYTES(page, ANCHOR_SIZE + STORE_UNIT_MAX);
    TRY(fill_page(store, anchor, page));
    TRY(port_flash_program(0, bytes_of(page, anchor_length(store))));
    return port_flash_sync();
}

enum status anchor_wipe(struct store *store) {
    static const uint8_t zeros[ANCHOR_SIZE + STORE_UNIT_MAX];
    TRY(port_flash_program(0, bytes_of(zeros, anchor_length(store))));
    return port_flash_sync();
}

enum status anchor_derive(struct store *store, const struct anchor *anchor) {
    SECRET_BYTES(both, ROOT_KEY_SIZE + ANCHOR_SECRET_SIZE);
    struct bytes id = bytes_of(store->device_id, DEVICE_ID_SIZE);

    memcpy(store->device_id, anchor->device_id, DEVICE_ID_SIZE);
    TRY(port_root_read(both, false));
    memcpy(both + ROOT_KEY_SIZE, anchor->secret, ANCHOR_SECRET_SIZE);
    TRY(crypto_hkdf(bytes_of(both, sizeof(both)), id, bytes_of_text("edgehsm store root"),
                    (struct span){store->root, sizeof(store->root)}));
    return crypto_hkdf(bytes_of(store->root, sizeof(store->root)), id,
                       bytes_of_text("edgehsm store records"),
                       (struct span){store->key, sizeof(store->key)});
}
