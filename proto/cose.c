/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Sign1: one way to write it, and to read that way back. */
#include "proto/cose.h"

enum { LABEL_ALGORITHM = 1, LABEL_KEY_ID = 4, LABEL_TYPE = 16, SIMPLE_NULL = 22 };

/* ---- writing ---- */

enum status cose_signed(struct bytes header, struct bytes payload, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_ARRAY, 4);
    cbor_put_text(&writer, bytes_of_text("Signature1"));
    cbor_put_bytes(&writer, header);
    cbor_put_bytes(&writer, bytes_of(NULL, 0));
    cbor_put_bytes(&writer, payload);
    return cbor_written(&writer, out);
}

enum status cose_write(struct bytes header, const struct bytes *payload, struct bytes signature,
                       struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_TAG, COSE_SIGN1_TAG);
    cbor_put(&writer, CBOR_ARRAY, 4);
    cbor_put_bytes(&writer, header);
    cbor_put(&writer, CBOR_MAP, 0);
    if (payload != NULL) {
        cbor_put_bytes(&writer, *payload);
    } else {
        cbor_put(&writer, CBOR_SIMPLE, SIMPLE_NULL);
    }
    cbor_put_bytes(&writer, signature);
    return cbor_written(&writer, out);
}

/* ---- reading ---- */

static enum status fail_unless(bool good) {
    return good ? STATUS_OK : STATUS_DATA_INVALID;
}

enum status cose_read(struct cbor_reader *reader, struct cose *cose) {
    struct cbor_item payload;
    uint64_t items = 0, unprotected = 0;
    *cose = (struct cose){.detached = false};
    TRY(cbor_get(reader, CBOR_ARRAY, &items));
    TRY(fail_unless(items == 4));
    TRY(cbor_get_bytes(reader, &cose->header));
    TRY(cbor_get(reader, CBOR_MAP, &unprotected));
    TRY(cbor_next(reader, &payload));
    TRY(cbor_get_bytes(reader, &cose->signature));
    cose->detached = payload.type == CBOR_SIMPLE && payload.value == SIMPLE_NULL;
    cose->payload = payload.type == CBOR_BYTES ? payload.bytes : bytes_of(NULL, 0);
    return fail_unless(unprotected == 0 && (cose->detached || payload.type == CBOR_BYTES));
}

enum status cose_open(struct bytes encoding, struct cose *cose) {
    struct cbor_reader reader;
    uint64_t tag = 0;
    cbor_read(&reader, encoding);
    TRY(cbor_get(&reader, CBOR_TAG, &tag));
    TRY(fail_unless(tag == COSE_SIGN1_TAG));
    TRY(cose_read(&reader, cose));
    return cbor_close(&reader);
}

/* ---- the header of what people sign ---- */

enum status cose_header(int32_t algorithm, struct bytes key_id, const char *type,
                        struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_MAP, 3);
    cbor_put(&writer, CBOR_UINT, LABEL_ALGORITHM);
    cbor_put_int(&writer, algorithm);
    cbor_put(&writer, CBOR_UINT, LABEL_KEY_ID);
    cbor_put_bytes(&writer, key_id);
    cbor_put(&writer, CBOR_UINT, LABEL_TYPE);
    cbor_put_text(&writer, bytes_of_text(type));
    return cbor_written(&writer, out);
}

static enum status take_label(struct cbor_reader *reader, uint64_t label) {
    uint64_t found = 0;
    TRY(cbor_get_uint(reader, LABEL_TYPE, &found));
    return fail_unless(found == label);
}

enum status cose_read_header(struct cose *cose, const char *type) {
    struct cbor_reader reader;
    struct bytes found;
    uint64_t pairs = 0;
    int64_t algorithm = 0;
    TRY(fail_unless(cose->header.size <= COSE_HEADER_MAX));
    cbor_read(&reader, cose->header);
    TRY(cbor_get(&reader, CBOR_MAP, &pairs));
    TRY(take_label(&reader, LABEL_ALGORITHM));
    TRY(cbor_get_int(&reader, &algorithm));
    TRY(take_label(&reader, LABEL_KEY_ID));
    TRY(cbor_get_bytes(&reader, &cose->key_id));
    TRY(take_label(&reader, LABEL_TYPE));
    TRY(cbor_get_text(&reader, &found));
    cose->algorithm = (int32_t)algorithm;
    TRY(fail_unless(pairs == 3 && (algorithm == COSE_ES256 || algorithm == COSE_EDDSA) &&
                    cose->key_id.size == COSE_KEY_ID_SIZE &&
                    bytes_equal(found, bytes_of_text(type))));
    return cbor_close(&reader);
}
