/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Sign1 and C2SP notes of the audit log: one way to write each, and to read that way back. */
#include "proto/log_format.h"

#include "proto/base64.h"
#include "proto/cose.h"
#include "proto/text.h"

/* {1: -8}: the algorithm is EdDSA */
static const uint8_t protected_header[] = {0xa1, 0x01, 0x27};

void log_origin(struct bytes device_id, char out[LOG_ORIGIN_MAX + 1]) {
    struct text text = text_in((struct span){(uint8_t *)out, LOG_ORIGIN_MAX});
    text_add(&text, "edgehsm/");
    text_add_hex(&text, device_id);
    out[text.used] = '\0';
}

static struct bytes header(void) {
    return bytes_of(protected_header, sizeof(protected_header));
}

enum status log_cose_signed(struct bytes payload, struct span *out) {
    return cose_signed(header(), payload, out);
}

enum status log_cose_write(struct bytes payload, const uint8_t signature[LOG_SIGNATURE_SIZE],
                           struct span *out) {
    return cose_write(header(), &payload, bytes_of(signature, LOG_SIGNATURE_SIZE), out);
}

enum status log_cose_read(struct bytes encoding, struct bytes *payload, struct bytes *signature) {
    struct cose cose;
    TRY(cose_open(encoding, &cose));
    *payload = cose.payload;
    *signature = cose.signature;
    return bytes_equal(cose.header, header()) && !cose.detached &&
                   signature->size == LOG_SIGNATURE_SIZE
               ? STATUS_OK
               : STATUS_DATA_INVALID;
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
