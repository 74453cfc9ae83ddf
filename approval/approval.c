/* SPDX-License-Identifier: Apache-2.0 */
/* Approvals: their two forms. */
#include "approval/approval.h"

#include "proto/cbor.h"

enum { COSE_SIGN1_TAG = 18, LABEL_ALGORITHM = 1, LABEL_KEY_ID = 4, LABEL_TYPE = 16 };
enum { SIMPLE_NULL = 22, FLAGS_AT = 32, FLAG_PRESENT = 1, FLAG_VERIFIED = 4 };

static const char type_name[] = "application/hsm-approval+cbor";
static const char webauthn_word[] = "webauthn";

static enum status fail_unless(bool good) {
    return good ? STATUS_OK : STATUS_DATA_INVALID;
}

/* ---- COSE ---- */

enum status approval_header(int32_t algorithm, struct bytes key_id, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_MAP, 3);
    cbor_put(&writer, CBOR_UINT, LABEL_ALGORITHM);
    cbor_put_int(&writer, algorithm);
    cbor_put(&writer, CBOR_UINT, LABEL_KEY_ID);
    cbor_put_bytes(&writer, key_id);
    cbor_put(&writer, CBOR_UINT, LABEL_TYPE);
    cbor_put_text(&writer, bytes_of_text(type_name));
    return cbor_written(&writer, out);
}

enum status approval_signed(struct bytes header, struct bytes request, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_ARRAY, 4);
    cbor_put_text(&writer, bytes_of_text("Signature1"));
    cbor_put_bytes(&writer, header);
    cbor_put_bytes(&writer, bytes_of(NULL, 0));
    cbor_put_bytes(&writer, request);
    return cbor_written(&writer, out);
}

enum status approval_write(struct bytes header, struct bytes signature, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_TAG, COSE_SIGN1_TAG);
    cbor_put(&writer, CBOR_ARRAY, 4);
    cbor_put_bytes(&writer, header);
    cbor_put(&writer, CBOR_MAP, 0);
    cbor_put(&writer, CBOR_SIMPLE, SIMPLE_NULL);
    cbor_put_bytes(&writer, signature);
    return cbor_written(&writer, out);
}

static enum status take_label(struct cbor_reader *reader, uint64_t label) {
    uint64_t found = 0;
    TRY(cbor_get_uint(reader, LABEL_TYPE, &found));
    return fail_unless(found == label);
}

static enum status read_header(struct approval *approval) {
    struct cbor_reader reader;
    struct bytes type;
    uint64_t pairs = 0;
    int64_t algorithm = 0;
    cbor_read(&reader, approval->header);
    TRY(cbor_get(&reader, CBOR_MAP, &pairs));
    TRY(take_label(&reader, LABEL_ALGORITHM));
    TRY(cbor_get_int(&reader, &algorithm));
    TRY(take_label(&reader, LABEL_KEY_ID));
    TRY(cbor_get_bytes(&reader, &approval->key_id));
    TRY(take_label(&reader, LABEL_TYPE));
    TRY(cbor_get_text(&reader, &type));
    approval->algorithm = (int32_t)algorithm;
    TRY(fail_unless(pairs == 3 && (algorithm == MEMBER_ES256 || algorithm == MEMBER_EDDSA) &&
                    bytes_equal(type, bytes_of_text(type_name))));
    return cbor_close(&reader);
}

static enum status read_cose(struct cbor_reader *reader, struct approval *approval) {
    struct cbor_item payload;
    uint64_t items = 0, unprotected = 0;
    TRY(cbor_get(reader, CBOR_ARRAY, &items));
    TRY(fail_unless(items == 4));
    TRY(cbor_get_bytes(reader, &approval->header));
    TRY(cbor_get(reader, CBOR_MAP, &unprotected));
    TRY(cbor_next(reader, &payload));
    TRY(cbor_get_bytes(reader, &approval->signature));
    TRY(fail_unless(unprotected == 0 && payload.type == CBOR_SIMPLE &&
                    payload.value == SIMPLE_NULL && approval->header.size <= APPROVAL_HEADER_MAX));
    return read_header(approval);
}

/* ---- WebAuthn ---- */

enum status approval_write_webauthn(const struct approval *approval, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_ARRAY, 5);
    cbor_put_text(&writer, bytes_of_text(webauthn_word));
    cbor_put_bytes(&writer, approval->key_id);
    cbor_put_bytes(&writer, approval->authenticator);
    cbor_put_bytes(&writer, approval->client_data);
    cbor_put_bytes(&writer, approval->signature);
    return cbor_written(&writer, out);
}

static enum status read_webauthn(struct cbor_reader *reader, uint64_t items,
                                 struct approval *approval) {
    struct bytes word;
    TRY(cbor_get_text(reader, &word));
    TRY(cbor_get_bytes(reader, &approval->key_id));
    TRY(cbor_get_bytes(reader, &approval->authenticator));
    TRY(cbor_get_bytes(reader, &approval->client_data));
    TRY(cbor_get_bytes(reader, &approval->signature));
    approval->webauthn = true;
    return fail_unless(items == 5 && bytes_equal(word, bytes_of_text(webauthn_word)) &&
                       approval->authenticator.size >= APPROVAL_AUTHENTICATOR_MIN &&
                       approval->authenticator.size <= APPROVAL_AUTHENTICATOR_MAX &&
                       approval->client_data.size <= APPROVAL_CLIENT_DATA_MAX);
}

/* RFC 4648 section 5, without padding. */
static void encode_base64url(const uint8_t in[CHALLENGE_SIZE], uint8_t out[43]) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0, held = 0;
    size_t used = 0;
    for (size_t i = 0; i < CHALLENGE_SIZE; i++) {
        bits = bits << 8 | in[i];
        for (held += 8; held >= 6; held -= 6) {
            out[used++] = (uint8_t)digits[bits >> (held - 6) & 63];
        }
    }
    out[used] = (uint8_t)digits[bits << (6 - held) & 63];
}

enum status approval_check_webauthn(const struct approval *approval,
                                    const uint8_t challenge[CHALLENGE_SIZE],
                                    struct bytes rp_id_hash) {
    static const char before[] = "{\"type\":\"webauthn.get\",\"challenge\":\"";
    static const char after[] = "\",\"origin\":";
    uint8_t begins[sizeof(before) - 1 + 43 + sizeof(after) - 1];
    bytes_copy(begins, bytes_of_text(before));
    encode_base64url(challenge, begins + sizeof(before) - 1);
    bytes_copy(begins + sizeof(before) - 1 + 43, bytes_of_text(after));
    const uint8_t both = FLAG_PRESENT | FLAG_VERIFIED;
    TRY(fail_unless(approval->client_data.size > sizeof(begins) &&
                    approval->authenticator.size >= APPROVAL_AUTHENTICATOR_MIN &&
                    rp_id_hash.size == RP_ID_HASH_SIZE));
    return fail_unless(
        bytes_equal(bytes_of(approval->client_data.data, sizeof(begins)),
                    bytes_of(begins, sizeof(begins))) &&
        bytes_equal(bytes_of(approval->authenticator.data, RP_ID_HASH_SIZE), rp_id_hash) &&
        (approval->authenticator.data[FLAGS_AT] & both) == both);
}

/* ---- both ---- */

enum status approval_read(struct bytes encoding, struct approval *approval) {
    struct cbor_reader reader;
    struct cbor_item first;
    memset(approval, 0, sizeof(*approval));
    TRY(fail_unless(encoding.size <= APPROVAL_MAX));
    cbor_read(&reader, encoding);
    TRY(cbor_next(&reader, &first));
    if (first.type == CBOR_TAG) {
        TRY(fail_unless(first.value == COSE_SIGN1_TAG));
        TRY(read_cose(&reader, approval));
    } else {
        TRY(fail_unless(first.type == CBOR_ARRAY));
        TRY(read_webauthn(&reader, first.value, approval));
    }
    TRY(fail_unless(approval->key_id.size == APPROVAL_KEY_ID_SIZE &&
                    approval->signature.size == APPROVAL_SIGNATURE_SIZE));
    return cbor_close(&reader);
}
