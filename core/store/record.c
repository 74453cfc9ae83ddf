/* SPDX-License-Identifier: Apache-2.0 */
/* One record on flash: its plain head, its sealed body, and the label in front of a sector. */
#include "core/store/record.h"

#include "base/wipe.h"

enum { RECORD_MAGIC = 0x5245, LABEL_MAGIC = 0x4c53, RECORD_FLAGS = 15 };

enum { AAD_SIZE = 12 + RECORD_HEAD_SIZE + SEAL_TAG_SIZE };

static uint32_t round_up(uint32_t size, uint32_t unit) {
    return (size + unit - 1) & ~(unit - 1);
}

static uint32_t turn(uint32_t word, unsigned bits) {
    return word << bits | word >> (32 - bits);
}

/* Tells a head or label from chance bytes; it protects nothing (the seal does). One flipped bit
 * in the twelve bytes or in the check itself never fits. */
static uint32_t check_of(const uint8_t *at) {
    return ~(load_u32(at) ^ turn(load_u32(at + 4), 7) ^ turn(load_u32(at + 8), 13));
}

uint32_t record_length(uint32_t unit, uint32_t size) {
    return round_up(RECORD_OVERHEAD + size, unit);
}

static void save_head(uint8_t *at, const struct record_head *head) {
    save_u16(at, RECORD_MAGIC);
    at[2] = head->flags;
    at[3] = 0;
    save_u32(at + 4, head->size);
    save_u32(at + 8, head->durable);
    save_u32(at + 12, check_of(at));
}

bool record_parse(struct bytes bytes, uint32_t unit, uint32_t offset, struct record_head *head) {
    if (bytes.size < RECORD_OVERHEAD || load_u16(bytes.data) != RECORD_MAGIC ||
        load_u32(bytes.data + 12) != check_of(bytes.data)) {
        return false;
    }
    head->flags = bytes.data[2];
    head->size = load_u32(bytes.data + 4);
    head->durable = load_u32(bytes.data + 8);
    return (head->flags & ~RECORD_FLAGS) == 0 && bytes.data[3] == 0 &&
           head->size <= STORE_RECORD_MAX && head->durable <= offset &&
           record_length(unit, head->size) <= bytes.size;
}

static void make_aad(uint8_t aad[AAD_SIZE], const struct record_place *place, const uint8_t *head) {
    save_u64(aad, place->order);
    save_u32(aad + 8, place->offset);
    memcpy(aad + 12, head, RECORD_HEAD_SIZE);
    memcpy(aad + 12 + RECORD_HEAD_SIZE, place->previous, SEAL_TAG_SIZE);
}

enum status record_seal(const struct store *store, const struct record_place *place,
                        const struct record_head *head, const struct record_prefix *prefix,
                        uint8_t *record) {
    uint32_t length = record_length(store->geometry.unit, head->size);
    uint32_t body = length - RECORD_BODY_AT - SEAL_TAG_SIZE;
    uint32_t padding = length - RECORD_OVERHEAD - head->size;
    uint8_t aad[AAD_SIZE];

    save_head(record, head);
    save_u64(record + RECORD_BODY_AT, prefix->id);
    save_u64(record + RECORD_BODY_AT + 8, prefix->counter);
    memset(record + RECORD_VALUE_AT + head->size, 0, padding);
    make_aad(aad, place, record);
    enum status status = crypto_random(record + RECORD_HEAD_SIZE, SEAL_NONCE_SIZE);
    if (status == STATUS_OK) {
        status = crypto_seal(store->key, record + RECORD_HEAD_SIZE, bytes_of(aad, sizeof(aad)),
                             bytes_of(record + RECORD_BODY_AT, body), record + RECORD_BODY_AT);
    }
    if (status != STATUS_OK) {
        wipe(record + RECORD_BODY_AT, body);
    }
    return status;
}

enum status record_open(const struct store *store, const struct record_place *place,
                        const uint8_t *sealed, uint8_t *record, struct record_prefix *prefix) {
    uint32_t length = record_length(store->geometry.unit, load_u32(sealed + 4));
    uint8_t aad[AAD_SIZE];

    make_aad(aad, place, sealed);
    TRY(crypto_open(store->key, sealed + RECORD_HEAD_SIZE, bytes_of(aad, sizeof(aad)),
                    bytes_of(sealed + RECORD_BODY_AT, length - RECORD_BODY_AT),
                    record + RECORD_BODY_AT));
    prefix->id = load_u64(record + RECORD_BODY_AT);
    prefix->counter = load_u64(record + RECORD_BODY_AT + 8);
    return STATUS_OK;
}

void record_link_save(uint8_t *value, const struct link *link) {
    save_u64(value, link->tail);
    memcpy(value + 8, link->chain, SEAL_TAG_SIZE);
}

void record_link_load(const uint8_t *value, struct link *link) {
    link->tail = load_u64(value);
    link->chain = value + 8;
}

uint32_t record_label_length(uint32_t unit) {
    return round_up(LABEL_SIZE, unit);
}

void record_label_save(uint8_t *label, uint32_t unit, uint64_t order) {
    memset(label, 0xff, record_label_length(unit));
    save_u16(label, LABEL_MAGIC);
    save_u16(label + 2, 0);
    save_u64(label + 4, order);
    save_u32(label + 12, check_of(label));
}

bool record_label_load(const uint8_t *label, uint32_t unit, uint64_t *order) {
    uint32_t length = record_label_length(unit);
    if (load_u16(label) != LABEL_MAGIC || load_u16(label + 2) != 0 ||
        load_u32(label + 12) != check_of(label) ||
        !bytes_all(bytes_of(label + LABEL_SIZE, length - LABEL_SIZE), 0xff)) {
        return false;
    }
    *order = load_u64(label + 4);
    return true;
}
