/* SPDX-License-Identifier: Apache-2.0 */
/* The two ends of a store's life. Both go the same way: the anchor turns to zeros in one program
 * operation, which says "wiped" and makes everything unreadable; then the rest follows, and a
 * mount that finds the zeros finishes it. The log is erased last: a wipe is over when the log is
 * blank. */
#include "core/store/wipeout.h"

#include "base/wipe.h"
#include "core/store/anchor.h"
#include "core/store/journal.h"
#include "core/store/mount.h"

static void keep_first(enum status *first, enum status status) {
    if (*first == STATUS_OK) {
        *first = status;
    }
}

/* An image of before is refused from now on, also where it is put back with the old root key. */
static enum status outdate_images(void) {
    return port_counter_exists() ? port_counter_increment() : STATUS_OK;
}

/* Also what seems blank: the platform knows best whether it must. */
static enum status erase_log(struct store *store) {
    enum status first = STATUS_OK;
    for (uint32_t sector = 1; sector < store->geometry.sectors; sector++) {
        keep_first(&first, port_flash_erase(sector));
    }
    keep_first(&first, port_flash_sync());
    return first;
}

static enum status log_is_blank(struct store *store, bool *blank) {
    *blank = true;
    for (uint32_t sector = 1; sector < store->geometry.sectors && *blank; sector++) {
        TRY(journal_blank(store, sector, blank));
    }
    return STATUS_OK;
}

/* Destroys all that can be destroyed: a step that fails does not keep the others from being
 * done. */
static enum status wipe_all(struct store *store, bool root) {
    enum status first = anchor_wipe(store);
    if (root) {
        keep_first(&first, port_root_destroy());
    }
    keep_first(&first, outdate_images());
    keep_first(&first, erase_log(store));
    return first;
}

enum status wipeout_finish(struct store *store, bool *finished) {
    bool blank = false;
    TRY(log_is_blank(store, &blank));
    if (blank) {
        return STATUS_OK;
    }
    TRY(wipe_all(store, true));
    *finished = true;
    return STATUS_OK;
}

enum status store_zeroize(struct store *store) {
    TRY(mount_reset(store));
    enum status status = wipe_all(store, true);
    mount_forget(store);
    return status;
}

static enum status make_anchor(struct store *store) {
    struct anchor anchor;
    WIPE_AT_END(anchor, sizeof(anchor));
    TRY(crypto_random(anchor.device_id, sizeof(anchor.device_id)));
    TRY(crypto_random(anchor.secret, sizeof(anchor.secret)));
    TRY(anchor_write(store, &anchor));
    return anchor_derive(store, &anchor);
}

/* Leaves a blank flash behind. A sector 0 that is not blank becomes a wiped anchor first, so
 * that a cut leaves a wipe to finish and not a store with holes. */
static enum status blank_all(struct store *store) {
    bool blank = false;
    TRY(journal_blank(store, 0, &blank));
    if (blank) {
        return erase_log(store);
    }
    TRY(wipe_all(store, false));
    TRY(port_flash_erase(0));
    return port_flash_sync();
}

static enum status format_all(struct store *store) {
    SECRET_BYTES(root, ROOT_KEY_SIZE);
    TRY(port_root_read(root, true));
    TRY(blank_all(store));
    TRY(make_anchor(store));
    store->counter_bound = port_counter_exists();
    if (store->counter_bound) {
        TRY(port_counter_read(&store->counter));
    }
    return journal_begin(store);
}

enum status store_format(struct store *store) {
    TRY(mount_reset(store));
    enum status status = format_all(store);
    if (status != STATUS_OK) {
        mount_forget(store);
        return status;
    }
    store->ready = true;
    return STATUS_OK;
}
