/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a mounted store: for the files of core/store, and for the body that gives the
 * memory. */
#ifndef CORE_STORE_STORE_STATE_H
#define CORE_STORE_STORE_STATE_H

#include "core/store/store.h"
#include "crypto/crypto.h"
#include "port/port.h"

/* Shape of one record on flash (doc/STORE.md): head | nonce | sealed (prefix | value | padding)
 * | tag. */
enum {
    RECORD_HEAD_SIZE = 16,
    RECORD_BODY_AT = RECORD_HEAD_SIZE + SEAL_NONCE_SIZE,
    RECORD_PREFIX_SIZE = 16,
    RECORD_VALUE_AT = RECORD_BODY_AT + RECORD_PREFIX_SIZE,
    RECORD_OVERHEAD = RECORD_VALUE_AT + SEAL_TAG_SIZE,
};

enum {
    STORE_UNIT_MAX = 512,
    STORE_SECTORS_MIN = 8,
    STORE_RECORD_ROOM = RECORD_OVERHEAD + STORE_RECORD_MAX + STORE_UNIT_MAX,
};

struct store_pending {
    uint64_t id;
    uint32_t at; /* place in units; 0: a removal */
    uint32_t size;
};

struct store {
    struct flash_geometry geometry;
    bool ready;
    uint8_t device_id[DEVICE_ID_SIZE];
    uint8_t root[SEAL_KEY_SIZE]; /* every other key is made from it */
    uint8_t key[SEAL_KEY_SIZE];  /* of the records */

    /* The log: sectors of the orders tail..head are in use. */
    uint64_t tail, head;
    bool tail_dirty;  /* the sector before tail still has to be erased */
    uint32_t end;     /* where the next record goes in the head sector */
    uint32_t durable; /* below this offset of the head sector all is known durable */
    uint32_t torn;    /* end..torn has to be voided before anything is written; 0: no */
    bool gap;         /* voided space lies before end: a link must come next */
    uint32_t whole;   /* where the newest record that counts ends, while there is a gap */
    uint8_t chain[SEAL_TAG_SIZE];    /* tag of the newest record that counts */
    uint8_t previous[SEAL_TAG_SIZE]; /* the bytes before end */

    uint64_t counter;   /* the newest value bound to the port's monotonic counter */
    bool counter_due;   /* the port's counter is one behind */
    bool counter_bound; /* the port has one */

    bool in_group;
    uint32_t pending_count;
    struct store_pending pending[STORE_GROUP_MAX];

    uint32_t records, cut_records;
    uint64_t charge; /* what the live records count against the room there is */
    struct store_bucket buckets[STORE_BUCKETS];

    uint8_t page[STORE_SECTOR_MAX];    /* a sector, or a record, as read from flash */
    uint8_t record[STORE_RECORD_ROOM]; /* the record that is being made or opened */
};

#endif
