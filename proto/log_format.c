/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Sign1 and C2SP notes of the audit log: one way to write each, and to read that way back. */
#include "proto/log_format.h"

#include "proto/base64.h"
#include "proto/cbor.h"

enum { COSE_SIGN1_TAG = 18 };
/* {1: -8}: the algorithm is EdDSA */
static const uint8_t protected_header[] = {0xa1, 0x01, 0x27};

void log_origin(struct bytes device_id, char out[LOG_ORIGIN_MAX + 1]) {
    static const char prefix[] = "edgehsm/", digits[] = "0123456789abcdef";
    size_t used = sizeof(prefix) - 1;
    memcpy(out, prefix, used);
    for (size_t i = 0; i < device_id.size && used + 2 <= LOG_ORIGIN_MAX; i++) {
        out[used++] = digits[device_id.data[i] >> 4];
        out[used++] = digits[device_id.data[i] & 15];
    }
    out[used] = '\0';
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

/* Text that is being put together; sticky like a CBOR writer. */
struct text {
    struct span room;
    size_t used;
    bool failed;
};

static void text_add(struct text *text, struct bytes more) {
    if (text->failed || text->room.size - text->used < more.size) {
        text->failed = true;
        return;
    }
    bytes_copy(text->room.data + text->used, more);
    text->used += more.size;
}

static void text_add_number(struct text *text, uint64_t number) {
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    text_add(text, bytes_of(digits + at, sizeof(digits) - at));
}

static void text_add_base64(struct text *text, struct bytes data) {
    char encoded[BASE64_SIZE(4 + LOG_SIGNATURE_SIZE)];
    text_add(text, bytes_of(encoded, base64_write(data, encoded)));
}

static enum status text_end(const struct text *text, struct span *out) {
    if (text->failed) {
        return STATUS_TOO_LARGE;
    }
    out->size = text->used;
    return STATUS_OK;
}

enum status log_note_signed(const char *origin, uint64_t size, const uint8_t root[LOG_HASH_SIZE],
                            struct span *out) {
    struct text text = {*out, 0, false};
    text_add(&text, bytes_of_text(origin));
    text_add(&text, bytes_of_text("\n"));
    text_add_number(&text, size);
    text_add(&text, bytes_of_text("\n"));
    text_add_base64(&text, bytes_of(root, LOG_HASH_SIZE));
    text_add(&text, bytes_of_text("\n"));
    return text_end(&text, out);
}

enum status log_note_write(struct bytes signed_text, const char *origin, const uint8_t key_id[4],
                           const uint8_t signature[LOG_SIGNATURE_SIZE], struct span *out) {
    uint8_t blob[4 + LOG_SIGNATURE_SIZE];
    bytes_copy(blob, bytes_of(key_id, 4));
    bytes_copy(blob + 4, bytes_of(signature, LOG_SIGNATURE_SIZE));
    struct text text = {*out, 0, false};
    text_add(&text, signed_text);
    text_add(&text, bytes_of_text("\n\xe2\x80\x94 "));
    text_add(&text, bytes_of_text(origin));
    text_add(&text, bytes_of_text(" "));
    text_add_base64(&text, bytes_of(blob, sizeof(blob)));
    text_add(&text, bytes_of_text("\n"));
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
