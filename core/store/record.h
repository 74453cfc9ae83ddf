/* SPDX-License-Identifier: Apache-2.0 */
/* One record on flash: its plain head, its sealed body, and the label in front of a sector. */
#ifndef CORE_STORE_RECORD_H
#define CORE_STORE_RECORD_H

#include "core/store/store_state.h"

enum record_flag {
    RECORD_FIRST = 1, /* starts a change; a group that was not ended before it is void */
    RECORD_LAST = 2,  /* ends a change */
    RECORD_REMOVE = 4,
    RECORD_COPY = 8, /* says nothing new: a copy that collecting made, or a link */
};

struct record_head {
    uint8_t flags;
    uint32_t size;    /* of the value */
    uint32_t durable; /* below this offset of the sector all was durable when this was written */
};

/* Where a record lies; all of it is bound by the tag. */
struct record_place {
    uint64_t order;
    uint32_t offset;
    const uint8_t *previous; /* the SEAL_TAG_SIZE bytes before it */
};

/* What the sealed body begins with. The value of record 0, which no caller can name, is a link. */
struct record_prefix {
    uint64_t id;
    uint64_t counter;
};

/* The value of record 0: first in each sector, and after voided space. */
enum { LINK_SIZE = 24 };
struct link {
    uint64_t tail;
    const uint8_t *chain; /* SEAL_TAG_SIZE bytes: the tag of the record before it that counts */
};

/* Bytes of a record on flash. */
uint32_t record_length(uint32_t unit, uint32_t size) MUST_USE;

/* Whether a record may begin at bytes.data (its length fits into bytes); fills head. Says
 * nothing about its being genuine. `offset`: of the record in its sector. */
bool record_parse(struct bytes bytes, uint32_t unit, uint32_t offset,
                  struct record_head *head) MUST_USE;

/* Seals the record of which the value stands at record + RECORD_VALUE_AT. On failure the body is
 * wiped. NO_ENTROPY, INTERNAL. */
enum status record_seal(const struct store *store, const struct record_place *place,
                        const struct record_head *head, const struct record_prefix *prefix,
                        uint8_t *record) MUST_USE;

/* Opens the parsed record at `sealed`; the body then stands at record + RECORD_BODY_AT (record and
 * sealed may be the same place). AEAD_FAILED, INTERNAL. */
enum status record_open(const struct store *store, const struct record_place *place,
                        const uint8_t *sealed, uint8_t *record,
                        struct record_prefix *prefix) MUST_USE;

void record_link_save(uint8_t *value, const struct link *link);
void record_link_load(const uint8_t *value, struct link *link);

/* The label that a sector begins with. */
enum { LABEL_SIZE = 16 };
uint32_t record_label_length(uint32_t unit) MUST_USE;
void record_label_save(uint8_t *label, uint32_t unit, uint64_t order);
/* False where there is no label. */
bool record_label_load(const uint8_t *label, uint32_t unit, uint64_t *order) MUST_USE;

#endif
