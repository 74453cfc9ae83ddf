/* SPDX-License-Identifier: Apache-2.0 */
/* Statements against an exported audit log: nobody replays a past that was cleaned. */
#include "host/cli/file.h"
#include "host/cli/log.h"
#include "host/cli/output.h"
#include "host/cli/policy_evidence.h"
#include "host/cli/report.h"
#include "proto/messages.h"

#include <stdlib.h>

enum { OBJECTS_SEEN_MAX = 64, ROWS_MAX = 100 };

/* Statements in the order of their hashes, and whose leaves fit to them. */
struct comparison {
    const struct cli *cli;
    struct past_statement **by_hash;
    size_t count;
    struct {
        uint8_t object[8];
        uint64_t hits;
    } objects[OBJECTS_SEEN_MAX];
    size_t object_count;
    struct shared {
        uint64_t first, last, count;
        struct log_leaf leaf;
    } * shared; /* leaves that stand for several statements */
    size_t shared_count, shared_room;
    bool no_memory;
    struct past_log *found;
    struct past_list *list;
};

static int compare_hash(const void *a, const void *b) {
    const struct past_statement *const *x = a, *const *y = b;
    return memcmp((*x)->hash, (*y)->hash, sizeof((*x)->hash));
}

static struct past_statement *find_hash(const struct comparison *comparison, struct bytes hash) {
    struct past_statement wanted, *at = &wanted;
    if (hash.size != sizeof(wanted.hash) || comparison->count == 0) {
        return NULL;
    }
    bytes_copy(wanted.hash, hash);
    struct past_statement **found =
        bsearch(&at, comparison->by_hash, comparison->count, sizeof(at), compare_hash);
    return found != NULL ? *found : NULL;
}

/* A leaf about a message that was signed; false: it is about something else. */
static bool is_statement(const struct log_entry *entry, struct log_leaf *leaf) {
    return entry->kind == LOG_LEAF && log_leaf_read(entry->bytes, leaf) == STATUS_OK &&
           leaf->event == COMMAND_sign_message && (leaf->has >> LEAF_STATUS & 1) == 0 &&
           leaf->object.size == 8;
}

/* ---- which key it was ---- */

static void count_object(struct comparison *comparison, struct bytes object) {
    for (size_t i = 0; i < comparison->object_count; i++) {
        if (bytes_equal(object, bytes_of(comparison->objects[i].object, 8))) {
            comparison->objects[i].hits++;
            return;
        }
    }
    if (comparison->object_count < OBJECTS_SEEN_MAX) {
        bytes_copy(comparison->objects[comparison->object_count].object, object);
        comparison->objects[comparison->object_count++].hits = 1;
    }
}

/* Two keys under one policy can sign the same payload: the one that signed most of them counts. */
static void look_for_object(struct comparison *comparison, const struct log_entry *entry) {
    struct log_leaf leaf;
    if (is_statement(entry, &leaf) && find_hash(comparison, leaf.payload_hash) != NULL) {
        count_object(comparison, leaf.object);
    }
}

static bool choose_object(struct comparison *comparison) {
    uint64_t most = 0;
    for (size_t i = 0; i < comparison->object_count; i++) {
        if (comparison->objects[i].hits > most) {
            most = comparison->objects[i].hits;
            memcpy(comparison->found->object, comparison->objects[i].object, 8);
        }
    }
    return most > 0;
}

/* ---- what is there ---- */

static void note_missing(struct comparison *comparison, const struct log_leaf *leaf,
                         uint64_t count) {
    struct past_log *found = comparison->found;
    found->missing += count;
    if (json_object_array_length(found->rows) >= ROWS_MAX) {
        return;
    }
    struct json_object *row = json_object_new_object();
    output_number(row, "record", leaf->sequence);
    output_number(row, "boot", leaf->boot);
    output_number(row, "uptime_ms", leaf->uptime_ms);
    output_number(row, "statements", count);
    output_hex(row, "payload_hash", leaf->payload_hash);
    json_object_array_add(found->rows, row);
}

static void keep_shared(struct comparison *comparison, const struct log_leaf *leaf) {
    if (comparison->shared_count == comparison->shared_room) {
        size_t room = comparison->shared_room == 0 ? 256 : comparison->shared_room * 2;
        struct shared *larger = realloc(comparison->shared, room * sizeof(*larger));
        comparison->no_memory = comparison->no_memory || larger == NULL;
        if (larger == NULL) {
            return;
        }
        comparison->shared = larger;
        comparison->shared_room = room;
    }
    comparison->shared[comparison->shared_count++] =
        (struct shared){leaf->first, leaf->last, leaf->count, *leaf};
}

static void look_for_statement(struct comparison *comparison, const struct log_entry *entry) {
    struct log_leaf leaf;
    if (!is_statement(entry, &leaf) ||
        !bytes_equal(leaf.object, bytes_of(comparison->found->object, 8))) {
        return;
    }
    comparison->found->signed_ += leaf.count;
    if (leaf.count != 1) {
        keep_shared(comparison, &leaf);
        return;
    }
    struct past_statement *one = find_hash(comparison, leaf.payload_hash);
    if (one == NULL) {
        note_missing(comparison, &leaf, 1);
    } else {
        one->logged = true;
    }
}

/* ---- leaves that stand for several ---- */

static int by_first(const void *a, const void *b) {
    uint64_t x = ((const struct shared *)a)->first, y = ((const struct shared *)b)->first;
    return x < y ? -1 : x > y;
}

/* The first statement whose counter is not below this one. */
static size_t first_from(const struct past_list *list, uint64_t counter) {
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool below = list->list[middle].said.facts.counter < counter;
        low = below ? middle + 1 : low;
        high = below ? high : middle;
    }
    return low;
}

/* Statements between two counters that no leaf of their own tells of, `count` at most. */
static uint64_t take_statements(struct past_list *list, const struct shared *range) {
    uint64_t taken = 0;
    for (size_t i = first_from(list, range->first); i < list->count && taken < range->count; i++) {
        if (list->list[i].said.facts.counter > range->last) {
            break;
        }
        taken += !list->list[i].logged;
        list->list[i].logged = true;
    }
    return taken;
}

/* Such a leaf names no payloads but the last one, and how many there were between two counters. Of
 * leaves that overlap, of two sessions, only the sum is known. */
static void look_for_shared(struct comparison *comparison) {
    struct shared *list = comparison->shared;
    if (comparison->shared_count > 0) {
        qsort(list, comparison->shared_count, sizeof(*list), by_first);
    }
    for (size_t i = 0; i < comparison->shared_count;) {
        struct shared all = list[i++];
        for (; i < comparison->shared_count && list[i].first <= all.last; i++) {
            all.last = list[i].last > all.last ? list[i].last : all.last;
            all.count += list[i].count;
        }
        uint64_t there = take_statements(comparison->list, &all);
        if (there < all.count) {
            note_missing(comparison, &all.leaf, all.count - there);
        }
    }
}

/* ---- the whole ---- */

static void each_entry(struct comparison *comparison, const struct log_file *file,
                       void (*look)(struct comparison *comparison, const struct log_entry *entry)) {
    struct bytes rest = file->entries;
    struct log_entry entry;
    while (log_entry_next(&rest, &entry) == STATUS_OK) {
        look(comparison, &entry);
    }
}

static enum status compare(struct comparison *comparison, const struct log_file *file,
                           const char *path) {
    each_entry(comparison, file, look_for_object);
    if (!choose_object(comparison)) {
        return report_failure(comparison->cli, STATUS_CHECK_FAILED,
                              (struct reason){"none of the statements is in it",
                                              "export the log of the module that signed them: "
                                              "edgehsm log export FILE"},
                              "compare the statements with the log in '%s'", path);
    }
    each_entry(comparison, file, look_for_statement);
    if (comparison->no_memory) {
        return report_failure(comparison->cli, STATUS_MEMORY, (struct reason){0},
                              "compare with the log");
    }
    look_for_shared(comparison);
    for (size_t i = 0; i < comparison->list->count; i++) {
        comparison->found->not_in_log += !comparison->list->list[i].logged;
    }
    return STATUS_OK;
}

/* What is told of a log that is not whole proves nothing. */
static enum status verify_log(const struct cli *cli, struct bytes whole, const char *path,
                              const char *key, struct log_file *file) {
    static struct log_verifier verifier;
    struct log_findings findings = {cli, 0};
    struct log_result result;
    char own[64];
    if (log_file_open(whole, file) != STATUS_OK) {
        return report_failure(
            cli, STATUS_FILE_FORMAT,
            (struct reason){"it is not an exported log", "edgehsm log export FILE makes one"},
            "compare with the log in '%s'", path);
    }
    log_key_text(&file->identity, own);
    log_verify_start(&verifier, &file->identity, log_finding_tell, &findings);
    log_verify_file(&verifier, file);
    log_verify_end(&verifier, &result);
    if (!result.ok || (key != NULL && strcmp(key, own) != 0)) {
        return report_failure(cli, STATUS_LOG_ALTERED,
                              (struct reason){result.ok ? "it was signed by another key than the "
                                                          "one given"
                                                        : "things are wrong with it, named above",
                                              NULL},
                              "trust the log in '%s'", path);
    }
    return STATUS_OK;
}

enum status past_list_compare(const struct cli *cli, struct past_list *list, const char *path,
                              const char *key, struct past_log *found) {
    struct span whole = {0};
    struct log_file file;
    struct comparison comparison = {.cli = cli, .count = list->count, .found = found, .list = list};
    *found = (struct past_log){.rows = json_object_new_array()};
    TRY(file_read(cli, path, FILE_SIZE_MAX, &whole));
    enum status status = verify_log(cli, bytes_of_span(whole), path, key, &file);
    comparison.by_hash = malloc((list->count + 1) * sizeof(*comparison.by_hash));
    if (status == STATUS_OK && comparison.by_hash == NULL) {
        status = report_failure(cli, STATUS_MEMORY, (struct reason){0}, "compare with the log");
    }
    if (status == STATUS_OK) {
        for (size_t i = 0; i < list->count; i++) {
            comparison.by_hash[i] = &list->list[i];
        }
        qsort(comparison.by_hash, list->count, sizeof(*comparison.by_hash), compare_hash);
        status = compare(&comparison, &file, path);
    }
    free(comparison.by_hash);
    free(comparison.shared);
    file_free(&whole);
    return status;
}
