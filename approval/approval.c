/* SPDX-License-Identifier: Apache-2.0 */
/* Approvals: their two forms. */
#include "approval/approval.h"

enum { FLAGS_AT = 32, FLAG_PRESENT = 1, FLAG_VERIFIED = 4 };

static const char type_name[] = "application/hsm-approval+cbor";
static const char webauthn_word[] = "webauthn";

static enum status fail_unless(bool good) {
    return good ? STATUS_OK : STATUS_DATA_INVALID;
}

/* ---- COSE ---- */

enum status approval_header(int32_t algorithm, struct bytes key_id, struct span *out) {
    return cose_header(algorithm, key_id, type_name, out);
}

enum status approval_write(struct bytes header, struct bytes signature, struct span *out) {
    return cose_write(header, NULL, signature, out);
}

static enum status read_cose(struct cbor_reader *reader, struct approval *approval) {
    struct cose cose;
    TRY(cose_read(reader, &cose));
    TRY(cose_read_header(&cose, type_name));
    *approval = (struct approval){.key_id = cose.key_id,
                                  .signature = cose.signature,
                                  .algorithm = cose.algorithm,
                                  .header = cose.header};
    return fail_unless(cose.detached);
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
