/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints of the audit log: read and verified. */
#include "client/log_crypto.h"
#include "client/log_entry.h"
#include "proto/cbor.h"

static enum status read_origin(struct cbor_reader *reader, char origin[LOG_ORIGIN_MAX + 1]) {
    struct bytes text;
    TRY(cbor_get_text(reader, &text));
    if (text.size > LOG_ORIGIN_MAX) {
        return STATUS_DATA_INVALID;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~') {
            return STATUS_DATA_INVALID;
        }
    }
    bytes_copy((uint8_t *)origin, text);
    origin[text.size] = '\0';
    return STATUS_OK;
}

static enum status read_root(struct cbor_reader *reader, uint8_t root[LOG_HASH_SIZE]) {
    struct bytes bytes;
    TRY(cbor_get_bytes(reader, &bytes));
    if (bytes.size != LOG_HASH_SIZE) {
        return STATUS_DATA_INVALID;
    }
    bytes_copy(root, bytes);
    return STATUS_OK;
}

static enum status read_narrow(struct cbor_reader *reader, uint32_t *value) {
    uint64_t wide = 0;
    TRY(cbor_get_uint(reader, UINT32_MAX, &wide));
    *value = (uint32_t)wide;
    return STATUS_OK;
}

static enum status read_field(struct cbor_reader *reader, uint64_t key,
                              struct log_checkpoint *checkpoint) {
    struct bytes skipped;
    switch (key) {
    case CHECKPOINT_ORIGIN:
        return read_origin(reader, checkpoint->origin);
    case CHECKPOINT_SIZE:
        return cbor_get_uint(reader, UINT64_MAX, &checkpoint->size);
    case CHECKPOINT_ROOT:
        return read_root(reader, checkpoint->root);
    case CHECKPOINT_BOOT:
        return read_narrow(reader, &checkpoint->boot);
    case CHECKPOINT_UPTIME_MS:
        return cbor_get_uint(reader, UINT64_MAX, &checkpoint->uptime_ms);
    case CHECKPOINT_LOST:
        return cbor_get_uint(reader, UINT64_MAX, &checkpoint->lost);
    case CHECKPOINT_REASON:
        return read_narrow(reader, &checkpoint->reason);
    case CHECKPOINT_ENTRY:
        return cbor_get_uint(reader, UINT64_MAX, &checkpoint->entry);
    case CHECKPOINT_NONCE:
        return cbor_get_bytes(reader, &checkpoint->nonce);
    case CHECKPOINT_TIME:
        return cbor_get_uint(reader, UINT64_MAX, &checkpoint->time);
    default: /* a newer module's */
        return cbor_skip(reader, &skipped);
    }
}

static enum status read_payload(struct log_checkpoint *checkpoint) {
    struct cbor_reader reader;
    cbor_read(&reader, checkpoint->payload);
    uint64_t pairs = 0;
    uint32_t has = 0;
    TRY(cbor_get(&reader, CBOR_MAP, &pairs));
    for (uint64_t i = 0; i < pairs; i++) {
        uint64_t key = 0;
        TRY(cbor_get_uint(&reader, UINT64_MAX, &key));
        TRY(read_field(&reader, key, checkpoint));
        has |= key < 32 ? (uint32_t)1 << key : 0;
    }
    TRY(cbor_close(&reader));
    const uint32_t always = (1u << (CHECKPOINT_ENTRY + 1)) - (1u << CHECKPOINT_ORIGIN);
    return (has & always) == always ? STATUS_OK : STATUS_DATA_INVALID;
}

enum status log_checkpoint_read(struct bytes cose, struct bytes note,
                                struct log_checkpoint *checkpoint) {
    *checkpoint = (struct log_checkpoint){.cose = cose, .note = note};
    TRY(log_cose_read(cose, &checkpoint->payload, &checkpoint->signature));
    return read_payload(checkpoint);
}

enum status log_checkpoint_read_entry(struct bytes bytes, struct log_checkpoint *checkpoint) {
    if (bytes.size < 4 || load_u32(bytes.data) > bytes.size - 4) {
        return STATUS_DATA_INVALID;
    }
    size_t size = load_u32(bytes.data);
    return log_checkpoint_read(bytes_of(bytes.data + 4, size),
                               bytes_of(bytes.data + 4 + size, bytes.size - 4 - size), checkpoint);
}

static enum status verify_cose(const struct log_checkpoint *checkpoint, const uint8_t *key) {
    uint8_t text[LOG_COSE_MAX + 64];
    struct span is_signed = {text, sizeof(text)};
    if (log_cose_signed(checkpoint->payload, &is_signed) != STATUS_OK ||
        !log_ed25519_verifies(key, bytes_of_span(is_signed), checkpoint->signature.data)) {
        return STATUS_SIGNATURE_INVALID;
    }
    return STATUS_OK;
}

static enum status verify_note(const struct log_checkpoint *checkpoint,
                               const struct log_identity *identity) {
    static const uint8_t algorithm[2] = {'\n', 0x01};
    uint8_t key_id[32], text[LOG_NOTE_MAX], signature[LOG_SIGNATURE_SIZE];
    const struct bytes parts[] = {bytes_of_text(identity->origin),
                                  bytes_of(algorithm, sizeof(algorithm)),
                                  bytes_of(identity->key, LOG_KEY_SIZE)};
    TRY(log_sha256(parts, COUNT(parts), key_id));
    struct span is_signed = {text, sizeof(text)};
    if (log_note_signed(identity->origin, checkpoint->size, checkpoint->root, &is_signed) !=
            STATUS_OK ||
        log_note_read(checkpoint->note, bytes_of_span(is_signed), identity->origin, key_id,
                      signature) != STATUS_OK ||
        !log_ed25519_verifies(identity->key, bytes_of_span(is_signed), signature)) {
        return STATUS_SIGNATURE_INVALID;
    }
    return STATUS_OK;
}

enum status log_checkpoint_verify(const struct log_checkpoint *checkpoint,
                                  const struct log_identity *identity) {
    if (!bytes_equal(bytes_of_text(checkpoint->origin), bytes_of_text(identity->origin))) {
        return STATUS_SIGNATURE_INVALID;
    }
    TRY(verify_cose(checkpoint, identity->key));
    return verify_note(checkpoint, identity);
}
