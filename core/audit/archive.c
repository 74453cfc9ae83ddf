/* SPDX-License-Identifier: Apache-2.0 */
/* The entries that the log gave to the archive, and the running key that tags them. */
#include "core/audit/archive.h"

#include "base/ct.h"
#include "base/wipe.h"

bool archive_has_room(struct audit *audit, uint64_t slots, uint64_t spare) {
    if (audit->space < slots + spare) {
        audit->space = port_log_space();
    }
    return audit->space >= slots + spare;
}

/* One step of the running key: a one-step key derivation of SP 800-56C (section 4.1, option 1, with
 * SHA-512, one round) from the key and what the entry holds. The result is the next key and the
 * tag. */
enum { STEP_KEY_SIZE = 32, STEP_SIZE = 64 };
enum { STEP_INPUT = 4 + STEP_KEY_SIZE + 16 + 4 + LOG_HASH_SIZE };
static enum status step(const uint8_t key[STEP_KEY_SIZE], uint32_t kind,
                        const uint8_t hash[LOG_HASH_SIZE], uint8_t out[STEP_SIZE]) {
    SECRET_BYTES(input, STEP_INPUT);
    memcpy(input, "\0\0\0\1", 4); /* the round */
    memcpy(input + 4, key, STEP_KEY_SIZE);
    memcpy(input + 4 + STEP_KEY_SIZE, "audit log entry", 16);
    save_u32(input + 52, kind);
    memcpy(input + 56, hash, LOG_HASH_SIZE);
    const struct bytes whole = bytes_of(input, STEP_INPUT);
    return crypto_hash(HASH_SHA512, &whole, 1, out);
}

enum status archive_append(struct audit *audit, enum log_kind kind, struct entry *entry,
                           const uint8_t hash[LOG_HASH_SIZE]) {
    SECRET_BYTES(next, STEP_SIZE);
    TRY(step(audit->entry_key, kind, hash, next));
    save_u32(entry->bytes, kind);
    memcpy(entry_body(entry) + entry->body_size, next + STEP_KEY_SIZE, ENTRY_TAG_SIZE);
    TRY(port_log_append(
        bytes_of(entry->bytes, ENTRY_KIND_SIZE + entry->body_size + ENTRY_TAG_SIZE)));
    memcpy(audit->entry_key, next, STEP_KEY_SIZE);
    audit->entries++;
    audit->space -= audit->space > 0;
    return STATUS_OK;
}

/* ---- after a restart ---- */

/* The hash that the tag covers; for a leaf it checks the mark, too. */
static enum status entry_hash(const struct audit *audit, uint32_t kind, struct bytes body,
                              uint8_t hash[LOG_HASH_SIZE]) {
    if (kind != LOG_LEAF) {
        return crypto_hash(HASH_SHA256, &body, 1, hash);
    }
    if (body.size < LOG_MARK_SIZE) {
        return STATUS_DATA_INVALID;
    }
    struct bytes leaf = bytes_of(body.data + LOG_MARK_SIZE, body.size - LOG_MARK_SIZE);
    TRY(merkle_leaf(leaf, hash));
    bool fits = ct_equal(body.data, hash, 8) && ct_equal(body.data + 8, audit->link, 8);
    return fits ? STATUS_OK : STATUS_DATA_INVALID;
}

/* Takes over one entry. STATUS_DATA_INVALID when it is not the one that the module wrote here. */
static enum status take_over(struct audit *audit, struct bytes raw) {
    if (raw.size < ENTRY_KIND_SIZE + ENTRY_TAG_SIZE) {
        return STATUS_DATA_INVALID;
    }
    uint32_t kind = load_u32(raw.data);
    struct bytes body =
        bytes_of(raw.data + ENTRY_KIND_SIZE, raw.size - ENTRY_KIND_SIZE - ENTRY_TAG_SIZE);
    uint8_t hash[LOG_HASH_SIZE];
    TRY(entry_hash(audit, kind, body, hash));
    SECRET_BYTES(next, STEP_SIZE);
    TRY(step(audit->entry_key, kind, hash, next));
    if (!ct_equal(body.data + body.size, next + STEP_KEY_SIZE, ENTRY_TAG_SIZE)) {
        return STATUS_DATA_INVALID;
    }
    if (kind == LOG_LEAF) {
        TRY(merkle_add(&audit->tree, hash));
        memcpy(audit->link, hash + 8, sizeof(audit->link));
        audit->suppressed = 0; /* the leaf told of them */
        audit->suppressed_refused = 0;
    } else if (kind == LOG_CHECKPOINT) {
        audit->checkpoint_size = audit->tree.size;
    }
    memcpy(audit->entry_key, next, STEP_KEY_SIZE);
    audit->entries++;
    return STATUS_OK;
}

/* Sets audit->entries to where the archive can be read from; returns how many entries are not
 * there. */
static uint64_t find_start(struct audit *audit, uint64_t first, uint64_t next) {
    uint64_t missing = 0;
    if (audit->entries > next) {
        missing = audit->entries - next;
        audit->entries = next;
    } else if (audit->entries < first) {
        missing = first - audit->entries;
        audit->entries = first;
    }
    return missing;
}

enum status archive_resume(struct audit *audit, uint64_t *missing, uint64_t *dropped) {
    uint64_t first = 0, next = 0;
    port_log_range(&first, &next);
    *missing = find_start(audit, first, next);
    while (audit->entries < next) {
        uint8_t room[LOG_ENTRY_MAX];
        struct span raw = {room, sizeof(room)};
        enum status status = port_log_read(audit->entries, &raw);
        if (status == STATUS_OK) {
            status = take_over(audit, bytes_of_span(raw));
        }
        if (status == STATUS_DATA_INVALID || status == STATUS_NOT_FOUND) {
            break;
        }
        TRY(status);
    }
    *dropped = next - audit->entries;
    return STATUS_OK;
}
