/* SPDX-License-Identifier: Apache-2.0 */
/* What the store keeps of the log.
 *
 * Record RECORD_LOG 0: u8 version 1, u64 size, entries, lost, suppressed, suppressed_refused,
 * checkpoint_size, 8 bytes of link, 32 bytes of running key, then 32 bytes for each subtree of the
 * frontier, the smallest first. Record RECORD_LOG 1: seed and public key of Ed25519, 32 bytes each.
 * */
#include "core/audit/frontier.h"

#include "base/wipe.h"
#include "core/store/store.h"

enum { FRONTIER_VERSION = 1, FRONTIER_NUMBERS = 6, FRONTIER_KEY_AT = 1 + 8 * FRONTIER_NUMBERS + 8 };
enum { FRONTIER_HEAD = FRONTIER_KEY_AT + 32 };
enum { FRONTIER_MAX = FRONTIER_HEAD + MERKLE_LEVELS * MERKLE_HASH_SIZE };

static uint64_t frontier_id(void) {
    return record_id(RECORD_LOG, 0);
}
static uint64_t key_id(void) {
    return record_id(RECORD_LOG, 1);
}

/* Copies the frontier's hashes between tree and record, by `to_tree`; returns their bytes. */
static size_t copy_nodes(struct merkle *tree, uint8_t *at, bool to_tree) {
    size_t used = 0;
    for (uint32_t level = 0; level < MERKLE_LEVELS; level++) {
        if ((tree->size >> level & 1) != 0) {
            uint8_t *node = tree->nodes[level];
            memcpy(to_tree ? node : at + used, to_tree ? at + used : node, MERKLE_HASH_SIZE);
            used += MERKLE_HASH_SIZE;
        }
    }
    return used;
}

static enum status decode(struct audit *audit, uint8_t *record, size_t size) {
    if (size < FRONTIER_HEAD || record[0] != FRONTIER_VERSION) {
        return STATUS_STORE_DAMAGED;
    }
    uint64_t *const numbers[FRONTIER_NUMBERS] = {
        &audit->tree.size,  &audit->entries,            &audit->lost,
        &audit->suppressed, &audit->suppressed_refused, &audit->checkpoint_size};
    for (size_t i = 0; i < FRONTIER_NUMBERS; i++) {
        *numbers[i] = load_u64(record + 1 + 8 * i);
    }
    memcpy(audit->link, record + FRONTIER_KEY_AT - 8, sizeof(audit->link));
    memcpy(audit->entry_key, record + FRONTIER_KEY_AT, sizeof(audit->entry_key));
    if (size != FRONTIER_HEAD + (size_t)merkle_frontier(&audit->tree) * MERKLE_HASH_SIZE) {
        return STATUS_STORE_DAMAGED;
    }
    (void)copy_nodes(&audit->tree, record + FRONTIER_HEAD, true);
    audit->stored_size = audit->tree.size;
    audit->stored_entries = audit->entries;
    return STATUS_OK;
}

enum status frontier_load(struct audit *audit, bool *fresh) {
    SECRET_BYTES(record, FRONTIER_MAX);
    struct span room = {record, sizeof(record)};
    enum status status = store_get(audit->store, frontier_id(), &room);
    *fresh = status == STATUS_NOT_FOUND;
    if (*fresh) {
        return crypto_random(audit->entry_key, sizeof(audit->entry_key));
    }
    TRY(status);
    return decode(audit, record, room.size);
}

enum status frontier_store(struct audit *audit) {
    SECRET_BYTES(record, FRONTIER_MAX);
    const uint64_t numbers[FRONTIER_NUMBERS] = {
        audit->tree.size,  audit->entries,            audit->lost,
        audit->suppressed, audit->suppressed_refused, audit->checkpoint_size};
    record[0] = FRONTIER_VERSION;
    for (size_t i = 0; i < FRONTIER_NUMBERS; i++) {
        save_u64(record + 1 + 8 * i, numbers[i]);
    }
    memcpy(record + FRONTIER_KEY_AT - 8, audit->link, sizeof(audit->link));
    memcpy(record + FRONTIER_KEY_AT, audit->entry_key, sizeof(audit->entry_key));
    size_t size = FRONTIER_HEAD + copy_nodes(&audit->tree, record + FRONTIER_HEAD, false);
    TRY(port_log_sync());
    TRY(store_put(audit->store, frontier_id(), bytes_of(record, size), STORE_LAST));
    audit->stored_size = audit->tree.size;
    audit->stored_entries = audit->entries;
    return STATUS_OK;
}

/* ---- the log key ---- */

/* OBJECT IDENTIFIER 1.3.101.112, as CKA_EC_PARAMS holds it */
static const uint8_t ed25519_params[] = {0x06, 0x03, 0x2b, 0x65, 0x70};

/* Makes seed and public key, 32 bytes each. */
static enum status generate(uint8_t pair[2 * LOG_KEY_SIZE]) {
    SECRET_BYTES(room_bytes, 1024);
    struct span room = {room_bytes, sizeof(room_bytes)};
    struct key_parts parts = {.type = KEY_ED25519,
                              .ec_params = bytes_of(ed25519_params, sizeof(ed25519_params))};
    TRY(crypto_key_generate(&parts, 0, &room));
    if (parts.value.size != LOG_KEY_SIZE || parts.ec_point.size != LOG_KEY_SIZE) {
        return STATUS_INTERNAL;
    }
    bytes_copy(pair, parts.value);
    bytes_copy(pair + LOG_KEY_SIZE, parts.ec_point);
    return STATUS_OK;
}

/* Origin, and the key id of a signed note: SHA-256(origin || "\n" || 0x01 || public key). */
static enum status name_key(struct audit *audit) {
    static const uint8_t algorithm[2] = {'\n', 0x01};
    uint8_t device[DEVICE_ID_SIZE], hash[32];
    store_device_id(audit->store, device);
    log_origin(bytes_of(device, sizeof(device)), audit->origin);
    const struct bytes parts[] = {bytes_of_text(audit->origin),
                                  bytes_of(algorithm, sizeof(algorithm)),
                                  bytes_of(audit->public_key, LOG_KEY_SIZE)};
    TRY(crypto_hash(HASH_SHA256, parts, COUNT(parts), hash));
    memcpy(audit->key_id, hash, sizeof(audit->key_id));
    return STATUS_OK;
}

enum status frontier_load_key(struct audit *audit) {
    SECRET_BYTES(pair, 2 * LOG_KEY_SIZE);
    struct span room = {pair, sizeof(pair)};
    enum status status = store_get(audit->store, key_id(), &room);
    if (status == STATUS_NOT_FOUND) {
        TRY(generate(pair));
        status = store_put(audit->store, key_id(), bytes_of(pair, sizeof(pair)), STORE_LAST);
        room.size = sizeof(pair);
    }
    TRY(status);
    if (room.size != sizeof(pair)) {
        return STATUS_STORE_DAMAGED;
    }
    struct key_parts parts = {.type = KEY_ED25519,
                              .is_private = true,
                              .value = bytes_of(pair, LOG_KEY_SIZE),
                              .ec_params = bytes_of(ed25519_params, sizeof(ed25519_params)),
                              .ec_point = bytes_of(pair + LOG_KEY_SIZE, LOG_KEY_SIZE)};
    TRY(crypto_key_load(&audit->key, &parts));
    memcpy(audit->public_key, pair + LOG_KEY_SIZE, LOG_KEY_SIZE);
    return name_key(audit);
}
