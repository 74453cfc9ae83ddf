/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the audit log as text and as JSON. */
#include "client/log_text.h"

#include "proto/messages.h"
#include "proto/text.h"

#include <time.h>

/* ---- pieces ---- */

/* Bytes with everything but printable ASCII escaped as \u00xx; the quote and the backslash, too. */
static void add_escaped(struct text *text, struct bytes bytes) {
    for (size_t i = 0; i < bytes.size; i++) {
        const uint8_t *c = bytes.data + i;
        if (*c >= ' ' && *c <= '~' && *c != '"' && *c != '\\') {
            text_add_bytes(text, bytes_of(c, 1));
        } else {
            text_add(text, "\\u00");
            text_add_hex(text, bytes_of(c, 1));
        }
    }
}

static void add_time(struct text *text, uint64_t seconds) {
    char buffer[32];
    struct tm parts;
    time_t when = (time_t)seconds;
    if (seconds > 253402300799 || gmtime_r(&when, &parts) == NULL || /* the end of the year 9999 */
        strftime(buffer, sizeof(buffer), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        text_add_number(text, seconds);
        return;
    }
    text_add(text, buffer);
}

static const char *role_name(uint32_t role) {
    static const char *const names[] = {"anyone", "session", "user", "so"};
    return role < COUNT(names) ? names[role] : "unknown";
}

static const char *reason_name(uint32_t reason) {
    static const char *const names[] = {"unknown", "count", "time", "start", "stop", "demand"};
    return reason < COUNT(names) ? names[reason] : "unknown";
}

/* Ends the line with a zero byte; one that does not fit is cut off. */
static size_t finish(const struct text *text) {
    text->room.data[text->used] = '\0';
    return text->used;
}

static struct text start(char *out, size_t room) {
    return text_in((struct span){(uint8_t *)out, room - 1});
}

/* ---- for people ---- */

static void add_word_number(struct text *text, const char *word, uint64_t number) {
    text_add(text, word);
    text_add_number(text, number);
}

static void add_result(struct text *text, const struct log_leaf *leaf) {
    if (leaf->status == STATUS_OK && leaf->result == 0) {
        text_add(text, " ok");
        return;
    }
    const struct status_row *row = status_row(leaf->status);
    text_add(text, " refused (EH-");
    text_add_number(text, leaf->status);
    text_add(text, ": ");
    text_add(text, (uint32_t)row->status == leaf->status ? row->text : "unknown");
    text_add(text, ")");
}

/* Then its object is the number of a request for approval. */
static bool is_about_request(const struct log_leaf *leaf) {
    return leaf->event == COMMAND_approval_give || leaf->status == STATUS_APPROVAL_NEEDED;
}

static void leaf_line(struct text *text, const struct log_leaf *leaf) {
    add_word_number(text, "#", leaf->sequence);
    text_add(text, " ");
    if (leaf->time != 0) {
        add_time(text, leaf->time);
    } else {
        add_word_number(text, "+", leaf->uptime_ms);
        text_add(text, "ms");
    }
    add_word_number(text, " boot ", leaf->boot);
    text_add(text, " ");
    text_add(text, event_name(leaf->event));
    add_result(text, leaf);
    if (leaf->object.size > 0) {
        text_add(text, is_about_request(leaf) ? " request " : " key ");
        text_add_hex(text, leaf->object);
    }
    if ((leaf->has >> LEAF_UID & 1) != 0) {
        add_word_number(text, " uid ", leaf->uid);
    }
    if (leaf->session != 0) {
        add_word_number(text, " session ", leaf->session);
    }
    if (leaf->role != 0) {
        text_add(text, " role ");
        text_add(text, role_name(leaf->role));
    }
    if (leaf->rule != 0) {
        add_word_number(text, " rule ", leaf->rule);
    }
    if (leaf->payload_hash.size > 0) {
        text_add(text, " payload ");
        text_add_hex(text, leaf->payload_hash);
    }
    if (leaf->count != 1) {
        add_word_number(text, " uses ", leaf->count);
        add_word_number(text, " numbers ", leaf->first);
        add_word_number(text, "..", leaf->last);
        add_word_number(text, " since +", leaf->since_ms);
        text_add(text, "ms");
    }
    if (leaf->detail.size > 0) {
        text_add(text, " \"");
        add_escaped(text, leaf->detail);
        text_add(text, "\"");
    }
    if (leaf->suppressed != 0) {
        add_word_number(text, " [before it ", leaf->suppressed);
        add_word_number(text, " records found no room, ", leaf->suppressed_refused);
        text_add(text, " of them refused]");
    }
}

static void checkpoint_line(struct text *text, const struct log_checkpoint *checkpoint) {
    add_word_number(text, "-- checkpoint of ", checkpoint->size);
    text_add(text, " leaves, root ");
    text_add_hex(text, bytes_of(checkpoint->root, LOG_HASH_SIZE));
    text_add(text, ", ");
    text_add(text, reason_name(checkpoint->reason));
    add_word_number(text, ", boot ", checkpoint->boot);
    if (checkpoint->lost != 0) {
        add_word_number(text, ", ", checkpoint->lost);
        text_add(text, " entries known to be lost");
    }
    if (checkpoint->time != 0) {
        text_add(text, ", ");
        add_time(text, checkpoint->time);
    }
}

size_t log_entry_text(const struct log_entry *entry, uint64_t number, char *out, size_t room) {
    struct text text = start(out, room);
    struct log_leaf leaf;
    struct log_checkpoint checkpoint;
    if (entry->kind == LOG_LEAF && log_leaf_read(entry->bytes, &leaf) == STATUS_OK) {
        leaf_line(&text, &leaf);
    } else if ((entry->kind == LOG_CHECKPOINT || entry->kind == LOG_HEAD) &&
               log_checkpoint_read_entry(entry->bytes, &checkpoint) == STATUS_OK) {
        checkpoint_line(&text, &checkpoint);
    } else if (entry->kind == LOG_FRONTIER && entry->bytes.size >= 8) {
        add_word_number(&text, "-- frontier of ", load_u64(entry->bytes.data));
        text_add(&text, " leaves");
    } else {
        add_word_number(&text, "?? entry ", number);
        text_add(&text, " cannot be read");
    }
    return finish(&text);
}

/* ---- JSON ---- */

static void add_number(struct text *text, const char *name, uint64_t number) {
    text_add(text, ",\"");
    text_add(text, name);
    text_add(text, "\":");
    text_add_number(text, number);
}

static void add_string(struct text *text, const char *name, const char *value) {
    text_add(text, ",\"");
    text_add(text, name);
    text_add(text, "\":\"");
    add_escaped(text, bytes_of_text(value));
    text_add(text, "\"");
}

static void add_hex(struct text *text, const char *name, struct bytes value) {
    if (value.size > 0) {
        text_add(text, ",\"");
        text_add(text, name);
        text_add(text, "\":\"");
        text_add_hex(text, value);
        text_add(text, "\"");
    }
}

static void leaf_json(struct text *text, const struct log_leaf *leaf) {
    const struct {
        enum leaf_key key;
        const char *name;
        uint64_t value;
    } maybe[] = {
        {LEAF_TIME, "time", leaf->time},
        {LEAF_SESSION, "session", leaf->session},
        {LEAF_RULE, "rule", leaf->rule},
        {LEAF_UID, "uid", leaf->uid},
        {LEAF_STATUS, "status", leaf->status},
        {LEAF_SUPPRESSED, "suppressed", leaf->suppressed},
        {LEAF_SUPPRESSED_REFUSED, "suppressed_refused", leaf->suppressed_refused},
        {LEAF_COUNT, "count", leaf->count},
        {LEAF_FIRST, "first", leaf->first},
        {LEAF_LAST, "last", leaf->last},
        {LEAF_SINCE_MS, "since_ms", leaf->since_ms},
    };
    add_number(text, "seq", leaf->sequence);
    add_number(text, "boot", leaf->boot);
    add_number(text, "uptime_ms", leaf->uptime_ms);
    add_number(text, "event", leaf->event);
    add_string(text, "name", event_name(leaf->event));
    add_number(text, "result", leaf->result);
    for (size_t i = 0; i < COUNT(maybe); i++) {
        if ((leaf->has >> maybe[i].key & 1) != 0) {
            add_number(text, maybe[i].name, maybe[i].value);
        }
    }
    if (leaf->role != 0) {
        add_string(text, "role", role_name(leaf->role));
    }
    add_hex(text, "object", leaf->object);
    add_hex(text, "payload_hash", leaf->payload_hash);
    if (leaf->detail.size > 0) {
        text_add(text, ",\"detail\":\"");
        add_escaped(text, leaf->detail);
        text_add(text, "\"");
    }
}

static void checkpoint_json(struct text *text, const struct log_checkpoint *checkpoint) {
    add_string(text, "origin", checkpoint->origin);
    add_number(text, "size", checkpoint->size);
    add_hex(text, "root", bytes_of(checkpoint->root, LOG_HASH_SIZE));
    add_number(text, "boot", checkpoint->boot);
    add_number(text, "uptime_ms", checkpoint->uptime_ms);
    add_number(text, "lost", checkpoint->lost);
    add_string(text, "reason", reason_name(checkpoint->reason));
    add_hex(text, "nonce", checkpoint->nonce);
    if (checkpoint->time != 0) {
        add_number(text, "time", checkpoint->time);
    }
}

size_t log_entry_json(const struct log_entry *entry, uint64_t number, char *out, size_t room) {
    static const char *const kinds[] = {"unreadable", "leaf", "checkpoint", "frontier", "head"};
    struct text text = start(out, room);
    struct log_leaf leaf;
    struct log_checkpoint checkpoint;
    text_add(&text, "{\"entry\":");
    text_add_number(&text, number);
    if (entry->kind == LOG_LEAF && log_leaf_read(entry->bytes, &leaf) == STATUS_OK) {
        add_string(&text, "kind", kinds[entry->kind]);
        leaf_json(&text, &leaf);
    } else if ((entry->kind == LOG_CHECKPOINT || entry->kind == LOG_HEAD) &&
               log_checkpoint_read_entry(entry->bytes, &checkpoint) == STATUS_OK) {
        add_string(&text, "kind", kinds[entry->kind]);
        checkpoint_json(&text, &checkpoint);
    } else if (entry->kind == LOG_FRONTIER && entry->bytes.size >= 8) {
        add_string(&text, "kind", kinds[entry->kind]);
        add_number(&text, "size", load_u64(entry->bytes.data));
    } else {
        add_string(&text, "kind", kinds[LOG_UNREADABLE]);
    }
    text_add(&text, "}");
    return finish(&text);
}
