/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Sign1 and C2SP notes of the audit log: one way to write each, and to read that way back. */
#include "proto/log_format.h"

#include "proto/base64.h"
#include "proto/cbor.h"
#include "proto/text.h"

enum { COSE_SIGN1_TAG = 18 };
/* {1: -8}: the algorithm is EdDSA */
static const uint8_t protected_header[] = {0xa1, 0x01, 0x27};

void log_origin(struct bytes device_id, char out[LOG_ORIGIN_MAX + 1]) {
    struct text text = text_in((struct span){(uint8_t *)out, LOG_ORIGIN_MAX});
    text_add(&text, "edgehsm/");
    text_add_hex(&text, device_id);
    out[text.used] = '\0';
}

enum status log_cose_signed(struct bytes payload, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_ARRAY, 4);
    cbor_put_text(&writer, bytes_of_text("Signature1"));
    cbor_put_bytes(&writer, bytes_of(protected_header, sizeof(protected_header)));
    cbor_put_bytes(&writer, bytes_of(NULL, 0));
    cbor_put_bytes(&writer, payload);
    return cbor_written(&writer, out);
}

enum status log_cose_write(struct bytes payload, const uint8_t signature[LOG_SIGNATURE_SIZE],
                           struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_TAG, COSE_SIGN1_TAG);
    cbor_put(&writer, CBOR_ARRAY, 4);
    cbor_put_bytes(&writer, bytes_of(protected_header, sizeof(protected_header)));
    cbor_put(&writer, CBOR_MAP, 0);
    cbor_put_bytes(&writer, payload);
    cbor_put_bytes(&writer, bytes_of(signature, LOG_SIGNATURE_SIZE));
    return cbor_written(&writer, out);
}

enum status log_cose_read(struct bytes cose, struct bytes *payload, struct bytes *signature) {
    struct cbor_reader reader;
    cbor_read(&reader, cose);
    uint64_t tag = 0, items = 0, headers = 0;
    struct bytes header;
    TRY(cbor_get(&reader, CBOR_TAG, &tag));
    TRY(cbor_get(&reader, CBOR_ARRAY, &items));
    TRY(cbor_get_bytes(&reader, &header));
    TRY(cbor_get(&reader, CBOR_MAP, &headers));
    if (tag != COSE_SIGN1_TAG || items != 4 || headers != 0 ||
        !bytes_equal(header, bytes_of(protected_header, sizeof(protected_header)))) {
        return STATUS_DATA_INVALID;
    }
    TRY(cbor_get_bytes(&reader, payload));
    TRY(cbor_get_bytes(&reader, signature));
    TRY(cbor_close(&reader));
    return signature->size == LOG_SIGNATURE_SIZE ? STATUS_OK : STATUS_DATA_INVALID;
}

/* ---- notes ---- */

enum status log_note_signed(const char *origin, uint64_t size, const uint8_t root[LOG_HASH_SIZE],
                            struct span *out) {
    struct text text = text_in(*out);
    text_add(&text, origin);
    text_add(&text, "\n");
    text_add_number(&text, size);
    text_add(&text, "\n");
    text_add_base64(&text, bytes_of(root, LOG_HASH_SIZE));
    text_add(&text, "\n");
    return text_end(&text, out);
}

enum status log_note_write(struct bytes signed_text, const char *origin, const uint8_t key_id[4],
                           const uint8_t signature[LOG_SIGNATURE_SIZE], struct span *out) {
    uint8_t blob[4 + LOG_SIGNATURE_SIZE];
    bytes_copy(blob, bytes_of(key_id, 4));
    bytes_copy(blob + 4, bytes_of(signature, LOG_SIGNATURE_SIZE));
    struct text text = text_in(*out);
    text_add_bytes(&text, signed_text);
    text_add(&text, "\n\xe2\x80\x94 ");
    text_add(&text, origin);
    text_add(&text, " ");
    text_add_base64(&text, bytes_of(blob, sizeof(blob)));
    text_add(&text, "\n");
    return text_end(&text, out);
}

enum status log_note_read(struct bytes note, struct bytes text, const char *origin,
                          const uint8_t key_id[4], uint8_t signature[LOG_SIGNATURE_SIZE]) {
    enum { ENCODED = BASE64_SIZE(4 + LOG_SIGNATURE_SIZE) };
    uint8_t blob[4 + LOG_SIGNATURE_SIZE], again[LOG_NOTE_MAX];
    if (note.size < ENCODED + 1) {
        return STATUS_DATA_INVALID;
    }
    struct span decoded = {blob, sizeof(blob)};
    TRY(base64_read(bytes_of(note.data + note.size - ENCODED - 1, ENCODED), &decoded));
    if (decoded.size != sizeof(blob) || !bytes_equal(bytes_of(blob, 4), bytes_of(key_id, 4))) {
        return STATUS_DATA_INVALID;
    }
    struct span whole = {again, sizeof(again)};
    TRY(log_note_write(text, origin, key_id, blob + 4, &whole));
    if (!bytes_equal(note, bytes_of_span(whole))) {
        return STATUS_DATA_INVALID;
    }
    bytes_copy(signature, bytes_of(blob + 4, LOG_SIGNATURE_SIZE));
    return STATUS_OK;
}
