/* SPDX-License-Identifier: Apache-2.0 */
/* A leaf of the log. The fields stand in the order of enum leaf_key, as deterministic CBOR wants.
 * */
#include "core/audit/leaf.h"

#include "proto/cbor.h"

static void put_number(struct cbor_writer *writer, enum leaf_key key, uint64_t value) {
    cbor_put(writer, CBOR_UINT, key);
    cbor_put(writer, CBOR_UINT, value);
}

/* A field that is left out when it is zero; counts those that are not. */
static void put_some(struct cbor_writer *writer, enum leaf_key key, uint64_t value) {
    if (value != 0) {
        put_number(writer, key, value);
    }
}

static void put_some_bytes(struct cbor_writer *writer, enum leaf_key key, struct bytes value) {
    if (value.size > 0) {
        cbor_put(writer, CBOR_UINT, key);
        cbor_put_bytes(writer, value);
    }
}

/* Number of fields that there is something to say in. */
static uint64_t count_fields(const struct audit *audit, const struct audit_record *record,
                             uint64_t time) {
    const bool maybe[] = {time != 0,
                          record->session != 0,
                          record->object != 0,
                          record->rule != 0,
                          record->payload_hash.size > 0,
                          record->detail.size > 0,
                          record->has_uid,
                          record->role != 0,
                          record->status != STATUS_OK,
                          audit->suppressed != 0,
                          audit->suppressed_refused != 0,
                          record->count > 1, /* three of them: how many, first, last */
                          record->count > 1,
                          record->count > 1,
                          record->since_ms != 0};
    uint64_t count = 5; /* sequence, boot, uptime, event, result */
    for (size_t i = 0; i < COUNT(maybe); i++) {
        count += maybe[i];
    }
    return count;
}

/* The second half of the fields. */
static void put_outcome(struct cbor_writer *writer, const struct audit *audit,
                        const struct audit_record *record) {
    struct bytes detail = record->detail;
    if (detail.size > AUDIT_DETAIL_MAX) {
        detail.size = AUDIT_DETAIL_MAX;
    }
    put_number(writer, LEAF_RESULT, status_ck_rv(record->status));
    put_some(writer, LEAF_RULE, record->rule);
    put_some_bytes(writer, LEAF_PAYLOAD_HASH, record->payload_hash);
    put_some_bytes(writer, LEAF_DETAIL, detail);
    if (record->has_uid) {
        put_number(writer, LEAF_UID, record->uid);
    }
    put_some(writer, LEAF_ROLE, record->role);
    put_some(writer, LEAF_STATUS, record->status);
    put_some(writer, LEAF_SUPPRESSED, audit->suppressed);
    put_some(writer, LEAF_SUPPRESSED_REFUSED, audit->suppressed_refused);
    if (record->count > 1) {
        put_number(writer, LEAF_COUNT, record->count);
        put_number(writer, LEAF_FIRST, record->first);
        put_number(writer, LEAF_LAST, record->last);
    }
    put_some(writer, LEAF_SINCE_MS, record->since_ms);
}

enum status leaf_write(const struct audit *audit, const struct audit_record *record,
                       struct span *out) {
    uint64_t time = port_clock();
    uint8_t object[8];
    for (size_t i = 0; i < sizeof(object); i++) {
        object[i] = (uint8_t)(record->object >> (56 - 8 * i));
    }
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_MAP, count_fields(audit, record, time));
    put_number(&writer, LEAF_SEQUENCE, audit->tree.size);
    put_number(&writer, LEAF_BOOT, audit->boot);
    put_number(&writer, LEAF_UPTIME_MS, port_uptime_ms());
    put_some(&writer, LEAF_TIME, time);
    put_number(&writer, LEAF_EVENT, record->event);
    put_some(&writer, LEAF_SESSION, record->session);
    if (record->object != 0) {
        put_some_bytes(&writer, LEAF_OBJECT, bytes_of(object, sizeof(object)));
    }
    put_outcome(&writer, audit, record);
    return cbor_written(&writer, out);
}
