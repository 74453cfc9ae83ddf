/* SPDX-License-Identifier: Apache-2.0 */
/* Pages and leaves of the audit log taken apart. */
#include "client/log_entry.h"

#include "proto/cbor.h"

/* No entry that a module writes is larger; a head is, by its nonce. */
enum { WIRE_HEAD = 8, ENTRY_MAX = 1024 };

enum status log_entry_next(struct bytes *entries, struct log_entry *entry) {
    if (entries->size == 0) {
        return STATUS_NOT_FOUND;
    }
    if (entries->size < WIRE_HEAD) {
        return STATUS_DATA_INVALID;
    }
    uint32_t size = load_u32(entries->data);
    if (size > ENTRY_MAX || size > entries->size - WIRE_HEAD) {
        return STATUS_DATA_INVALID;
    }
    entry->kind = load_u32(entries->data + 4);
    entry->bytes = bytes_of(entries->data + WIRE_HEAD, size);
    *entries = bytes_of(entries->data + WIRE_HEAD + size, entries->size - WIRE_HEAD - size);
    return STATUS_OK;
}

/* Where a number of a leaf goes, and the largest it may be. */
struct number_place {
    uint64_t *wide;
    uint32_t *narrow;
};

static struct number_place number_place(struct log_leaf *leaf, uint64_t key) {
    switch (key) {
    case LEAF_SEQUENCE:
        return (struct number_place){&leaf->sequence, NULL};
    case LEAF_BOOT:
        return (struct number_place){NULL, &leaf->boot};
    case LEAF_UPTIME_MS:
        return (struct number_place){&leaf->uptime_ms, NULL};
    case LEAF_TIME:
        return (struct number_place){&leaf->time, NULL};
    case LEAF_EVENT:
        return (struct number_place){NULL, &leaf->event};
    case LEAF_SESSION:
        return (struct number_place){&leaf->session, NULL};
    case LEAF_RESULT:
        return (struct number_place){&leaf->result, NULL};
    case LEAF_RULE:
        return (struct number_place){&leaf->rule, NULL};
    case LEAF_UID:
        return (struct number_place){NULL, &leaf->uid};
    case LEAF_ROLE:
        return (struct number_place){NULL, &leaf->role};
    case LEAF_STATUS:
        return (struct number_place){NULL, &leaf->status};
    case LEAF_SUPPRESSED:
        return (struct number_place){&leaf->suppressed, NULL};
    case LEAF_SUPPRESSED_REFUSED:
        return (struct number_place){&leaf->suppressed_refused, NULL};
    case LEAF_COUNT:
        return (struct number_place){NULL, &leaf->count};
    case LEAF_FIRST:
        return (struct number_place){&leaf->first, NULL};
    case LEAF_LAST:
        return (struct number_place){&leaf->last, NULL};
    case LEAF_SINCE_MS:
        return (struct number_place){&leaf->since_ms, NULL};
    default:
        return (struct number_place){NULL, NULL};
    }
}

static struct bytes *bytes_place(struct log_leaf *leaf, uint64_t key) {
    return key == LEAF_OBJECT         ? &leaf->object
           : key == LEAF_PAYLOAD_HASH ? &leaf->payload_hash
           : key == LEAF_DETAIL       ? &leaf->detail
                                      : NULL;
}

/* Reads the value of one key; keys of a newer module are passed over. */
static enum status read_field(struct cbor_reader *reader, uint64_t key, struct log_leaf *leaf) {
    struct number_place number = number_place(leaf, key);
    struct bytes *bytes = bytes_place(leaf, key);
    uint64_t value = 0;
    struct bytes skipped;
    if (number.wide != NULL) {
        TRY(cbor_get_uint(reader, UINT64_MAX, number.wide));
    } else if (number.narrow != NULL) {
        TRY(cbor_get_uint(reader, UINT32_MAX, &value));
        *number.narrow = (uint32_t)value;
    } else if (bytes != NULL) {
        TRY(cbor_get_bytes(reader, bytes));
    } else {
        TRY(cbor_skip(reader, &skipped));
    }
    if (key < 32) {
        leaf->has |= (uint32_t)1 << key;
    }
    return STATUS_OK;
}

enum status log_leaf_read(struct bytes bytes, struct log_leaf *leaf) {
    *leaf = (struct log_leaf){.count = 1};
    if (bytes.size < LOG_MARK_SIZE) {
        return STATUS_DATA_INVALID;
    }
    leaf->mark = bytes_of(bytes.data, LOG_MARK_SIZE);
    leaf->map = bytes_of(bytes.data + LOG_MARK_SIZE, bytes.size - LOG_MARK_SIZE);
    struct cbor_reader reader;
    cbor_read(&reader, leaf->map);
    uint64_t pairs = 0;
    TRY(cbor_get(&reader, CBOR_MAP, &pairs));
    for (uint64_t i = 0; i < pairs; i++) {
        uint64_t key = 0;
        TRY(cbor_get_uint(&reader, UINT64_MAX, &key));
        TRY(read_field(&reader, key, leaf));
    }
    TRY(cbor_close(&reader));
    const uint32_t always = 1u << LEAF_SEQUENCE | 1u << LEAF_BOOT | 1u << LEAF_UPTIME_MS |
                            1u << LEAF_EVENT | 1u << LEAF_RESULT;
    return (leaf->has & always) == always ? STATUS_OK : STATUS_DATA_INVALID;
}
