/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads, read. */
#include "demo/gateway/fields.h"

#include "proto/cbor.h"

enum { SIMPLE_NULL = 22 };

static enum status read_value(struct cbor_reader *reader, struct field *field) {
    struct cbor_item item;
    TRY(cbor_next(reader, &item));
    *field = (struct field){.present = true, .content = item.bytes};
    if (item.type == CBOR_UINT && item.value <= INT64_MAX) {
        field->is_number = true;
        field->number = (int64_t)item.value;
    } else if (item.type == CBOR_NEGATIVE && item.value <= INT64_MAX) {
        field->is_number = true;
        field->number = -1 - (int64_t)item.value;
    } else if (item.type == CBOR_SIMPLE && item.value == SIMPLE_NULL) {
        field->present = false; /* a time that is not known */
    } else if (item.type != CBOR_TEXT && item.type != CBOR_BYTES) {
        return STATUS_DATA_INVALID;
    }
    return STATUS_OK;
}

enum status fields_read(struct bytes payload, struct fields *fields) {
    struct cbor_reader reader;
    uint64_t pairs = 0;
    *fields = (struct fields){.at = {{.present = false}}};
    cbor_read(&reader, payload);
    TRY(cbor_get(&reader, CBOR_MAP, &pairs));
    for (; pairs > 0; pairs--) {
        uint64_t key = 0;
        TRY(cbor_get_uint(&reader, FIELDS_MAX - 1, &key));
        TRY(read_value(&reader, &fields->at[key]));
    }
    return cbor_close(&reader);
}

int64_t fields_number(const struct fields *fields, unsigned key, int64_t otherwise) {
    const struct field *field = &fields->at[key];
    return field->present && field->is_number ? field->number : otherwise;
}

bool fields_is(const struct fields *fields, unsigned key, const char *text) {
    const struct field *field = &fields->at[key];
    return field->present && !field->is_number && bytes_equal(field->content, bytes_of_text(text));
}
