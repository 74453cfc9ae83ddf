/* SPDX-License-Identifier: Apache-2.0 */
/* Signed heads of the log: COSE_Sign1 (RFC 9052) and C2SP signed note. */
#include "core/audit/checkpoint.h"

#include "core/audit/archive.h"
#include "proto/cbor.h"

/* The largest payload: ten keys, origin, root, nonce and seven numbers. */
enum { PAYLOAD_MAX = 1 + 10 + (2 + LOG_ORIGIN_MAX) + 34 + (2 + LOG_NONCE_MAX) + 7 * 9 };

static void put_number(struct cbor_writer *writer, enum checkpoint_key key, uint64_t value) {
    cbor_put(writer, CBOR_UINT, key);
    cbor_put(writer, CBOR_UINT, value);
}

static enum status write_payload(const struct audit *audit, enum checkpoint_reason reason,
                                 struct bytes nonce, const uint8_t root[LOG_HASH_SIZE],
                                 struct span *out) {
    uint64_t time = port_clock();
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_MAP, 8 + (uint64_t)(nonce.size > 0) + (uint64_t)(time != 0));
    cbor_put(&writer, CBOR_UINT, CHECKPOINT_ORIGIN);
    cbor_put_text(&writer, bytes_of_text(audit->origin));
    put_number(&writer, CHECKPOINT_SIZE, audit->tree.size);
    cbor_put(&writer, CBOR_UINT, CHECKPOINT_ROOT);
    cbor_put_bytes(&writer, bytes_of(root, LOG_HASH_SIZE));
    put_number(&writer, CHECKPOINT_BOOT, audit->boot);
    put_number(&writer, CHECKPOINT_UPTIME_MS, port_uptime_ms());
    put_number(&writer, CHECKPOINT_LOST, audit->lost);
    put_number(&writer, CHECKPOINT_REASON, reason);
    put_number(&writer, CHECKPOINT_ENTRY, audit->entries);
    if (nonce.size > 0) {
        cbor_put(&writer, CBOR_UINT, CHECKPOINT_NONCE);
        cbor_put_bytes(&writer, nonce);
    }
    if (time != 0) {
        put_number(&writer, CHECKPOINT_TIME, time);
    }
    return cbor_written(&writer, out);
}

/* Signs with the log key; what does not verify is never handed out. */
static enum status sign(const struct audit *audit, struct bytes data,
                        uint8_t signature[LOG_SIGNATURE_SIZE]) {
    static const struct mechanism eddsa = {.algorithm = ALGORITHM_EDDSA};
    struct span out = {signature, LOG_SIGNATURE_SIZE};
    TRY(crypto_sign(&audit->key, &eddsa, data, true, &out));
    return out.size == LOG_SIGNATURE_SIZE ? STATUS_OK : STATUS_INTERNAL;
}

static enum status sign_cose(const struct audit *audit, struct bytes payload, struct span *cose) {
    uint8_t text[LOG_COSE_MAX], signature[LOG_SIGNATURE_SIZE];
    struct span to_sign = {text, sizeof(text)};
    TRY(log_cose_signed(payload, &to_sign));
    TRY(sign(audit, bytes_of_span(to_sign), signature));
    return log_cose_write(payload, signature, cose);
}

static enum status sign_note(const struct audit *audit, const uint8_t root[LOG_HASH_SIZE],
                             struct span *note) {
    uint8_t text[LOG_NOTE_MAX], signature[LOG_SIGNATURE_SIZE];
    struct span to_sign = {text, sizeof(text)};
    TRY(log_note_signed(audit->origin, audit->tree.size, root, &to_sign));
    TRY(sign(audit, bytes_of_span(to_sign), signature));
    return log_note_write(bytes_of_span(to_sign), audit->origin, audit->key_id, signature, note);
}

enum status checkpoint_sign(struct audit *audit, enum checkpoint_reason reason, struct bytes nonce,
                            struct span *cose, struct span *note) {
    uint8_t root[LOG_HASH_SIZE], payload_bytes[PAYLOAD_MAX];
    struct span payload = {payload_bytes, sizeof(payload_bytes)};
    TRY(merkle_root(&audit->tree, root));
    TRY(write_payload(audit, reason, nonce, root, &payload));
    TRY(sign_cose(audit, bytes_of_span(payload), cose));
    return sign_note(audit, root, note);
}

uint64_t checkpoint_slots(const struct audit *audit) {
    return 1 + (merkle_frontier(&audit->tree) + LOG_FRONTIER_HASHES - 1) / LOG_FRONTIER_HASHES;
}

static enum status append(struct audit *audit, enum log_kind kind, struct entry *entry) {
    uint8_t hash[LOG_HASH_SIZE];
    struct bytes body = bytes_of(entry_body(entry), entry->body_size);
    TRY(crypto_hash(HASH_SHA256, &body, 1, hash));
    return archive_append(audit, kind, entry, hash);
}

/* The frontier, largest subtree first, LOG_FRONTIER_HASHES in an entry. */
static enum status archive_frontier(struct audit *audit) {
    struct entry entry = {.body_size = 0};
    for (uint32_t level = MERKLE_LEVELS; level-- > 0;) {
        if ((audit->tree.size >> level & 1) == 0) {
            continue;
        }
        if (entry.body_size == 0) {
            save_u64(entry_body(&entry), audit->tree.size);
            entry.body_size = 8;
        }
        memcpy(entry_body(&entry) + entry.body_size, audit->tree.nodes[level], MERKLE_HASH_SIZE);
        entry.body_size += MERKLE_HASH_SIZE;
        if (entry.body_size == 8 + LOG_FRONTIER_HASHES * MERKLE_HASH_SIZE) {
            TRY(append(audit, LOG_FRONTIER, &entry));
            entry.body_size = 0;
        }
    }
    return entry.body_size > 0 ? append(audit, LOG_FRONTIER, &entry) : STATUS_OK;
}

enum status checkpoint_archive(struct audit *audit, struct bytes cose, struct bytes note) {
    struct entry entry;
    if (4 + cose.size + note.size > ENTRY_BODY_MAX) {
        return STATUS_INTERNAL;
    }
    uint8_t *at = entry_body(&entry);
    save_u32(at, (uint32_t)cose.size);
    bytes_copy(at + 4, cose);
    bytes_copy(at + 4 + cose.size, note);
    entry.body_size = 4 + cose.size + note.size;
    TRY(append(audit, LOG_CHECKPOINT, &entry));
    audit->checkpoint_size = audit->tree.size;
    return archive_frontier(audit);
}
