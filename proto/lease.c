/* SPDX-License-Identifier: Apache-2.0 */
/* The renewal of a key's lease: one way to write it, and to read that way back. */
#include "proto/lease.h"

#include "proto/cose.h"

enum { UNIQUE_ID_MAX = 64 };

/* ---- the two forms of key: SubjectPublicKeyInfo (RFC 5480, RFC 8410) ---- */

static const uint8_t p256_head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                    0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
static const uint8_t ed25519_head[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                       0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
enum { P256_SIZE = 91, ED25519_SIZE = 44 };

enum lease_key_form lease_key_form(struct bytes spki) {
    if (spki.size == P256_SIZE && bytes_equal(bytes_of(spki.data, sizeof(p256_head)),
                                              bytes_of(p256_head, sizeof(p256_head)))) {
        return LEASE_KEY_P256;
    }
    if (spki.size == ED25519_SIZE && bytes_equal(bytes_of(spki.data, sizeof(ed25519_head)),
                                                 bytes_of(ed25519_head, sizeof(ed25519_head)))) {
        return LEASE_KEY_ED25519;
    }
    return LEASE_KEY_OTHER;
}

struct bytes lease_key_point(struct bytes spki) {
    size_t size = lease_key_form(spki) == LEASE_KEY_P256 ? 65 : 32;
    return bytes_of(spki.data + spki.size - size, size);
}

/* ---- COSE: {1: -7} ES256, {1: -8} EdDSA ---- */

static struct bytes header_of(enum lease_key_form form) {
    static const uint8_t es256[] = {0xa1, 0x01, 0x26};
    static const uint8_t eddsa[] = {0xa1, 0x01, 0x27};
    return form == LEASE_KEY_P256 ? bytes_of(es256, sizeof(es256)) : bytes_of(eddsa, sizeof(eddsa));
}

enum status lease_signed(enum lease_key_form form, struct bytes payload, struct span *out) {
    return cose_signed(header_of(form), payload, out);
}

enum status lease_cose_write(enum lease_key_form form, struct bytes payload,
                             const uint8_t signature[LEASE_SIGNATURE_SIZE], struct span *out) {
    return cose_write(header_of(form), &payload, bytes_of(signature, LEASE_SIGNATURE_SIZE), out);
}

enum status lease_cose_read(struct bytes encoding, enum lease_key_form *form, struct bytes *payload,
                            struct bytes *signature) {
    struct cose cose;
    TRY(cose_open(encoding, &cose));
    *form = bytes_equal(cose.header, header_of(LEASE_KEY_P256))      ? LEASE_KEY_P256
            : bytes_equal(cose.header, header_of(LEASE_KEY_ED25519)) ? LEASE_KEY_ED25519
                                                                     : LEASE_KEY_OTHER;
    *payload = cose.payload;
    *signature = cose.signature;
    return *form != LEASE_KEY_OTHER && !cose.detached && signature->size == LEASE_SIGNATURE_SIZE
               ? STATUS_OK
               : STATUS_DATA_INVALID;
}

/* ---- the payload ---- */

enum status lease_write(const struct lease *lease, struct span *payload) {
    struct cbor_writer writer;
    cbor_write(&writer, *payload);
    cbor_put(&writer, CBOR_MAP, 6);
    cbor_put(&writer, CBOR_UINT, LEASE_PURPOSE);
    cbor_put_text(&writer, bytes_of_text(LEASE_PURPOSE_TEXT));
    cbor_put(&writer, CBOR_UINT, LEASE_DEVICE);
    cbor_put_bytes(&writer, lease->device);
    cbor_put(&writer, CBOR_UINT, LEASE_UNIQUE_ID);
    cbor_put_text(&writer, lease->unique_id);
    cbor_put(&writer, CBOR_UINT, LEASE_SEQUENCE);
    cbor_put(&writer, CBOR_UINT, lease->sequence);
    cbor_put(&writer, CBOR_UINT, LEASE_USES);
    cbor_put(&writer, CBOR_UINT, lease->uses);
    cbor_put(&writer, CBOR_UINT, LEASE_SECONDS);
    cbor_put(&writer, CBOR_UINT, lease->seconds);
    return cbor_written(&writer, payload);
}

static enum status expect_key(struct cbor_reader *reader, enum lease_field field) {
    uint64_t key = 0;
    TRY(cbor_get_uint(reader, UINT64_MAX, &key));
    return key == (uint64_t)field ? STATUS_OK : STATUS_DATA_INVALID;
}

static enum status read_number(struct cbor_reader *reader, enum lease_field field, uint64_t max,
                               uint64_t *value) {
    TRY(expect_key(reader, field));
    return cbor_get_uint(reader, max, value);
}

static enum status read_names(struct cbor_reader *reader, struct lease *lease) {
    struct bytes purpose;
    TRY(expect_key(reader, LEASE_PURPOSE));
    TRY(cbor_get_text(reader, &purpose));
    TRY(expect_key(reader, LEASE_DEVICE));
    TRY(cbor_get_bytes(reader, &lease->device));
    TRY(expect_key(reader, LEASE_UNIQUE_ID));
    TRY(cbor_get_text(reader, &lease->unique_id));
    return bytes_equal(purpose, bytes_of_text(LEASE_PURPOSE_TEXT)) &&
                   lease->device.size == LEASE_DEVICE_SIZE && lease->unique_id.size <= UNIQUE_ID_MAX
               ? STATUS_OK
               : STATUS_DATA_INVALID;
}

enum status lease_read(struct bytes payload, struct lease *lease) {
    struct cbor_reader reader;
    uint64_t pairs = 0, uses = 0, seconds = 0;
    *lease = (struct lease){.sequence = 0};
    cbor_read(&reader, payload);
    TRY(cbor_get(&reader, CBOR_MAP, &pairs));
    TRY(pairs == 6 ? STATUS_OK : STATUS_DATA_INVALID);
    TRY(read_names(&reader, lease));
    TRY(read_number(&reader, LEASE_SEQUENCE, UINT64_MAX, &lease->sequence));
    TRY(read_number(&reader, LEASE_USES, UINT32_MAX, &uses));
    TRY(read_number(&reader, LEASE_SECONDS, UINT32_MAX, &seconds));
    lease->uses = (uint32_t)uses;
    lease->seconds = (uint32_t)seconds;
    return cbor_close(&reader);
}
