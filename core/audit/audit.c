/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: start, records, checkpoints, stop. */
#include "core/audit/audit.h"

#include "base/wipe.h"
#include "core/audit/archive.h"
#include "core/audit/checkpoint.h"
#include "core/audit/frontier.h"
#include "core/audit/leaf.h"
#include "core/audit/sums.h"
#include "proto/text.h"

/* A checkpoint by time; checkpoints by count of which the last also stores the frontier. */
enum { CHECKPOINT_MS = 60000, COUNTS_PER_STORE = 16 };

/* ---- slots ---- */

bool audit_has_room(struct audit *audit, enum command_audit class) {
    return class == AUDIT_RESERVED ||
           archive_has_room(audit, 1, AUDIT_RESERVED_SLOTS + (uint64_t)audit->held);
}

bool audit_hold(struct audit *audit, enum command_audit class) {
    if (!audit_has_room(audit, class)) {
        return false;
    }
    audit->held += class != AUDIT_RESERVED;
    return true;
}

void audit_drop(struct audit *audit, enum command_audit class) {
    audit->held -= class != AUDIT_RESERVED;
}

uint64_t audit_space(struct audit *audit) {
    audit->space = port_log_space();
    return audit->space;
}

/* ---- records ---- */

/* Makes the leaf's entry, adds the leaf to the tree and gives the entry to the archive. */
static enum status append_leaf(struct audit *audit, const struct audit_record *record) {
    struct entry entry;
    uint8_t hash[LOG_HASH_SIZE];
    struct span leaf = {entry_body(&entry) + LOG_MARK_SIZE, LEAF_SIZE_MAX};
    TRY(leaf_write(audit, record, &leaf));
    TRY(merkle_leaf(bytes_of_span(leaf), hash));
    memcpy(entry_body(&entry), hash, 8);
    memcpy(entry_body(&entry) + 8, audit->link, 8);
    entry.body_size = LOG_MARK_SIZE + leaf.size;
    TRY(merkle_add(&audit->tree, hash));
    enum status status = archive_append(audit, LOG_LEAF, &entry, hash);
    if (status != STATUS_OK) {
        merkle_take_back(&audit->tree);
        return status;
    }
    memcpy(audit->link, hash + 8, sizeof(audit->link));
    audit->suppressed = 0;
    audit->suppressed_refused = 0;
    return STATUS_OK;
}

/* A checkpoint after enough leaves. Where the archive refuses it now, a later record tries again.
 * */
static enum status checkpoint_by_count(struct audit *audit) {
    bool due = audit->tree.size - audit->checkpoint_size >= AUDIT_CHECKPOINT_LEAVES;
    uint64_t spare = AUDIT_RESERVED_SLOTS + (uint64_t)audit->held;
    if (audit->hurry || !due || !archive_has_room(audit, checkpoint_slots(audit), spare)) {
        return STATUS_OK;
    }
    uint8_t cose_bytes[LOG_COSE_MAX], note_bytes[LOG_NOTE_MAX];
    struct span cose = {cose_bytes, sizeof(cose_bytes)}, note = {note_bytes, sizeof(note_bytes)};
    TRY(checkpoint_sign(audit, REASON_COUNT, bytes_of(NULL, 0), &cose, &note));
    TRY(checkpoint_archive(audit, bytes_of_span(cose), bytes_of_span(note)));
    if (audit->tree.size - audit->stored_size >= COUNTS_PER_STORE * AUDIT_CHECKPOINT_LEAVES) {
        TRY(frontier_store(audit));
    }
    return STATUS_OK;
}

/* Whether the record may have a slot; work that holds none must leave the reserve alone. */
static bool may_take_slot(struct audit *audit, const struct audit_record *record) {
    if (record->held || record->class == AUDIT_RESERVED) {
        return archive_has_room(audit, 1, audit->held);
    }
    return audit_has_room(audit, record->class);
}

/* The next leaf tells of it. */
static void count_missing(struct audit *audit, const struct audit_record *record) {
    audit->suppressed += record->count > 1 ? record->count : 1;
    audit->suppressed_refused += record->status != STATUS_OK;
}

static enum status append(struct audit *audit, const struct audit_record *record) {
    if (record->held) {
        audit_drop(audit, record->class);
    }
    if (!may_take_slot(audit, record)) {
        if (record->class != AUDIT_RESERVED && record->status == STATUS_OK) {
            return STATUS_LOG_FULL;
        }
        count_missing(audit, record);
        return STATUS_OK;
    }
    enum status status = append_leaf(audit, record);
    if (status != STATUS_OK) {
        count_missing(audit, record);
        return status;
    }
    return checkpoint_by_count(audit) == STATUS_ERROR_STATE ? STATUS_ERROR_STATE : STATUS_OK;
}

/* ---- uses that share a leaf ---- */

/* Its uses were answered, so that what finds no room is counted. */
static enum status end_sum(struct audit *audit, struct audit_sum *sum) {
    struct audit_record record;
    sums_record(sum, &record);
    sum->count = 0;
    audit->running--;
    enum status status = append(audit, &record);
    if (status == STATUS_LOG_FULL) {
        count_missing(audit, &record);
    }
    return status == STATUS_ERROR_STATE ? status : STATUS_OK;
}

enum status audit_flush(struct audit *audit, uint64_t session) {
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < AUDIT_SUMS_MAX && audit->running > 0; i++) {
        struct audit_sum *sum = &audit->sums[i];
        if (sum->count != 0 && (session == 0 || sum->session == session)) {
            enum status one = end_sum(audit, sum);
            status = status == STATUS_OK ? one : status;
        }
    }
    return status;
}

enum status audit_append(struct audit *audit, const struct audit_record *record) {
    bool changes = record->class == AUDIT_MUST && record->status == STATUS_OK;
    enum status before = changes ? audit_flush(audit, 0) : STATUS_OK;
    enum status status = append(audit, record);
    return status == STATUS_OK ? before : status;
}

enum status audit_use(struct audit *audit, const struct audit_record *use, uint32_t each,
                      bool *wants_sync) {
    *wants_sync = false;
    if (each < 2 || !use->held || sums_mark(audit, each, wants_sync) != STATUS_OK) {
        return append(audit, use);
    }
    struct audit_sum *sum = sums_place(audit, use);
    if (sum->count != 0 && !sums_fits(sum, use)) {
        TRY(end_sum(audit, sum));
    }
    if (sum->count != 0) {
        audit_drop(audit, use->class); /* the first one's slot does */
    }
    audit->running += sum->count == 0;
    sums_add(sum, use);
    return sum->count >= each ? end_sum(audit, sum) : STATUS_OK;
}

/* ---- checkpoints ---- */

/* Apart from what comes before it, which may write a checkpoint of its own: the two together would
 * be deep in the stack. */
static NO_INLINE enum status write_checkpoint(struct audit *audit, enum checkpoint_reason reason,
                                              struct bytes nonce, struct span *cose,
                                              struct span *note) {
    uint8_t cose_bytes[LOG_COSE_MAX], note_bytes[LOG_NOTE_MAX];
    struct span own_cose = {cose_bytes, sizeof(cose_bytes)};
    struct span own_note = {note_bytes, sizeof(note_bytes)};
    cose = cose != NULL ? cose : &own_cose;
    note = note != NULL ? note : &own_note;
    TRY(checkpoint_sign(audit, reason, nonce, cose, note));
    if (reason == REASON_DEMAND) {
        return port_log_sync(); /* no size is handed out that a power cut could take back */
    }
    uint64_t spare = AUDIT_RESERVED_SLOTS + (uint64_t)audit->held;
    if (archive_has_room(audit, checkpoint_slots(audit), spare)) {
        TRY(checkpoint_archive(audit, bytes_of_span(*cose), bytes_of_span(*note)));
    }
    return audit->hurry ? STATUS_OK : frontier_store(audit);
}

enum status audit_checkpoint(struct audit *audit, enum checkpoint_reason reason, struct bytes nonce,
                             struct span *cose, struct span *note) {
    if (nonce.size > LOG_NONCE_MAX) {
        return STATUS_DATA_LENGTH;
    }
    TRY(audit_flush(audit, 0));
    return write_checkpoint(audit, reason, nonce, cose, note);
}

enum status audit_tick(struct audit *audit, bool *wants_sync) {
    uint64_t now = port_uptime_ms();
    *wants_sync = false;
    bool nothing = audit->tree.size == audit->stored_size && audit->running == 0;
    if (nothing || now - audit->checkpoint_ms < CHECKPOINT_MS) {
        return STATUS_OK;
    }
    *wants_sync = true;
    audit->checkpoint_ms = now;
    return audit_checkpoint(audit, REASON_TIME, bytes_of(NULL, 0), NULL, NULL);
}

/* ---- start and stop ---- */

/* A log that begins anew, or entries that cannot be taken over: drops what is in the archive from
 * audit->entries on, after the store knows of it. */
static enum status drop_entries(struct audit *audit, uint64_t missing, uint64_t dropped) {
    audit->lost += missing + dropped;
    TRY(frontier_store(audit));
    TRY(port_flash_sync());
    if (dropped > 0) {
        TRY(port_log_truncate(audit->entries));
    }
    uint8_t detail[96];
    struct text text = text_in((struct span){detail, sizeof(detail)});
    text_add_number(&text, missing);
    text_add(&text, " entries missing, ");
    text_add_number(&text, dropped);
    text_add(&text, " not the module's own; goes on with leaf ");
    text_add_number(&text, audit->tree.size);
    const struct audit_record gap = {.event = EVENT_log_gap,
                                     .detail = bytes_of(detail, text.used),
                                     .class = AUDIT_RESERVED};
    return audit_append(audit, &gap);
}

/* The module stopped without notice while uses waited for their leaf. The mark goes once the
 * checkpoint has made this leaf durable. */
static enum status tell_of_uses(struct audit *audit) {
    uint32_t each = 0;
    uint8_t detail[96];
    struct text text = text_in((struct span){detail, sizeof(detail)});
    TRY(sums_marked(audit, &each));
    if (each == 0) {
        return STATUS_OK;
    }
    text_add(&text, "up to ");
    text_add_number(&text, (uint64_t)AUDIT_SUMS_MAX * (each - 1));
    text_add(&text, " uses of keys since the last checkpoint may be missing");
    const struct audit_record lost = {.event = EVENT_uses_lost,
                                      .detail = bytes_of(detail, text.used),
                                      .class = AUDIT_RESERVED};
    return audit_append(audit, &lost);
}

static enum status resume(struct audit *audit) {
    bool fresh = false;
    uint64_t first = 0, next = 0, missing = 0, dropped = 0;
    TRY(frontier_load_key(audit));
    TRY(frontier_load(audit, &fresh));
    if (fresh) {
        port_log_range(&first, &next); /* entries of an earlier life, under a key that is gone */
        audit->entries = first;
        dropped = next - first;
    } else {
        TRY(archive_resume(audit, &missing, &dropped));
    }
    if (missing + dropped > 0) {
        TRY(drop_entries(audit, missing, dropped));
    }
    TRY(tell_of_uses(audit));
    TRY(audit_checkpoint(audit, REASON_START, bytes_of(NULL, 0), NULL, NULL));
    return sums_unmark(audit);
}

enum status audit_start(struct audit *audit, struct store *store, uint32_t boot) {
    audit->store = store;
    audit->boot = boot;
    audit->checkpoint_ms = port_uptime_ms();
    enum status status = resume(audit);
    if (status != STATUS_OK) {
        crypto_key_unload(&audit->key);
        wipe(audit, sizeof(*audit));
        return status;
    }
    audit->started = true;
    return STATUS_OK;
}

enum status audit_stop(struct audit *audit) {
    enum status status = STATUS_OK;
    if (audit->started) {
        status = audit_checkpoint(audit, REASON_STOP, bytes_of(NULL, 0), NULL, NULL);
    }
    if (audit->started && status == STATUS_OK && !audit->hurry) {
        status = sums_unmark(audit);
    }
    if (audit->started && status == STATUS_OK) {
        status = port_log_sync();
    }
    crypto_key_unload(&audit->key);
    wipe(audit, sizeof(*audit));
    return status;
}

void audit_hurry(struct audit *audit) {
    audit->hurry = true;
}

void audit_identity(const struct audit *audit, uint8_t public_key[LOG_KEY_SIZE],
                    struct bytes *origin) {
    memcpy(public_key, audit->public_key, LOG_KEY_SIZE);
    *origin = bytes_of_text(audit->origin);
}

uint64_t audit_size(const struct audit *audit) {
    return audit->tree.size;
}
